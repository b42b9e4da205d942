"""Plans a harvest: one request counts what there is to read of all days, at a few times of each."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from maintainer.collect.alerts.reading import MOST_STEPS, PIECE, Reader
from maintainer.collect.alerts.selectors import counts
from maintainer.model.alerts import HOUR, MINUTE, AlertRule, RawSeries
from maintainer.model.facts import Cost
from maintainer.model.harvest import GRIDS, IMPACT, MOST_IMPACT, HarvestPlan, ImpactQuery, PlannedDay

_LOG = logging.getLogger("maintainer")

STEP = 30 * MINUTE
MOST = {"replicas": 600_000, "events": 300_000, "notified": 6_000}
"""The most samples of a day that are read in steps."""
_USUAL = 30_000
"""Milliseconds between two samples where no rule tells."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: the ``selectors`` by name, for these ``rules``.

    So many of the rules are replayed on each day, and on the newest day ``replays_of_newest``. ``impact`` is ``None``
    if nobody asks for it.
    """

    rules: tuple[AlertRule, ...]
    selectors: Mapping[str, str]
    replays: int = 0
    replays_of_newest: int = 0
    impact: ImpactQuery | None = None

    @property
    def counted(self) -> Mapping[str, str]:
        """All selectors whose series are counted, by name."""
        reads = self.impact.reads if self.impact else ()
        return {**self.selectors, **{f"{IMPACT}.{number}": read.selector for number, read in enumerate(reads)}}

    def asked_on(self, day: PlannedDay) -> Mapping[str, str]:
        """What is read of a day, by name. What may fail for a reason of its own comes first: a server that is lost
        then costs what follows as well, and the day is read again.
        """
        own = {IMPACT: self.impact.promql} if self.impact and day.grids.get(IMPACT) else {}
        return {**own, **self.selectors}

    @property
    def interval(self) -> int:
        """About the milliseconds between two samples: a rule is rarely evaluated at another pace than is scraped."""
        return min((rule.interval for rule in self.rules if rule.interval), default=_USUAL)


def harvest_plan(reader: Reader, wanted: Wanted, days: Sequence[tuple[int, int]], *, most: int) -> HarvestPlan:
    """What reading these days (start, end) costs, the oldest first: only so many as have at most ``most`` samples.

    Raises :class:`SourceUnavailable`.
    """
    if not days:
        return HarvestPlan()
    begin, end = days[0][0] - HOUR, days[-1][1]
    step = STEP * ceil((end - begin) / STEP / MOST_STEPS)
    counted = reader.prometheus.grid(counts(wanted.counted), start=begin, end=end - 1, step=step)
    planned = [_planned(PlannedDay(*day), counted, wanted, step=step) for day in days]
    # At the start of a day, samples of before are still seen.
    seen = {at for series in counted if not _of_users(series) for at in series.times}
    there = [day for day in planned if any(day.start < at < day.end for at in seen)]
    chosen: list[PlannedDay] = []
    for day in there:
        if sum(each.total for each in (*chosen, day)) > most:
            break
        chosen.append(day)
    return HarvestPlan(
        days=tuple(chosen),
        gone=tuple(day for day in planned if day not in there),
        left=tuple(there[len(chosen) :]),
        requests=sum(map(_requests, chosen)),
        samples=sum(day.total for day in chosen),
        replays=sum(wanted.replays_of_newest if day == planned[-1] else wanted.replays for day in chosen),
    )


def log_plan(plan: HarvestPlan) -> None:
    """Log what will be read."""
    _LOG.info(
        "harvest: the plan is %d days, about %d requests and %d samples, and %d replays of rules; "
        "%d days are left, of %d is nothing there",
        len(plan.days),
        plan.requests,
        plan.samples,
        plan.replays,
        len(plan.left),
        len(plan.gone),
    )


def log_read(days: int, planned: int, cost: Cost, *, before: Cost) -> None:
    """Log what was read since the cost was ``before``."""
    requests, samples = cost.requests - before.requests, cost.samples - before.samples
    _LOG.info("harvest: read %d of %d days with %d requests and %d samples", days, planned, requests, samples)


def log_not_replayed(alert: str) -> None:
    """Log that a rule is not replayed, because even an hour of it would read too much, or it cannot be parsed."""
    _LOG.info("harvest: %s is not replayed: an hour of it would read more samples than are left for it", alert)


def _planned(day: PlannedDay, counted: Sequence[RawSeries], wanted: Wanted, *, step: int) -> PlannedDay:
    """The day with about how many samples it has of each kind; series were counted each ``step`` milliseconds."""
    samples: dict[str, int] = {}
    grids = dict.fromkeys(MOST, GRIDS[0])
    for series in counted:
        read = dict(series.labels)["read"]
        own = _on(day, series)
        if not own or _of_users(series):
            continue
        if read in MOST:
            grids[read] = _grid(day, max(own), MOST[read])
            samples[read] = round(sum(own) * step / grids[read])
        else:
            samples[read] = round(sum(own) * step / wanted.interval)
    planned = replace(day, samples=samples, grids=grids)
    return _with_impact(planned, [series for series in counted if _of_users(series)], wanted.impact)


def _with_impact(day: PlannedDay, counted: Iterable[RawSeries], impact: ImpactQuery | None) -> PlannedDay:
    """The day with what the expression about users reads, whose series were counted one selector after another."""
    if impact is None:
        return day
    by_place = {
        dict(series.labels)["read"].rpartition(".")[2]: max(_on(day, series), default=0.0) for series in counted
    }
    each = sum(by_place.get(str(place), 0.0) * read.samples for place, read in enumerate(impact.reads))
    step = _grid(day, each, MOST_IMPACT)
    samples = round(each * (day.end - day.begin) / step)
    if samples > MOST_IMPACT:
        step = samples = 0
    return replace(day, samples={**day.samples, IMPACT: samples}, grids={**day.grids, IMPACT: step})


def _of_users(series: RawSeries) -> bool:
    return dict(series.labels)["read"].startswith(f"{IMPACT}.")


def _on(day: PlannedDay, series: RawSeries) -> list[float]:
    """The values of a day."""
    return [value for at, value in zip(series.times, series.values, strict=True) if day.begin <= at < day.end]


def _grid(day: PlannedDay, series: float, most: int) -> int:
    """The finest step in which so many series have at most ``most`` samples."""
    length = day.end - day.begin
    return next((step for step in GRIDS if series * length / step <= most), GRIDS[-1])


def _requests(day: PlannedDay) -> int:
    """The requests of a day; one more for the starts of Prometheus, and one for the users, whatever it reads."""
    returned = (samples for name, samples in day.samples.items() if name != IMPACT)
    asks = ("heartbeat" in day.samples) + bool(day.grids.get(IMPACT))
    return sum(ceil(samples / PIECE) for samples in returned) + asks
