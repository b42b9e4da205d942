"""Reads when an expression was true, as a rule would have seen it: at the evaluations of its group, day by day."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import DAY, HOUR, Run
from maintainer.model.facts import Labels

ANY = "group({__name__=~'up|rollout_info'})"
"""What Prometheus has at any time at which it scraped anything."""

ENOUGH = 0.9
"""Of the hours of a time this share must have samples, or nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The evaluations of a group: one is at ``phase``, and others follow at the interval, in milliseconds."""

    phase: int
    interval: int

    def within(self, time: Run) -> Run:
        """The first and the last evaluation of a time."""
        first = time.first + (self.phase - time.first) % self.interval
        return Run(first, first + (time.last - first) // self.interval * self.interval)


def known_time(prometheus: Prometheus, time: Run) -> Run:
    """The part of a time of which Prometheus has samples, from its first hour with any.

    Raises :class:`SourceUnavailable` if there is none, or too many hours of it have none.
    """
    first, last = time.first // 1000, time.last // 1000
    hours = prometheus.times(ANY, start=first, end=last, step=HOUR // 1000)
    if not hours:
        raise SourceUnavailable("backtest-no-samples", permanent=True, who=prometheus.who)
    start = min(hours)
    count = (last - start) // (HOUR // 1000) + 1
    if len(hours) < ENOUGH * count:
        raise SourceUnavailable("backtest-few-hours", permanent=True, who=prometheus.who, count=count, hours=len(hours))
    return Run(max(time.first, start * 1000), time.last)


def read_expression(
    prometheus: Prometheus, expr: str, time: Run, grid: Grid, *, most: int
) -> Mapping[Labels, tuple[Run, ...]]:
    """When the expression was true in the time, for each label set of its result.

    An hour is read first, then days. If the whole would make the run read more than ``most`` samples, by what was read
    so far, nothing else is. Raises :class:`SourceUnavailable` for that, and if Prometheus cannot be asked.
    """
    whole = grid.within(time)
    found: dict[Labels, list[Run]] = defaultdict(list)
    before = prometheus.cost.samples
    for start, end in _chunks(whole, grid.interval):
        for series in prometheus.grid(f"({expr}\n)", start=start, end=end, step=grid.interval):
            own = tuple(pair for pair in series.labels if pair[0] != "__name__")
            _extend(found[own], series.times, grid.interval)
        read = prometheus.cost.samples - before
        expected = prometheus.cost.samples + read * (whole.last - end) // (end - whole.first + grid.interval)
        if expected > most:
            who = prometheus.who
            raise SourceUnavailable("backtest-too-many-samples", permanent=True, who=who, samples=expected, most=most)
    return {labels: tuple(runs) for labels, runs in sorted(found.items())}


def _chunks(whole: Run, interval: int) -> Iterable[tuple[int, int]]:
    """The first hour, then days, none with an evaluation of another."""
    start, length = whole.first, HOUR
    while start <= whole.last:
        count = max(1, length // interval)
        end = min(start + (count - 1) * interval, whole.last)
        yield start, end
        start, length = end + interval, DAY


def _extend(runs: list[Run], times: Iterable[int], interval: int) -> None:
    """Add the times of samples to the runs in which none is missing."""
    for at in times:
        if runs and at - runs[-1].last <= interval:
            runs[-1] = Run(runs[-1].first, at)
        else:
            runs.append(Run(at, at))


def learned_phase(prometheus: Prometheus, alert: str, interval: int, *, at: int) -> int | None:
    """The place of a rule's evaluations in their interval, as a sample of the last week shows; ``None`` without one."""
    sample = f"max_over_time(timestamp(ALERTS{{alertname={json.dumps(alert)}}})[7d:5m])"
    found = prometheus.vector(sample, at=at / 1000)
    return round(found[0].value * 1000) % interval if found else None
