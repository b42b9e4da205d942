"""Why a monitor that is selected does not lead to the controller's metrics: where it looks, for what, at which port."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from maintainer.analyse.pipeline.selection import Reason, label_changes, label_words, patch, relabel
from maintainer.analyse.reproduce import Access
from maintainer.model.message import Message, message
from maintainer.model.operator_objects import Monitor, MonitorEndpoint
from maintainer.model.pipeline import Pod, Port, Service

PATH = "/metrics"
_METRICS, _NUMBER = "metrics", "8090"
"""How Argo Rollouts' own manifests name and number the port of the metrics."""
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
"""A port's name. The operator takes it for a regular expression, so any other text may match more names."""
_IDENTIFYING = ("app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/instance", "app", "k8s-app")
"""Labels that tell an application from others and stay the same when it is upgraded."""


@dataclass(frozen=True, slots=True)
class Controller:
    """The controller's Services and its pods, in its namespace."""

    namespace: str
    services: tuple[Service, ...]
    pods: tuple[Pod, ...]

    def picked(self, monitor: Monitor) -> Sequence[Service | Pod]:
        """The controller's Services that a ServiceMonitor's selector matches, or the pods for a PodMonitor."""
        candidates = self.services if monitor.kind == "ServiceMonitor" else self.pods
        return [candidate for candidate in candidates if monitor.selector.selects(candidate.labels)]


def leads_to(service: Service, pod: Pod) -> bool:
    """Whether a Service selects pods with the labels of this pod."""
    return bool(service.selector) and service.selector.items() <= pod.labels.items()


def faults(monitor: Monitor, controller: Controller, *, access: Access) -> Iterator[Reason]:
    """Why the monitor does not find the controller's metrics; nothing if it does, or if that is not sure."""
    if not monitor.looks_in(controller.namespace):
        names = [*(monitor.namespaces or ()), controller.namespace]
        where = monitor.namespace, monitor.name
        text = message("pipeline/selected/outside", namespace=controller.namespace)
        change = message("pipeline/selected/outside.change", namespace=controller.namespace)
        command = patch(access, monitor.kind, where=where, change={"namespaceSelector": {"matchNames": names}})
        yield Reason("outside", text, change, command)
    if not controller.picked(monitor):
        yield _picks_none(monitor, controller, access=access)
    elif not monitor.endpoints:
        text = message("pipeline/selected/no-endpoint")
        yield Reason("no-endpoint", text, message("pipeline/selected/no-endpoint.change"))
    else:
        found = [
            _of_endpoint(monitor, at, controller=controller, access=access) for at in range(len(monitor.endpoints))
        ]
        yield from min(found, key=len)


def _picks_none(monitor: Monitor, controller: Controller, *, access: Access) -> Reason:
    """Its selector matches no Service of the controller, or no pod."""
    selector = str(monitor.selector)
    if monitor.kind == "PodMonitor":
        text = message("pipeline/selected/other-pod", selector=selector, namespace=controller.namespace)
        labels = set.intersection(*(set(pod.labels.items()) for pod in controller.pods)) if controller.pods else set()
        return Reason("other-pod", text, *_selector(monitor, dict(labels), access=access))
    if not controller.services:
        text = message("pipeline/selected/no-service", namespace=controller.namespace)
        return Reason("no-service", text, message("pipeline/selected/no-service.change"))
    service = controller.services[0]
    text = message(
        "pipeline/selected/other-service", selector=selector, service=service.name, namespace=service.namespace
    )
    if changes := label_changes(monitor.selector, {}) if not service.labels else None:
        words = f"service {quote(service.name)} {label_words(changes, {})}"
        return Reason("other-service", text, *relabel(access, words, namespace=service.namespace))
    return Reason("other-service", text, *_selector(monitor, service.labels, access=access))


def _selector(monitor: Monitor, labels: Mapping[str, str], *, access: Access) -> tuple[Message, str]:
    """The change that has the monitor select what has these labels."""
    telling = {key: labels[key] for key in _IDENTIFYING if key in labels}
    if not telling:
        return message("pipeline/selected/selector.by-hand"), ""
    written = ",".join(f"{key}={value}" for key, value in telling.items())
    command = _json_patch(access, monitor.kind, item=monitor, path="/spec/selector", value={"matchLabels": telling})
    return message("pipeline/selected/selector.change", labels=written), command


