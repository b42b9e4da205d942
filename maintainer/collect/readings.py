"""One scrape of each emitting target, out of Prometheus' raw samples."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from maintainer.clients.prometheus import Prometheus
from maintainer.clients.wire import RolloutSeries
from maintainer.collect.promql import samples_at
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.facts import Key, Labels, Reading, Series, target_name
from maintainer.model.scope import Scope


def read(prometheus: Prometheus, scope: Scope, scrapes: Mapping[Labels, float]) -> tuple[Reading, ...]:
    """What each target exposed at the time of one scrape of it.

    Every family is asked for at exactly that time, so that no older sample can stand in for one that is gone: a longer
    range hides staleness markers, and a phase that changes is a new series. An engine that says when a target was
    scraped and then has nothing of that time cannot be compared with: :class:`SourceUnavailable`.
    """
    found = []
    for target, at in sorted(scrapes.items()):
        families = {
            family: prometheus.rollout_series(samples_at(family, scope, target), at=at) for family in (INFO, *GAUGES)
        }
        if not families[INFO]:
            name = target_name(dict(target))
            raise SourceUnavailable("prometheus-inexact", permanent=True, url=prometheus.url, target=name)
        found.append(_reading(target, at, families))
    return tuple(found)


def _reading(target: Labels, at: float, families: Mapping[str, Sequence[RolloutSeries]]) -> Reading:
    rows: dict[Key, list[Any]] = {}
    unreadable: set[Key] = set()
    for one in families[INFO]:
        key, labels = one.metric.key, one.metric
        row = rows.setdefault(key, [(), None, None, None, None])
        row[0] += ((labels.strategy, labels.phase),)
        if one.number != 1:
            unreadable.add(key)
    for column, family in enumerate(GAUGES, 1):
        for one in families[family]:
            key, number = one.metric.key, one.number
            row = rows.get(key) or rows.setdefault(key, [(), None, None, None, None])
            row[column] = number
            if not isfinite(number):
                unreadable.add(key)
    renamed = [one.metric for one in families[INFO] if one.metric.exported_namespace is not None]
    return Reading(
        target=target,
        at=at,
        series=_shared(rows),
        renamed=bool(renamed),
        namespace_label=renamed[0].namespace if renamed else "",
        families=frozenset(family for family in GAUGES if families[family]),
        unreadable=frozenset(unreadable),
    )


def _shared(rows: Mapping[Key, Sequence[Any]]) -> dict[Key, Series]:
    """The series of each Rollout. Most of a fleet is alike, and what is equal is kept once."""
    kept: dict[tuple[Any, ...], Series] = {}
    found = {}
    for key, row in rows.items():
        content = tuple(row)
        if content not in kept:
            kept[content] = _series(*content)
        found[key] = kept[content]
    return found


def _series(infos: tuple[tuple[str, str], ...], *gauges: float | None) -> Series:
    values = zip(GAUGES, gauges, strict=True)
    return Series(tuple(sorted(infos)), {family: value for family, value in values if value is not None})
