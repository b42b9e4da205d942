"""When the controller was scraped: one query about the Rollouts that have been there for longest."""

from contextlib import closing
from datetime import UTC, datetime

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy.scraped_times import LONGEST, STEPS, scraped_times
from maintainer.model.facts import Bracket, FleetObservation, Rollout, RolloutSeries, Scrape, ScrapedTimes, labels
from maintainer.model.scope import Scope
from tests.servers.scripted import Asked, Says, Scripted, scalar, success

NOW = 1_790_000_000
DAY = 86400
OLD = 1_700_000_000.0
TARGET = labels({"job": "argo-rollouts", "instance": "a"})


def rollout(name: str, created: float = OLD, instance_id: str = "") -> Rollout:
    return Rollout("shop", name, "1", instance_id=instance_id, created=created)


def observed(*rollouts: Rollout, exposed: int | None = None) -> FleetObservation:
    """The Rollouts in the API, of which the first are exposed, by default all."""
    series = {each.key: RolloutSeries((), {}) for each in rollouts[:exposed]}
    bracket = Bracket({each.key: each for each in rollouts}, {}, None, (Scrape(TARGET, NOW, series),))
    return FleetObservation(brackets=(bracket,))


def points(*times: int) -> Says:
    """The answer to a range query with a result at these times."""
    return success({"resultType": "matrix", "result": [{"metric": {}, "values": [[at, "1"] for at in times]}]})


def oldest(at: float) -> Says:
    return Says(200, f"prometheus_tsdb_lowest_timestamp_seconds {at}\n".encode())


def asked(
    observation: FleetObservation, *script: Says, since: float = NOW - DAY, scope: Scope | None = None
) -> tuple[ScrapedTimes | None, list[Asked]]:
    with Scripted(*script) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
        found = scraped_times(
            prometheus,
            scope or Scope(),
            observation=observation,
            since=datetime.fromtimestamp(since, UTC),
            until=datetime.fromtimestamp(NOW + 900, UTC),
        )
        return found, server.asked


def test_a_day_is_looked_at_minute_by_minute_up_to_the_time_of_prometheus() -> None:
    found, requests = asked(observed(rollout("cart")), scalar(str(NOW)), oldest(OLD), points(NOW - 60, NOW))

    assert found == ScrapedTimes(NOW - DAY, NOW, 60, 600, frozenset({NOW - 60, NOW}), now=True)
    form = requests[-1].form
    assert (form["start"], form["end"], form["step"]) == (str(NOW - DAY), str(NOW), "60s")


def test_a_few_of_the_oldest_rollouts_that_are_exposed_are_asked_for_by_name() -> None:
    fleet = [*(rollout(f"old-{number}") for number in range(7)), rollout("a.new", OLD + 5), rollout("hidden", 1.0)]
    _, requests = asked(
        observed(*fleet, exposed=8), scalar(str(NOW)), oldest(OLD), points(), scope=Scope(matchers=('cluster="a"',))
    )

    names = "old-0|old-1|old-2|old-3|old-4"
    assert requests[-1].form["query"] == (
        f'count(present_over_time(rollout_info{{cluster="a",name=~"{names}"}}[600s]) or '
        f'present_over_time(rollout_info{{cluster="a",exported_name=~"{names}"}}[600s]))'
    )


def test_a_dot_in_a_name_is_no_wildcard() -> None:
    _, requests = asked(observed(rollout("a.b")), scalar(str(NOW)), oldest(OLD), points())
    assert 'name=~"a\\\\.b"' in requests[-1].form["query"]


def test_if_nothing_is_exposed_now_the_oldest_of_the_api_are_asked_for() -> None:
    found, requests = asked(observed(rollout("cart"), exposed=0), scalar(str(NOW)), oldest(OLD), points())
    assert found
    assert not found.now
    assert "cart" in requests[-1].form["query"]


def test_a_rollout_that_is_new_tells_nothing_of_the_time_before() -> None:
    found, _ = asked(observed(rollout("cart", NOW - 7200)), scalar(str(NOW)), oldest(OLD), points())
    assert found
    assert found.start == NOW - 7200 + 600


def test_rollouts_of_another_controller_tell_nothing() -> None:
    assert asked(observed(rollout("cart", instance_id="blue")), scalar(str(NOW)))[0] is None


def test_a_time_of_less_than_a_step_is_not_looked_at() -> None:
    assert asked(observed(rollout("cart")), scalar(str(NOW)), since=NOW - 30)[0] is None


def test_a_long_time_is_looked_at_in_as_many_steps_as_a_day() -> None:
    found, _ = asked(observed(rollout("cart")), scalar(str(NOW)), oldest(OLD), points(), since=NOW - 90 * DAY)
    assert found
    assert found.start == NOW - LONGEST
    assert (found.end - found.start) // found.step <= STEPS
    assert found.width >= found.step


def test_what_prometheus_no_longer_keeps_is_not_taken_for_silence() -> None:
    found, _ = asked(observed(rollout("cart")), scalar(str(NOW)), oldest(NOW - 3 * DAY), points(), since=NOW - 9 * DAY)
    assert found
    assert found.start == NOW - 3 * DAY


def test_a_prometheus_that_keeps_less_than_a_day_has_no_hole_every_day() -> None:
    found, _ = asked(observed(rollout("cart")), scalar(str(NOW)), oldest(NOW - DAY / 2), points())
    assert found
    assert found.start == NOW - DAY / 2


def test_an_engine_that_does_not_tell_its_oldest_sample_is_asked_all_the_same() -> None:
    found, _ = asked(observed(rollout("cart")), scalar(str(NOW)), Says(404), points(), since=NOW - 9 * DAY)
    assert found
    assert found.start == NOW - 9 * DAY
