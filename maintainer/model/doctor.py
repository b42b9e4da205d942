"""What ``maintainer doctor`` looks at, and the rows that it concludes.

A fact that could not be read is the :class:`Unavailable` that says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from maintainer.model.drift import Deployed
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message
from maintainer.model.pipeline import ControllerState, FoundController

State = Literal["ok", "warning", "broken", "not-checked"]


class Right(NamedTuple):
    """A right of the Kubernetes API. ``namespace`` "" is the whole cluster, ``name`` "" is every object.

    ``resource`` may be a subresource, such as ``services/proxy``.
    """

    group: str
    resource: str
    verb: str
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ClusterLook:
    """What the API server said.

    ``version`` is that of Kubernetes. ``user`` is the name by which the API server knows the account of this run, "" if
    it does not tell. ``seconds`` are those that the first answer took. ``groups`` are the API groups that are served,
    of those that were asked for.
    """

    url: str
    version: str
    user: str
    seconds: float
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ControllerLook:
    """The controller in its namespace, and the other namespaces that have one, if this one has none."""

    state: ControllerState
    elsewhere: tuple[FoundController, ...] = ()


@dataclass(frozen=True, slots=True)
class PrometheusLook:
    """What answers at Prometheus' ``url``.

    ``engine`` is its name for a reader, ``version`` its own, ``evaluates``: it evaluates rules. ``keeps`` is how long
    it keeps samples, as it says itself (such as ``15d`` or ``30d or 45GiB``), "" if it does not.
    """

    url: str
    engine: str
    version: str
    evaluates: bool
    keeps: str


@dataclass(frozen=True, slots=True)
class ImpactLook:
    """What the query about users has now: so many ``results``. ``there``: a series is there that it reads."""

    results: int
    there: bool


@dataclass(frozen=True, slots=True)
class ClockLook:
    """How far a clock is ahead of that of this machine: between ``least`` and ``most`` seconds."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class StoreLook:
    """The store. ``place`` is for a reader; ``in_cluster``: it is ConfigMaps.

    ``entries`` counts those of the ledger, ``damaged`` are the documents that cannot be read. ``blocked`` is the path
    that keeps the folder from being written, "" if none does.
    """

    place: str
    in_cluster: bool
    entries: int = 0
    damaged: tuple[str, ...] = ()
    blocked: str = ""


Membership = Literal["joined", "outside", "absent", "unknown"]
"""Whether the app is in a channel, or sees it without being in it, or sees none, or may not look."""


@dataclass(frozen=True, slots=True)
class SlackLook:
    """What Slack said of the token: the name of its app in the workspace, and its scopes."""

    workspace: str
    app: str
    scopes: frozenset[str]
    membership: Membership


@dataclass(frozen=True, slots=True)
class SlackTrouble:
    """Why nothing can be posted: a ``setting`` is wrong, or Slack has ``refused``, or was not ``reached``."""

    kind: Literal["setting", "refused", "reached"]
    said: str


@dataclass(frozen=True, slots=True)
class Checkup:
    """All that was looked at. ``None`` is what was not looked at, because it is not configured or lacks another fact.

    ``granted`` says for each right that the jobs need whether the account of this run has it, ``stored`` the same of
    those that the store needs, and ``namespaced`` whether its namespace exists (``None`` also if that may not be
    asked). ``candidates`` are the Services that look like Prometheus. ``proxied``: Prometheus is reached through the
    API server. ``clocks`` are those of the servers, by the id of their row. ``others`` are the
    servers that the settings name besides, by the id of their row; their fact is their URL. ``deployed`` is what was
    deployed, with which reconcile compares. ``impact`` is what the query about users says now. ``slack`` is ``webhook``
    if that is what posts.
    """

    cluster: ClusterLook | Unavailable
    granted: Mapping[Right, bool] | Unavailable | None = None
    controller: ControllerLook | None = None
    candidates: tuple[str, ...] = ()
    proxied: bool = False
    prometheus: PrometheusLook | Unavailable | None = None
    impact: ImpactLook | Unavailable | None = None
    clocks: Mapping[str, ClockLook] = field(default_factory=dict)
    store: StoreLook | Unavailable | None = None
    stored: Mapping[Right, bool] | Unavailable | None = None
    namespaced: bool | None = None
    others: Mapping[str, str | Unavailable] = field(default_factory=dict)
    deployed: Deployed | None = None
    slack: SlackLook | SlackTrouble | Literal["webhook"] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the result.

    ``next`` is the one thing to type, "" if there is nothing to do. ``because`` is the id of the row without which this
    one could not be checked. ``rbac`` are the Kubernetes objects that give the missing rights, as YAML.
    """

    id: str
    state: State
    seen: Message
    next: str = ""
    because: str = ""
    rbac: str = ""
