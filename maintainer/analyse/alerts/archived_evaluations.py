"""When a rule was evaluated, by the hours that the archive has."""

from collections.abc import Iterable, Iterator, Sequence

from maintainer.analyse.alerts.presences import evaluations
from maintainer.analyse.alerts.replay_types import Evaluations
from maintainer.analyse.alerts.runs import united
from maintainer.model.alerts import HOUR, AlertRule, Episode, Heartbeat, HourCoverage, Run


def archived_evaluations(
    rule: AlertRule, coverage: Iterable[HourCoverage], time: Run, episodes: Sequence[Episode]
) -> Evaluations:
    """The evaluations of a rule in a time, both ends inclusive; all of them where no hour of its group is archived.

    An hour that is not archived had none, but for those that its own alerts show. Of an hour of an older archive, which
    says how much was missing and not when, all are taken for made.
    """
    every = tuple(coverage)
    hours = [hour for hour in every if hour.group == rule.group] or [hour for hour in every if not hour.group]
    if not hours:
        return Evaluations(time.last + 1)
    shown = (run for episode in episodes for run in episode.runs)
    runs = united((*_evaluated(hours, rule.interval // 2), *shown), rule.interval)
    starts = {start for hour in hours for start in hour.restarts if time.first <= start <= time.last}
    beat = Heartbeat(tuple(_within(runs, time)), tuple(sorted(starts)))
    return evaluations(rule, beat, end=time.last + 1, episodes=episodes)


def _evaluated(hours: Iterable[HourCoverage], half: int) -> Iterator[Run]:
    """From the first to the last evaluation, without holes. ``half`` an interval from the ends of an hour are those
    within it: they are looked for at the nearest place."""
    for hour in hours:
        if not hour.evaluated:
            continue
        begin, end = hour.start + half - 1, hour.start + HOUR - 1 - half
        known = begin
        for hole in sorted(hour.holes):
            if known < hole.first:
                yield Run(known, hole.first - 1)
            known = max(known, hole.last + 1)
        if known < end:
            yield Run(known, end)


def _within(runs: Iterable[Run], time: Run) -> Iterator[Run]:
    """The parts within a time, which begins and ends with an empty one: before and after it nothing is missing."""
    yield Run(time.first - 1, time.first - 1)
    for run in runs:
        if run.first <= time.last and run.last >= time.first:
            yield Run(max(run.first, time.first), min(run.last, time.last))
    yield Run(time.last + 1, time.last + 1)
