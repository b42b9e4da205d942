"""The check whether alerts about Rollouts reach a receiver: Prometheus sends them, and Alertmanager has a route."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from maintainer.analyse.pipeline.pipeline import Pipeline, about_rollouts
from maintainer.analyse.pipeline.routing import receivers
from maintainer.analyse.reproduce import Access
from maintainer.model.message import message
from maintainer.model.pipeline import Alertmanager
from maintainer.model.queries import LoadedRule
from maintainer.model.report import Finding, Gap, Json, Severity, Subject, divisible

CHECK = "pipeline/alertmanager"
NOTIFICATIONS = Subject("Prometheus", "", "notifications")


def pipeline_alertmanager(pipeline: Pipeline) -> Iterator[Finding]:
    """No Alertmanager at both ends of the run, notifications lost during it, or alerts that can reach no receiver."""
    yield from _no_alertmanager(pipeline)
    yield from _lost_notifications(pipeline)
    if pipeline.facts.alertmanager and pipeline.facts.config:
        yield from _unrouted(pipeline, pipeline.facts.alertmanager)


def pipeline_alertmanager_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """Prometheus has no Alertmanager, and another server may send the alerts."""
    elsewhere = pipeline.rules_elsewhere
    if pipeline.facts.alertmanagers == () and elsewhere:
        yield Gap(CHECK, "permanent", elsewhere)
    elif pipeline.facts.alertmanagers == () and pipeline.is_other and not alerts(pipeline):
        yield Gap(CHECK, "permanent", message("gap/alerts-elsewhere"))


def alerts(pipeline: Pipeline) -> tuple[LoadedRule, ...]:
    """The loaded alerts about Rollouts."""
    rules = pipeline.rules or ()
    queries = set(about_rollouts(rules, [rule.query for rule in rules if rule.query.asks == "alert"]))
    return tuple(rule for rule in rules if rule.query in queries)


def _no_alertmanager(pipeline: Pipeline) -> Iterator[Finding]:
    before = pipeline.observation.notified
    if pipeline.rules_elsewhere or (pipeline.is_other and not alerts(pipeline)):
        return
    if pipeline.facts.alertmanagers == () and (before is None or before.alertmanagers == 0):
        severity: Severity = "error" if alerts(pipeline) else "warning"
        reproduce = pipeline.access.evaluator.ask("alertmanagers")
        evidence: dict[str, Json] = {"activeAlertmanagers": []}
        yield _finding("none", severity, subjects=(NOTIFICATIONS,), evidence=evidence, reproduce=reproduce)


def _lost_notifications(pipeline: Pipeline) -> Iterator[Finding]:
    """Notifications that were dropped or failed during the run; counts of two processes are not compared."""
    if pipeline.facts.notified is None:
        return
    before, after = pipeline.facts.notified
    dropped, errors = after.dropped - before.dropped, after.errors - before.errors
    if before.started != after.started or max(dropped, errors) <= 0:
        return
    cause = "dropped" if dropped > 0 else "errors"
    grown = f"increase(prometheus_notifications_{cause}_total[1h])"
    yield _finding(
        cause,
        "error" if dropped > 0 else "warning",
        subjects=(NOTIFICATIONS,),
        evidence={"dropped": dropped, "errors": errors, "alertmanagers": list(pipeline.facts.alertmanagers or ())},
        reproduce=pipeline.access.evaluator.ask("query", query=grown),
    )


def _unrouted(pipeline: Pipeline, alertmanager: Alertmanager) -> Iterator[Finding]:
    """Alerts that can only reach receivers without an integration."""
    reached = {rule: receivers(alertmanager.root, _certain_labels(rule, pipeline)) for rule in alerts(pipeline)}
    unrouted = [(rule, names) for rule, names in reached.items() if names <= alertmanager.silent]
    if unrouted:
        yield divisible(unrouted, partial(_reaching_nobody, alertmanager, access=pipeline.access))


def _reaching_nobody(
    alertmanager: Alertmanager, unrouted: Sequence[tuple[LoadedRule, frozenset[str]]], *, access: Access
) -> Finding:
    """Alerts, each with the receivers that it reaches, which have no integration."""
    subjects = dict.fromkeys(Subject("alert", "", rule.query.name) for rule, _ in unrouted)
    rows: list[Json] = [
        {"alert": rule.query.name, "labels": dict(rule.labels), "receivers": sorted(names)} for rule, names in unrouted
    ]
    return _finding(
        "unrouted",
        "error",
        subjects=tuple(subjects),
        evidence={"alerts": rows, "alertmanager": alertmanager.url},
        reproduce=access.fetch(f"{alertmanager.url}/api/v2/status"),
    )


def _certain_labels(rule: LoadedRule, pipeline: Pipeline) -> Mapping[str, str]:
    """The labels that the alert has for certain: none if alerts are relabelled, else those without a template."""
    config = pipeline.facts.config
    if config is None or config.relabelled:
        return {}
    labels = {"alertname": rule.query.name, **dict(rule.labels)}
    certain = {name: value for name, value in labels.items() if "{{" not in value}
    return {**{name: value for name, value in config.external.items() if name not in labels}, **certain}


def _finding(
    cause: str,
    severity: Severity,
    *,
    subjects: tuple[Subject, ...],
    evidence: Mapping[str, Json],
    reproduce: str,
) -> Finding:
    names = ", ".join(subject.name for subject in subjects)
    return Finding(
        check=CHECK,
        severity=severity,
        subjects=subjects,
        cause=cause,
        summary=message(f"{CHECK}/{cause}.summary", count=len(subjects), names=names),
        action=message(f"{CHECK}/{cause}.action"),
        evidence=evidence,
        reproduce=reproduce,
    )
