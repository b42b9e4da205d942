"""What became of Rollouts on a day, from the series of their controller."""

from collections.abc import Sequence

import pytest

from maintainer.analyse.alerts.day_outcomes import day_outcomes
from maintainer.model.alerts import DAY, HOUR, MINUTE, RawSeries
from maintainer.model.facts import labels
from maintainer.model.harvest import DaySamples, PlannedDay
from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun

START = 20_000 * DAY
WEB = ("shop", "web")
SCRAPE = 30_000


def series(name: str, points: Sequence[tuple[int, float]], **own: str) -> RawSeries:
    """A series of the Rollout shop/web, unless other labels are given."""
    all_labels = {"__name__": name, "namespace": "shop", "name": "web", "instance": "a", **own}
    return RawSeries(labels(all_labels), [at for at, _ in points], [value for _, value in points])


def every(first: int, last: int, value: float, step: int = MINUTE) -> list[tuple[int, float]]:
    return [(at, value) for at in range(first, last + 1, step)]


def outcomes(**read: Sequence[RawSeries]) -> Outcomes:
    day = PlannedDay(START, START + DAY, grids={"replicas": MINUTE, "events": MINUTE})
    return day_outcomes(DaySamples(day, {name: tuple(found) for name, found in read.items()}))


def there(
    first: int = START - HOUR, last: int = START + DAY - MINUTE, *, pods: float = 3, **own: str
) -> list[RawSeries]:
    """A Rollout that has all of its pods."""
    names = ("rollout_info_replicas_available", "rollout_info_replicas_desired")
    return [series(name, every(first, last, pods), **own) for name in names]


def phase(name: str, first: int, last: int, **own: str) -> RawSeries:
    return series("rollout_info", every(first, last, 1, SCRAPE), phase=name, **own)


def events(reason: str, *points: tuple[int, float], **own: str) -> RawSeries:
    return series("rollout_events_total", points, reason=reason, type="Normal", **own)


def test_each_phase_has_its_runs() -> None:
    found = outcomes(
        phases=[
            phase("Progressing", START, START + 4 * SCRAPE),
            phase("Paused", START + 5 * SCRAPE, START + 9 * SCRAPE),
        ]
    )
    assert found.phases == (
        PhaseRun(WEB, "Paused", START + 5 * SCRAPE, START + 9 * SCRAPE),
        PhaseRun(WEB, "Progressing", START, START + 4 * SCRAPE),
    )


def test_a_scrape_that_failed_ends_no_phase_and_two_do() -> None:
    runs = [(START, START + 4 * SCRAPE), (START + 6 * SCRAPE, START + 9 * SCRAPE), (START + 12 * SCRAPE, START + HOUR)]
    points = [point for first, last in runs for point in every(first, last, 1, SCRAPE)]

    found = outcomes(phases=[series("rollout_info", points, phase="Timeout")])
    assert [(run.first, run.last) for run in found.phases] == [(START, START + 9 * SCRAPE), runs[2]]


def test_a_phase_goes_on_when_another_pod_of_the_controller_takes_over() -> None:
    found = outcomes(
        phases=[
            phase("Abort", START, START + 4 * SCRAPE, instance="a"),
            phase("Abort", START + 5 * SCRAPE, START + 9 * SCRAPE, instance="b"),
        ]
    )
    assert [(run.first, run.last) for run in found.phases] == [(START, START + 9 * SCRAPE)]


def test_the_namespace_is_that_of_the_rollout_where_the_target_has_one_too() -> None:
    renamed = series(
        "rollout_info",
        every(START, START + HOUR, 1),
        phase="Abort",
        namespace="argo-rollouts",
        exported_namespace="shop",
    )
    assert outcomes(phases=[renamed]).phases[0].subject == WEB


def test_an_event_is_counted_when_its_counter_rises() -> None:
    counter = events("RolloutAborted", (START, 4), (START + MINUTE, 4), (START + 2 * MINUTE, 6))
    assert outcomes(replicas=there(), events=[counter]).increases[-1:] == (
        CounterIncrease(WEB, "RolloutAborted", START + 2 * MINUTE, 2),
    )


def test_a_counter_that_begins_has_counted_from_zero() -> None:
    counter = events("RolloutCompleted", (START + HOUR, 1), (START + HOUR + MINUTE, 1))
    assert outcomes(replicas=there(), events=[counter]).increases == (
        CounterIncrease(WEB, "RolloutCompleted", START + HOUR, 1),
    )


@pytest.mark.parametrize("first", [START - HOUR, START + HOUR])
def test_a_counter_of_before_what_was_read_or_of_before_a_gap_has_not_risen(first: int) -> None:
    counter = events("RolloutCompleted", (first, 17), (first + MINUTE, 17))
    assert outcomes(replicas=there(first), events=[counter]).increases == ()


def test_a_counter_that_was_reset_counts_from_zero() -> None:
    counter = events("RolloutAborted", (START, 9), (START + MINUTE, 2))
    increases = outcomes(replicas=there(START), events=[counter]).increases
    assert increases == (CounterIncrease(WEB, "RolloutAborted", START + MINUTE, 2),)


def test_a_new_pod_of_the_controller_counts_from_zero() -> None:
    old = events("RolloutAborted", *every(START, START + HOUR, 9), instance="a")
    new = events("RolloutAborted", *every(START + HOUR, START + 2 * HOUR, 1), instance="b")
    increases = outcomes(replicas=there(START), events=[old, new]).increases
    assert increases == (CounterIncrease(WEB, "RolloutAborted", START + HOUR, 1),)


def test_an_update_is_a_new_revision() -> None:
    found = outcomes(replicas=there(), events=[events("RolloutUpdated", (START + HOUR, 1))])
    assert (found.increases, found.revisions) == ((), (RevisionChange(WEB, START + HOUR),))


def test_a_rollout_that_lacks_pods_is_short_by_the_most_that_it_lacked() -> None:
    available = [*every(START, START + 9 * MINUTE, 3), (START + 10 * MINUTE, 2), (START + 11 * MINUTE, 1)]
    available += every(START + 12 * MINUTE, START + HOUR, 3)
    replicas = [
        series("rollout_info_replicas_available", available),
        series("rollout_info_replicas_desired", every(START, START + HOUR, 3)),
    ]
    assert outcomes(replicas=replicas).short == (ShortRun(WEB, START + 10 * MINUTE, START + 11 * MINUTE, 3, 1),)


def test_a_rollout_without_a_number_of_pods_is_not_short() -> None:
    assert outcomes(replicas=there()[1:]).short == ()


def test_while_two_pods_of_the_controller_tell_of_a_rollout_the_one_that_sees_more_pods_holds() -> None:
    found = outcomes(replicas=[*there(), *there(pods=0, instance="b")])
    assert found.short == ()
