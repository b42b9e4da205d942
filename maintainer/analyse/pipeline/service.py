"""Whether the controller's Service leads to a ready pod."""

from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.message import message
from maintainer.model.pipeline import ControllerState, Pod
from maintainer.model.report import Finding

NO_REASON = message("pipeline/endpoints/no-reason")


def pipeline_service(pipeline: Pipeline) -> Iterator[Finding]:
    """The Service is not there and nothing comes through, or it leads nowhere, at both ends of the run."""
    last, cause = pipeline.facts.last, _of_service(pipeline.facts.last)
    if not cause or cause != _of_service(pipeline.facts.first) or (cause == "missing" and not pipeline.broken):
        return
    service, where = last.service, pipeline.scope.controller_namespace
    ports = ", ".join(_lost_ports(last))
    yield Finding(
        check="pipeline/service",
        severity=pipeline.severity,
        subjects=(pipeline.service,),
        cause=cause,
        summary=message(
            f"pipeline/service/{cause}.summary", service=pipeline.scope.service, namespace=where, ports=ports
        ),
        action=message(f"pipeline/service/{cause}.action", service=pipeline.scope.service, namespace=where),
        evidence={
            "selector": dict(service.selector) if service else {},
            "ports": {one.name or str(one.number): one.target for one in service.ports} if service else {},
            "pods": [{"pod": pod.name, "labels": dict(pod.labels), "ports": _ports(pod)} for pod in last.pods or ()],
        },
        reproduce="\n".join(
            (
                pipeline.access.kubectl(f"-n {quote(where)} describe service {quote(pipeline.scope.service)}"),
                pipeline.access.kubectl(f"-n {quote(where)} get pods --show-labels"),
            )
        ),
    )


def _of_service(controller: ControllerState) -> str:
    """What is wrong with the Service: a cause, or "" for nothing that is known."""
    if not controller.saw("services"):
        return ""
    if controller.service is None:
        return "missing"
    if not controller.service.selector or not controller.saw("pods"):
        return ""
    if not controller.selected:
        return "no-pod"
    return "port" if _lost_ports(controller) else ""


def _lost_ports(controller: ControllerState) -> list[str]:
    """The named ports that no selected pod has."""
    known = {name for pod in controller.selected for name, _ in pod.ports}
    wanted = [one.target for one in controller.service.ports] if controller.service else []
    return [name for name in wanted if not name.isdecimal() and name not in known]


def _ports(pod: Pod) -> str:
    return ", ".join(f"{name or '-'} {number}" for name, number in pod.ports)


def pipeline_endpoints(pipeline: Pipeline) -> Iterator[Finding]:
    """The Service selects pods and none of them is ready, at both ends of the run."""
    if not all(_unready(controller) for controller in (pipeline.facts.first, pipeline.facts.last)):
        return
    service, where = pipeline.scope.service, pipeline.scope.controller_namespace
    pods = pipeline.facts.last.selected
    waiting = next((pod.why_not for pod in pods if not pod.ready and pod.why_not), "")
    label = quote(f"kubernetes.io/service-name={service}")
    yield Finding(
        check="pipeline/endpoints",
        severity=pipeline.severity,
        subjects=(pipeline.service,),
        cause="not-ready",
        summary=message(
            "pipeline/endpoints/not-ready.summary", service=service, count=len(pods), why=waiting or NO_REASON
        ),
        action=message("pipeline/endpoints/not-ready.action", namespace=where),
        evidence={"pods": [{"pod": pod.name, "ready": pod.ready, "why": pod.why_not} for pod in pods]},
        reproduce=pipeline.access.kubectl(f"-n {quote(where)} get endpointslices -l {label} -o yaml"),
    )


def _unready(controller: ControllerState) -> bool:
    seen = controller.saw("services", "pods", "endpointslices")
    return seen and bool(controller.selected) and controller.ready == 0 and not _of_service(controller)
