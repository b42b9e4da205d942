"""Whether an alert about Rollouts reaches anybody: Alertmanager is known, is reached, and has a route to somebody."""

from collections.abc import Iterator, Mapping
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline, about_rollouts
from maintainer.analyse.pipeline.routing import receivers
from maintainer.model.message import message
from maintainer.model.pipeline import Alertmanager
from maintainer.model.queries import LoadedRule
from maintainer.model.report import Finding, Json, Severity, Subject

CHECK = "pipeline/alertmanager"
NOTIFICATIONS = Subject("Prometheus", "", "notifications")


def pipeline_alertmanager(pipeline: Pipeline) -> Iterator[Finding]:
    """No Alertmanager at both ends, notifications lost in between, or alerts that are certain to reach nobody."""
    yield from _nowhere(pipeline)
    yield from _lost(pipeline)
    if pipeline.facts.alertmanager and pipeline.facts.config:
        yield from _unrouted(pipeline, pipeline.facts.alertmanager)


def alerts(pipeline: Pipeline) -> tuple[LoadedRule, ...]:
    """The loaded alerts about Rollouts."""
    rules = pipeline.rules or ()
    mine = set(about_rollouts(rules, [rule.query for rule in rules if rule.query.asks == "alert"]))
    return tuple(rule for rule in rules if rule.query in mine)


def _nowhere(pipeline: Pipeline) -> Iterator[Finding]:
    before = pipeline.observation.notified
    if pipeline.facts.alertmanagers == () and (before is None or before.alertmanagers == 0):
        severity: Severity = "error" if alerts(pipeline) else "warning"
        reproduce = pipeline.access.ask("alertmanagers")
        yield _finding("none", severity, (NOTIFICATIONS,), {"activeAlertmanagers": []}, reproduce=reproduce)


def _lost(pipeline: Pipeline) -> Iterator[Finding]:
    """What was counted between two moments of the same process."""
    if pipeline.facts.notified is None:
        return
    before, after = pipeline.facts.notified
    dropped, errors = after.dropped - before.dropped, after.errors - before.errors
    if before.started != after.started or max(dropped, errors) <= 0:
        return
    yield _finding(
        "dropped" if dropped > 0 else "errors",
        "error" if dropped > 0 else "warning",
        (NOTIFICATIONS,),
        {"dropped": dropped, "errors": errors, "alertmanagers": list(pipeline.facts.alertmanagers or ())},
        reproduce=pipeline.access.ask("query", query="increase(prometheus_notifications_errors_total[1h])"),
    )


def _unrouted(pipeline: Pipeline, routes: Alertmanager) -> Iterator[Finding]:
    ways = {rule: receivers(routes.root, _labels(rule, pipeline)) for rule in alerts(pipeline)}
    lost = {rule: found for rule, found in ways.items() if found <= routes.silent}
    if not lost:
        return
    subjects = dict.fromkeys(Subject("alert", "", rule.query.name) for rule in lost)
    rows: list[Json] = [
        {"alert": rule.query.name, "labels": dict(rule.labels), "receivers": sorted(found)}
        for rule, found in lost.items()
    ]
    yield _finding(
        "unrouted",
        "error",
        tuple(subjects),
        {"alerts": rows, "alertmanager": routes.url},
        reproduce=f"curl -s {quote(routes.url + '/api/v2/status')}",
    )


def _labels(rule: LoadedRule, pipeline: Pipeline) -> Mapping[str, str]:
    """What is certain of an alert's labels: not what a template makes, and nothing that is relabelled on its way."""
    config = pipeline.facts.config
    if config is None or config.relabelled:
        return {}
    own = {"alertname": rule.query.name, **dict(rule.labels)}
    certain = {name: value for name, value in own.items() if "{{" not in value}
    return {**{name: value for name, value in config.external.items() if name not in own}, **certain}


def _finding(
    cause: str,
    severity: Severity,
    subjects: tuple[Subject, ...],
    evidence: Mapping[str, Json],
    *,
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
