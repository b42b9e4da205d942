"""Reads a single scrape of each target from Prometheus' raw samples."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from maintainer.clients.prometheus import Prometheus
from maintainer.clients.wire import numbers
from maintainer.collect.accuracy.promql import samples_at
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.facts import Key, Labels, RolloutSeries, Scrape, target_name
from maintainer.model.scope import Scope


def read_scrapes(prometheus: Prometheus, scope: Scope, *, scrapes: Mapping[Labels, float]) -> tuple[Scrape, ...]:
    """What each target exposed in the scrape at its time in ``scrapes`` (seconds since the epoch).

    Every family is read at exactly that time. A longer range would also return series that have ended: a change of the
    phase ends a series and begins another, so a Rollout would have two phases. Raises :class:`SourceUnavailable`, also
    for a server that has no sample at a time that it reported itself.
    """
    return tuple(_scrape(prometheus, scope, target=target, at=at) for target, at in sorted(scrapes.items()))


def _scrape(prometheus: Prometheus, scope: Scope, *, target: Labels, at: float) -> Scrape:
    # To save memory, a family is added to the rows of the Rollouts before the next family is read.
    infos = prometheus.rollout_series(samples_at(INFO, scope, target=target), at=at)
    if not infos:
        name = target_name(dict(target))
        raise SourceUnavailable(
            "prometheus-inexact", permanent=True, who=prometheus.who, url=prometheus.url, target=name
        )
    rows: dict[Key, list[Any]] = defaultdict(lambda: [(), None, None, None, None])
    keys = [series.metric.key for series in infos]
    for row, info in zip(map(rows.__getitem__, keys), infos, strict=True):
        row[0] += ((info.metric.strategy, info.metric.phase),)
    unreadable = {key for key, number in zip(keys, numbers(infos), strict=True) if number != 1}
    renamed = [info.metric.namespace for info in infos if info.metric.exported_namespace is not None]
    families = set()
    for column, family in enumerate(GAUGES, 1):
        if gauge := prometheus.rollout_series(samples_at(family, scope, target=target), at=at):
            families.add(family)
        keys = [series.metric.key for series in gauge]
        for row, number in zip(map(rows.__getitem__, keys), numbers(gauge), strict=True):
            row[column] = number
    by_rollout, not_finite = _series_by_rollout(rows)
    return Scrape(
        target=target,
        at=at,
        series=by_rollout,
        renamed=bool(renamed),
        namespace_label=renamed[0] if renamed else "",
        families=frozenset(families),
        unreadable=frozenset(unreadable | not_finite),
    )


def _series_by_rollout(rows: Mapping[Key, Sequence[Any]]) -> tuple[dict[Key, RolloutSeries], set[Key]]:
    """The series of each Rollout, and the Rollouts with a value that is no finite number.

    Equal rows, which are most of a fleet, share an object to save memory.
    """
    contents = list(map(tuple, rows.values()))
    shared = {content: _series(*content) for content in set(contents)}
    not_finite = {content for content, series in shared.items() if not all(map(isfinite, series.gauges.values()))}
    return (
        dict(zip(rows, map(shared.__getitem__, contents), strict=True)),
        {key for key, content in zip(rows, contents, strict=True) if content in not_finite} if not_finite else set(),
    )


def _series(infos: tuple[tuple[str, str], ...], *gauges: float | None) -> RolloutSeries:
    values = zip(GAUGES, gauges, strict=True)
    return RolloutSeries(tuple(sorted(infos)), {family: value for family, value in values if value is not None})
