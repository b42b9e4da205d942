"""The HTTP APIs of Prometheus and Grafana as typed structs; fields that nobody reads are not decoded."""

from collections.abc import Sequence
from datetime import datetime
from math import nan

import msgspec

from maintainer.model.facts import Key


class Envelope(msgspec.Struct, rename="camel"):
    """What every answer of ``/api/v1`` is wrapped in; ``message`` is Kubernetes' word, where its proxy answers."""

    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    error_type: str = ""
    error: str = ""
    message: str = ""
    warnings: list[str] = []


class SeriesStruct(msgspec.Struct, gc=False):
    """One element of a vector: its labels, the time in seconds, the value as text."""

    metric: dict[str, str]
    value: tuple[float, str]


class RolloutLabels(msgspec.Struct, gc=False):
    """The labels of a Rollout's series that are not its target's."""

    namespace: str = ""
    name: str = ""
    exported_namespace: str | None = None
    exported_name: str | None = None
    strategy: str = ""
    phase: str = ""

    @property
    def key(self) -> Key:
        """The Rollout, whichever labels a target's own ones have pushed its namespace and name into."""
        namespace, name = self.exported_namespace, self.exported_name
        return self.namespace if namespace is None else namespace, self.name if name is None else name


class RawSample(msgspec.Struct, array_like=True, gc=False):
    """A sample as Prometheus stores it: seconds, and the value as text."""

    at: float
    text: str


class RolloutSeries(msgspec.Struct, gc=False):
    """A Rollout's series with its raw samples, the newest one last."""

    metric: RolloutLabels
    values: tuple[RawSample, ...]


def numbers(found: Sequence[RolloutSeries]) -> list[float]:
    """The newest value of each series; what is no number at all is NaN."""
    try:
        return [float(one.values[-1].text) for one in found]
    except ValueError:
        return [_number(one.values[-1].text) for one in found]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


class GroupLabels(msgspec.Struct, gc=False):
    """What Rollouts are grouped by; "" for a label that is not there."""

    namespace: str = ""
    name: str = ""
    exported_namespace: str = ""
    strategy: str = ""
    phase: str = ""


class RolloutGroup(msgspec.Struct, gc=False):
    """One element of an aggregation by labels of Rollouts."""

    metric: GroupLabels
    value: tuple[float, str]


class SampleStats(msgspec.Struct, rename="camel"):
    """``data.stats.samples`` of a query with ``stats=all``."""

    total_queryable_samples: int = 0


class Stats(msgspec.Struct):
    """``data.stats`` of a query."""

    samples: SampleStats | None = None


class QueryData(msgspec.Struct, rename="camel"):
    """``data`` of a query; ``result`` stays raw until its type is known."""

    result_type: str
    result: msgspec.Raw
    stats: Stats | None = None


class TargetStruct(msgspec.Struct, rename="camel"):
    """One of ``activeTargets``."""

    labels: dict[str, str]
    last_scrape: datetime
    health: str
    discovered_labels: dict[str, str] = {}
    scrape_pool: str = ""
    scrape_url: str = ""
    last_error: str = ""
    scrape_interval: str = "1m"
    scrape_timeout: str = "10s"


class TargetsData(msgspec.Struct, rename="camel"):
    """``data`` of ``/api/v1/targets``."""

    active_targets: list[TargetStruct]


class AlertmanagerStruct(msgspec.Struct):
    """One of ``activeAlertmanagers``: where alerts are posted."""

    url: str


class AlertmanagersData(msgspec.Struct, rename="camel"):
    """``data`` of ``/api/v1/alertmanagers``."""

    active_alertmanagers: list[AlertmanagerStruct]


class RuleStruct(msgspec.Struct, rename="camel"):
    """One rule; ``type`` is ``alerting`` or ``recording``, ``duration`` its ``for`` in seconds."""

    type: str
    name: str
    query: str
    health: str = "unknown"
    last_error: str = ""
    labels: dict[str, str] = {}
    duration: float = 0


class RuleGroupStruct(msgspec.Struct):
    """One rule group, ``interval`` in seconds."""

    name: str
    file: str
    rules: list[RuleStruct]
    interval: float = 0


class RulesData(msgspec.Struct):
    """``data`` of ``/api/v1/rules``."""

    groups: list[RuleGroupStruct]


class MetadataStruct(msgspec.Struct):
    """What a target says of one family."""

    type: str
    help: str = ""
    unit: str = ""


class GrafanaDashboard(msgspec.Struct):
    """One hit of a search for dashboards."""

    uid: str
