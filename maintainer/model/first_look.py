"""What is found before there are settings, and the settings that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.model.facts import Unavailable
from maintainer.model.message import Message
from maintainer.model.pipeline import Pod, Service

Value = str | tuple[str, ...]
"""The value of a setting that can be found."""


@dataclass(frozen=True, slots=True)
class PrometheusService:
    """A Service that looks like Prometheus: as ``prometheus.service`` names it, and its URL for pods of the cluster."""

    service: str
    url: str


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What is known of this machine and of a cluster before there are settings.

    ``context`` is the one that was used, "" if there is none, as in a pod; ``contexts`` are all of the ``kubeconfig``,
    which is "" unless somebody has named it. ``inside`` says that this process runs in a pod of the cluster.

    ``prometheus``, ``controllers``, ``services``, ``dashboards`` (namespace/name of ConfigMaps) and ``alertmanagers``
    (of Services) are ``None`` if they could not be listed, and ``unavailable`` says why. ``releases`` are the Helm
    releases (namespace/name) that have deployed Services of the monitoring. ``prometheus_set``: the
    environment says where Prometheus is, so it was not looked for. ``time_zone`` is "" if it is not known.
    """

    kubeconfig: str = ""
    contexts: tuple[str, ...] = ()
    context: str = ""
    inside: bool = False
    prometheus_set: bool = False
    prometheus: tuple[PrometheusService, ...] | None = None
    controllers: tuple[Pod, ...] | None = None
    services: tuple[Service, ...] | None = None
    dashboards: tuple[str, ...] | None = None
    alertmanagers: tuple[str, ...] | None = None
    releases: tuple[str, ...] | None = None
    time_zone: str = ""
    unavailable: tuple[Unavailable, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstSettings:
    """Settings by their dotted keys, such as ``prometheus.service``.

    ``values`` are certain, ``offers`` are the first of several that are possible. ``remarks`` say at a key what was
    found there. ``notes`` are what the user has to know at once, ``complete`` is false if something could not be read.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    offers: Mapping[str, Value] = field(default_factory=dict)
    remarks: Mapping[str, Message] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    complete: bool = True
