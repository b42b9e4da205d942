"""Near misses, transients, and alerts that a start of Prometheus made."""

from dataclasses import replace

import pytest

from maintainer.analyse.alerts.classes.facts import Classified, Seen
from maintainer.analyse.alerts.classes.single import near_misses, restart_artefacts, transients
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import MINUTE, Episode
from tests.analyse.alerts.builders import episode, ms, rule, unresolved

USUAL = AlertThresholds()
SLOW = rule(hold=10)


def test_an_alert_that_went_away_shortly_before_it_fired_is_a_near_miss() -> None:
    far, near, nearer = (episode(at, at + long, fired=None, of=SLOW) for at, long in ((0, 7), (100, 8), (200, 9)))
    fired = episode(300, 312, of=SLOW)
    found = list(near_misses(SLOW, [far, near, nearer, fired], Seen(), USUAL))
    numbers = {"episodes": 2, "closest": 0.9, "of": 3}
    assert found == [Classified("near-miss", SLOW.version, "Alert", (near, nearer), numbers)]


@pytest.mark.parametrize(
    "unknown",
    [
        unresolved(episode(0, 9, fired=None, of=SLOW)),
        replace(episode(0, 9, fired=None, of=SLOW), cut_start=True),
        replace(episode(0, 9, fired=None), rule=rule(hold=0).version),
    ],
)
def test_what_was_not_seen_whole_is_no_near_miss(unknown: Episode) -> None:
    of = SLOW if unknown.rule == SLOW.version else rule(hold=0)
    assert list(near_misses(of, [unknown], Seen(), USUAL)) == []


def test_an_alert_that_fired_for_a_short_time_is_a_transient() -> None:
    short, longest, long = episode(0, 5), episode(100, 109), episode(200, 210)
    found = list(transients(rule(), [short, longest, long, episode(300, 301, fired=None)], Seen(), USUAL))
    assert [(other.episodes, other.numbers) for other in found] == [
        ((short, longest), {"episodes": 2, "of": 3, "longest": 5 * MINUTE})
    ]


def test_with_a_long_for_a_transient_may_be_as_long() -> None:
    assert list(transients(SLOW, [episode(0, 19, of=SLOW)], Seen(), USUAL)) != []
    assert list(transients(SLOW, [episode(0, 20, of=SLOW)], Seen(), USUAL)) == []


@pytest.mark.parametrize(
    "unknown",
    [
        unresolved(episode(0, 6)),
        replace(episode(0, 6), cut_start=True),
        replace(episode(0, 6), restarts=(ms(4),)),
    ],
)
def test_whose_end_or_start_was_not_its_own_is_no_transient(unknown: Episode) -> None:
    assert list(transients(rule(), [unknown], Seen(), USUAL)) == []


def artefacts(*episodes: Episode, start: float = 100) -> list[tuple[Episode, ...]]:
    return [found.episodes for found in restart_artefacts(rule(), episodes, Seen(starts=(ms(start),)), USUAL)]


def test_an_alert_that_fired_before_a_start_and_again_soon_after_it_is_its_artefact() -> None:
    before, after = episode(60, 98), episode(101, 120)
    assert artefacts(before, after) == [(after,)]


def test_one_that_went_on_over_a_start_is_its_artefact() -> None:
    split = replace(episode(60, 120), restarts=(ms(101),))
    assert artefacts(split) == [(split,)]
    pending_before = replace(episode(98, 120, fired=106), restarts=(ms(101),))
    assert artefacts(pending_before) == []


@pytest.mark.parametrize(
    "episodes",
    [
        (episode(101, 120),),
        (episode(60, 98, name="api"), episode(101, 120)),
        (episode(10, 39), episode(101, 120)),
        (episode(60, 98), episode(110, 130)),
        (episode(60, 98), episode(101, 104, fired=None)),
        (episode(60, 98), episode(99, 120)),
    ],
)
def test_what_is_not_of_the_start_is_no_artefact(episodes: tuple[Episode, ...]) -> None:
    assert artefacts(*episodes) == []
