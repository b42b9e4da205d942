"""The table of all checks. A check that does not get a fact that it needs has a gap: :func:`gaps_of`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from maintainer.analyse.accuracy.coverage import coverage_duplicate, coverage_ghost, coverage_missing
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.stale_cache import controller_stale_cache
from maintainer.analyse.accuracy.unwatched import coverage_unwatched, coverage_unwatched_gaps
from maintainer.analyse.accuracy.values import accuracy_meaning, accuracy_phase, accuracy_replicas, accuracy_strategy
from maintainer.analyse.alerts.advice import AlertAdvice
from maintainer.analyse.alerts.class_findings import (
    alert_chronic,
    alert_flapping,
    alert_near_miss,
    alert_repeating,
    alert_restart_artefact,
    alert_storm,
    alert_transient,
    alert_window_tail,
)
from maintainer.analyse.alerts.harvest_audit import HarvestAudit, alert_history, alert_history_gaps
from maintainer.analyse.alerts.pair_findings import alert_cascading, alert_duplicate
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.rule_findings import (
    alert_dead,
    alert_precision,
    alert_precision_gaps,
    alert_unreachable,
)
from maintainer.analyse.alerts.tuning_findings import alert_tuning
from maintainer.analyse.alerts.unpaged_findings import alert_unpaged
from maintainer.analyse.drift.audit import DriftAudit
from maintainer.analyse.drift.foreign_owner import drift_foreign_owner
from maintainer.analyse.drift.not_loaded import drift_not_loaded, drift_not_loaded_gaps
from maintainer.analyse.drift.release import drift_release, drift_release_gaps
from maintainer.analyse.drift.stored_findings import drift_changed, drift_changed_gaps, drift_extra, drift_missing
from maintainer.analyse.pipeline.alertmanager import pipeline_alertmanager, pipeline_alertmanager_gaps
from maintainer.analyse.pipeline.dashboard import pipeline_dashboard
from maintainer.analyse.pipeline.emitter import pipeline_emitter
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.rbac import pipeline_rbac
from maintainer.analyse.pipeline.reload import pipeline_reload
from maintainer.analyse.pipeline.rules_loaded import pipeline_rules_loaded, pipeline_rules_loaded_gaps
from maintainer.analyse.pipeline.selected import pipeline_selected, pipeline_selected_gaps
from maintainer.analyse.pipeline.service import pipeline_endpoints, pipeline_service
from maintainer.analyse.pipeline.target import pipeline_scrape, pipeline_target
from maintainer.analyse.pipeline.version import pipeline_version, pipeline_version_gaps
from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.findings import (
    query_always_true,
    query_dead_selector,
    query_deprecated,
    query_error,
    query_no_data,
    query_unknown_label,
    query_unknown_metric,
)
from maintainer.analyse.queries.namespace_label import label_namespace
from maintainer.analyse.queries.not_checked import query_not_checked, query_not_checked_gaps
from maintainer.analyse.queries.panel_value import panel_value, panel_value_gaps
from maintainer.analyse.storage.cardinality import CardinalityReview, cardinality_churn, cardinality_top
from maintainer.analyse.storage.forecast import storage_forecast, storage_forecast_gaps
from maintainer.analyse.storage.retention import (
    retention_configured,
    retention_configured_gaps,
    retention_effective,
    retention_history,
)
from maintainer.analyse.storage.review import StorageReview
from maintainer.analyse.storage.space import (
    storage_headroom,
    storage_headroom_gaps,
    storage_size_cap,
    storage_size_cap_gaps,
    storage_wal,
    storage_wal_gaps,
)
from maintainer.model.facts import Unavailable
from maintainer.model.report import Finding, Gap, Severity

S = TypeVar("S")


def no_gaps(_subject: Any) -> Iterable[Gap]:
    """For a check that has no gaps as long as it gets the facts that it needs."""
    return ()


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """A check: its id, the worst severity of its findings, and its functions.

    ``needs`` are keys of :data:`READ_FROM`. ``finds`` returns the findings, ``gaps`` what could not be checked although
    the needed facts are there.
    """

    id: str
    severity: Severity
    needs: tuple[str, ...]
    finds: Callable[[S], Iterable[Finding]]
    gaps: Callable[[S], Iterable[Gap]] = no_gaps


COMPARED = ("rollouts", "scrapes", "comparable-rollouts", "named-namespaces", "new-scrapes", "decided-rollouts")
"""What a comparison of values needs."""
LISTED = COMPARED[:-1]
"""What a check for missing Rollouts needs: it does not matter how many of them move."""
QUERIES = ("rules", "dashboards")

ACCURACY_CHECKS: tuple[Check[ComparedFleet], ...] = (
    Check("accuracy/meaning", "warning", COMPARED, accuracy_meaning),
    Check("accuracy/phase", "error", COMPARED, accuracy_phase),
    Check("accuracy/replicas", "error", COMPARED, accuracy_replicas),
    Check("accuracy/strategy", "warning", COMPARED, accuracy_strategy),
    Check("controller/stale-cache", "error", (*COMPARED, "pending-reconciles"), controller_stale_cache),
    Check("coverage/duplicate", "error", ("scrapes", "new-scrapes"), coverage_duplicate),
    Check("coverage/ghost", "warning", ("rollouts", "scrapes", "new-scrapes"), coverage_ghost),
    Check("coverage/missing", "error", LISTED, coverage_missing),
    Check(
        "coverage/unwatched",
        "error",
        ("rollouts", "scrapes", "new-scrapes", "pods", "reconciles", "placed-controller"),
        coverage_unwatched,
        coverage_unwatched_gaps,
    ),
)

PIPELINE_CHECKS: tuple[Check[Pipeline], ...] = (
    Check(
        "pipeline/alertmanager",
        "error",
        ("rules", "config", "notifications", "alertmanagers", "alertmanager"),
        pipeline_alertmanager,
        pipeline_alertmanager_gaps,
    ),
    Check("pipeline/dashboard", "error", ("dashboards",), pipeline_dashboard),
    Check(
        "pipeline/emitter",
        "error",
        ("rollouts", "scrapes", "pods", "leases", "families", "placed-controller"),
        pipeline_emitter,
    ),
    Check(
        "pipeline/endpoints", "error", ("services", "pods", "endpointslices", "placed-controller"), pipeline_endpoints
    ),
    Check("pipeline/rbac", "error", ("config", "prometheus-pods", "reviews"), pipeline_rbac),
    Check("pipeline/reload", "error", ("runtimeinfo",), pipeline_reload),
    Check(
        "pipeline/rules-loaded",
        "error",
        ("rules", "ruler-pods", "configmaps", "prometheusrules"),
        pipeline_rules_loaded,
        pipeline_rules_loaded_gaps,
    ),
    Check("pipeline/scrape", "error", ("scrapes", "targets", "samples", "config"), pipeline_scrape),
    Check(
        "pipeline/selected",
        "error",
        ("servicemonitors", "podmonitors", "prometheusrules", "prometheuses", "service-list", "namespace-labels"),
        pipeline_selected,
        pipeline_selected_gaps,
    ),
    Check("pipeline/service", "error", ("scrapes", "services", "pods", "placed-controller"), pipeline_service),
    Check("pipeline/target", "error", ("scrapes", "targets"), pipeline_target),
    Check(
        "pipeline/version",
        "warning",
        ("pods", "versions", "placed-controller"),
        pipeline_version,
        pipeline_version_gaps,
    ),
)

QUERY_CHECKS: tuple[Check[QueryAudit], ...] = (
    Check("label/namespace", "error", ("scrapes", "new-scrapes"), label_namespace),
    Check(
        "panel/value",
        "error",
        ("rollouts", "scrapes", "comparable-rollouts", "new-scrapes", "dashboards", "results"),
        panel_value,
        panel_value_gaps,
    ),
    Check("query/always-true", "error", QUERIES, query_always_true),
    Check("query/dead-selector", "error", QUERIES, query_dead_selector),
    Check("query/deprecated", "warning", QUERIES, query_deprecated),
    Check(
        "query/error",
        "error",
        (*QUERIES, "scrapes", "comparable-rollouts", "new-scrapes", "results"),
        query_error,
    ),
    Check(
        "query/no-data",
        "warning",
        (*QUERIES, "scrapes", "comparable-rollouts", "new-scrapes", "results"),
        query_no_data,
    ),
    Check("query/not-checked", "info", (), query_not_checked, query_not_checked_gaps),
    Check("query/unknown-label", "error", (*QUERIES, "labels"), query_unknown_label),
    Check("query/unknown-metric", "error", QUERIES, query_unknown_metric),
)

DRIFT_CHECKS: tuple[Check[DriftAudit], ...] = (
    Check("drift/changed", "error", ("deployed", "stored", "grafana-copies"), drift_changed, drift_changed_gaps),
    Check("drift/extra", "info", ("deployed", "stored"), drift_extra),
    Check("drift/foreign-owner", "warning", ("deployed", "stored"), drift_foreign_owner),
    Check("drift/missing", "error", ("deployed", "stored", "grafana-copies"), drift_missing),
    Check("drift/not-loaded", "error", ("deployed", "stored", "loaded"), drift_not_loaded, drift_not_loaded_gaps),
    Check("drift/release", "error", ("deployed",), drift_release, drift_release_gaps),
)

CARDINALITY_CHECKS: tuple[Check[CardinalityReview], ...] = (
    Check("cardinality/churn", "warning", ("controller-series",), cardinality_churn),
    Check("cardinality/top", "info", ("controller-series", "head-statistics", *QUERIES), cardinality_top),
)

STORAGE_CHECKS: tuple[Check[StorageReview], ...] = (
    Check(
        "retention/configured",
        "error",
        ("limits", "config", "own-metrics"),
        retention_configured,
        retention_configured_gaps,
    ),
    Check("retention/effective", "error", ("limits", "own-metrics"), retention_effective),
    Check("retention/history", "warning", ("limits", "own-metrics", "archive"), retention_history),
    Check(
        "storage/forecast", "error", ("own-metrics", "own-series", "own-past"), storage_forecast, storage_forecast_gaps
    ),
    Check("storage/headroom", "error", ("own-metrics", "own-series", "disk"), storage_headroom, storage_headroom_gaps),
    Check(
        "storage/size-cap",
        "error",
        ("limits", "own-metrics", "own-series", "blocks"),
        storage_size_cap,
        storage_size_cap_gaps,
    ),
    Check("storage/wal", "error", ("limits", "own-metrics", "own-series"), storage_wal, storage_wal_gaps),
)

HARVEST_CHECKS: tuple[Check[HarvestAudit], ...] = (
    Check("alert/history", "warning", ("alert-history",), alert_history, alert_history_gaps),
)

ARCHIVED = ("alert-archive",)

ALERT_CHECKS: tuple[Check[Review], ...] = (
    Check("alert/cascading", "info", ARCHIVED, alert_cascading),
    Check("alert/chronic", "warning", ARCHIVED, alert_chronic),
    Check("alert/dead", "error", ARCHIVED, alert_dead),
    Check("alert/duplicate", "warning", ARCHIVED, alert_duplicate),
    Check("alert/flapping", "warning", ARCHIVED, alert_flapping),
    Check("alert/near-miss", "info", ARCHIVED, alert_near_miss),
    Check("alert/precision", "warning", ARCHIVED, alert_precision, alert_precision_gaps),
    Check("alert/repeating", "warning", ARCHIVED, alert_repeating),
    Check("alert/restart-artefact", "info", ARCHIVED, alert_restart_artefact),
    Check("alert/storm", "warning", ARCHIVED, alert_storm),
    Check("alert/transient", "warning", ARCHIVED, alert_transient),
    Check("alert/unpaged", "warning", ARCHIVED, alert_unpaged),
    Check("alert/unreachable", "warning", ARCHIVED, alert_unreachable),
    Check("alert/window-tail", "info", ARCHIVED, alert_window_tail),
)

TUNING_CHECKS: tuple[Check[AlertAdvice], ...] = (Check("alert/tuning", "warning", ARCHIVED, alert_tuning),)

OF_QUARTER: tuple[Check[Any], ...] = (*ALERT_CHECKS, *TUNING_CHECKS)
"""The checks of the quarterly review."""

_ALL: tuple[Check[Any], ...] = (
    *ACCURACY_CHECKS,
    *PIPELINE_CHECKS,
    *QUERY_CHECKS,
    *DRIFT_CHECKS,
    *STORAGE_CHECKS,
    *HARVEST_CHECKS,
    *OF_QUARTER,
    *CARDINALITY_CHECKS,
)
CHECKS: Mapping[str, Check[Any]] = {check.id: check for check in sorted(_ALL, key=lambda check: check.id)}

READ_FROM: Mapping[str, str] = {
    "rollouts": "cluster",
    "services": "cluster",
    "pods": "cluster",
    "endpointslices": "cluster",
    "leases": "cluster",
    "prometheus-pods": "cluster",
    "ruler-pods": "cluster",
    "reviews": "cluster",
    "configmaps": "cluster",
    "prometheusrules": "cluster",
    "servicemonitors": "cluster",
    "podmonitors": "cluster",
    "prometheuses": "cluster",
    "service-list": "cluster",
    "namespace-labels": "cluster",
    "deployed": "cluster",
    "stored": "cluster",
    "dashboards": "cluster",
    "scrapes": "prometheus",
    "targets": "prometheus",
    "versions": "prometheus",
    "reconciles": "prometheus",
    "labels": "prometheus",
    "samples": "prometheus",
    "families": "prometheus",
    "pending-reconciles": "prometheus",
    "rules": "prometheus",
    "config": "prometheus",
    "runtimeinfo": "prometheus",
    "notifications": "prometheus",
    "alertmanagers": "prometheus",
    "alertmanager": "prometheus",
    "results": "prometheus",
    "loaded": "prometheus",
    "grafana-copies": "grafana",
    "archive": "store",
    "disk": "cluster",
    "limits": "prometheus",
    "own-metrics": "prometheus",
    "own-series": "prometheus",
    "own-past": "prometheus",
    "controller-series": "prometheus",
    "head-statistics": "prometheus",
    "blocks": "prometheus",
    "alert-history": "prometheus",
    "alert-archive": "store",
    "comparable-rollouts": "comparison",
    "named-namespaces": "comparison",
    "new-scrapes": "comparison",
    "decided-rollouts": "comparison",
    "placed-controller": "comparison",
}
"""The facts that checks need, and the source of each; those of ``comparison`` follow from the other two."""


def gaps_of(unavailable: Sequence[Unavailable], checks: Sequence[Check[Any]] = _ALL) -> Iterator[Gap]:
    """A gap for each of these checks that needs an unavailable fact, or a fact from an unavailable source."""
    for fact in dict.fromkeys(unavailable):
        for check in sorted(checks, key=lambda check: check.id):
            if fact.source in check.needs or fact.source in {READ_FROM[need] for need in check.needs}:
                yield Gap(check.id, "permanent" if fact.permanent else "passing", fact.reason)
