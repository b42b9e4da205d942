"""Responses of Prometheus and Grafana as typed structs. Unused fields are not declared, so they are not decoded."""

from collections.abc import Sequence
from functools import cache
from math import nan
from typing import Any

import msgspec

from maintainer.clients.decoding import Moment
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


class RawSample(msgspec.Struct, array_like=True, gc=False):
    """A sample: the time in epoch seconds, and the value as text."""

    at: float
    text: str


class RangeStruct(msgspec.Struct, gc=False):
    """A series of a range query."""

    values: list[RawSample]


class RolloutSeries(msgspec.Struct, gc=False):
    """A series of a Rollout with its sample."""

    metric: RolloutLabels
    value: RawSample


@cache
def series_with(label: str) -> Any:
    """The type of a list of :class:`RolloutSeries` whose Rollout's namespace is in this label.

    A label of another name than those of :class:`RolloutLabels` is decoded in the place of ``exported_namespace``.
    """
    if label in {"namespace", "exported_namespace"}:
        return list[RolloutSeries]
    held = ("exported_namespace", str | None, msgspec.field(name=label, default=None))
    metric = msgspec.defstruct("RolloutLabels", [held], bases=(RolloutLabels,), gc=False)
    series = msgspec.defstruct("RolloutSeries", [("metric", metric)], bases=(RolloutSeries,), gc=False)
    return list[series]  # type: ignore[valid-type]  # made at run time


def keys(found: Sequence[RolloutSeries], label: str) -> list[Key]:
    """Namespace and name of each series' Rollout; ``label`` is the label that holds the namespace.

    If the target has a label ``name`` too, Prometheus stores the Rollout's under ``exported_name``.
    """
    metrics = [series.metric for series in found]
    names = [metric.name if metric.exported_name is None else metric.exported_name for metric in metrics]
    if label == "namespace":
        return [(metric.namespace, name) for metric, name in zip(metrics, names, strict=True)]
    held = [metric.exported_namespace for metric in metrics]
    return [
        (metric.namespace if value is None else value, name)
        for metric, value, name in zip(metrics, held, names, strict=True)
    ]


class LabelledSeries(msgspec.Struct):
    """A series with all its labels."""

    metric: dict[str, str]


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


@cache
def groups_with(by: tuple[str, ...]) -> Any:
    """The type of an aggregation ``by`` these labels, a list: each ``metric`` has them in order as ``label0`` …

    A label that the group does not have is "".
    """
    held = [(f"label{number}", str, msgspec.field(name=label, default="")) for number, label in enumerate(by)]
    metric = msgspec.defstruct("GroupLabels", held, gc=False)
    group = msgspec.defstruct("RolloutGroup", [("metric", metric), ("value", tuple[float, str])], gc=False)
    return list[group]  # type: ignore[valid-type]  # made at run time


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
    last_scrape: Moment
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
    """A rule; ``type`` is ``alerting`` or ``recording``.

    ``duration`` is its ``for`` and ``keep_firing_for`` what it is called, in seconds.
    """

    type: str
    name: str
    query: str
    health: str = "unknown"
    last_error: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    duration: float = 0
    keep_firing_for: float = 0


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
