"""The series of the controller in Prometheus: of now, and of the last day."""

import re
from collections.abc import Sequence
from functools import partial

from maintainer.clients.head_statistics import head_statistics
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.cardinality import ControllerSeries, Counted, HeadStatistics, MetricSeries
from maintainer.model.contract import INFO
from maintainer.model.facts import Labels, Unavailable, target_of
from maintainer.model.matchers import matcher

DAY = "1d:1h"
"""A day, looked at once an hour: series that live for a shorter time are missed, and 24 samples are read of each."""

MOST_SERIES = 200_000
"""With more series than these, the day is not read."""

MOST_CHURNING, MOST_LABELS = 3, 20
"""Of so many metrics that churn, and of so many labels of each, the values are counted."""


def cardinality_facts(
    sources: Sources,
) -> tuple[ControllerSeries | None, HeadStatistics | None, tuple[Unavailable, ...]]:
    """The series of the controller and those of the whole server, and why the rest could not be read."""
    prometheus = sources.prometheus
    if prometheus is None:
        return None, None, tuple(why for why in sources.unavailable if why.source == "prometheus")
    read = SourceReader(sources.guard)
    controller = read("controller-series", partial(controller_series, prometheus))
    return controller, read("head-statistics", partial(head_statistics, prometheus)), read.unavailable


def controller_series(prometheus: Prometheus) -> ControllerSeries:
    """The series of all targets that have the controller's. Raises :class:`SourceUnavailable`."""
    by = "cluster, instance, job, pod"
    targets = sorted({target_of(sample.labels) for sample in prometheus.vector(f"count by ({by}) ({INFO})")})
    if not targets:
        raise SourceUnavailable("no-controller-series")
    own = ",".join(_matchers(targets))
    now = _counts(prometheus, f"count by (__name__) ({{{own}}})")
    if sum(now.values()) > MOST_SERIES:
        raise SourceUnavailable("many-controller-series", permanent=True, series=sum(now.values()), most=MOST_SERIES)
    day = _counts(prometheus, f"count by (__name__) (last_over_time({{{own}}}[{DAY}]))")
    # What lives for less than an hour, such as all of a young server, is in the present alone.
    metrics = [MetricSeries(name, now.get(name, 0), max(day.get(name, 0), now.get(name, 0))) for name in (now | day)]
    churning = sorted((metric for metric in metrics if metric.churns), key=lambda metric: -metric.day)[:MOST_CHURNING]
    values = {metric.name: _values(prometheus, f"{metric.name}{{{own}}}") for metric in churning}
    return ControllerSeries(
        metrics=tuple(
            MetricSeries(metric.name, metric.now, metric.day, values.get(metric.name, ()))
            for metric in sorted(metrics, key=lambda metric: metric.name)
        ),
        target=tuple(sorted(set.intersection(*map(set, targets)))),
        interval=_interval(prometheus, targets),
    )


def _matchers(targets: Sequence[Labels]) -> tuple[str, ...]:
    jobs = sorted({dict(target).get("job", "") for target in targets})
    instances = sorted({dict(target).get("instance", "") for target in targets})
    return tuple(
        matcher(name, "|".join(map(re.escape, values)), op="=~")
        for name, values in (("job", jobs), ("instance", instances))
    )


def _counts(prometheus: Prometheus, promql: str) -> dict[str, int]:
    samples = prometheus.vector(promql)
    return {sample.labels["__name__"]: round(sample.value) for sample in samples if "__name__" in sample.labels}


def _values(prometheus: Prometheus, selector: str) -> tuple[Counted, ...]:
    """The labels by the number of their values within the day, the most first."""
    names = sorted(prometheus.label_names(selector, at=prometheus.time(), within=86400) - {"__name__"})[:MOST_LABELS]
    found: list[Counted] = []
    for name in names:
        counted = prometheus.vector(f"count(count by ({name}) (last_over_time({selector}[{DAY}])))")
        found += [Counted(name, round(sample.value)) for sample in counted]
    return tuple(sorted(found, key=lambda each: (-each.count, each.name)))


def _interval(prometheus: Prometheus, targets: Sequence[Labels]) -> float:
    """The seconds between two scrapes of these targets, the shortest; a minute, as Prometheus has it, if not known."""
    known = [target.interval for target in prometheus.targets() if target_of(dict(target.labels)) in targets]
    return min(known, default=60.0)
