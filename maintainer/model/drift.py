"""Drift: what was deployed, what the cluster stores, what Prometheus has loaded, and in what these differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from maintainer.model.facts import Unavailable
from maintainer.model.message import Message
from maintainer.model.report import Json, Severity, Subject

Content = Mapping[str, Json]
"""An object as the API server or a manifest has it, without ``metadata.managedFields``."""
Path = tuple[str | int, ...]
"""Where a value stands in an object: keys and indexes from the top. In a list whose items have a name, such as alerts,
scrape jobs and panels, an item's step is ``name=VALUE``, for example ``alert=RolloutAborted``, and not its index; the
second one of that name is ``alert=RolloutAborted#2``."""

Operation = Literal["Apply", "Update"]
Layer = Literal["stored", "loaded"]


@dataclass(frozen=True, slots=True, order=True)
class ObjectId:
    """Which object: ``namespace`` is "" for an object of the cluster."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def subject(self) -> Subject:
        """It as the subject of a finding."""
        return Subject(self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A revision of a Helm release. ``status`` is Helm's word, ``error`` what Helm says of a failed one."""

    namespace: str
    name: str
    revision: int
    status: str = "deployed"
    error: str = ""
    applied: Operation = "Apply"


@dataclass(frozen=True, slots=True)
class DesiredObject:
    """An object as it was deployed: by a Helm release, or ``None`` if the manifest is of a file.

    ``origin`` is where the content was read, in words that a person can look up: a release's revision, or a path.
    """

    id: ObjectId
    content: Content
    origin: str
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class FieldManager:
    """An entry of ``metadata.managedFields``. ``fields`` is its ``fieldsV1``."""

    name: str
    operation: Operation
    time: datetime | None
    fields: Content = field(default_factory=dict)
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the cluster stores it."""

    id: ObjectId
    content: Content
    version: str
    managers: tuple[FieldManager, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedConfiguration:
    """What one Prometheus server has loaded.

    ``config`` is the text of ``/api/v1/status/config``, ``rules`` the groups of ``/api/v1/rules``, ``flags`` those of
    ``/api/v1/status/flags``, ``retention`` what ``/api/v1/status/runtimeinfo`` says. ``None``: it could not be read.
    ``pools`` are the scrape jobs that run, also ``None`` if the server cannot say.
    ``pod`` is its pod as namespace/name where several are behind its Service, else "". ``server`` is then the URL of
    the API server's proxy to that pod, where a reader reaches it too. It need not have rules unless it ``evaluates``
    them, and no scrape jobs unless it ``scrapes``.
    """

    server: str
    config: str | None = None
    rules: Sequence[Content] | None = None
    flags: Mapping[str, str] | None = None
    retention: str | None = None
    loaded_at: datetime | None = None
    version: str = ""
    pools: frozenset[str] | None = None
    pod: str = ""
    scrapes: bool = True
    evaluates: bool = True

    @property
    def name(self) -> str:
        """What it is called in a report."""
        return self.pod or self.server


@dataclass(frozen=True, slots=True)
class DashboardCopy:
    """What Grafana itself has of a dashboard that an object holds under a ``key``.

    ``text`` is its JSON, ``None`` if Grafana has none with this ``uid``. ``url`` is Grafana's. ``author`` is who saved
    it last, at ``time``. ``provisioned``: Grafana takes it from a file.
    """

    holder: ObjectId
    key: str
    uid: str
    url: str
    text: str | None
    author: str = ""
    time: datetime | None = None
    provisioned: bool = False

    @property
    def page(self) -> str:
        """The URL of the dashboard for a person."""
        return f"{self.url}/d/{self.uid}"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between what was deployed and what is there.

    ``what``: something with a name, such as an alert, a scrape job, a panel, a key or a rule of a role, is ``missing``
    or ``extra``; anything else is ``changed``. ``desired`` or ``live`` is ``None`` where that side has nothing.
    ``manager`` and ``time`` are of the last writer of the place, as far as ``managedFields`` has them: who removed a
    field is not among them. ``key`` is the key of the ConfigMap in whose value the path stands, "" outside of one.
    ``means`` says what follows for the monitoring, where that is known.
    """

    what: Literal["missing", "changed", "extra"]
    path: Path
    desired: Json
    live: Json
    severity: Severity = "warning"
    key: str = ""
    manager: str = ""
    time: datetime | None = None
    means: Message | None = None

    @property
    def place(self) -> str:
        """The path as a text, behind the key in whose value it stands."""
        steps = "/".join(map(str, self.path))
        return f"{self.key}: {steps}" if self.key else steps


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """The newest revision of a Helm release, and the newest with the status ``deployed``, ``None`` if there is none."""

    newest: Release
    deployed: Release | None


@dataclass(frozen=True, slots=True)
class Deployed:
    """All that was deployed, once for each object, and what of it could not be read.

    Workloads are among it for the retention in their arguments alone.
    """

    objects: tuple[DesiredObject, ...] = ()
    releases: tuple[ReleaseState, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftFacts:
    """The three layers, and Grafana's own copies of the dashboards that were deployed, where Grafana can be asked.

    ``stored`` has ``None`` for an object that does not exist, and lacks those not read.
    """

    deployed: Deployed
    stored: Mapping[ObjectId, StoredObject | None]
    loaded: tuple[LoadedConfiguration, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    copies: tuple[DashboardCopy, ...] = ()
