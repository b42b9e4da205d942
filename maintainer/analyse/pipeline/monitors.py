"""Which monitors of the operator are meant for the controller, and why they do not lead to its metrics."""

import re
from collections.abc import Iterator, Sequence

from maintainer.analyse.pipeline.monitor_faults import Controller, faults, leads_to
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.selection import Reason, Selected, named, not_selected, selected_by
from maintainer.model.message import message
from maintainer.model.operator_objects import Monitor
from maintainer.model.pipeline import Pod, Service

_MEANT = re.compile(
    r"(?:.+-)?argo-?rollouts?(?:-(?:controller|metrics|monitor|operator|pod|prometheus|server|service|svc"
    r"|podmonitor|servicemonitor))*"
)
"""Names of the controller and of what belongs to its metrics, but not of its dashboard or of an application."""
_CONTROLLER_IMAGE = re.compile(r"(?:.*/)?argo-rollouts(?:[:@].*)?")


def meant_monitors(pipeline: Pipeline) -> tuple[tuple[Monitor, tuple[Reason, ...]], ...]:
    """The monitors that are meant for the controller, each with why it does not lead to the controller's metrics.

    A monitor of the controller and of more is among them only if it is sure that it leads to these metrics.
    """
    controller, facts = controller_of(pipeline), pipeline.facts
    if not controller.services and not controller.pods:
        return ()
    explained = ((monitor, _reasons(monitor, controller, pipeline=pipeline)) for monitor in facts.operated.monitors)
    return tuple(
        (monitor, reasons)
        for monitor, reasons in explained
        if _is_meant(monitor, controller, pipeline=pipeline) or (not reasons and _asks_for_port(monitor))
    )


def _reasons(monitor: Monitor, controller: Controller, *, pipeline: Pipeline) -> tuple[Reason, ...]:
    """Why a monitor does not lead to the controller's metrics."""
    of_prometheus = _of_prometheus(monitor, controller, pipeline=pipeline)
    return (*of_prometheus, *faults(monitor, controller, access=pipeline.access))


def controller_of(pipeline: Pipeline) -> Controller:
    """The controller's pods, and the Services that lead to them, with the Service of the settings as the first."""
    scope, last = pipeline.scope, pipeline.facts.last
    selected = {pod.name for pod in last.selected}
    pods = [
        pod
        for pod in last.pods or ()
        if pod.name in selected or any(_CONTROLLER_IMAGE.fullmatch(image) for image in pod.images)
    ]
    services = [
        service
        for service in pipeline.facts.operated.services or ()
        if service.namespace == scope.controller_namespace
        and (service.name == scope.service or any(leads_to(service, pod) for pod in pods))
    ]
    ordered = sorted(services, key=lambda service: service.name != scope.service)
    return Controller(scope.controller_namespace, tuple(ordered), tuple(pods))


def _is_meant(monitor: Monitor, controller: Controller, *, pipeline: Pipeline) -> bool:
    """Whether a monitor selects the controller and nothing else, or is called like it and selects nothing else."""
    services = pipeline.facts.operated.services or ()
    looked_at = [service for service in services if monitor.looks_in(service.namespace)]
    if monitor.kind == "ServiceMonitor":
        selected = [service for service in looked_at if monitor.selector.selects(service.labels)]
        picked = bool(controller.picked(monitor)) and monitor.looks_in(controller.namespace)
        if picked and all(service in controller.services for service in selected):
            return True
        return _is_called(monitor) and (picked or not selected)
    return _is_meant_for_pods(monitor, controller, services=looked_at, pods=pipeline.facts.last.pods or ())


def _is_meant_for_pods(
    monitor: Monitor, controller: Controller, *, services: Sequence[Service], pods: Sequence[Pod]
) -> bool:
    """The same of a PodMonitor. Only the pods of the controller's namespace are known: ``pods``.

    Where one of the ``services`` of another namespace leads to such pods, another controller may run there.
    """
    if monitor.looks_in(controller.namespace) and controller.picked(monitor):
        here = monitor.namespaces is not None and not set(monitor.namespaces) - {controller.namespace}
        selected = [pod for pod in pods if monitor.selector.selects(pod.labels)]
        return _is_called(monitor) or (here and all(pod in controller.pods for pod in selected))
    elsewhere = [service for service in services if service.namespace != controller.namespace]
    return _is_called(monitor) and not any(leads_to(service, pod) for service in elsewhere for pod in controller.pods)


def _asks_for_port(monitor: Monitor) -> bool:
    """Whether it says which port to scrape; without one, its relabelings decide, often by annotations of the pods."""
    return any(endpoint.port or endpoint.target for endpoint in monitor.endpoints)


def _is_called(monitor: Monitor) -> bool:
    requirements = [requirement for requirement in monitor.selector.requirements if requirement.operator == "In"]
    values = [value for requirement in requirements for value in requirement.values]
    return any(_MEANT.fullmatch(name) for name in (monitor.name, *values))


def _of_prometheus(monitor: Monitor, controller: Controller, *, pipeline: Pipeline) -> Iterator[Reason]:
    """Why no Prometheus selects it, or why those that do look in the monitor's own namespace only."""
    operated = pipeline.facts.operated
    wanted = Selected(monitor.kind, monitor.namespace, monitor.name, monitor.labels)
    reasons = not_selected(wanted, operated, access=pipeline.access)
    if reasons is None:
        text = message("pipeline/selected/no-prometheus", kind=monitor.kind)
        yield Reason("no-prometheus", text, message("pipeline/selected/no-prometheus.change"))
        return
    yield from reasons
    selecting = selected_by(wanted, operated)
    if (
        selecting
        and monitor.namespace != controller.namespace
        and all(prometheus.own_namespace_only for prometheus in selecting)
    ):
        text = message("pipeline/selected/ignored", prometheus=named(selecting[0]))
        yield Reason("ignored", text, message("pipeline/selected/ignored.change", namespace=controller.namespace))
