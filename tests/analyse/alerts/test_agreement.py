"""A replay agrees with the record, or says why it may not."""

from dataclasses import replace

import pytest

from maintainer.analyse.alerts.agreement import Compared, Replay, agreement, by_rule, by_week, compared
from maintainer.model.alerts import DAY, Agreement, AlertRule, Disagreement, Episode
from tests.analyse.alerts.builders import beating, episode, ms, rule, unresolved

BEAT = beating((0, 24 * 60))
RECORDED = (episode(100, 120), episode(200, 203, fired=None), episode(300, 310, name="api"))


def agreed(
    replayed: tuple[Episode, ...], recorded: tuple[Episode, ...] = RECORDED, of: AlertRule | None = None
) -> Agreement:
    return agreement(Replay(of or rule(), ms(0), ms(24 * 60), recorded, replayed), BEAT)


def test_a_record_agrees_with_itself() -> None:
    assert agreed(RECORDED) == Agreement(rule().version, ms(0), 3, 0, 0, 0, ((0, 3),))


@pytest.mark.parametrize(
    ("start", "end", "alike", "nearly"),
    [(1, 0, 1, 0), (-1, 1, 1, 0), (0, 2, 0, 1), (2, -2, 0, 1), (0, 3, 0, 0), (-3, 0, 0, 0)],
)
def test_one_evaluation_is_alike_and_two_are_nearly(start: int, end: int, alike: int, nearly: int) -> None:
    found = agreed((episode(100 + start, 120 + end),), RECORDED[:1])
    assert (found.alike, found.nearly) == (alike, nearly)
    assert len(found.disagreements) == 1 - alike
    assert compared([found]) == Compared(alike, alike + nearly, 1)


def test_an_episode_of_one_side_is_counted_there() -> None:
    found = agreed((RECORDED[0], episode(500, 510)))
    assert (found.alike, found.only_replayed, found.only_recorded) == (1, 1, 2)
    assert {(other.found_in, other.at) for other in found.disagreements} == {
        ("replayed", ms(500)),
        ("recorded", ms(200)),
        ("recorded", ms(300)),
    }
    assert compared([found]) == Compared(1, 1, 4)


def test_one_that_fired_is_not_one_that_was_pending_only() -> None:
    found = agreed((episode(200, 205),), RECORDED[1:2])
    assert (found.alike, found.nearly, found.only_replayed, found.only_recorded) == (0, 0, 0, 0)
    assert [other.found_in for other in found.disagreements] == ["both"]
    assert compared([found]) == Compared(0, 0, 1)


def test_what_was_not_seen_is_not_compared() -> None:
    cut = replace(episode(-50, 120, fired=0), cut_start=True)
    assert agreed((episode(-50, 120),), (cut,)).alike == 1
    assert agreed((episode(100, 130),), (unresolved(episode(100, 120)),)).alike == 1
    assert agreed((unresolved(episode(100, 130)),), (unresolved(episode(100, 120)),)).alike == 0


@pytest.mark.parametrize(
    ("replayed", "because"),
    [
        (episode(1, 40), "edge"),
        (episode(1430, 1439), "edge"),
        (episode(605, 640), "restart"),
        (episode(690, 730), "not-evaluated"),
        (episode(900, 901, fired=None), "late-samples"),
        (episode(900, 940), "unknown"),
    ],
)
def test_a_disagreement_has_its_cause(replayed: Episode, because: str) -> None:
    beat = beating((0, 700), (720, 1440), starts=(600,))
    found = agreement(Replay(rule(), ms(0), ms(1440), (), (replayed,)), beat)
    assert found.disagreements == (
        Disagreement("replayed", replayed.labels, replayed.active_at, because),  # type: ignore[arg-type]  # any cause
    )


@pytest.mark.parametrize(
    ("of", "because"),
    [
        (replace(rule(), labels=(("value", "{{ $value }}"),)), "value-label"),
        (rule(keep=5), "keep-firing"),
        (replace(rule(), phase=None), "phase"),
    ],
)
def test_a_rule_may_be_the_cause(of: AlertRule, because: str) -> None:
    found = agreed((episode(900, 940),), (), of)
    assert [other.because for other in found.disagreements] == [because]


def test_trust_depends_on_the_strict_share() -> None:
    shares = [Compared(alike, 100, 100).trust for alike in (95, 94, 80, 79)]
    assert shares == ["calibrated", "approximate", "approximate", "none"]
    assert Compared(0, 0, 0).trust == "unknown"


def test_days_are_summed_by_week_and_rule() -> None:
    days = [Agreement("v1", ms(0) + day * DAY, 1, 0, 0, 1) for day in range(10)]
    other = Agreement("v2", ms(0), 2, 0, 0, 0)
    weeks = by_week([*days, other])
    assert {key[0] for key in weeks} == {"v1", "v2"}
    assert all((week - 4 * DAY) % (7 * DAY) == 0 for _, week in weeks)
    assert sum(found.all for (version, _), found in weeks.items() if version == "v1") == 20
    assert by_rule([*days, other]) == {"v1": Compared(10, 10, 20), "v2": Compared(2, 2, 2)}


def test_two_replayed_episodes_are_not_both_the_same_recorded_one() -> None:
    found = agreed((episode(100, 108), episode(110, 120)), RECORDED[:1])
    assert found.only_replayed == 1


def test_of_several_episodes_the_nearest_is_the_same() -> None:
    recorded = episode(93, 98, fired=None), episode(101, 120), episode(122, 127, fired=None)
    found = agreed((episode(100, 120),), recorded)
    assert (found.alike, found.only_recorded, found.only_replayed) == (1, 2, 0)


@pytest.mark.parametrize(("later", "nearly", "apart"), [(2, 1, 0), (4, 0, 2)])
def test_episodes_shortly_after_each_other_are_compared(later: int, nearly: int, apart: int) -> None:
    found = agreed((episode(100 + later, 100 + later, fired=None),), (episode(100, 100, fired=None),))
    assert (found.nearly, found.only_recorded + found.only_replayed) == (nearly, apart)


@pytest.mark.parametrize(("later", "because"), [(2, "late-samples"), (3, "unknown")])
def test_an_episode_that_is_two_evaluations_late_saw_late_samples(later: int, because: str) -> None:
    found = agreed((episode(100 + later, 120),), RECORDED[:1])
    assert [other.because for other in found.disagreements] == [because]
