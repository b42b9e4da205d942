"""What a change of a rule makes of the times at which its expression was true."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.replay import replayed_episodes
from maintainer.analyse.alerts.replay_types import Evaluations, Presence
from maintainer.analyse.alerts.runs import united
from maintainer.model.alerts import AlertRule, Episode, Run

if TYPE_CHECKING:
    from maintainer.model.facts import Labels


def aggregated(presences: Iterable[Presence], kept: Sequence[str], interval: int) -> tuple[Presence, ...]:
    """The same after an aggregation that keeps only some labels."""
    groups: dict[Labels, list[Run]] = defaultdict(list)
    for labels, runs in presences:
        groups[tuple(pair for pair in labels if pair[0] in kept)] += runs
    return tuple(Presence(labels, united(runs, interval)) for labels, runs in sorted(groups.items()))


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


def replayed(rule: AlertRule, presences: Iterable[Presence], end: int) -> tuple[Episode, ...]:
    """The episodes of a rule whose expression was true then, if every evaluation before ``end`` took place."""
    return replayed_episodes(rule, presences, Evaluations(end))
