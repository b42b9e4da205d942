"""Episodes of alerts from the samples of ALERTS and ALERTS_FOR_STATE.

The value of ALERTS_FOR_STATE says since when the alert is there. Equal values are one episode, whatever is missing in
between; another value is another episode, unless Prometheus was started in between, which gives an alert a new one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from operator import itemgetter
from typing import NamedTuple

from maintainer.analyse.alerts.heartbeats import (
    LONGEST_OUTAGE,
    START_SLACK,
    UNWRITTEN,
    ending,
    first_evaluation,
    next_evaluation,
)
from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import SECOND, AlertRule, Episode, Heartbeat, RawSeries, ReadEpisodes, Run
from maintainer.model.facts import Labels

NOT_OF_THE_ALERT = frozenset(("__name__", "alertname", "alertstate"))
"""Labels of ALERTS that are not those of the alert."""


@dataclass(frozen=True, slots=True)
class ReadSamples:
    """The samples of one alerting rule that a read of ``[start, end)`` returned.

    ``alerts`` are series of ALERTS, whose values are not looked at, ``states`` those of ALERTS_FOR_STATE. The latter
    may be left out where no series has a hole, or has been there since before ``start``.
    """

    start: int
    end: int
    alerts: Sequence[RawSeries]
    states: Sequence[RawSeries] = ()


class _Part(NamedTuple):
    """Samples with one value of ActiveAt."""

    active_at: int
    fired_at: int | None
    runs: tuple[Run, ...]


def episodes(rule: AlertRule, read: ReadSamples, heartbeat: Heartbeat) -> ReadEpisodes:
    """The episodes of a rule that were read; one that is cut by the begin or the end of the read is a part of one."""
    states: dict[Labels, list[RawSeries]] = {}
    for series in read.states:
        states.setdefault(identity(series.labels), []).append(series)
    found = [
        episode
        for labels, of_state in _by_identity(read.alerts).items()
        for episode in _of_identity(rule, labels, _parts(rule, of_state, states.get(labels, ()), heartbeat), heartbeat)
    ]
    ended = (_with_end(episode, rule, heartbeat, read) for episode in found)
    return ReadEpisodes(read.start, read.end, in_order(ended))


def in_order(found: Iterable[Episode]) -> tuple[Episode, ...]:
    """Episodes by the time since when they are there."""
    return tuple(sorted(found, key=lambda episode: (episode.active_at, episode.key)))


def identity(labels: Labels) -> Labels:
    """The labels of an alert, by those of its series."""
    return tuple(pair for pair in labels if pair[0] not in NOT_OF_THE_ALERT)


def _by_identity(alerts: Iterable[RawSeries]) -> Mapping[Labels, Mapping[str, Sequence[int]]]:
    """The times of each alert's samples, by its state."""
    found: dict[Labels, dict[str, Sequence[int]]] = {}
    for series in alerts:
        state = dict(series.labels).get("alertstate", "")
        of_state = found.setdefault(identity(series.labels), {})
        of_state[state] = sorted({*of_state[state], *series.times}) if state in of_state else series.times
    return found


def _parts(
    rule: AlertRule, of_state: Mapping[str, Sequence[int]], states: Sequence[RawSeries], heartbeat: Heartbeat
) -> Iterator[_Part]:
    """The samples of an alert, split where its ActiveAt changes."""
    firing = of_state.get("firing", ())
    times = _merged(of_state.get("pending", ()), firing)
    at = 0
    for first, last, active_at in _constant(states):
        begin, end = bisect_left(times, first, at), bisect_right(times, last, at)
        yield from _without_state(rule, times[at:begin], firing, heartbeat)
        if begin < end:
            yield _part(active_at, times[begin:end], firing, rule.interval)
        at = end
    yield from _without_state(rule, times[at:], firing, heartbeat)


def _merged(pending: Sequence[int], firing: Sequence[int]) -> Sequence[int]:
    return sorted({*pending, *firing}) if pending and firing else (pending or firing)


