"""The table of the report about the metrics pipeline: each link, its state, and what was observed of it."""

from collections.abc import Callable, Collection, Iterable, Mapping

from maintainer.analyse.pipeline.alertmanager import alerts
from maintainer.analyse.pipeline.monitors import meant_monitors
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.contract import newest
from maintainer.model.facts import target_name
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap
from maintainer.model.sections import Table

Observed = Callable[[Pipeline], Message]

CHECKED_KINDS = ("servicemonitors", "podmonitors", "prometheusrules", "prometheuses")
"""The facts of the kinds of the Prometheus operator."""
NOTHING = message("pipeline-table/nothing")


def pipeline_table(
    pipeline: Pipeline, findings: Iterable[Finding], gaps: Iterable[Gap], *, chosen: Collection[str]
) -> Table:
    """A row for each link from the controller to Alertmanager; ``chosen`` are the checks that ran."""
    with_finding, with_gap = {finding.check for finding in findings}, {gap.check for gap in gaps}
    return Table(
        title=message("pipeline-table/title"),
        columns=tuple(message(f"pipeline-table/column.{name}") for name in ("link", "state", "seen")),
        rows=tuple(
            (
                message(f"pipeline-table/link.{check}"),
                message(f"pipeline-table/state.{_state(check, with_finding, with_gap)}")
                if check in chosen
                else message("pipeline-table/state.not-chosen"),
                observed(pipeline),
            )
            for check, observed in LINKS.items()
        ),
        lead=message("pipeline-table/lead"),
    )


def _state(check: str, with_finding: set[str], with_gap: set[str]) -> str:
    if with_finding & {check, *ALSO.get(check, ())}:
        return "finding"
    return "unseen" if check in with_gap else "fine"


def _service(pipeline: Pipeline) -> Message:
    last = pipeline.facts.last
    if not last.saw("services"):
        return NOTHING
    if last.service is None:
        return message("pipeline-table/seen.no-service", service=pipeline.scope.service)
    ports = ", ".join(f"{port.name or port.number} → {port.target}" for port in last.service.ports)
    if not last.service.selector or last.pods is None:
        return message("pipeline-table/seen.ports", ports=ports)
    return message("pipeline-table/seen.service", count=len(last.selected), ports=ports)


def _endpoints(pipeline: Pipeline) -> Message:
    ready = pipeline.facts.last.ready
    return NOTHING if ready is None else message("pipeline-table/seen.endpoints", count=ready)


def _operated(pipeline: Pipeline) -> Message:
    operated = pipeline.facts.operated
    if {"cluster", *CHECKED_KINDS} & {fact.source for fact in pipeline.unavailable}:
        return NOTHING
    if not operated.monitors and not operated.rules:
        return message("pipeline-table/seen.no-operator")
    return message(
        "pipeline-table/seen.operated",
        prometheuses=len(operated.prometheuses or ()),
        monitors=len(meant_monitors(pipeline)),
        rules=len(operated.rules),
    )


def _target(pipeline: Pipeline) -> Message:
    targets = pipeline.targets
    if targets is None:
        return NOTHING
    return message("pipeline-table/seen.targets", count=len(targets), up=sum(target.healthy for target in targets))


def _scrape(pipeline: Pipeline) -> Message:
    if pipeline.targets is None:
        return NOTHING
    errors = [target.error for target in pipeline.targets or () if target.error]
    return message("pipeline-table/seen.error", error=errors[0]) if errors else message("pipeline-table/seen.no-error")


def _emitters(pipeline: Pipeline) -> Message:
    """The emitter, and the controllers that are not judged because they have another instance id."""
    own = _emitter(pipeline)
    if pipeline.facts.last.namespaced(pipeline.scope.instance_id):
        own = message("pipeline-table/seen.namespaced", own=own, namespace=pipeline.scope.controller_namespace)
    pods = [f"{pod.name} ({pod.instance_id or '-'})" for pod in pipeline.facts.last.pods or () if pipeline.another(pod)]
    unknown = [target for target in sorted(pipeline.observation.others) if pipeline.pod_of(target) is None]
    others = (*pods, *(target_name(dict(target)) for target in unknown))
    return message("pipeline-table/seen.others", own=own, others=", ".join(others)) if others else own


def _emitter(pipeline: Pipeline) -> Message:
    if not pipeline.emitting:
        return message("pipeline-table/seen.no-emitter") if pipeline.asked else NOTHING
    pods = [pipeline.pod_of(target) for target in pipeline.emitting]
    emitters = [
        pod.name if pod else target_name(dict(target)) for pod, target in zip(pods, pipeline.emitting, strict=True)
    ]
    names = ", ".join(dict.fromkeys(emitters))
    holder = pipeline.facts.last.holder
    if not holder:
        return message("pipeline-table/seen.emitter", names=names)
    agrees = holder in {pod.name for pod in pods if pod}
    return message("pipeline-table/seen.leader" if agrees else "pipeline-table/seen.holder", names=names, holder=holder)


def _permissions(pipeline: Pipeline) -> Message:
    permissions = pipeline.facts.rights
    if permissions is None:
        return NOTHING
    parts = []
    if permissions.foreign:
        parts.append(message("pipeline-table/seen.foreign", jobs=", ".join(permissions.foreign)))
    if permissions.granted:
        resources = ", ".join(dict.fromkeys(permission.resource for permission in permissions.granted))
        parts.append(message("pipeline-table/seen.granted", resources=resources))
    if permissions.rollouts is not None:
        parts.append(
            message("pipeline-table/seen.rollouts" if permissions.rollouts else "pipeline-table/seen.no-rollouts")
        )
    return message("pipeline-table/seen.rights", parts=tuple(parts)) if parts else message("pipeline-table/seen.static")


def _reload(pipeline: Pipeline) -> Message:
    reloaded = pipeline.facts.reloaded
    return NOTHING if reloaded is None else message(f"pipeline-table/seen.{'reloaded' if reloaded else 'not-reloaded'}")


def _rules(pipeline: Pipeline) -> Message:
    if pipeline.rules is None:
        return NOTHING
    return message("pipeline-table/seen.rules", count=len(alerts(pipeline)), objects=len(pipeline.facts.stored))


def _alertmanager(pipeline: Pipeline) -> Message:
    if pipeline.facts.alertmanagers is None:
        return NOTHING
    urls = ", ".join(pipeline.facts.alertmanagers)
    if not urls:
        return message("pipeline-table/seen.no-alertmanager")
    return message(
        "pipeline-table/seen.routes" if pipeline.facts.alertmanager else "pipeline-table/seen.alertmanager", urls=urls
    )


def _version(pipeline: Pipeline) -> Message:
    versions = sorted({version for version in pipeline.facts.versions.values() if version})
    known = "v" + ".".join(map(str, newest()[:2]))
    return message("pipeline-table/seen.version", versions=", ".join(versions), known=known) if versions else NOTHING


ALSO: Mapping[str, tuple[str, ...]] = {"pipeline/target": ("coverage/duplicate",)}
"""The checks of other families whose findings say that a link is not in order: a controller that is scraped twice."""

LINKS: Mapping[str, Observed] = {
    "pipeline/service": _service,
    "pipeline/endpoints": _endpoints,
    "pipeline/selected": _operated,
    "pipeline/target": _target,
    "pipeline/scrape": _scrape,
    "pipeline/emitter": _emitters,
    "pipeline/rbac": _permissions,
    "pipeline/reload": _reload,
    "pipeline/rules-loaded": _rules,
    "pipeline/alertmanager": _alertmanager,
    "pipeline/version": _version,
}
"""By check, in the order that metrics and alerts take, what was observed of each link."""
