"""One scrape of each emitting target, out of Prometheus' raw samples."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite

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
    infos: dict[Key, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    unreadable: set[Key] = set()
    for series in families[INFO]:
        key, labels = series.metric.key, series.metric
        infos[key] = tuple(sorted((*infos[key], (labels.strategy, labels.phase))))
        if series.number != 1:
            unreadable.add(key)
    gauges = {family: {one.metric.key: one.number for one in families[family]} for family in GAUGES}
    for values in gauges.values():
        unreadable.update(key for key, value in values.items() if not isfinite(value))
    renamed = [one.metric for one in families[INFO] if one.metric.exported_namespace is not None]
    return Reading(
        target=target,
        at=at,
        series={
            key: Series(infos.get(key, ()), {family: values[key] for family, values in gauges.items() if key in values})
            for key in infos.keys() | {key for values in gauges.values() for key in values}
        },
        renamed=bool(renamed),
        namespace_label=renamed[0].namespace if renamed else "",
        families=frozenset(family for family, values in gauges.items() if values),
        unreadable=frozenset(unreadable),
    )
