"""The links of the metrics' way that Kubernetes and Prometheus hold: Service, endpoints, rights, reload, version."""

import re
from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.accuracy.unwatched import coverage_unwatched, unwatched_gaps
from maintainer.analyse.gaps import unavailable_gaps
from maintainer.analyse.pipeline.alertmanager import pipeline_alertmanager
from maintainer.analyse.pipeline.emitter import pipeline_emitter_lease
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.rules_loaded import pipeline_rules_loaded, rules_gaps
from maintainer.analyse.pipeline.target import pipeline_emitter, pipeline_scrape, pipeline_target
from maintainer.model.contract import newest, release
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.pipeline import ControllerState, Permission, Pod
from maintainer.model.report import Finding, Gap, GapKind, Severity, Subject

_TAGGED = re.compile(r"(?:.*/)?argo-rollouts:(v\d+\.\d+\.\d+)(?:[-+@].*)?")
"""An image of upstream's name and a tag of upstream's form: any other tag may follow a counting of its own."""


def chain_findings(pipeline: Pipeline) -> tuple[Finding, ...]:
    """Everything that is wrong on the way."""
    return (
        *pipeline_target(pipeline.observation, pipeline.scope, pipeline.access),
        *pipeline_scrape(pipeline.observation, pipeline.access),
        *pipeline_emitter(pipeline.observation, pipeline.scope, pipeline.access),
        *pipeline_service(pipeline),
        *pipeline_endpoints(pipeline),
        *pipeline_rbac(pipeline),
        *pipeline_reload(pipeline),
        *pipeline_rules_loaded(pipeline.facts.stored, pipeline.rules, pipeline=pipeline),
        *pipeline_alertmanager(pipeline),
        *pipeline_emitter_lease(pipeline),
        *pipeline_version(pipeline),
        *coverage_unwatched(pipeline),
    )


def chain_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """What could not be looked at on the way."""
    yield from unavailable_gaps(pipeline.facts.unavailable)
    yield from rules_gaps(pipeline.facts.stored, pipeline.rules, now=pipeline.now)
    yield from unwatched_gaps(pipeline)
    asked = not {one.source for one in (*pipeline.observation.unavailable, *pipeline.facts.unavailable)} & {
        "prometheus",
        "versions",
    }
    told = pipeline.emitting or tuple(pipeline.facts.versions)
    if asked and not any(pipeline.facts.versions.get(target) for target in told):
        kind: GapKind = "permanent" if pipeline.emitting else "passing"
        yield Gap("pipeline/version", kind, message("gap/no-version"))


