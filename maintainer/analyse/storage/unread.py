"""The families of the controller that nothing reads, and how to drop them before they are stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maintainer.model.cardinality import ControllerSeries, MetricSeries
from maintainer.model.contract import GAUGES, INFO, families

READ_HERE = frozenset((
    INFO, *GAUGES, "rollout_reconcile", "rollout_reconcile_error", "rollout_events_total",
    "argo_rollouts_controller_info", "process_start_time_seconds",
))  # fmt: skip
"""The families that jobs of this program read. Without these, what they check would become gaps."""

WORTH_SERIES, WORTH_SHARE = 100, 0.02
"""A family with fewer series, or a smaller share of the controller's, is not worth a line of configuration."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A family that nothing reads: the names of its metrics, and the number of its series."""

    family: str
    metrics: tuple[str, ...]
    series: int


def unread(controller: ControllerSeries) -> tuple[Unread, ...]:
    """The families that nothing reads and that are worth dropping, the largest first.

    None of a family is dropped if one of its metrics is read: a histogram without its buckets misleads. If rules or
    dashboards could not be read, nothing is known to be unread.
    """
    if controller.readers is None:
        return ()
    readers, all_series = controller.readers, sum(metric.now for metric in controller.metrics)
    found = [
        Unread(name, tuple(sorted(metric.name for metric in metrics)), sum(metric.now for metric in metrics))
        for name, metrics in by_family(controller.metrics).items()
        if name in families() and name not in READ_HERE and not any(readers.get(metric.name) for metric in metrics)
    ]
    worth = [one for one in found if one.series >= max(WORTH_SERIES, WORTH_SHARE * all_series)]
    return tuple(sorted(worth, key=lambda one: (-one.series, one.family)))


def by_family(metrics: Iterable[MetricSeries]) -> Mapping[str, tuple[MetricSeries, ...]]:
    """The metrics of each family; a metric that the contract does not know is a family of its own."""
    family_of = {series: family.name for family in families().values() for series in (*family.series, family.name)}
    found: dict[str, list[MetricSeries]] = {}
    for metric in metrics:
        found.setdefault(family_of.get(metric.name, metric.name), []).append(metric)
    return {name: tuple(members) for name, members in found.items()}


def bytes_a_day(series: int, *, interval: float, sample: float) -> float:
    """The bytes of the samples of so many series in a day: each has a sample per ``interval`` seconds."""
    return series * 86400 / interval * sample


def dropping(unread_families: Iterable[Unread]) -> str:
    """The lines of a scrape job that drop these families: Prometheus anchors the expression at both ends."""
    names = [name for family in unread_families for name in family.metrics]
    rule = ("source_labels: [__name__]", f"  regex: {'|'.join(names)}", "  action: drop")
    return "\n".join(("metric_relabel_configs:", f"  - {rule[0]}", *(f"  {line}" for line in rule[1:])))
