"""Joins the outcomes of days: what stands in two, because an hour is read twice, counts once."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun

R = TypeVar("R", PhaseRun, ShortRun)
E = TypeVar("E", CounterIncrease, RevisionChange)


@dataclass(frozen=True, slots=True)
class ReadOutcomes:
    """The outcomes that a read of ``[start, end)`` showed. A change at ``start`` itself cannot be seen."""

    start: int
    end: int
    outcomes: Outcomes


def joined_outcomes(reads: Iterable[ReadOutcomes]) -> Outcomes:
    """The outcomes of all reads, in order; the order of the reads does not matter.

    A run that goes on in the next read is one. Of the time that two have read, the changes are those of the later read:
    it also has what arrived late.
    """
    ordered = sorted(reads, key=lambda read: (read.start, read.end))
    increases: list[CounterIncrease] = []
    revisions: list[RevisionChange] = []
    for read, until in zip(ordered, _own_ends(ordered), strict=True):
        increases += _up_to(read.outcomes.increases, until)
        revisions += _up_to(read.outcomes.revisions, until)
    return Outcomes(
        phases=_merged(((run.subject, run.phase), run) for read in ordered for run in read.outcomes.phases),
        increases=tuple(sorted(set(increases), key=lambda one: (one.subject, one.at, one.event))),
        short=_merged(((run.subject, run) for read in ordered for run in read.outcomes.short), one=_shortest),
        revisions=tuple(sorted(set(revisions), key=lambda one: (one.subject, one.at))),
    )


def _own_ends(ordered: Sequence[ReadOutcomes]) -> list[int]:
    """Up to where each read tells of changes: the start of the next, which reads on from there."""
    ends = [min(read.end, following.start) for read, following in pairwise(ordered)]
    return [*ends, *(read.end for read in ordered[-1:])]


def _up_to(events: Iterable[E], until: int) -> list[E]:
    return [event for event in events if event.at <= until]


def _longer(earlier: R, later: R) -> R:
    return replace(earlier, last=max(earlier.last, later.last))


def _shortest(earlier: ShortRun, later: ShortRun) -> ShortRun:
    """The two as one, with the pods of the one that lacked more."""
    worse = min(earlier, later, key=lambda run: (run.least_available - run.desired, run.least_available))
    return replace(worse, first=earlier.first, last=max(earlier.last, later.last))


def _merged(keyed: Iterable[tuple[Hashable, R]], *, one: Callable[[R, R], R] = _longer) -> tuple[R, ...]:
    """The runs, where two of a key that have a time in common are one."""
    by_key: dict[Hashable, list[R]] = defaultdict(list)
    for key, run in keyed:
        by_key[key].append(run)
    merged: list[R] = []
    for runs in by_key.values():
        begun = len(merged)
        for run in sorted(runs, key=lambda each: (each.first, each.last)):
            if len(merged) > begun and run.first <= merged[-1].last:
                merged[-1] = one(merged[-1], run)
            else:
                merged.append(run)
    return tuple(sorted(merged, key=lambda run: (run.subject, run.first, run.last)))
