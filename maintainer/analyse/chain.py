"""The links of the metrics' way that Kubernetes and Prometheus hold: Service, endpoints, rights, reload, version."""

import re
from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.alerting import pipeline_alertmanager
from maintainer.analyse.gaps import unseen
from maintainer.analyse.lease import pipeline_emitter_lease
from maintainer.analyse.pipeline import pipeline_emitter, pipeline_scrape, pipeline_target
from maintainer.analyse.stored import pipeline_rules_loaded, rules_gaps
from maintainer.analyse.unwatched import coverage_unwatched, unwatched_gaps
from maintainer.analyse.way import Way
from maintainer.model.chain import Around, Pod, Right
from maintainer.model.contract import newest, release
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, GapKind, Severity, Subject

_TAGGED = re.compile(r"(?:.*/)?argo-rollouts:(v\d+\.\d+\.\d+)(?:[-+@].*)?")
"""An image of upstream's name and a tag of upstream's form: any other tag may follow a counting of its own."""


def chain_findings(way: Way) -> tuple[Finding, ...]:
    """Everything that is wrong on the way."""
    return (
        *pipeline_target(way.watched, way.scope, way.reach),
        *pipeline_scrape(way.watched, way.reach),
        *pipeline_emitter(way.watched, way.scope, way.reach),
        *pipeline_service(way),
        *pipeline_endpoints(way),
        *pipeline_rbac(way),
        *pipeline_reload(way),
        *pipeline_rules_loaded(way.chain.stored, way.rules, way=way),
        *pipeline_alertmanager(way),
        *pipeline_emitter_lease(way),
        *pipeline_version(way),
        *coverage_unwatched(way),
    )


def chain_gaps(way: Way) -> Iterator[Gap]:
    """What could not be looked at on the way."""
    yield from unseen(way.chain.unseen)
    yield from rules_gaps(way.chain.stored, way.rules, now=way.now)
    yield from unwatched_gaps(way)
    asked = not {one.source for one in (*way.watched.unseen, *way.chain.unseen)} & {"prometheus", "versions"}
    told = way.emitting or tuple(way.chain.versions)
    if asked and not any(way.chain.versions.get(target) for target in told):
        kind: GapKind = "permanent" if way.emitting else "passing"
        yield Gap("pipeline/version", kind, message("gap/no-version"))


def pipeline_service(way: Way) -> Iterator[Finding]:
    """The Service is not there and nothing comes through, or it leads nowhere, at both ends of the run."""
    last, cause = way.chain.last, _of_service(way.chain.last)
    if not cause or cause != _of_service(way.chain.first) or (cause == "missing" and not way.broken):
        return
    service, where = last.service, way.scope.controller_namespace
    ports = ", ".join(_lost_ports(last))
    yield Finding(
        check="pipeline/service",
        severity=_severity(way),
        subjects=(way.service,),
        cause=cause,
        summary=message(f"pipeline/service/{cause}.summary", service=way.scope.service, namespace=where, ports=ports),
        action=message(f"pipeline/service/{cause}.action", service=way.scope.service, namespace=where),
        evidence={
            "selector": dict(service.selector) if service else {},
            "ports": {one.name or str(one.number): one.target for one in service.ports} if service else {},
            "pods": [{"pod": pod.name, "labels": dict(pod.labels), "ports": _ports(pod)} for pod in last.pods or ()],
        },
        reproduce="\n".join(
            (
                way.reach.kubectl(f"-n {quote(where)} describe service {quote(way.scope.service)}"),
                way.reach.kubectl(f"-n {quote(where)} get pods --show-labels"),
            )
        ),
    )


def _of_service(around: Around) -> str:
    """What is wrong with the Service: a cause, or "" for nothing that is known."""
    if not around.saw("services"):
        return ""
    if around.service is None:
        return "missing"
    if not around.service.selector or not around.saw("pods"):
        return ""
    if not around.selected:
        return "no-pod"
    return "port" if _lost_ports(around) else ""


def _lost_ports(around: Around) -> list[str]:
    """The named ports that no selected pod has."""
    known = {name for pod in around.selected for name, _ in pod.ports}
    wanted = [one.target for one in around.service.ports] if around.service else []
    return [name for name in wanted if not name.isdecimal() and name not in known]


def _ports(pod: Pod) -> str:
    return ", ".join(f"{name or '-'} {number}" for name, number in pod.ports)


