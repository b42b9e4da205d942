"""The checks whether the controller's Service selects a pod with its ports, and whether a pod is ready."""

from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.message import message
from maintainer.model.pipeline import ControllerState, Pod
from maintainer.model.report import Finding, Json

NO_REASON = message("pipeline/endpoints/no-reason")


def pipeline_service(pipeline: Pipeline) -> Iterator[Finding]:
    """The Service is missing and no metrics arrive, or it selects no pod or port, at both ends of the run."""
    cause = _fault(pipeline.facts.last)
    if not cause or cause != _fault(pipeline.facts.first):
        return
    if cause == "missing" and (not pipeline.broken or pipeline.facts.elsewhere):
        return
    name, namespace = pipeline.scope.service, pipeline.scope.controller_namespace
    ports = ", ".join(_unmatched_ports(pipeline.facts.last))
    if cause == "missing":
        show = pipeline.access.kubectl(f"-n {quote(namespace)} get services --show-labels")
    else:
        show = pipeline.access.kubectl(f"-n {quote(namespace)} describe service {quote(name)}")
    get_pods = pipeline.access.kubectl(f"-n {quote(namespace)} get pods --show-labels")
    yield Finding(
        check="pipeline/service",
        severity=pipeline.severity,
        subjects=(pipeline.service,),
        cause=cause,
        summary=message(f"pipeline/service/{cause}.summary", service=name, namespace=namespace, ports=ports),
        action=message(f"pipeline/service/{cause}.action", service=name, namespace=namespace),
        evidence=_evidence(pipeline.facts.last),
        reproduce=f"{show}\n{get_pods}",
    )


def _evidence(controller: ControllerState) -> dict[str, Json]:
    service, pods = controller.service, controller.pods or ()
    return {
        "selector": dict(service.selector) if service else {},
        "ports": {port.name or str(port.number): port.target for port in service.ports} if service else {},
        "pods": [{"pod": pod.name, "labels": dict(pod.labels), "ports": _ports(pod)} for pod in pods],
    }


def _fault(controller: ControllerState) -> str:
    """The cause of a finding about the Service; "" where nothing is wrong or not enough is known."""
    if not controller.saw("services"):
        return ""
    if controller.service is None:
        return "missing"
    if not controller.service.selector or not controller.saw("pods"):
        return ""
    if not controller.selected:
        return "no-pod"
    return "port" if _unmatched_ports(controller) else ""


def _unmatched_ports(controller: ControllerState) -> list[str]:
    """The names of target ports that no selected pod has."""
    known = {name for pod in controller.selected for name, _ in pod.ports}
    targets = [port.target for port in controller.service.ports] if controller.service else []
    return [name for name in targets if not name.isdecimal() and name not in known]


def _ports(pod: Pod) -> str:
    return ", ".join(f"{name or '-'} {number}" for name, number in pod.ports)


def pipeline_endpoints(pipeline: Pipeline) -> Iterator[Finding]:
    """The Service selects pods and none of them is ready, at both ends of the run."""
    if not all(_not_ready(controller) for controller in (pipeline.facts.first, pipeline.facts.last)):
        return
    service, namespace = pipeline.scope.service, pipeline.scope.controller_namespace
    pods = pipeline.facts.last.selected
    reason = next((pod.why_not for pod in pods if not pod.ready and pod.why_not), "")
    label = quote(f"kubernetes.io/service-name={service}")
    yield Finding(
        check="pipeline/endpoints",
        severity=pipeline.severity,
        subjects=(pipeline.service,),
        cause="not-ready",
        summary=message(
            "pipeline/endpoints/not-ready.summary", service=service, count=len(pods), why=reason or NO_REASON
        ),
        action=message("pipeline/endpoints/not-ready.action", namespace=namespace),
        evidence={"pods": [{"pod": pod.name, "ready": pod.ready, "why": pod.why_not} for pod in pods]},
        reproduce=pipeline.access.kubectl(f"-n {quote(namespace)} get endpointslices -l {label} -o yaml"),
    )


def _not_ready(controller: ControllerState) -> bool:
    known = controller.saw("services", "pods", "endpointslices")
    return known and bool(controller.selected) and controller.ready == 0 and not _fault(controller)
