"""Reads the samples of a day: of the alerts, of what became of Rollouts, and of the evaluations."""

from collections.abc import Mapping
from functools import partial
from math import isfinite

from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.selectors import starts
from maintainer.collect.sources import SourceReader
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import HOUR, MINUTE, RawSeries
from maintainer.model.guard import Guard
from maintainer.model.harvest import IMPACT, DaySamples, PlannedDay

START_STEP = 5 * MINUTE

Series = tuple[RawSeries, ...]


def read_day(reader: Reader, day: PlannedDay, selectors: Mapping[str, str], *, guard: Guard) -> DaySamples:
    """The series of the day by the names of the ``selectors``, and of ``starts``.

    What the plan did not count is read as well: it may have begun and ended between two times at which was counted.
    After a connection is lost, the rest is unread as well.
    """
    read = SourceReader(guard)
    found = {name: read(name, partial(_read, reader, day, name, selector)) for name, selector in selectors.items()}
    found["starts"] = read("starts", partial(_starts, reader, day, found["heartbeat"] or ()))
    series = {
        name: tuple(one for one in map(_finite, each) if one.times) for name, each in found.items() if each is not None
    }
    return DaySamples(day, series, {fact.source: fact for fact in read.unavailable})


def _read(reader: Reader, day: PlannedDay, name: str, selector: str) -> Series:
    # What the expression about users reads is much more than it answers.
    samples = 0 if name == IMPACT else day.samples.get(name, 0)
    if step := day.grids.get(name):
        return reader.grid(selector, day.begin, day.end, step=step, samples=samples)
    return reader.raw(selector, day.begin, day.end, samples=samples)


def _starts(reader: Reader, day: PlannedDay, heartbeat: Series) -> Series:
    """When the Prometheus was started whose evaluations were read; nothing where its own metrics are not scraped.

    A start is seen as a change. So an hour more is read, in which the one before is still there.
    """
    instances = sorted({(own.get("job", ""), own.get("instance", "")) for own in (dict(s.labels) for s in heartbeat)})
    found: Series = ()
    for job, instance in instances[:2]:
        try:
            found += reader.grid(starts(job, instance), day.begin - HOUR, day.end, step=START_STEP, samples=0)
        except SourceUnavailable as error:
            if not error.permanent:
                raise
    return found


def _finite(series: RawSeries) -> RawSeries:
    """The series without values that are infinite: none of these metrics has one, and no time and count can be."""
    if all(map(isfinite, series.values)):
        return series
    kept = [(at, value) for at, value in zip(series.times, series.values, strict=True) if isfinite(value)]
    return RawSeries(series.labels, [at for at, _ in kept], [value for _, value in kept])