def _constant(states: Sequence[RawSeries]) -> Iterator[tuple[int, int, int]]:
    """The first and the last sample of each value of ALERTS_FOR_STATE, and the value in milliseconds."""
    samples: Iterable[tuple[int, float]] = (
        zip(states[0].times, states[0].values, strict=True)
        if len(states) == 1
        else sorted({*(sample for series in states for sample in zip(series.times, series.values, strict=True))})
    )
    for value, group in groupby(samples, key=itemgetter(1)):
        times = [time for time, _ in group]
        yield times[0], times[-1], round(value) * SECOND


def _without_state(
    rule: AlertRule, times: Sequence[int], firing: Sequence[int], heartbeat: Heartbeat
) -> Iterator[_Part]:
    """Parts of samples whose ActiveAt was not read: a hole ends one if an evaluation is known in it."""
    runs = runs_of(times, rule.interval)
    begin = 0
    for number, run in enumerate(runs):
        following = runs[number + 1] if number + 1 < len(runs) else None
        missed = next_evaluation(run.last, rule.interval, heartbeat)
        if following is None or (missed is not None and missed < following.first):
            first = runs[begin].first
            part = times[bisect_left(times, first) : bisect_right(times, run.last)]
            yield _part(first // SECOND * SECOND, part, firing, rule.interval)
            begin = number + 1


def _part(active_at: int, times: Sequence[int], firing: Sequence[int], interval: int) -> _Part:
    at = bisect_left(firing, times[0])
    fired_at = firing[at] if at < len(firing) and firing[at] <= times[-1] else None
    return _Part(active_at, fired_at, runs_of(times, interval))


def _of_identity(rule: AlertRule, labels: Labels, parts: Iterable[_Part], heartbeat: Heartbeat) -> list[Episode]:
    """The episodes of an alert: its parts, joined where a start of Prometheus gave them a new ActiveAt."""
    found: list[Episode] = []
    for part in parts:
        before = found[-1] if found else None
        if before is not None and _only_restarted(before, part, rule.interval, heartbeat):
            fired_at = part.fired_at if before.fired_at is None else before.fired_at
            restarts, runs = (*before.restarts, part.active_at), (*before.runs, *part.runs)
            found[-1] = replace(before, fired_at=fired_at, last=runs[-1].last, restarts=restarts, runs=runs)
        else:
            last = part.runs[-1].last
            found.append(
                Episode(
                    rule.version, rule.name, labels, part.active_at, part.fired_at, last, None, "open", runs=part.runs
                )
            )
    return found


def _only_restarted(before: Episode, part: _Part, interval: int, heartbeat: Heartbeat) -> bool:
    """Whether Prometheus stopped while the alert was there, and found it there again as soon as it could."""
    last, first = before.last, part.runs[0].first
    starts = heartbeat.starts[bisect_right(heartbeat.starts, last) : bisect_right(heartbeat.starts, first)]
    missed = next_evaluation(last, interval, heartbeat)
    if not starts or first - last > LONGEST_OUTAGE or (missed is not None and missed < starts[0]):
        return False
    for start, following in zip_longest(starts, starts[1:], fillvalue=first):
        back = first_evaluation(start, last, interval, heartbeat)
        written = next_evaluation(back + (UNWRITTEN - 1) * interval, interval, heartbeat)
        if written is not None and written < following:
            break
    return part.active_at <= back + START_SLACK * interval


def _with_end(episode: Episode, rule: AlertRule, heartbeat: Heartbeat, read: ReadSamples) -> Episode:
    kind, resolved_at = ending(episode.last, rule.interval, heartbeat, end=read.end)
    # ActiveAt is in whole seconds, so it may be a little before a read that saw all of the episode.
    cut = episode.active_at + SECOND <= read.start
    return replace(episode, end=kind, resolved_at=resolved_at, cut_start=cut)
