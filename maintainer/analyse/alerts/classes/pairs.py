"""Alerts that fire for the same subjects: always together, or one after the other."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from maintainer.analyse.alerts.classes.facts import AlertPair, firing, overlap
from maintainer.analyse.alerts.runs import united
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import Episode, Run

SubjectOf = Callable[[Episode], Hashable | None]
"""What an episode is about; ``None`` if nobody can say."""


class _Fired(NamedTuple):
    """When an alert fired for a subject: from when to when, and the beginnings."""

    runs: tuple[Run, ...]
    starts: Sequence[int]


_Alert = Mapping[Hashable, _Fired]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two alerts by their names, and what they fired for; ``covered`` is for how long they were watched."""

    first: str
    second: str
    one: _Alert
    other: _Alert
    covered: int

    @property
    def counts(self) -> tuple[int, int]:
        """How often each fired."""
        return _count(self.one), _count(self.other)

    def shares(self, earliest: int, latest: int) -> tuple[int, float, float]:
        """How many starts of the first the second follows so long after; as a share; and the other way round."""
        first_count, second_count = self.counts
        together = _followed(self.one, self.other, earliest, latest)
        return together, together / first_count, _followed(self.other, self.one, earliest, latest) / second_count


def alert_pairs(
    episodes: Iterable[Episode], subject_of: SubjectOf, covered: int, thresholds: AlertThresholds
) -> tuple[AlertPair, ...]:
    """The pairs of alerts of which one adds little to the other; ``covered`` is for how long they were watched.

    A pair that always fires together is named once, in the order of the names.
    """
    alerts = _by_alert(episodes, subject_of)
    pairs = (
        _Pair(first, second, alerts[first], alerts[second], covered)
        for first, second in permutations(sorted(alerts), 2)
        if not alerts[first].keys().isdisjoint(alerts[second])
    )
    enough = (pair for pair in pairs if min(pair.counts) >= thresholds.fewest)
    return tuple(found for pair in enough if (found := _duplicate(pair, thresholds) or _cascading(pair, thresholds)))


def _by_alert(episodes: Iterable[Episode], subject_of: SubjectOf) -> dict[str, _Alert]:
    runs: dict[str, dict[Hashable, list[Run]]] = {}
    for episode in episodes:
        run, subject = firing(episode), subject_of(episode)
        if run is not None and subject is not None:
            runs.setdefault(episode.alert, {}).setdefault(subject, []).append(run)
    return {
        alert: {
            subject: _Fired(united(of_subject), sorted(run.first for run in of_subject))
            for subject, of_subject in subjects.items()
        }
        for alert, subjects in runs.items()
    }


def _count(alert: _Alert) -> int:
    return sum(len(fired.starts) for fired in alert.values())


def _duplicate(pair: _Pair, thresholds: AlertThresholds) -> AlertPair | None:
    """The pair if both fire at the same times; only in the order of the names."""
    if pair.first > pair.second:
        return None
    within, shared = thresholds.duplicate_within, _overlap(pair.one, pair.other)
    together, forth, back = pair.shares(-within, within)
    if min(shared, forth, back) < thresholds.duplicate:
        return None
    lift = _lift(pair, together, 2 * within)
    return AlertPair("duplicate", pair.first, pair.second, *pair.counts, together, shared, forth, back, lift)


def _cascading(pair: _Pair, thresholds: AlertThresholds) -> AlertPair | None:
    """The pair if the second fires soon after the first, and not the other way round."""
    together, forth, back = pair.shares(1, thresholds.cascading_within)
    lift = _lift(pair, together, thresholds.cascading_within)
    if forth < thresholds.cascading or back > thresholds.reverse or lift < thresholds.lift:
        return None
    shared = _overlap(pair.one, pair.other)
    return AlertPair("cascading", pair.first, pair.second, *pair.counts, together, shared, forth, back, lift)


def _overlap(one: _Alert, other: _Alert) -> float:
    """The share of the time in which either fires that both do."""
    both = sum(_shared(one[subject].runs, other[subject].runs) for subject in one.keys() & other.keys())
    either = sum(run.last + 1 - run.first for alert in (one, other) for fired in alert.values() for run in fired.runs)
    return both / (either - both)


def _shared(one: Sequence[Run], other: Sequence[Run]) -> int:
    return sum(
        overlap(run, part)
        for run in one
        for part in other[
            bisect_left(other, run.first, key=lambda part: part.last) : bisect_right(
                other, run.last, key=lambda part: part.first
            )
        ]
    )


def _followed(one: _Alert, other: _Alert, earliest: int, latest: int) -> int:
    """How many of one's starts have a start of the other, for the same subject, so long after them."""
    return sum(
        bisect_left(starts, start + earliest) < bisect_right(starts, start + latest)
        for subject, fired in one.items()
        for starts in ([other[subject].starts] if subject in other else [])
        for start in fired.starts
    )


def _lift(pair: _Pair, together: int, within: int) -> float:
    """How many times as many starts of the second are near one of the first as if they were spread over the time."""
    by_chance = sum(
        len(fired.starts) * min(1.0, len(pair.other[subject].starts) * within / max(1, pair.covered))
        for subject, fired in pair.one.items()
        if subject in pair.other
    )
    return together / by_chance if by_chance else 0.0
