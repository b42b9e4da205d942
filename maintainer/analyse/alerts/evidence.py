"""What happened to the Rollouts of an alert around an episode, whatever the alert says."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, TypeVar

from maintainer.analyse.alerts.subjects import Family, is_about
from maintainer.model.alerts import HOUR, MINUTE, AlertHistory, Episode
from maintainer.model.facts import Key
from maintainer.model.outcomes import Outcomes, PhaseRun, ShortRun

TROUBLE = frozenset({"Timeout", "Error", "Abort", "InvalidSpec"})
"""The phases of the metric that say that something is wrong."""

FAILED_ANALYSIS = frozenset({"AnalysisRunFailed", "AnalysisRunError"})
"""The events that say that an AnalysisRun did not pass."""

BEFORE, AFTER, ACTED = 5 * MINUTE, 30 * MINUTE, 10 * MINUTE
"""What is looked at begins so long before an episode, and ends so long after it; somebody acted until so long after."""

JOINED = 10 * MINUTE
"""Phases other than Completed that follow each other within this time belong to the same deployment."""

LEAD = 15 * MINUTE
"""A new revision is the cause of a deployment that begins at most so long after it."""


class OfRollout(Protocol):
    """Something that is noted of a Rollout."""

    @property
    def subject(self) -> Key:
        """Its namespace and name."""


N = TypeVar("N", bound=OfRollout)
R = TypeVar("R", PhaseRun, ShortRun)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the Rollouts of an episode around it.

    ``short`` are the stretches with too few pods while it was there, ``trouble`` the phases that say that something is
    wrong, ``paused`` those with a pause. ``aborted``: deployments were aborted; ``failed``: AnalysisRuns failed.
    ``revised``: what it fired in began with a new revision. ``acted``: a new revision came while it fired.
    ``covered``: all of the time was seen.
    """

    short: tuple[ShortRun, ...] = ()
    trouble: tuple[PhaseRun, ...] = ()
    paused: tuple[PhaseRun, ...] = ()
    aborted: bool = False
    failed: bool = False
    revised: bool = False
    acted: bool = False
    covered: bool = True

    @property
    def families(self) -> frozenset[Family]:
        """The kinds of metrics that say that something was wrong."""
        said: tuple[tuple[bool, Family], ...] = (
            (bool(self.short), "replicas"),
            (bool(self.trouble), "phase"),
            (self.aborted, "events"),
            (self.failed, "analysis"),
        )
        return frozenset(family for found, family in said if found)


class OutcomeIndex:
    """The outcomes by Rollout, each kind in the order of time."""

    def __init__(self, outcomes: Outcomes) -> None:
        self.phases = _by_rollout(sorted(outcomes.phases, key=lambda run: run.first))
        self.increases = _by_rollout(sorted(outcomes.increases, key=lambda rise: rise.at))
        self.short = _by_rollout(sorted(outcomes.short, key=lambda run: run.first))
        self.revisions = _by_rollout(sorted(outcomes.revisions, key=lambda change: change.at))
        self.rollouts = frozenset((*self.phases, *self.increases, *self.short, *self.revisions))

    def about(self, subject: Key) -> tuple[Key, ...]:
        """The Rollouts that a subject is, or has among others; those of which nothing is noted are not known."""
        if all(subject):
            return (subject,)
        return tuple(sorted(rollout for rollout in self.rollouts if is_about(subject, rollout)))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The hours of which most evaluations were seen, and the times of which something is known to be missing."""

    hours: frozenset[int]
    missing: tuple[tuple[int, int], ...]

    def holds(self, start: int, end: int) -> bool:
        """Whether all of ``[start, end)`` was seen."""
        hours = range(start // HOUR * HOUR, max(end, start + 1), HOUR)
        return all(hour in self.hours for hour in hours) and not any(a < end and start < b for a, b in self.missing)


SEEN = 0.5
"""An hour is covered if at least this share of its evaluations was seen: a restart costs some minutes."""


BESIDE = frozenset(f"harvest/unread.{kind}" for kind in ("agreement", "impact", "left_sides", "silences"))
"""Without these of a day, its alerts and what became of the Rollouts are known all the same."""


def coverage_of(history: AlertHistory) -> Coverage:
    """What the history covers, of all groups together."""
    hours = frozenset(hour.start for hour in history.coverage if hour.evaluated >= SEEN)
    unseen = (gap for gap in history.missing if not gap.alert and gap.reason.id not in BESIDE)
    return Coverage(hours, tuple((gap.start, gap.end) for gap in unseen))


def evidence_of(episode: Episode, subject: Key, index: OutcomeIndex, *, coverage: Coverage, short_for: int) -> Evidence:
    """The evidence about an episode; too few pods count from ``short_for`` milliseconds on."""
    start, end = episode.active_at, episode.resolved_at or episode.last
    rollouts = index.about(subject)
    phases = tuple(_within(index.phases, rollouts, start - BEFORE, end + AFTER))
    trouble = tuple(run for run in phases if run.phase in TROUBLE and run.first <= end and run.last >= start - BEFORE)
    rises = [
        rise
        for rollout in rollouts
        for rise in index.increases.get(rollout, ())
        if start - BEFORE <= rise.at <= end + AFTER
    ]
    changes = [change.at for rollout in rollouts for change in index.revisions.get(rollout, ())]
    began = min((deployment_began(run, index) for run in (*trouble, *phases) if run.first <= end), default=start)
    return Evidence(
        short=tuple(
            run for run in _within(index.short, rollouts, start - BEFORE, end) if run.last - run.first >= short_for
        ),
        trouble=trouble,
        paused=tuple(run for run in phases if run.phase == "Paused" and run.first <= end and run.last >= start),
        aborted=any(rise.event == "RolloutAborted" for rise in rises),
        failed=any(rise.event in FAILED_ANALYSIS for rise in rises),
        revised=any(min(began, start) - LEAD <= at <= end for at in changes),
        acted=episode.fired_at is not None and any(episode.fired_at < at <= end + ACTED for at in changes),
        covered=coverage.holds(start - BEFORE, end),
    )


def deployment_began(run: PhaseRun, index: OutcomeIndex) -> int:
    """When the Rollout of a run left the phase Completed before it."""
    began = run.first
    runs = index.phases.get(run.subject, ())
    for before in reversed(runs[: bisect_left(runs, run.first, key=lambda one: one.first)]):
        if before.last + JOINED < began:
            break
        began = min(began, before.first)
    return began


def _within(noted: Mapping[Key, tuple[R, ...]], rollouts: Iterable[Key], start: int, end: int) -> Iterator[R]:
    runs = chain.from_iterable(noted.get(rollout, ()) for rollout in rollouts)
    return (run for run in runs if run.first <= end and run.last >= start)


def _by_rollout(noted: Iterable[N]) -> Mapping[Key, tuple[N, ...]]:
    by_rollout: dict[Key, list[N]] = defaultdict(list)
    for one in noted:
        by_rollout[one.subject].append(one)
    return {rollout: tuple(of_it) for rollout, of_it in by_rollout.items()}