def pipeline_service(pipeline: Pipeline) -> Iterator[Finding]:
    """The Service is not there and nothing comes through, or it leads nowhere, at both ends of the run."""
    last, cause = pipeline.facts.last, _of_service(pipeline.facts.last)
    if not cause or cause != _of_service(pipeline.facts.first) or (cause == "missing" and not pipeline.broken):
        return
    service, where = last.service, pipeline.scope.controller_namespace
    ports = ", ".join(_lost_ports(last))
    yield Finding(
        check="pipeline/service",
        severity=_severity(pipeline),
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


def _severity(pipeline: Pipeline) -> Severity:
    return "error" if pipeline.broken else "warning"


def pipeline_endpoints(pipeline: Pipeline) -> Iterator[Finding]:
    """The Service selects pods and none of them is ready, at both ends of the run."""
    if not all(_unready(controller) for controller in (pipeline.facts.first, pipeline.facts.last)):
        return
    service, where = pipeline.scope.service, pipeline.scope.controller_namespace
    pods = pipeline.facts.last.selected
    waiting = next((pod.why_not for pod in pods if not pod.ready and pod.why_not), "?")
    label = quote(f"kubernetes.io/service-name={service}")
    yield Finding(
        check="pipeline/endpoints",
        severity=_severity(pipeline),
        subjects=(pipeline.service,),
        cause="not-ready",
        summary=message("pipeline/endpoints/not-ready.summary", service=service, count=len(pods), why=waiting),
        action=message("pipeline/endpoints/not-ready.action", namespace=where),
        evidence={"pods": [{"pod": pod.name, "ready": pod.ready, "why": pod.why_not} for pod in pods]},
        reproduce=pipeline.access.kubectl(f"-n {quote(where)} get endpointslices -l {label} -o yaml"),
    )


def _unready(controller: ControllerState) -> bool:
    seen = controller.saw("services", "pods", "endpointslices")
    return seen and bool(controller.selected) and controller.ready == 0 and not _of_service(controller)


def pipeline_rbac(pipeline: Pipeline) -> Iterator[Finding]:
    """Discovery lists and watches what Prometheus' ServiceAccount may not."""
    rights = pipeline.facts.rights
    if rights is None or rights.account is None or not rights.refused:
        return
    namespace, name = rights.account
    user = f"system:serviceaccount:{namespace}:{name}"
    first = rights.refused[0]
    yield Finding(
        check="pipeline/rbac",
        severity=_severity(pipeline),
        subjects=(Subject("ServiceAccount", namespace, name),),
        cause="refused",
        summary=message(
            "pipeline/rbac/refused.summary",
            count=len(rights.refused),
            account=f"{namespace}/{name}",
            rights=", ".join(map(_right, rights.refused)),
        ),
        action=message("pipeline/rbac/refused.action", account=f"{namespace}/{name}"),
        evidence={
            "account": user,
            "refused": [_row(one) for one in rights.refused],
            "granted": [_row(one) for one in rights.granted],
        },
        reproduce=pipeline.access.kubectl(f"auth can-i {first.verb} {_resource(first)} --as={user} {_where(first)}"),
    )


def _resource(right: Permission) -> str:
    return f"{right.resource}.{right.group}" if right.group else right.resource


def _where(right: Permission) -> str:
    return f"-n {quote(right.namespace)}" if right.namespace else "--all-namespaces"


def _right(right: Permission) -> str:
    return f"{right.verb} {_resource(right)}" + (f" ({right.namespace})" if right.namespace else "")


def _row(right: Permission) -> dict[str, str]:
    return {"verb": right.verb, "resource": _resource(right), "namespace": right.namespace or "*"}


def pipeline_reload(pipeline: Pipeline) -> Iterator[Finding]:
    """Prometheus refused its newest configuration and runs with an older one."""
    if pipeline.facts.reloaded is not False:
        return
    yield Finding(
        check="pipeline/reload",
        severity="error",
        subjects=(Subject("Prometheus", "", "configuration"),),
        cause="failed",
        summary=message("pipeline/reload/failed.summary"),
        action=message("pipeline/reload/failed.action"),
        evidence={"reloadConfigSuccess": False},
        reproduce=pipeline.access.ask("status/runtimeinfo"),
    )


def pipeline_version(pipeline: Pipeline) -> Iterator[Finding]:
    """The emitting pod's image and its metrics tell different versions, or one that this tool does not know yet."""
    for target in pipeline.emitting:
        told, pod = pipeline.facts.versions.get(target, ""), pipeline.pod_of(target)
        tags = [found[1] for image in (pod.images if pod else ()) if (found := _TAGGED.fullmatch(image))]
        version = release(told)
        if pod and version and len(tags) == 1 and release(tags[0]) != version:
            yield _of_version(pipeline, "image", Subject("Pod", pod.namespace, pod.name), told=told, other=tags[0])
        if version and version[:2] > newest()[:2]:
            known = "v" + ".".join(map(str, newest()))
            yield _of_version(
                pipeline, "newer", Subject("Target", "", target_name(dict(target))), told=told, other=known
            )


def _of_version(pipeline: Pipeline, cause: str, subject: Subject, *, told: str, other: str) -> Finding:
    return Finding(
        check="pipeline/version",
        severity="warning" if cause == "image" else "info",
        subjects=(subject,),
        cause=cause,
        summary=message(f"pipeline/version/{cause}.summary", subject=subject.name, told=told, other=other),
        action=message(f"pipeline/version/{cause}.action"),
        evidence={"metrics": told, cause: other},
        reproduce=pipeline.access.ask("query", query=pipeline.access.selector("argo_rollouts_controller_info")),
    )
