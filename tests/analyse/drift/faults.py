"""The faults that the checks of drift must find: for each check and cause, facts with that fault and no other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from maintainer.analyse.checks import DRIFT_CHECKS
from maintainer.analyse.drift.audit import DriftAudit, drift_audit
from maintainer.analyse.reproduce import Access
from maintainer.model.drift import (
    DashboardCopy,
    Deployed,
    DesiredObject,
    DriftFacts,
    LoadedConfiguration,
    Release,
    ReleaseState,
    StoredObject,
)
from maintainer.model.report import Finding, Gap, Severity
from tests.analyse.drift.builders import DEPLOYED, EDITED, config_map, desired, managed, stored

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
RELEASE = Release("monitoring", "monitoring", 3)
ORIGIN = "Helm release monitoring/monitoring, revision 3"
RULES, CONFIG = "argo-rollouts.rules.yml", "prometheus.yml"
FAILED = "expr: 'rollout_info{phase=\"Error\"} == 1', for: 5m, labels: {severity: critical}"
PAUSED = "expr: 'rollout_info{phase=\"Paused\"} == 1'"
ALERTS = f"groups: [{{name: rollouts, rules: [{{alert: Failed, {FAILED}}}, {{alert: Paused, {PAUSED}}}]}}]"
JOBS = "scrape_configs: [{job_name: rollouts, honor_labels: true, scrape_interval: 60s}]"
LOADED_JOBS = (
    "global: {scrape_interval: 1m}\nscrape_configs:\n- {job_name: rollouts, honor_labels: true, scrape_interval: 1m}"
)
SERVER = "http://prometheus:9090"
HELMS = "metadata", "annotations", "meta.helm.sh/release-name"


@dataclass(frozen=True)
class Fault:
    """Facts with a fault, and the severity of its finding."""

    audit: DriftAudit
    severity: Severity


def deployed(content: Mapping[str, Any]) -> DesiredObject:
    """An object of the Helm release."""
    return replace(desired(content, ORIGIN), release=RELEASE)


def live(content: Mapping[str, Any], *edited: Sequence[str], by: str = "kubectl-edit") -> StoredObject:
    """An object that Helm has applied, and of which these fields were edited by hand."""
    entries = [managed("helm", "Apply", DEPLOYED, HELMS, ("data", RULES), ("data", CONFIG), ("spec", "selector"))]
    entries += [managed(by, "Update", EDITED, *edited)] if edited else []
    metadata = {**content["metadata"], "managedFields": entries}
    return stored({**content, "metadata": metadata})


def rules(group: str = "rollouts", *more: Mapping[str, Any], **changed: Any) -> tuple[Mapping[str, Any], ...]:
    """The groups of ``/api/v1/rules`` that are loaded if nothing is wrong; ``changed`` is of the alert Failed."""
    failed = {
        "type": "alerting", "name": "Failed", "query": 'rollout_info{phase="Error"} == 1', "duration": 300,
        "labels": {"severity": "critical"}, "annotations": {}, "keepFiringFor": 0, **changed,
    }  # fmt: skip
    paused = {"type": "alerting", "name": "Paused", "query": 'rollout_info{phase="Paused"} == 1', "duration": 0}
    return ({"name": group, "rules": [failed, paused, *more]},)


def server(**changed: Any) -> LoadedConfiguration:
    """A server that has loaded everything."""
    return replace(LoadedConfiguration(SERVER, LOADED_JOBS, rules(), {"storage.tsdb.retention.time": "30d"}), **changed)


def audited(
    *pairs: tuple[DesiredObject, StoredObject | None],
    loaded: Sequence[LoadedConfiguration] = (),
    releases: Sequence[ReleaseState] = (),
    access: Access | None = None,
) -> DriftAudit:
    """The audit of these objects."""
    objects = tuple(wanted for wanted, _ in pairs)
    facts = DriftFacts(Deployed(objects, tuple(releases)), {wanted.id: there for wanted, there in pairs}, tuple(loaded))
    return drift_audit(facts, access=access or Access(SERVER), now=NOW)


def edited(text: str, *, key: str = RULES, **metadata: Any) -> DriftAudit:
    """The ConfigMap of Prometheus, in which a value was replaced by hand."""
    data = {RULES: ALERTS, CONFIG: JOBS}
    there = config_map({**data, key: text})
    there["metadata"] |= metadata
    return audited((deployed(config_map(data)), live(there, ("data", key))))


def service(**selector: str) -> dict[str, Any]:
    metadata = {"namespace": "argo-rollouts", "name": "argo-rollouts-metrics"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": selector}}


def same(loaded: LoadedConfiguration, **more: Any) -> DriftAudit:
    """The ConfigMap of Prometheus as it was deployed, and what a server has loaded."""
    wanted = config_map({RULES: ALERTS, CONFIG: JOBS})
    return audited((deployed(wanted), live(wanted)), loaded=[loaded], **more)


def released(status: str, error: str = "") -> DriftAudit:
    """A release whose newest revision is not the one that is deployed."""
    return audited(releases=[ReleaseState(replace(RELEASE, revision=4, status=status, error=error), RELEASE)])


def with_owner(**metadata: Any) -> DriftAudit:
    """An edited ConfigMap that somebody else keeps."""
    return edited(ALERTS.replace("5m", "1h"), **metadata)


BOARD: Mapping[str, Any] = {"uid": "rollouts", "title": "Rollouts", "panels": []}


def in_grafana(copy: Mapping[str, Any] | None) -> DriftAudit:
    """A dashboard that is stored as it was deployed, and of which Grafana has this copy."""
    content = config_map({"board.json": json.dumps(BOARD)})
    wanted, text = deployed(content), None if copy is None else json.dumps(copy)
    own = DashboardCopy(wanted.id, "board.json", "rollouts", "https://grafana", text, "kim", EDITED)
    facts = DriftFacts(Deployed((wanted,)), {wanted.id: live(content)}, copies=(own,))
    return drift_audit(facts, access=Access(SERVER), now=NOW)


OWNER = {"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "name": "main", "controller": True}
CONFLICT = 'conflict occurred: Apply failed with 1 conflict: conflict with "kubectl-edit": .data.prometheus.yml'
EXTRA = ALERTS.replace("]}]", ", {alert: Mine, expr: up == 0}]}]")

FAULTS: Mapping[str, Fault] = {
    "drift/changed/for": Fault(edited(ALERTS.replace("5m", "1h")), "warning"),
    "drift/changed/field": Fault(edited(JOBS.replace("60s", "30s"), key=CONFIG), "warning"),
    "drift/changed/never-alert": Fault(edited(ALERTS.replace('"Error"', '"Degraded"')), "error"),
    "drift/changed/always-alert": Fault(edited(ALERTS.replace('phase="Error"', 'phase!="Healthy"')), "error"),
    "drift/changed/honor-labels": Fault(edited(JOBS.replace("true", "false"), key=CONFIG), "error"),
    "drift/changed/labels": Fault(edited(ALERTS.replace("critical", "info")), "warning"),
    "drift/changed/service": Fault(
        audited((deployed(service(app="a")), live(service(app="b"), ("spec", "selector")))), "error"
    ),
    "drift/changed/grafana": Fault(in_grafana({**BOARD, "title": "other"}), "warning"),
    "drift/missing/grafana": Fault(in_grafana(None), "error"),
    "drift/extra/item": Fault(edited(EXTRA), "info"),
    "drift/missing/object": Fault(audited((deployed(service(app="a")), None)), "error"),
    "drift/missing/no-alert": Fault(edited(ALERTS.replace(f", {{alert: Paused, {PAUSED}}}", "")), "error"),
    "drift/missing/no-job": Fault(edited("scrape_configs: []", key=CONFIG), "error"),
    "drift/not-loaded/stored": Fault(same(server(rules=rules(query="up == 0"))), "error"),
    "drift/not-loaded/job": Fault(same(server(pools=frozenset(), version="3.9.1")), "error"),
    "drift/foreign-owner/argocd": Fault(
        with_owner(annotations={"argocd.argoproj.io/tracking-id": "mon:/ConfigMap:monitoring/prometheus-config"}),
        "warning",
    ),
    "drift/foreign-owner/flux-kustomization": Fault(
        with_owner(labels={
            "kustomize.toolkit.fluxcd.io/name": "mon", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
        }),
        "warning",
    ),
    "drift/foreign-owner/flux-helmrelease": Fault(
        with_owner(labels={"helm.toolkit.fluxcd.io/name": "mon", "helm.toolkit.fluxcd.io/namespace": "flux-system"}),
        "warning",
    ),
    "drift/foreign-owner/owner": Fault(with_owner(ownerReferences=[OWNER]), "warning"),
    "drift/release/failed": Fault(released("failed", "timed out waiting for the condition"), "error"),
    "drift/release/conflict": Fault(released("failed", CONFLICT), "error"),
}  # fmt: skip


def findings(audit: DriftAudit) -> tuple[Finding, ...]:
    """The findings of all checks of drift."""
    return tuple(finding for check in DRIFT_CHECKS for finding in check.finds(audit))


def gaps(audit: DriftAudit) -> tuple[Gap, ...]:
    """The gaps of all checks of drift."""
    return tuple(gap for check in DRIFT_CHECKS for gap in check.gaps(audit))
