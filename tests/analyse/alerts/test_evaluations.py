"""When the rules were evaluated, by what is there: Prometheus' own metrics, the alert Watchdog, or scrapes."""

from collections.abc import Sequence

from maintainer.analyse.alerts.evaluations import heartbeats, hour_coverage
from maintainer.model.alerts import DAY, HOUR, MINUTE, Heartbeat, RawSeries, Run
from maintainer.model.facts import labels
from maintainer.model.harvest import DaySamples, PlannedDay
from tests.analyse.alerts.harvested import RULE

START = 20_000 * DAY
OWN = {"job": "prometheus", "instance": "localhost:9090", "rule_group": f"{RULE.file};{RULE.group}"}


def raw(times: Sequence[int], values: Sequence[float] = (), **own: str) -> RawSeries:
    return RawSeries(labels(own), times, values or [1.0] * len(times))


def beats(times: Sequence[int], *, scraped_every: int = 15_000) -> RawSeries:
    """Prometheus' metric of the last evaluation, as it is scraped."""
    scrapes = range(times[0] + 5_000, times[-1] + scraped_every, scraped_every)
    last = [max(at for at in times if at <= scrape) for scrape in scrapes]
    return raw(scrapes, [at / 1000 for at in last], **OWN)


def read(*, same_server: bool = True, **series: Sequence[RawSeries]) -> Heartbeat | None:
    day = PlannedDay(START, START + DAY, grids={"replicas": MINUTE})
    samples = DaySamples(day, {name: tuple(found) for name, found in series.items()})
    return heartbeats(samples, [RULE], same_server=same_server).get(RULE.group)


def test_the_evaluations_of_the_group_are_those_that_prometheus_tells() -> None:
    times = [*range(START, START + HOUR, 30_000), *range(START + 2 * HOUR, START + 3 * HOUR, 30_000)]
    found = read(heartbeat=[beats(times)])
    assert found == Heartbeat((Run(START, START + HOUR - 30_000), Run(START + 2 * HOUR, START + 3 * HOUR - 30_000)))


def test_evaluations_between_rare_scrapes_are_taken_for_made() -> None:
    times = range(START, START + HOUR, 30_000)
    found = read(heartbeat=[beats(times, scraped_every=2 * MINUTE)])
    assert found is not None
    assert len(found.runs) == 1


def test_without_them_the_watchdog_tells_of_evaluations() -> None:
    watchdog = raw(range(START, START + HOUR, 30_000), __name__="ALERTS", alertname="Watchdog")
    other = raw([START + 5 * HOUR], __name__="ALERTS", alertname="RolloutStuck")
    assert read(alerts=[watchdog, other]) == Heartbeat((Run(START, START + HOUR - 30_000),))


def test_without_a_watchdog_scrapes_tell_where_the_same_server_evaluates() -> None:
    scraped = raw(range(START, START + HOUR, MINUTE), __name__="rollout_info_replicas_desired")
    assert read(replicas=[scraped]) == Heartbeat((Run(START, START + HOUR - MINUTE),))
    assert read(replicas=[scraped], same_server=False) is None


def test_a_start_of_prometheus_is_told_and_the_one_before_is_not() -> None:
    born, again = START - 9 * DAY, START + HOUR
    times = range(START, START + 2 * HOUR, 5 * MINUTE)
    starts = raw(times, [born / 1000 if at < again else again / 1000 for at in times])
    found = read(heartbeat=[beats(range(START, START + HOUR, 30_000))], starts=[starts])
    assert found is not None
    assert found.starts == (again,)


def test_an_hour_is_covered_as_far_as_evaluations_were_seen() -> None:
    beat = Heartbeat((Run(START, START + HOUR + HOUR // 2), Run(START + 3 * HOUR, START + 4 * HOUR)), (START + HOUR,))
    covered = hour_coverage({"g": beat}, START, START + 5 * HOUR)
    assert [hour.evaluated for hour in covered] == [1.0, 0.5, 0.0, 1.0, 0.0]
    assert [hour.restarts for hour in covered] == [(), (START + HOUR,), (), (), ()]
    assert {hour.group for hour in covered} == {"g"}
