"""How many series Prometheus has, of which metrics, and who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.model.facts import Labels

CHURN_TIMES, CHURN_SERIES = 3, 500


@dataclass(frozen=True, slots=True)
class Counted:
    """A metric, a label or a pair of both in Prometheus' own statistics, and its count."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class HeadStatistics:
    """What ``/api/v1/status/tsdb`` says of the head: its ``series``, and the largest of each kind.

    ``labels`` are counted by their values, ``pairs`` (``label=value``) and ``metrics`` by their series.
    """

    series: int
    metrics: tuple[Counted, ...] = ()
    labels: tuple[Counted, ...] = ()
    pairs: tuple[Counted, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """The series of a metric of the controller: those of ``now``, and all that were there within the last day.

    ``values`` are the values that each label had within the day; they are asked for only where the series change.
    """

    name: str
    now: int
    day: int
    values: tuple[Counted, ...] = ()

    @property
    def churns(self) -> bool:
        """Whether far more series were there within the day than are there now; a restart makes twice as many."""
        return self.day - self.now >= CHURN_SERIES and self.day >= CHURN_TIMES * self.now


@dataclass(frozen=True, slots=True)
class ControllerSeries:
    """The metrics of the controller's targets in Prometheus.

    ``target`` are the labels that all of them have, ``interval`` is that of the scrapes in seconds. ``readers`` are the
    rules and panels that read a metric; ``None`` if rules or dashboards could not be read.
    """

    metrics: tuple[MetricSeries, ...]
    target: Labels
    interval: float
    readers: Mapping[str, tuple[str, ...]] | None = field(default_factory=dict)