def _of_endpoint(monitor: Monitor, at: int, *, controller: Controller, access: Access) -> list[Reason]:
    """What is wrong with an endpoint of a monitor that picks the controller."""
    endpoint, picked = monitor.endpoints[at], controller.picked(monitor)
    path = f"/spec/{'endpoints' if monitor.kind == 'ServiceMonitor' else 'podMetricsEndpoints'}/{at}"
    found = []
    if not any(_has_port(candidate, endpoint, pods=controller.pods) for candidate in picked):
        found.append(_of_port(monitor, endpoint, picked=picked[0], path=path, access=access))
    if endpoint.path is not None and f"/{endpoint.path.lstrip('/')}" != PATH:
        text = message("pipeline/selected/path", path=endpoint.path, right=PATH)
        change = message("pipeline/selected/path.change", right=PATH)
        command = _json_patch(access, monitor.kind, item=monitor, path=f"{path}/path", value=PATH)
        found.append(Reason("path", text, change, command))
    return found


def _has_port(picked: Service | Pod, endpoint: MonitorEndpoint, *, pods: Sequence[Pod]) -> bool:
    """Whether an endpoint's port is there, also true where that is not sure; ``pods`` are the controller's."""
    if endpoint.port and not _PLAIN.fullmatch(endpoint.port):
        return True
    if isinstance(picked, Service) and endpoint.port:
        return endpoint.port in {port.name for port in picked.ports}
    behind = [pod for pod in pods if leads_to(picked, pod)] if isinstance(picked, Service) else [picked]
    wanted = endpoint.port or endpoint.target
    known = {text for pod in behind for name, number in pod.ports for text in (name, str(number))}
    return not wanted or not behind or wanted in known


def _of_port(
    monitor: Monitor, endpoint: MonitorEndpoint, *, picked: Service | Pod, path: str, access: Access
) -> Reason:
    """The port is not there: the one to ask for instead, or the name that the Service's only port lacks."""
    ports = [Port(*port, "") if isinstance(port, tuple) else port for port in picked.ports]
    there = ", ".join(f"{port.name or '-'} {port.number}" for port in ports) or "-"
    wanted, right = endpoint.port or endpoint.target, _metrics_port(ports)
    owner = "Service" if isinstance(picked, Service) else "Pod"
    text = message("pipeline/selected/port", owner=owner, name=picked.name, port=wanted, ports=there)
    if right and right.name:
        change = message("pipeline/selected/port.change", port=right.name)
        command = _json_patch(access, monitor.kind, item=monitor, path=f"{path}/port", value=right.name)
    elif right and endpoint.port and isinstance(picked, Service):
        change = message("pipeline/selected/port.name", name=picked.name, port=endpoint.port)
        at = f"/spec/ports/{ports.index(right)}/name"
        command = _json_patch(access, owner, item=picked, path=at, value=endpoint.port)
    else:
        change = message("pipeline/selected/port.by-hand", owner=owner, name=picked.name)
        command = ""
    return Reason("port", text, change, command)


def _metrics_port(ports: Sequence[Port]) -> Port | None:
    """The port of the metrics, if it is sure which of them it is."""
    found = (
        [port for port in ports if _METRICS in (port.name, port.target)]
        or [port for port in ports if _NUMBER in (str(port.number), port.target)]
        or [*ports]
    )
    return found[0] if len(found) == 1 else None


def _json_patch(access: Access, kind: str, *, item: Monitor | Service | Pod, path: str, value: object) -> str:
    """The command that sets one field; ``add`` also replaces a value that is there."""
    body = quote(json.dumps([{"op": "add", "path": path, "value": value}], separators=(",", ":")))
    where = f"-n {quote(item.namespace)} patch {kind.lower()} {quote(item.name)}"
    return access.kubectl(f"{where} --type json -p {body}")
