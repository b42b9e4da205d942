"""Chooses the first settings by what was found: what is certain, what is offered, and what has to be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from maintainer.model.first_look import FirstLook, FirstSettings, PrometheusService, Value
from maintainer.model.message import Message, message
from maintainer.model.pipeline import Pod, Service

_METRICS_PORTS = {"metrics", "8090"}
"""What Services for the controller's metrics call their port, or the port of the pods that it leads to."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is chosen for some settings, and what has to be said of it; ``note``: also at once."""

    values: Mapping[str, Value] = field(default_factory=dict)
    offers: Mapping[str, Value] = field(default_factory=dict)
    remarks: Mapping[str, Message] = field(default_factory=dict)
    note: Message | None = None


def first_settings(look: FirstLook) -> FirstSettings:
    """The settings that follow from a first look."""
    choices = (
        _kubeconfig(look),
        _controller(look),
        _prometheus(look),
        _dashboards(look.dashboards),
        _alertmanager(look.alertmanagers),
        _releases(look.releases),
        _time_zone(look.time_zone),
    )
    reasons = dict.fromkeys(fact.reason for fact in look.unavailable)
    return FirstSettings(
        values={key: value for choice in choices for key, value in choice.values.items()},
        offers={key: value for choice in choices for key, value in choice.offers.items()},
        remarks={key: remark for choice in choices for key, remark in choice.remarks.items()},
        notes=(*(choice.note for choice in choices if choice.note), *reasons),
        complete=not look.unavailable,
    )


def _kubeconfig(look: FirstLook) -> _Choice:
    named: dict[str, Value] = {"cluster.kubeconfig": look.kubeconfig} if look.kubeconfig else {}
    others = [context for context in look.contexts if context != look.context]
    if look.context:
        remark = message("init/contexts.others", names=", ".join(others))
        return _Choice(
            {**named, "cluster.context": look.context}, remarks={"cluster.context": remark} if others else {}
        )
    if not others:
        return _Choice(named)
    remark = message("init/contexts.no-current", names=", ".join(others))
    return _Choice(named, offers={"cluster.context": others[0]}, remarks={"cluster.context": remark})


def _controller(look: FirstLook) -> _Choice:
    if look.controllers is None:
        return _not_looked("controller.namespace")
    places = {(pod.namespace, pod.instance_id): pod for pod in look.controllers}
    if not places:
        none = message("init/controller.none")
        return _Choice(remarks={"controller.namespace": none}, note=none)
    if len(places) > 1:
        names = ", ".join(f"{namespace} ({id_})" if id_ else namespace for namespace, id_ in sorted(places))
        several = message("init/controller.several", names=names)
        offers = {"controller.namespace": min(places)[0]}
        return _Choice(offers=offers, remarks={"controller.namespace": several}, note=several)
    [((namespace, id_), pod)] = places.items()
    service = _metrics_service(look.services, pod)
    return replace(service, values={"controller.namespace": namespace, "controller.instanceId": id_, **service.values})


def _metrics_service(services: Sequence[Service] | None, pod: Pod) -> _Choice:
    """The Service for the metrics of a controller with this pod."""
    key = "controller.service"
    if services is None:
        return _not_looked(key)
    names = [service.name for service in services if _leads_to(service, pod)]
    if not names:
        none = message("init/controller.no-service", namespace=pod.namespace)
        return _Choice(remarks={key: none}, note=none)
    if len(names) > 1:
        several = message("init/controller.services", namespace=pod.namespace, names=", ".join(names))
        return _Choice(offers={key: names[0]}, remarks={key: several}, note=several)
    return _Choice({key: names[0]})


def _leads_to(service: Service, pod: Pod) -> bool:
    """Whether the Service selects the pod, and has a port for metrics."""
    selects = bool(service.selector) and service.selector.items() <= pod.labels.items()
    named = {text for port in service.ports for text in (port.name, port.target)}
    return selects and service.namespace == pod.namespace and bool(named & _METRICS_PORTS)


def _prometheus(look: FirstLook) -> _Choice:
    if look.prometheus_set:
        return _Choice(remarks={"prometheus.url": message("init/prometheus.set")})
    match look.prometheus:
        case None:
            return _not_looked("prometheus.url")
        case ():
            none = message("init/prometheus.none")
            return _Choice(remarks={"prometheus.url": none}, note=none)
        case (PrometheusService(service, url),) if look.inside:
            return _Choice({"prometheus.url": url}, remarks={"prometheus.url": message("init/found", name=service)})
        case (PrometheusService(service, url),):
            remark = message("init/prometheus.outside", url=url)
            return _Choice({"prometheus.service": service}, remarks={"prometheus.service": remark})
        case several:
            names = ", ".join(found.service for found in several)
            many = message("init/prometheus.several", names=names)
            offers = {"prometheus.service": several[0].service}
            return _Choice(offers=offers, remarks={"prometheus.service": many}, note=many)


def _dashboards(found: tuple[str, ...] | None) -> _Choice:
    if found is None:
        return _not_looked("grafana.dashboards")
    if not found:
        return _Choice(remarks={"grafana.dashboards": message("init/dashboards.none")})
    return _Choice({"grafana.dashboards": found})


def _alertmanager(found: tuple[str, ...] | None) -> _Choice:
    if not found:
        return _Choice()
    return _Choice(remarks={"alertmanager.url": message("init/alertmanager", names=", ".join(found))})


def _releases(found: tuple[str, ...] | None) -> _Choice:
    """With what reconcile compares; the default names the releases of the charts."""
    if found is None:
        return _not_looked("desired.helmReleases")
    if not found:
        return _Choice(remarks={"desired.helmReleases": message("init/releases.none")})
    return _Choice({"desired.helmReleases": found}, remarks={"desired.helmReleases": message("init/releases")})


def _time_zone(name: str) -> _Choice:
    if not name:
        return _Choice(remarks={"schedule.timeZone": message("init/time-zone.unknown")})
    return _Choice({"schedule.timeZone": name}, remarks={"schedule.timeZone": message("init/time-zone")})


def _not_looked(key: str) -> _Choice:
    return _Choice(remarks={key: message("init/not-looked")})
