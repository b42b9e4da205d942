"""The plan of a harvest: what each day costs, and how many days a run may read."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.planning import STEP, Wanted, harvest_plan
from maintainer.collect.alerts.reading import Reader
from maintainer.model.alerts import DAY, HOUR, MINUTE, AlertRule
from maintainer.model.clock import Clock
from maintainer.model.harvest import MOST_IMPACT, HarvestPlan, ImpactQuery
from maintainer.model.loaded_queries import Reading
from tests.servers.scripted import Scripted, success

START = 20_000 * DAY
RULE = AlertRule("A", "g", "f", "x", 0, 0, 30_000)
WANTED = Wanted((RULE,), {"alerts": "{a}", "replicas": "{r}"})


def planned(
    counted: Mapping[str, Mapping[int, int]], days: int = 2, *, most: int = 10**9, of: Wanted = WANTED
) -> tuple[HarvestPlan, Scripted]:
    """The plan where so many series were counted, by milliseconds after the start."""
    result = [
        {"metric": {"read": name}, "values": [[(START + at) / 1000, str(count)] for at, count in counts.items()]}
        for name, counts in counted.items()
    ]
    wanted = [(START + number * DAY, START + (number + 1) * DAY) for number in range(days)]
    with (
        Scripted(success({"resultType": "matrix", "result": result})) as server,
        closing(Prometheus(Endpoint(server.url))) as prometheus,
    ):
        reader = Reader(prometheus, Clock(lambda: 0.0, lambda _: None))
        return harvest_plan(reader, of, wanted, most=most), server


def every(first: int, last: int, count: int) -> dict[int, int]:
    return dict.fromkeys(range(first, last, STEP), count)


def test_one_request_counts_the_series_of_all_days() -> None:
    _, server = planned({"alerts": every(-HOUR, 2 * DAY, 1)})
    (asked,) = server.asked
    assert asked.path == "/api/v1/query_range"
    assert (asked.form["start"], asked.form["step"]) == (f"{(START - HOUR) / 1000:.3f}", "1800.0")


def test_samples_are_the_series_over_the_time_between_two_samples() -> None:
    plan, _ = planned({"alerts": every(-HOUR, 2 * DAY, 10)})
    assert [day.samples for day in plan.days] == [{"alerts": 10 * 25 * HOUR // 30_000}] * 2


def test_few_rollouts_are_read_every_minute_and_many_at_longer_steps() -> None:
    steps = []
    for rollouts in (200, 700, 100_000):
        plan, _ = planned({"replicas": every(-HOUR, DAY, 2 * rollouts)}, days=1)
        (day,) = plan.days
        steps.append(day.grids["replicas"] // MINUTE)
        assert day.samples["replicas"] == 2 * rollouts * 25 * HOUR // day.grids["replicas"]
    assert steps == [1, 5, 10]


def test_a_day_with_nothing_is_gone_also_where_the_day_before_reaches_into_it() -> None:
    plan, _ = planned({"alerts": every(-HOUR, DAY + 1, 1)})
    assert [day.start - START for day in plan.days] == [0]
    assert [day.start - START for day in plan.gone] == [DAY]


def test_the_oldest_days_are_read_first_and_not_more_than_may_be() -> None:
    one = 25 * HOUR // 30_000
    for most, read in ((3 * one, 3), (3 * one - 1, 2), (one - 1, 0)):
        plan, _ = planned({"alerts": every(-HOUR, 3 * DAY, 1)}, days=3, most=most)
        assert [day.start - START for day in (*plan.days, *plan.left)] == [0, DAY, 2 * DAY]
        assert len(plan.days) == read
        assert plan.samples == read * one


def test_without_days_nothing_is_asked() -> None:
    plan, server = planned({}, days=0)
    assert (plan, server.asked) == (HarvestPlan(), [])


ASKED = replace(WANTED, impact=ImpactQuery("(a / b > 1)", (Reading("a", 20.0), Reading("b", 1.0))))


def test_what_the_query_about_users_reads_is_counted_and_is_one_request() -> None:
    counted = {"alerts": every(-HOUR, DAY, 1), "impact.0": every(-HOUR, DAY, 10), "impact.1": every(-HOUR, DAY, 40)}
    without, _ = planned(counted, days=1)
    plan, server = planned(counted, days=1, of=ASKED)
    (day,) = plan.days

    assert 'label_replace(count(a), "read", "impact.0", "", "")' in server.asked[0].form["query"]
    assert (day.samples["impact"], day.grids["impact"]) == ((10 * 20 + 40) * 25 * 60, MINUTE)
    assert plan.requests == without.requests + 1
    assert ASKED.asked_on(day) == {"impact": "(a / b > 1)", **WANTED.selectors}


def test_a_query_about_users_that_reads_much_is_asked_at_longer_steps_or_not_at_all() -> None:
    steps = []
    for series in (160, 600, 1_600, 2_000):
        plan, _ = planned({"alerts": every(-HOUR, DAY, 1), "impact.0": every(-HOUR, DAY, series)}, days=1, of=ASKED)
        (day,) = plan.days
        assert day.samples["impact"] <= MOST_IMPACT
        steps.append(day.grids["impact"] // MINUTE)
    assert steps == [1, 5, 10, 0]
    assert ASKED.asked_on(day) == WANTED.selectors


def test_a_day_of_which_only_the_users_are_known_is_gone() -> None:
    plan, _ = planned({"impact.0": every(-HOUR, DAY, 5)}, days=1, of=ASKED)
    assert (plan.days, len(plan.gone)) == ((), 1)