def _severity(way: Way) -> Severity:
    return "error" if way.broken else "warning"


def pipeline_endpoints(way: Way) -> Iterator[Finding]:
    """The Service selects pods and none of them is ready, at both ends of the run."""
    if not all(_unready(around) for around in (way.chain.first, way.chain.last)):
        return
    service, where = way.scope.service, way.scope.controller_namespace
    pods = way.chain.last.selected
    waiting = next((pod.why_not for pod in pods if not pod.ready and pod.why_not), "?")
    label = quote(f"kubernetes.io/service-name={service}")
    yield Finding(
        check="pipeline/endpoints",
        severity=_severity(way),
        subjects=(way.service,),
        cause="not-ready",
        summary=message("pipeline/endpoints/not-ready.summary", service=service, count=len(pods), why=waiting),
        action=message("pipeline/endpoints/not-ready.action", namespace=where),
        evidence={"pods": [{"pod": pod.name, "ready": pod.ready, "why": pod.why_not} for pod in pods]},
        reproduce=way.reach.kubectl(f"-n {quote(where)} get endpointslices -l {label} -o yaml"),
    )


def _unready(around: Around) -> bool:
    seen = around.saw("services", "pods", "endpointslices")
    return seen and bool(around.selected) and around.ready == 0 and not _of_service(around)


def pipeline_rbac(way: Way) -> Iterator[Finding]:
    """Discovery lists and watches what Prometheus' ServiceAccount may not."""
    rights = way.chain.rights
    if rights is None or rights.account is None or not rights.refused:
        return
    namespace, name = rights.account
    user = f"system:serviceaccount:{namespace}:{name}"
    first = rights.refused[0]
    yield Finding(
        check="pipeline/rbac",
        severity=_severity(way),
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
        reproduce=way.reach.kubectl(f"auth can-i {first.verb} {_resource(first)} --as={user} {_where(first)}"),
    )


def _resource(right: Right) -> str:
    return f"{right.resource}.{right.group}" if right.group else right.resource


def _where(right: Right) -> str:
    return f"-n {quote(right.namespace)}" if right.namespace else "--all-namespaces"


def _right(right: Right) -> str:
    return f"{right.verb} {_resource(right)}" + (f" ({right.namespace})" if right.namespace else "")


def _row(right: Right) -> dict[str, str]:
    return {"verb": right.verb, "resource": _resource(right), "namespace": right.namespace or "*"}


def pipeline_reload(way: Way) -> Iterator[Finding]:
    """Prometheus refused its newest configuration and runs with an older one."""
    if way.chain.reloaded is not False:
        return
    yield Finding(
        check="pipeline/reload",
        severity="error",
        subjects=(Subject("Prometheus", "", "configuration"),),
        cause="failed",
        summary=message("pipeline/reload/failed.summary"),
        action=message("pipeline/reload/failed.action"),
        evidence={"reloadConfigSuccess": False},
        reproduce=way.reach.ask("status/runtimeinfo"),
    )


def pipeline_version(way: Way) -> Iterator[Finding]:
    """The emitting pod's image and its metrics tell different versions, or one that this tool does not know yet."""
    for target in way.emitting:
        told, pod = way.chain.versions.get(target, ""), way.pod_of(target)
        tags = [found[1] for image in (pod.images if pod else ()) if (found := _TAGGED.fullmatch(image))]
        version = release(told)
        if pod and version and len(tags) == 1 and release(tags[0]) != version:
            yield _of_version(way, "image", Subject("Pod", pod.namespace, pod.name), told=told, other=tags[0])
        if version and version[:2] > newest()[:2]:
            known = "v" + ".".join(map(str, newest()))
            yield _of_version(way, "newer", Subject("Target", "", target_name(dict(target))), told=told, other=known)


def _of_version(way: Way, cause: str, subject: Subject, *, told: str, other: str) -> Finding:
    return Finding(
        check="pipeline/version",
        severity="warning" if cause == "image" else "info",
        subjects=(subject,),
        cause=cause,
        summary=message(f"pipeline/version/{cause}.summary", subject=subject.name, told=told, other=other),
        action=message(f"pipeline/version/{cause}.action"),
        evidence={"metrics": told, cause: other},
        reproduce=way.reach.ask("query", query=way.reach.selector("argo_rollouts_controller_info")),
    )
