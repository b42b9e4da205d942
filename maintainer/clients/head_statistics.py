"""What Prometheus says of the series in its head: ``/api/v1/status/tsdb``."""

import msgspec

from maintainer.clients.engine import PROMETHEUS
from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.cardinality import Counted, HeadStatistics


class _Count(msgspec.Struct, gc=False):
    name: str
    value: int


class _Head(msgspec.Struct, rename="camel", gc=False):
    num_series: int = 0


class _Statistics(msgspec.Struct, rename="camel", gc=False):
    head_stats: _Head = msgspec.field(default_factory=_Head)
    series_count_by_metric_name: list[_Count] = []
    label_value_count_by_label_name: list[_Count] = []
    series_count_by_label_value_pair: list[_Count] = []


def head_statistics(prometheus: Prometheus) -> HeadStatistics:
    """The number of series, and the ten largest of each kind. Raises :class:`SourceUnavailable`.

    Other engines answer with zeros or with other numbers under this path: nothing is claimed of them.
    """
    found = prometheus.status_as("tsdb", _Statistics) if prometheus.engine == PROMETHEUS else _Statistics()
    if not found.head_stats.num_series:
        raise SourceUnavailable("no-head-statistics", permanent=True, who=prometheus.who, url=prometheus.url)
    return HeadStatistics(
        series=found.head_stats.num_series,
        metrics=_counted(found.series_count_by_metric_name),
        labels=_counted(found.label_value_count_by_label_name),
        pairs=_counted(found.series_count_by_label_value_pair),
    )


def _counted(counts: list[_Count]) -> tuple[Counted, ...]:
    return tuple(Counted(count.name, count.value) for count in counts)
