"""How an episode ended, what is known without ALERTS_FOR_STATE, and the place of evaluations in their interval."""

from collections.abc import Sequence

import pytest

from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.analyse.alerts.heartbeats import learned_phase
from maintainer.analyse.alerts.presences import evaluations, presence_runs, recorded_presences
from maintainer.analyse.alerts.replay import replay
from maintainer.analyse.alerts.replay_types import Timing
from maintainer.model.alerts import MINUTE, SECOND, Episode, Heartbeat, RawSeries, Run
from tests.analyse.alerts.builders import beating, ms, rule

DAY = 24 * 60


def series(minutes: Sequence[float], state: str = "firing", **names: str) -> RawSeries:
    own = {"__name__": "ALERTS", "alertname": "Alert", "alertstate": state, **(names or {"name": "web"})}
    return RawSeries(tuple(sorted(own.items())), [ms(minute) for minute in minutes], [])


def states(samples: Sequence[tuple[float, float]]) -> RawSeries:
    return RawSeries(
        (("__name__", "ALERTS_FOR_STATE"), ("alertname", "Alert"), ("name", "web")),
        [ms(minute) for minute, _ in samples],
        [ms(active) // SECOND for _, active in samples],
    )


def read(
    *alerts: RawSeries, active: Sequence[tuple[float, float]] = (), beat: Heartbeat | None = None
) -> tuple[Episode, ...]:
    samples = ReadSamples(ms(0), ms(DAY), alerts, [states(active)] if active else ())
    return episodes(rule(), samples, beating((0, DAY - 1)) if beat is None else beat).episodes


@pytest.mark.parametrize(
    ("beat", "end", "resolved"),
    [
        (beating((0, 200)), "resolved", 13),
        (beating((0, 12), (14, 200)), "resolved", 14),
        (beating((0, 12), (16, 200)), "gap", None),
        (beating((0, 12)), "gap", None),
        (Heartbeat(), "gap", None),
        (beating((0, 200), starts=(12.5,)), "gap", None),
        (beating((0, 200), starts=(13.5, 11.5)), "resolved", 13),
    ],
)
def test_only_an_evaluation_soon_after_it_says_that_an_alert_was_resolved(
    beat: Heartbeat, end: str, resolved: float | None
) -> None:
    beat = Heartbeat(beat.runs, tuple(sorted(beat.starts)))
    (found,) = read(series([10, 11, 12]), beat=beat)
    assert (found.end, found.resolved_at) == (end, None if resolved is None else ms(resolved))


@pytest.mark.parametrize("late", [0.001, 0.4])
def test_a_heartbeat_that_is_a_little_late_is_of_the_same_evaluation(late: float) -> None:
    beat = beating((late, 12 + late), (14 + late, 200 + late))
    (found,) = read(series([10, 11, 12]), beat=beat)
    assert found.resolved_at == ms(14)
    (bridged,) = read(series([10, 11, 12, 14]), beat=beat)
    assert bridged.last == ms(14)


def test_an_alert_in_the_last_evaluation_is_open() -> None:
    (found,) = read(series([DAY - 2, DAY - 1]))
    assert (found.end, found.resolved_at, found.last) == ("open", None, ms(DAY - 1))


def test_equal_values_of_active_at_are_one_episode_whatever_is_missing_between() -> None:
    (found,) = read(series([10, 11, 40, 41]), active=[(10, 10), (11, 10), (40, 10), (41, 10)])
    assert found.runs == (Run(ms(10), ms(11)), Run(ms(40), ms(41)))


def test_another_value_is_another_episode() -> None:
    found = read(series([10, 11, 13, 14]), active=[(10, 10), (11, 10), (13, 13), (14, 13)])
    assert [(one.active_at, one.last) for one in found] == [(ms(10), ms(11)), (ms(13), ms(14))]


def test_the_value_says_since_when_an_alert_is_there_that_was_before_the_read() -> None:
    (found,) = read(series([0, 1, 2]), active=[(0, -30), (1, -30), (2, -30)])
    assert (found.active_at, found.cut_start) == (ms(-30), True)


def test_what_was_there_before_the_read_was_true_since_its_active_at() -> None:
    found = read(series([0, 1, 2]), active=[(0, -30), (1, -30), (2, -30)])
    assert [presence.runs for presence in recorded_presences(rule(), found)] == [(Run(ms(-30), ms(2)),)]


def test_what_prometheus_restored_was_not_true_before_it_was_back() -> None:
    beat = beating((0, 20), (30, DAY - 1), starts=(25,))
    alert = [*range(10, 21), *range(32, 50)]
    # The time that Prometheus was away is taken out of a restored ActiveAt.
    found = read(series(alert), active=[(at, 10 if at < 30 else 21) for at in alert], beat=beat)
    (presence,) = recorded_presences(rule(), found)
    assert presence.runs == (Run(ms(10), ms(20)), Run(ms(30), ms(49)))


def test_after_a_start_without_an_evaluation_nothing_is_known() -> None:
    assert evaluations(rule(), beating((0, 20), starts=(25,)), end=ms(100)).outages == (Run(ms(20), ms(100)),)


def test_without_the_values_a_hole_with_an_evaluation_ends_an_episode() -> None:
    assert len(read(series([10, 11, 13]))) == 2
    assert len(read(series([10, 11, 13]), beat=beating((0, 11), (13, 100)))) == 1


def test_pending_and_firing_samples_are_one_episode() -> None:
    (found,) = read(series([10, 11], "pending"), series([12, 13]))
    assert (found.active_at, found.fired_at, found.last) == (ms(10), ms(12), ms(13))


def test_samples_that_overlapping_reads_returned_twice_count_once() -> None:
    once = read(series([10, 11, 12]), active=[(10, 10), (11, 10), (12, 10)])
    halves = ReadSamples(
        ms(0),
        ms(DAY),
        [series([10, 11]), series([11, 12])],
        [states([(10, 10), (11, 10)]), states([(11, 10), (12, 10)])],
    )
    assert episodes(rule(), halves, beating((0, DAY - 1))).episodes == once


def test_a_prometheus_that_is_started_several_times_in_a_row_leaves_one_episode() -> None:
    beat = beating((0, 20), (30, DAY - 1), starts=(22, 25))
    alert = [*range(10, 21), *range(32, 50)]
    (found,) = read(series(alert), active=[(at, 10 if at < 30 else 30) for at in alert], beat=beat)
    assert (found.active_at, found.restarts, found.last) == (ms(10), (ms(30),), ms(49))
    known = evaluations(rule(), beat, end=ms(DAY), episodes=[found])
    (presence,) = recorded_presences(rule(), [found])
    assert presence.runs == (Run(ms(10), ms(20)), Run(ms(30), ms(49)))
    (replayed,) = replay(presence.runs, Timing(0, 0, MINUTE), known)
    assert replayed == (ms(10), ms(10), ms(49), ms(50), "resolved", (ms(30),))


@pytest.mark.parametrize(
    ("times", "phase"),
    [([17, 60_017, 300_017], 17), ([17] * 9 + [18], 17), ([17] * 8 + [18, 19], None), ([], None)],
)
def test_the_phase_is_where_nine_of_ten_evaluations_are(times: list[int], phase: int | None) -> None:
    assert learned_phase(times, MINUTE) == phase


def test_a_series_is_there_at_the_evaluations_up_to_the_scrape_that_ends_it() -> None:
    scraped = [Run(ms(10.2), ms(12.2)), Run(ms(13.2), ms(13.7)), Run(ms(20.1), ms(20.2))]
    # The scrape interval is half a minute: the last samples hold for so long.
    assert presence_runs(scraped, rule(), held=MINUTE // 2) == (Run(ms(11), ms(12)), Run(ms(14), ms(14)))
