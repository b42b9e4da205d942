"""When the expression of a rule was true, as its recorded episodes show it, and what a change makes of that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from maintainer.model.alerts import AlertRule, Episode, Run
from maintainer.model.facts import Labels

Presence = Mapping[Labels, Sequence[Run]]
"""By identity: when the expression was true, from the first to the last evaluation, in order and apart."""


def presence(episodes: Iterable[Episode], interval: int) -> Presence:
    """When the expression was true for each identity: from the first to the last sample of each episode.

    Only for a rule without ``keep_firing_for``, which hides when that was.
    """
    runs: dict[Labels, list[Run]] = defaultdict(list)
    for episode in episodes:
        first = episode.runs[0].first if episode.runs else episode.active_at
        runs[episode.labels].append(Run(first, episode.last))
    return {labels: joined(times, interval) for labels, times in sorted(runs.items())}


def joined(runs: Iterable[Run], interval: int) -> tuple[Run, ...]:
    """Runs in order, those that touch as one: no evaluation lies between them."""
    made: list[Run] = []
    for run in sorted(runs):
        if made and run.first - made[-1].last < 1.5 * interval:
            made[-1] = Run(made[-1].first, max(made[-1].last, run.last))
        else:
            made.append(run)
    return tuple(made)


def aggregated(present: Presence, kept: Sequence[str], interval: int) -> Presence:
    """The same after an aggregation that keeps only some labels."""
    groups: dict[Labels, list[Run]] = defaultdict(list)
    for labels, runs in present.items():
        groups[tuple(pair for pair in labels if pair[0] in kept)] += runs
    return {labels: joined(runs, interval) for labels, runs in groups.items()}


def both(some: Sequence[Run], others: Sequence[Run]) -> Iterator[Run]:
    """The times that lie in a run of each of two lists, each of them in order and apart."""
    left = right = 0
    while left < len(some) and right < len(others):
        first = max(some[left].first, others[right].first)
        last = min(some[left].last, others[right].last)
        if first <= last:
            yield Run(first, last)
        if some[left].last < others[right].last:
            left += 1
        else:
            right += 1


def at_evaluations(run: Run, one: int, interval: int) -> Run | None:
    """A run from its first to its last evaluation, of which ``one`` is known; ``None`` if there is none in it."""
    first, last = one - (one - run.first) // interval * interval, one + (run.last - one) // interval * interval
    return Run(first, last) if first <= last else None


def replayed(rule: AlertRule, present: Presence) -> tuple[Episode, ...]:
    """The episodes of a rule whose expression was true then."""
    return tuple(episode for labels, runs in present.items() for episode in _of_identity(rule, labels, runs))


def _of_identity(rule: AlertRule, labels: Labels, runs: Sequence[Run]) -> Iterator[Episode]:
    interval, kept = rule.interval, ceil(rule.keep / rule.interval) * rule.interval
    held = ceil(rule.hold / interval) * interval
    at = 0
    while at < len(runs):
        first, last = runs[at]
        fired = first + held if last - first >= held - interval / 2 else None
        at += 1
        while fired is not None and kept and at < len(runs) and runs[at].first - last <= kept + interval * 1.5:
            last = runs[at].last
            at += 1
        end = last + (kept if fired is not None else 0)
        yield Episode(rule.version, rule.name, labels, first, fired, end, end + interval, "resolved")
