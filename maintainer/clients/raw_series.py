"""Decodes the samples of many series into arrays: as objects they would take ten times as much memory."""

from array import array
from collections.abc import Collection
from math import isnan
from operator import itemgetter
from typing import NamedTuple

import msgspec

from maintainer.clients.decoding import decoded
from maintainer.model.alerts import RawSeries
from maintainer.model.facts import Labels, labels


class _Series(msgspec.Struct, gc=False):
    """A series of a matrix, of which the samples are not decoded yet."""

    metric: dict[str, str]
    values: msgspec.Raw


class _Samples(NamedTuple):
    times: "array[int]"
    values: "array[float]"


def raw_series(result: msgspec.Raw, *, without: Collection[str] = ()) -> tuple[RawSeries, ...]:
    """The series of a matrix, from old to new, without samples that are no number.

    The labels ``without`` tell copies of a series apart: their samples are those of one series. Raises ``BrokenAnswer``
    and ``ValueError``.
    """
    found: dict[Labels, _Samples] = {}
    for series in decoded(result, list[_Series]):
        own = labels({name: value for name, value in series.metric.items() if name not in without})
        samples = _samples(series.values)
        found[own] = _both(found[own], samples) if own in found else samples
    return tuple(RawSeries(own, *found[own]) for own in sorted(found))


def _samples(values: msgspec.Raw) -> "_Samples":
    samples = _Samples(array("q"), array("d"))
    for at, text in decoded(values, list[tuple[float, str]]):
        number = float(text)
        if not isnan(number):
            samples.times.append(round(at * 1000))
            samples.values.append(number)
    return samples


def _both(one: "_Samples", other: "_Samples") -> "_Samples":
    """The samples of both, of each time one."""
    merged = sorted({**dict(zip(*other, strict=True)), **dict(zip(*one, strict=True))}.items())
    return _Samples(array("q", map(itemgetter(0), merged)), array("d", map(itemgetter(1), merged)))
