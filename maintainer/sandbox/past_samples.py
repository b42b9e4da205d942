"""The samples of past days: as text for Prometheus' data folder, and as a harvest would read them."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan

from maintainer.model.alerts import MINUTE, RawSeries
from maintainer.model.facts import Labels, labels
from maintainer.sandbox.textformat import labelled

ENDED = nan
"""The last value of a series that ends: promtool writes no staleness marker, and no comparison is true of this."""


LOOKBACK = 5 * MINUTE
"""For so long a query sees the last sample of a series."""


@dataclass(frozen=True, slots=True)
class PastSamples:
    """Times in milliseconds and values of each series by its labels, ``__name__`` among them; from old to new."""

    series: dict[Labels, tuple["array[int]", "array[float]"]] = field(default_factory=dict)

    def add(self, metric: str, times: Sequence[int], value: float | Iterable[float], /, **own: str) -> None:
        """Add samples after those that the series has; one ``value`` is that of all."""
        key = labels({"__name__": metric, **own})
        known_times, known_values = self.series.setdefault(key, (array("q"), array("d")))
        known_times.extend(times)
        known_values.extend(array("d", [value]) * len(times) if isinstance(value, int | float) else value)

    def between(self, start: int, end: int, *metrics: str) -> Iterator[RawSeries]:
        """The series of these metrics with their samples of ``[start, end)``, if they have any that is finite."""
        for own, (times, values) in sorted(self.series.items()):
            if dict(own)["__name__"] in metrics:
                first, last = bisect_left(times, start), bisect_left(times, end)
                kept = [number for number in range(first, last) if isfinite(values[number])]
                if len(kept) == last - first:
                    yield RawSeries(own, times[first:last], values[first:last])
                elif kept:
                    yield RawSeries(own, [times[number] for number in kept], [values[number] for number in kept])

    def stepped(self, start: int, end: int, *metrics: str) -> Iterator[RawSeries]:
        """What a query of these metrics returns in steps of a minute of ``[start, end)``, which are full minutes."""
        for series in self.between(start - LOOKBACK, end, *metrics):
            times = range(start, end, MINUTE)
            places = [bisect_right(series.times, at) - 1 for at in times]
            seen = [(at, n) for at, n in zip(times, places, strict=True) if n >= 0 and at - series.times[n] <= LOOKBACK]
            if seen:
                yield RawSeries(series.labels, [at for at, _ in seen], [series.values[place] for _, place in seen])

    def openmetrics(self, *, since: int = 0) -> Iterator[str]:
        """The text from which promtool makes blocks, from a time on: that of each series, and the end."""
        for own, (times, values) in self.series.items():
            named = dict(own)
            sample = f"{named.pop('__name__')}{{{labelled(named)}}}"
            first = bisect_left(times, since)
            pairs = zip(times[first:], values[first:], strict=True)
            yield "".join(f"{sample} {value!r} {at / 1000!r}\n" for at, value in pairs)
        yield "# EOF\n"
