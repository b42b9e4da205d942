"""Reads many samples of Prometheus without hurting it: one request at a time, in pieces, with a rest after each."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf
from operator import itemgetter

from maintainer.clients.engine import REFUSALS
from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import HOUR, RawSeries
from maintainer.model.clock import Clock

PIECE = 400_000
"""The samples of a request: JSON has about 24 bytes for each, and an answer may have 24 MiB."""
MOST_STEPS = 10_000
"""Prometheus refuses a query with more than 11,000."""
LONGEST_REST = 5.0
"""Seconds."""
SHORTEST, SLOW = HOUR, 6 * HOUR
"""To what a piece is divided that is refused, and one that takes too long; in milliseconds."""
TIMED_OUT = {"timeout", "503", "504"}
"""The types of error of a server that has given a query up."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads of a server. ``copies`` are the labels that tell copies of a series apart.

    After each request the server has a rest that is as long as its answer took.
    """

    prometheus: Prometheus
    clock: Clock
    copies: tuple[str, ...] = ()

    def raw(self, selector: str, start: int, end: int, *, samples: int) -> tuple[RawSeries, ...]:
        """All samples of ``[start, end)``, in pieces by about how many ``samples`` there are.

        Raises :class:`SourceUnavailable`.
        """

        def read(first: int, last: int) -> tuple[RawSeries, ...]:
            # Prometheus 3 leaves the first moment of a range out, and Prometheus 2 does not.
            return self.prometheus.raw(selector, at=last - 1, length=last - first, without=self.copies)

        pieces = max(1, min(ceil(samples / PIECE), (end - start) // SHORTEST))
        edges = [start + (end - start) * piece // pieces for piece in range(pieces + 1)]
        return _joined((series for edge in pairwise(edges) for series in self._piece(read, *edge)), start)

    def grid(self, promql: str, start: int, end: int, *, step: int, samples: int) -> tuple[RawSeries, ...]:
        """The values of a query at the times of ``[start, end)`` in steps, in pieces as :meth:`raw`."""

        def read(first: int, last: int) -> tuple[RawSeries, ...]:
            return self.prometheus.grid(promql, start=first, end=last - step, step=step, without=self.copies)

        steps = ceil((end - start) / step)
        pieces = max(min(ceil(samples / PIECE), (end - start) // SHORTEST), ceil(steps / MOST_STEPS), 1)
        edges = [start + step * (steps * piece // pieces) for piece in range(pieces + 1)]
        return _joined((series for edge in pairwise(edges) for series in self._piece(read, *edge, step)), start)

    def _piece(
        self, read: Callable[[int, int], tuple[RawSeries, ...]], first: int, last: int, step: int = 1
    ) -> tuple[RawSeries, ...]:
        """A piece; where the server refuses it because it is too large, its halves."""
        began = self.clock.now()
        try:
            found = read(first, last)
        except SourceUnavailable as error:
            middle = first + step * ((last - first) // step // 2)
            if last - first < 2 * _smallest(error):
                raise
            self._rest(began)
            return self._piece(read, first, middle, step) + self._piece(read, middle, last, step)
        self._rest(began)
        return found

    def _rest(self, began: float) -> None:
        self.clock.sleep(min(self.clock.now() - began, LONGEST_REST))


def _smallest(error: SourceUnavailable) -> float:
    """The smallest piece to which what failed is divided: what took too long less often than what was refused."""
    if error.reason == "web-too-large" or error.params.get("kind") in REFUSALS - {"bad_data", "400"}:
        return SHORTEST
    return SLOW if error.reason == "web-timeout" or error.params.get("kind") in TIMED_OUT else inf


def _joined(pieces: Iterable[RawSeries], start: int) -> tuple[RawSeries, ...]:
    """The series from ``start`` on, where the pieces of each are one; each sample once."""
    found: dict[tuple[tuple[str, str], ...], tuple[array[int], array[float]]] = {}
    for piece in pieces:
        times, values = found.setdefault(piece.labels, (array("q"), array("d")))
        known = max(start, times[-1] + 1) if times else start
        first = bisect_left(piece.times, known)
        times.extend(piece.times[first:])
        values.extend(piece.values[first:])
    ordered = sorted(found.items(), key=itemgetter(0))
    return tuple(RawSeries(own, times, values) for own, (times, values) in ordered if times)
