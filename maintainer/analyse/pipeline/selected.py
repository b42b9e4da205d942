"""Monitors and rules of the operator that no Prometheus selects, or that do not lead to the controller's metrics."""

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from maintainer.analyse.pipeline.monitors import controller_of, meant_monitors
from maintainer.analyse.pipeline.pipeline import Pipeline, about_rollouts
from maintainer.analyse.pipeline.rules_loaded import missing_rules
from maintainer.analyse.pipeline.selection import FIELDS, Reason, Selected, not_selected, selecting, selector_rows
from maintainer.model.message import message
from maintainer.model.operator_objects import Monitor, PrometheusObject
from maintainer.model.pipeline import StoredRules
from maintainer.model.report import Finding, Gap, Json, Subject

CHECK = "pipeline/selected"
_OF_PROMETHEUSES = {"cluster", "prometheuses", "namespace-labels"}
_OF_MONITORS = {*_OF_PROMETHEUSES, "servicemonitors", "podmonitors", "service-list", "pods"}
_SELECTION = {"nothing", "labels", "namespace", "no-prometheus"}
"""The causes for which no Prometheus selects an object."""


def pipeline_selected(pipeline: Pipeline) -> Iterator[Finding]:
    """Monitors of a controller whose metrics do not arrive, and rules about Rollouts that are not loaded."""
    if pipeline.broken:
        for monitor, reasons in _monitors(pipeline):
            yield _of_monitor(monitor, reasons, pipeline=pipeline)
    loaded = pipeline.rules
    for rules, reasons in _rules(pipeline) if loaded is not None else ():
        stored = (*pipeline.facts.stored, *pipeline.facts.operated.rules)
        missing = missing_rules(rules, stored=stored, loaded=loaded or ())
        if missing:
            yield _of_rules(rules, reasons, missing=[name for _, name in missing], pipeline=pipeline)


def pipeline_selected_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """What is not selected, where it is not known whether the metrics arrive, or the rules are loaded, without it."""
    needed = set[str]()
    if _monitors(pipeline):
        needed |= {"prometheus", "scrapes"}
    if pipeline.facts.operated.monitors:
        needed |= {"pods"}
    if any(True for _ in _rules(pipeline)):
        needed |= {"prometheus", "rules"}
    for fact in pipeline.unavailable:
        if fact.source in needed:
            yield Gap(CHECK, "permanent" if fact.permanent else "passing", fact.reason)


def _monitors(pipeline: Pipeline) -> tuple[tuple[Monitor, tuple[Reason, ...]], ...]:
    """The monitors that are meant for the controller, if none of them leads to its metrics, and everything is known."""
    if _OF_MONITORS & {fact.source for fact in pipeline.unavailable}:
        return ()
    found = meant_monitors(pipeline)
    return found if all(reasons for _, reasons in found) else ()


def _rules(pipeline: Pipeline) -> Iterator[tuple[StoredRules, tuple[Reason, ...]]]:
    """The PrometheusRules about Rollouts that no Prometheus selects, if everything is known."""
    operated = pipeline.facts.operated
    if _OF_PROMETHEUSES & {fact.source for fact in pipeline.unavailable}:
        return
    everything = [query for rules in (*pipeline.facts.stored, *operated.rules) for query in rules.queries]
    mine = set(about_rollouts(pipeline.rules or (), everything))
    for rules in operated.rules:
        if mine.isdisjoint(rules.queries):
            continue
        wanted = Selected(rules.kind, rules.namespace, rules.name, rules.labels)
        if reasons := not_selected(wanted, operated, access=pipeline.access):
            yield rules, reasons


def _of_monitor(monitor: Monitor, reasons: Sequence[Reason], *, pipeline: Pipeline) -> Finding:
    controller, access = controller_of(pipeline), pipeline.access
    candidates = controller.services if monitor.kind == "ServiceMonitor" else controller.pods
    plural = "services" if monitor.kind == "ServiceMonitor" else "pods"
    evidence: dict[str, Json] = {
        "namespaces": ["*"] if monitor.namespaces is None else list(monitor.namespaces or (monitor.namespace,)),
        "selector": str(monitor.selector),
        "ports": [endpoint.port or endpoint.target or "*" for endpoint in monitor.endpoints],
        "paths": [endpoint.path for endpoint in monitor.endpoints],
        plural: [{"name": candidate.name, "labels": dict(candidate.labels)} for candidate in candidates],
    }
    shown = access.kubectl(f"-n {quote(controller.namespace)} get {plural} --show-labels")
    wanted = Selected(monitor.kind, monitor.namespace, monitor.name, monitor.labels)
    return _finding(wanted, reasons, evidence=evidence, shown=shown, pipeline=pipeline)


def _of_rules(rules: StoredRules, reasons: Sequence[Reason], *, missing: Sequence[str], pipeline: Pipeline) -> Finding:
    wanted = Selected(rules.kind, rules.namespace, rules.name, rules.labels)
    shown = pipeline.access.ask("rules")
    return _finding(wanted, reasons, evidence={"rules": list(missing)}, shown=shown, pipeline=pipeline)


def _finding(
    wanted: Selected, reasons: Sequence[Reason], *, evidence: Mapping[str, Json], shown: str, pipeline: Pipeline
) -> Finding:
    """The finding of an object; ``shown`` is a command that shows what it should lead to."""
    causes = [reason.cause for reason in reasons]
    what = "unselected" if _SELECTION & set(causes) else "astray"
    # A text of lines, which reports show as a block that can be copied.
    commands = "".join(f"{reason.command}\n" for reason in reasons if reason.command)
    prometheuses = selecting(pipeline.facts.operated, wanted.kind)
    object_ = pipeline.access.kubectl(
        f"-n {quote(wanted.namespace)} get {wanted.kind.lower()} {quote(wanted.name)} -o yaml"
    )
    return Finding(
        check=CHECK,
        severity="error",
        subjects=(Subject(wanted.kind, wanted.namespace, wanted.name),),
        cause="+".join(causes),
        summary=message(
            f"{CHECK}/{what}.summary", object=str(wanted), reasons=tuple(reason.text for reason in reasons)
        ),
        action=message(
            f"{CHECK}/{what}.action", object=str(wanted), changes=tuple(reason.change for reason in reasons)
        ),
        evidence={
            "labels": dict(wanted.labels),
            "selectors": selector_rows(prometheuses, wanted.kind),
            **evidence,
            **({"commands": commands} if commands else {}),
        },
        reproduce="\n".join((object_, _selectors(prometheuses, wanted.kind, pipeline), shown)),
    )


def _selectors(prometheuses: Sequence[PrometheusObject], kind: str, pipeline: Pipeline) -> str:
    """A command that shows the selectors of each Prometheus for a kind."""
    kinds = ",".join(dict.fromkeys(prometheus.kind.lower() for prometheus in prometheuses)) or "prometheus"
    fields = {"NAME": ".metadata.name", "OBJECTS": f".spec.{FIELDS[kind]}Selector"}
    fields["NAMESPACES"] = f".spec.{FIELDS[kind]}NamespaceSelector"
    columns = ",".join(f"{title}:{path}" for title, path in fields.items())
    return pipeline.access.kubectl(f"get {kinds} --all-namespaces -o custom-columns={columns}")
