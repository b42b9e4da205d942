"""Responses of Prometheus and Grafana as typed structs. Unused fields are not declared, so they are not decoded."""

from collections.abc import Sequence
from datetime import datetime
from math import nan

import msgspec

from maintainer.model.facts import Key


class Envelope(msgspec.Struct, rename="camel"):
    """The wrapper of every response of ``/api/v1``; ``message`` is there if the proxy of Kubernetes answers instead."""

    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    error_type: str = ""
    error: str = ""
    message: str = ""
    warnings: list[str] = []


class SeriesStruct(msgspec.Struct, gc=False):
    """An element of an instant vector: its labels, and the time in epoch seconds with the value as text."""

    metric: dict[str, str]
    value: tuple[float, str]


class RolloutLabels(msgspec.Struct, gc=False):
    """The labels of a Rollout's series that are read; ``None`` for an ``exported_`` label that it does not have."""

    namespace: str = ""
    name: str = ""
    exported_namespace: str | None = None
    exported_name: str | None = None
    strategy: str = ""
    phase: str = ""

    @property
    def key(self) -> Key:
        """Namespace and name of the Rollout.

        If the target has a label of the same name, Prometheus stores the Rollout's under ``exported_…``.
        """
        namespace, name = self.exported_namespace, self.exported_name
        return self.namespace if namespace is None else namespace, self.name if name is None else name


class RawSample(msgspec.Struct, array_like=True, gc=False):
    """A sample: the time in epoch seconds, and the value as text."""

    at: float
    text: str


class RolloutSeries(msgspec.Struct, gc=False):
    """A series of a Rollout with its sample."""

    metric: RolloutLabels
    value: RawSample


def numbers(found: Sequence[RolloutSeries]) -> list[float]:
    """The value of each series; NaN for a text that is not a number."""
    # Nearly always every text is a number, and then a call for each series would cost too much.
    try:
        return [float(series.value.text) for series in found]
    except ValueError:
        return [_number(series.value.text) for series in found]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


class GroupLabels(msgspec.Struct, gc=False):
    """The labels that Rollouts can be grouped by; "" for a label that the group does not have."""

    namespace: str = ""
    name: str = ""
    exported_namespace: str = ""
    strategy: str = ""
    phase: str = ""


class RolloutGroup(msgspec.Struct, gc=False):
    """An element of an aggregation by labels of Rollouts."""

    metric: GroupLabels
    value: tuple[float, str]


class SampleStats(msgspec.Struct, rename="camel"):
    """``data.stats.samples`` of a query with ``stats=all``."""

    total_queryable_samples: int = 0


class Stats(msgspec.Struct):
    """``data.stats`` of a query."""

    samples: SampleStats | None = None


class QueryData(msgspec.Struct, rename="camel"):
    """``data`` of a query; ``result`` is decoded later, by the caller that knows its type."""

    result_type: str
    result: msgspec.Raw
    stats: Stats | None = None


class TargetStruct(msgspec.Struct, rename="camel"):
    """An element of ``activeTargets``. VictoriaMetrics has the intervals only among the discovered labels."""

    labels: dict[str, str]
    last_scrape: datetime
    health: str
    discovered_labels: dict[str, str] = {}
    scrape_pool: str = ""
    scrape_url: str = ""
    last_error: str = ""
    scrape_interval: str | None = None
    scrape_timeout: str | None = None


class TargetsData(msgspec.Struct, rename="camel"):
    """``data`` of ``/api/v1/targets``."""

    active_targets: list[TargetStruct]


class AlertmanagerStruct(msgspec.Struct):
    """An element of ``activeAlertmanagers``; ``url`` is where alerts are posted."""

    url: str


class AlertmanagersData(msgspec.Struct, rename="camel"):
    """``data`` of ``/api/v1/alertmanagers``."""

    active_alertmanagers: list[AlertmanagerStruct]


class RuleStruct(msgspec.Struct, rename="camel"):
    """A rule; ``type`` is ``alerting`` or ``recording``, ``duration`` is its ``for`` in seconds."""

    type: str
    name: str
    query: str
    health: str = "unknown"
    last_error: str = ""
    labels: dict[str, str] = {}
    duration: float = 0


class RuleGroupStruct(msgspec.Struct):
    """A rule group; ``interval`` is in seconds."""

    name: str
    file: str
    rules: list[RuleStruct]
    interval: float = 0


class RulesData(msgspec.Struct):
    """``data`` of ``/api/v1/rules``."""

    groups: list[RuleGroupStruct]


class GrafanaDashboard(msgspec.Struct):
    """A dashboard in the results of Grafana's search."""

    uid: str
