"""One scrape of each emitting target, out of Prometheus' raw samples."""

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


def read_scrapes(prometheus: Prometheus, scope: Scope, scrapes: Mapping[Labels, float]) -> tuple[Scrape, ...]:
    """What each target exposed at the time of one scrape of it.

    Every family is asked for at exactly that time, so that no older sample can stand in for one that is gone: a longer
    range hides staleness markers, and a phase that changes is a new series. An engine that says when a target was
    scraped and then has nothing of that time cannot be compared with: :class:`SourceUnavailable`.
    """
    return tuple(_scrape(prometheus, scope, target, at) for target, at in sorted(scrapes.items()))


def _scrape(prometheus: Prometheus, scope: Scope, target: Labels, at: float) -> Scrape:
    """Each family is put into the rows of the Rollouts before the next one is asked for."""
    infos = prometheus.rollout_series(samples_at(INFO, scope, target), at=at)
    if not infos:
        name = target_name(dict(target))
        raise SourceUnavailable("prometheus-inexact", permanent=True, url=prometheus.url, target=name)
    rows: dict[Key, list[Any]] = defaultdict(lambda: [(), None, None, None, None])
    keys = [one.metric.key for one in infos]
    for row, one in zip(map(rows.__getitem__, keys), infos, strict=True):
        row[0] += ((one.metric.strategy, one.metric.phase),)
    unreadable = {key for key, number in zip(keys, numbers(infos), strict=True) if number != 1}
    renamed = [one.metric.namespace for one in infos if one.metric.exported_namespace is not None]
    families = set()
    for column, family in enumerate(GAUGES, 1):
        if found := prometheus.rollout_series(samples_at(family, scope, target), at=at):
            families.add(family)
        keys = [one.metric.key for one in found]
        for row, number in zip(map(rows.__getitem__, keys), numbers(found), strict=True):
            row[column] = number
    series, broken = _shared(rows)
    return Scrape(
        target=target,
        at=at,
        series=series,
        renamed=bool(renamed),
        namespace_label=renamed[0] if renamed else "",
        families=frozenset(families),
        unreadable=frozenset(unreadable | broken),
    )


def _shared(rows: Mapping[Key, Sequence[Any]]) -> tuple[dict[Key, RolloutSeries], set[Key]]:
    """The series of each Rollout, and which have a value that is no finite number.

    Most of a fleet is alike, and what is equal is kept once.
    """
    contents = list(map(tuple, rows.values()))
    kept = {content: _series(*content) for content in set(contents)}
    broken = {content for content, one in kept.items() if not all(map(isfinite, one.gauges.values()))}
    return (
        dict(zip(rows, map(kept.__getitem__, contents), strict=True)),
        {key for key, content in zip(rows, contents, strict=True) if content in broken} if broken else set(),
    )


def _series(infos: tuple[tuple[str, str], ...], *gauges: float | None) -> RolloutSeries:
    values = zip(GAUGES, gauges, strict=True)
    return RolloutSeries(tuple(sorted(infos)), {family: value for family, value in values if value is not None})
