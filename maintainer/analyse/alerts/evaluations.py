"""When the rules were evaluated on a day, and how much of each hour that covers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from maintainer.analyse.alerts.day_outcomes import spacing
from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import HOUR, AlertRule, Heartbeat, HourCoverage, RawSeries, Run
from maintainer.model.harvest import DaySamples

WATCHDOG = "Watchdog"


def heartbeats(read: DaySamples, rules: Iterable[AlertRule], *, same_server: bool) -> Mapping[str, Heartbeat]:
    """By group of the rules (its name), when it is known to have been evaluated.

    Prometheus' own metrics tell it, else the alert Watchdog, else that it has scraped the controller at all, unless
    another server evaluates the rules (``same_server`` is false). A group of which nothing is known is left out.
    """
    starts = tuple(sorted(_starts(read.series.get("starts", ()))))
    own = _by_group(read.series.get("heartbeat", ()))
    every = _of_watchdog(read.series.get("alerts", ()))
    scraped = _of_scrapes(read) if same_server else ()
    found: dict[str, Heartbeat] = {}
    for rule in rules:
        series = own.get(f"{rule.file};{rule.group}", ())
        runs = _evaluations(series, rule.interval) or every or scraped
        if runs:
            found.setdefault(rule.group, Heartbeat(runs, starts))
    return found


def hour_coverage(heartbeat: Mapping[str, Heartbeat], start: int, end: int) -> tuple[HourCoverage, ...]:
    """By group and hour of ``[start, end)`` the share that is covered by the evaluations, and the starts."""
    return tuple(
        HourCoverage(
            hour,
            round(sum(_common(run, hour, hour + HOUR) for run in beat.runs) / HOUR, 3),
            tuple(at for at in beat.starts if hour <= at < hour + HOUR),
            group,
            holes=tuple(_holes(beat.runs, hour)) if beat.runs else (),
        )
        for group, beat in sorted(heartbeat.items())
        for hour in range(start, end, HOUR)
    )


def _holes(runs: Sequence[Run], hour: int) -> Iterator[Run]:
    """The times of an hour that are in no run, both ends inclusive."""
    known, end = hour, hour + HOUR
    for run in runs:
        if known < min(run.first, end):
            yield Run(known, min(run.first, end) - 1)
        known = max(known, run.last + 1)
    if known < end:
        yield Run(known, end - 1)


def _common(run: Run, start: int, end: int) -> int:
    return max(0, min(run.last, end) - max(run.first, start))


def _by_group(series: Iterable[RawSeries]) -> Mapping[str, tuple[RawSeries, ...]]:
    found: dict[str, tuple[RawSeries, ...]] = {}
    for each in series:
        group = dict(each.labels).get("rule_group", "")
        found[group] = (*found.get(group, ()), each)
    return found


def _evaluations(series: Sequence[RawSeries], interval: int) -> tuple[Run, ...]:
    """The runs of evaluations by the values of the metric, which are their times.

    Where Prometheus scrapes itself less often than it evaluates the group, it is known by each scrape only that the
    evaluations went on.
    """
    times = sorted({round(value * 1000) for each in series for value in each.values if value > 0})
    return runs_of(times, max(interval, spacing(series, interval)))


def _of_watchdog(alerts: Iterable[RawSeries]) -> tuple[Run, ...]:
    own = [series for series in alerts if ("alertname", WATCHDOG) in series.labels]
    own = [series for series in own if ("__name__", "ALERTS") in series.labels]
    return runs_of(sorted({at for series in own for at in series.times}), spacing(own))


def _of_scrapes(read: DaySamples) -> tuple[Run, ...]:
    times = sorted({at for series in read.series.get("replicas", ()) for at in series.times})
    return runs_of(times, read.day.grids.get("replicas", 0)) if times else ()


def _starts(series: Iterable[RawSeries]) -> set[int]:
    """The starts that were seen in the time that was read; the one before it is none."""
    found: set[int] = set()
    for each in series:
        for earlier, later in pairwise(each.values):
            if later != earlier:
                found.add(round(later * 1000))
        if each.values and each.times[0] - each.values[0] * 1000 < HOUR:
            found.add(round(each.values[0] * 1000))
    return found
