"""Kubernetes objects as typed structs. Fields that are not used are not declared, so they are not decoded."""

from datetime import datetime
from functools import lru_cache

import msgspec

from maintainer.clients.decoding import Moment
from maintainer.clients.pending import pending, request
from maintainer.model.facts import Condition, Rollout

INSTANCE_ID = "argo-rollouts.argoproj.io/controller-instance-id"
_PHASE_CONDITIONS = {"InvalidSpec", "Progressing"}
"""The controller computes the phase in its metrics from these conditions only."""


class _Present(msgspec.Struct, gc=False):
    """A nested object whose fields are not used, only whether it exists."""


class _Labels(msgspec.Struct, gc=False):
    instance_id: str = msgspec.field(name=INSTANCE_ID, default="")


class _Meta(msgspec.Struct, rename="camel", gc=False):
    name: str
    resource_version: str
    namespace: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: str | None = None
    labels: _Labels | None = None
    managed_fields: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    """Not decoded here, because few Rollouts need it."""


class _Strategy(msgspec.Struct, rename="camel", gc=False):
    blue_green: _Present | None = None
    canary: _Present | None = None


class _Spec(msgspec.Struct, rename="camel", gc=False):
    replicas: int | None = None
    paused: bool = False
    restart_at: str | None = None
    strategy: _Strategy | None = None


class _Condition(msgspec.Struct, gc=False, frozen=True):
    type: str
    reason: str = ""


class _Status(msgspec.Struct, rename="camel", gc=False):
    phase: str = ""
    message: str = ""
    conditions: tuple[_Condition, ...] | None = None
    replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    observed_generation: str = ""
    restarted_at: str | None = None
    abort: bool = False
    aborted_at: str | None = None
    controller_pause: bool = False
    pause_conditions: list[_Present] | None = None


class RolloutStruct(msgspec.Struct, gc=False):
    """An item of a RolloutList."""

    metadata: _Meta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class ListMeta(msgspec.Struct, gc=False):
    """The metadata of a list; ``next_page`` is the token for the next page, "" on the last one."""

    next_page: str = msgspec.field(name="continue", default="")


class RolloutPage(msgspec.Struct, gc=False):
    """A page of Rollouts."""

    metadata: ListMeta
    items: list[RolloutStruct]


class _VersionMeta(msgspec.Struct, rename="camel", gc=False):
    name: str
    resource_version: str
    namespace: str = ""


class VersionStruct(msgspec.Struct, gc=False):
    """An item of a PartialObjectMetadataList."""

    metadata: _VersionMeta


class VersionPage(msgspec.Struct, gc=False):
    """A page of a PartialObjectMetadataList."""

    metadata: ListMeta
    items: list[VersionStruct] | None
    """``None`` if the list is empty: the API server writes null there, unlike for other lists."""


class _Port(msgspec.Struct, rename="camel", gc=False):
    port: int
    name: str = ""
    target_port: int | str = ""


class _ServiceMeta(msgspec.Struct, gc=False):
    name: str
    namespace: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class _ServiceSpec(msgspec.Struct, rename="camel", gc=False):
    ports: list[_Port] = []
    cluster_ip: str = msgspec.field(name="clusterIP", default="")
    selector: dict[str, str] = {}


class ServiceStruct(msgspec.Struct, gc=False):
    """An item of a ServiceList."""

    metadata: _ServiceMeta
    spec: _ServiceSpec = msgspec.field(default_factory=_ServiceSpec)


class ServicePage(msgspec.Struct, gc=False):
    """A page of Services."""

    metadata: ListMeta
    items: list[ServiceStruct]


class _ManagedFields(msgspec.Struct, gc=False):
    time: Moment | None = None


class ContentMeta(msgspec.Struct, rename="camel", gc=False):
    """The metadata of an object that is read for its content."""

    name: str
    namespace: str = ""
    labels: dict[str, str] = {}
    managed_fields: list[_ManagedFields] = []

    @property
    def changed(self) -> datetime | None:
        """The time of the last write by ``managedFields``, or ``None`` if they have no time."""
        return max((entry.time for entry in self.managed_fields if entry.time), default=None)


class ConfigMapStruct(msgspec.Struct, gc=False):
    """A ConfigMap, without its ``binaryData``."""

    metadata: ContentMeta
    data: dict[str, str] = {}


class ConfigMapPage(msgspec.Struct, gc=False):
    """A page of ConfigMaps."""

    metadata: ListMeta
    items: list[ConfigMapStruct]


class StatusStruct(msgspec.Struct, gc=False):
    """The ``Status`` object with which the API explains a failure."""

    message: str = ""
    reason: str = ""


class PartialMetadata(msgspec.Struct, gc=False):
    """What is known of an object that cannot be read: which it is."""

    name: str
    namespace: str = ""


class PartialObject(msgspec.Struct, gc=False):
    """An object of which only the name is read."""

    metadata: PartialMetadata


class RawPage(msgspec.Struct, gc=False):
    """A page of objects that are decoded one by one."""

    metadata: ListMeta
    items: list[msgspec.Raw]


def rollout(struct: RolloutStruct) -> Rollout:
    """The facts of a Rollout. Fields that the API omits get its defaults: 0 for counts, 1 for ``spec.replicas``.

    Raises :class:`BrokenAnswer` for ``managedFields`` that are none.
    """
    meta, spec, status = struct.metadata, struct.spec, struct.status
    asked = request(
        meta.generation,
        status.observed_generation,
        abort=(status.abort, status.aborted_at is not None),
        unpausing=status.controller_pause and not status.pause_conditions,
    )
    # Positional arguments, because keyword arguments take twice as long and a cluster can have thousands of Rollouts.
    return Rollout(
        meta.namespace,
        meta.name,
        meta.resource_version,
        meta.labels.instance_id if meta.labels else "",
        meta.creation_timestamp.timestamp() if meta.creation_timestamp else 0.0,
        _strategy(spec.strategy),
        spec.paused,
        spec.restart_at is not None and spec.restart_at != status.restarted_at,
        meta.deletion_timestamp is not None,
        bool(status.observed_generation) and asked != "spec",
        1 if spec.replicas is None else spec.replicas,
        status.replicas,
        status.updated_replicas,
        status.available_replicas,
        status.phase,
        status.message,
        _phase_conditions(status.conditions or ()),
        pending(asked, meta.generation, status.observed_generation, writes=meta.managed_fields) if asked else None,
    )


@lru_cache(maxsize=256)
def _phase_conditions(conditions: tuple[_Condition, ...]) -> tuple[Condition, ...]:
    """Cached, because most Rollouts of a cluster have the same few conditions."""
    return tuple(
        Condition(condition.type, condition.reason) for condition in conditions if condition.type in _PHASE_CONDITIONS
    )


def _strategy(strategy: _Strategy | None) -> str:
    if strategy and strategy.blue_green is not None:
        return "blueGreen"
    return "canary" if strategy and strategy.canary is not None else "none"
