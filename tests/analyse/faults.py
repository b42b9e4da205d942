"""The faults that checks must find: for each check and cause, facts with that fault and no other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.stale_cache import without_other_causes
from maintainer.analyse.checks import ACCURACY_CHECKS, PIPELINE_CHECKS, QUERY_CHECKS
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import GAUGES, UPDATED
from maintainer.model.counts import PendingReconciles, ScrapedSamples
from maintainer.model.facts import FleetObservation, Pending
from maintainer.model.loaded_queries import Dashboard, LoadedQueries, QueryResults
from maintainer.model.operator_objects import Monitor, MonitorEndpoint
from maintainer.model.pipeline import (
    Permissions,
    PipelineFacts,
    Port,
    PrometheusConfig,
)
from maintainer.model.queries import Query
from maintainer.model.report import Finding, Severity
from tests.analyse.builders import (
    A,
    B,
    bracket,
    compared,
    confirmed,
    fleet_only,
    progressing,
    rollout,
    says,
    scrape,
    scraped,
    target,
    wrong_phase,
)
from tests.analyse.pipeline.builders import CART as OLD_CART
from tests.analyse.pipeline.builders import (
    LIST_ENDPOINTS,
    NOTHING_SCRAPED,
    NOTIFIED,
    SLACK,
    controller,
    counts,
    facts,
    not_ready,
    observation,
    pipeline,
    pod,
    route,
    rule,
    service,
    stored,
)
from tests.analyse.pipeline.operated import monitor
from tests.analyse.pipeline.operated import world as operated
from tests.analyse.queries.builders import FLEET, alert, audited, honest, loaded, one_question, panel, planned


@dataclass(frozen=True)
class Fault:
    """Facts with a fault, and the severity of its finding."""

    audit: QueryAudit
    severity: Severity


def findings(audit: QueryAudit) -> tuple[Finding, ...]:
    """The findings of all checks."""
    return (
        *(finding for accuracy_check in ACCURACY_CHECKS for finding in accuracy_check.finds(audit.fleet)),
        *(finding for pipeline_check in PIPELINE_CHECKS for finding in pipeline_check.finds(audit.fleet.pipeline)),
        *(finding for query_check in QUERY_CHECKS for finding in query_check.finds(audit)),
    )


def only_finding(audit: QueryAudit) -> Finding:
    """The only finding of all checks."""
    (finding,) = findings(audit)
    return finding


def fault_finding(id_: str) -> Finding:
    """The finding of a fault of :data:`FAULTS`."""
    return only_finding(FAULTS[id_].audit)


def of_comparison(comparison: Comparison, observation_: FleetObservation | None = None) -> QueryAudit:
    """A compared fleet, without facts about the pipeline or queries."""
    return QueryAudit(compared(comparison, observation_))


def of_observation(observation_: FleetObservation) -> QueryAudit:
    """Facts about targets only."""
    return QueryAudit(ComparedFleet(Comparison(), fleet_only(observation_)))


def of_pipeline(pipeline_: Pipeline) -> QueryAudit:
    """A pipeline and its fleet, without facts about queries."""
    return QueryAudit(ComparedFleet(judge_brackets(pipeline_.observation.brackets, ""), pipeline_))


def of_queries(*queries: Query, results: QueryResults | None = None) -> QueryAudit:
    """These queries, beside an alert and a panel without faults."""
    return audited(loaded(alert(CORRECT), panel(CORRECT), *queries), results)


def with_dashboard(dashboard: Dashboard) -> QueryAudit:
    """A pipeline without faults, and this dashboard only."""
    return of_pipeline(pipeline(loaded=LoadedQueries((rule(),), (dashboard,))))


def with_access(audit: QueryAudit, access: Access) -> QueryAudit:
    """The same facts for a reader with another access."""
    return replace(audit, fleet=replace(audit.fleet, pipeline=replace(audit.fleet.pipeline, access=access)))


def down(error: str) -> FleetObservation:
    """Target A is down with this error at both ends of the run."""
    return observation(targets=(target(healthy=False, error=error),), down=frozenset({A}))


CORRECT = 'rollout_info{phase="Error"} == 1'
TOTAL = "sum by (namespace) (rollout_info_replicas_desired)"
DASHBOARD = "monitoring/grafana-dashboard-argo-rollouts"
NO_SERIES = 'rollout_info{job="argo"}'

CART, PAY = rollout(), rollout("pay", version="8")
REFUSED = rollout(conditions=(progressing("ReplicaSetCreateError"),))
ABORTED = rollout(conditions=(progressing("RolloutAborted"),))
WITHOUT_UPDATED = {CART.key: says(CART, without=[UPDATED])}
EXPORTED = scraped(CART, namespace_label="exported_namespace", controller_namespace="argo-rollouts")
RENAMED = scraped(CART, namespace_label="rollout_namespace")

NO_SCRAPE = bracket(CART, scrapes=())
DOWN = target(healthy=False, error="connection refused")
GROWN = replace(NOTIFIED, dropped=3.0)
NEAR_LIMIT = facts(
    samples={A: ScrapedSamples(900, 800)}, config=PrometheusConfig(sample_limits={"argo-rollouts-metrics": 1000})
)
NO_ALERTMANAGER = facts(alertmanagers=(), alertmanager=None)
MISSING_SERVICE = controller(service=None)
RENAMED_PORT = service(Port("metrics", 8090, "metric"))
LACKING = Permissions(("monitoring", "prometheus"), refused=(LIST_ENDPOINTS, replace(LIST_ENDPOINTS, verb="watch")))
SILENT = observation(NO_SCRAPE, silent=True)
"""Target A is up, and no Rollout arrives."""
WITH_STANDBY = (pod(), pod("standby", addresses=("10.0.0.2",)))
NOT_RECONCILED = counts(still={A: frozenset({OLD_CART.key})})


def _wrong_total() -> QueryAudit:
    count = one_question(TOTAL).count
    assert count is not None
    return of_queries(
        panel(TOTAL), results=QueryResults(values={count.grouped: {**honest(count, FLEET), ("shop", "cart"): 4.0}})
    )


def confirmed_overlooked(*names: str) -> Comparison:
    """The comparison of Rollouts, cart if none is named, that the controller overlooks for longer than a reconcile."""
    pending = Pending("spec", generation=3, observed="2")
    overlooked = [rollout(name, desired=1, reconciled=False, pending=pending) for name in names or ("cart",)]
    shown = scrape({late.key: says(late, desired=3) for late in overlooked})
    brackets = [replace(bracket(*overlooked, scrapes=(shown,)), at=at) for at in (0.0, 60.0)]
    keys = frozenset(late.key for late in overlooked)
    return without_other_causes(judge_brackets(brackets, ""), PendingReconciles(keys))


ACCURACY_FAULTS: Mapping[str, Fault] = {
    "accuracy/phase/drift": Fault(of_comparison(confirmed(CART, scrapes=(wrong_phase(CART),))), "error"),
    "accuracy/replicas/drift": Fault(
        of_comparison(confirmed(CART, scrapes=(scrape({CART.key: says(CART, desired=9)}),))), "error"),
    "accuracy/strategy/drift": Fault(
        of_comparison(confirmed(CART, scrapes=(scrape({CART.key: says(CART, strategy="none")}),))), "warning"),
    "accuracy/meaning/replicaset-refused": Fault(
        of_comparison(confirmed(REFUSED, scrapes=(wrong_phase(REFUSED, phase="Error"),))), "warning"),
    "accuracy/meaning/conditions-disagree": Fault(
        of_comparison(confirmed(ABORTED, scrapes=(wrong_phase(ABORTED, phase="Abort"),))), "warning"),
    "coverage/missing/whole": Fault(of_comparison(confirmed(CART, PAY, scrapes=(scraped(CART),))), "error"),
    "coverage/missing/partly": Fault(of_comparison(confirmed(CART, scrapes=(scrape(WITHOUT_UPDATED),))), "error"),
    "coverage/missing/family": Fault(of_comparison(confirmed(
        CART, scrapes=(scrape(WITHOUT_UPDATED, families=frozenset(GAUGES) - {UPDATED}),))), "error"),
    "coverage/ghost/series": Fault(of_comparison(confirmed(CART, scrapes=(scraped(CART, PAY),))), "warning"),
    "coverage/ghost/target": Fault(
        of_comparison(confirmed(CART, scrapes=(scraped(CART), scraped(PAY, target=B)))), "warning"),
    "coverage/duplicate/targets": Fault(
        of_comparison(confirmed(CART, scrapes=(scraped(CART), scraped(CART, target=B)))), "error"),
    "coverage/duplicate/leaders": Fault(QueryAudit(compared(
        confirmed(CART, scrapes=(scraped(CART), scraped(CART, target=B))),
        facts=PipelineFacts(controller(pods=WITH_STANDBY), controller(pods=WITH_STANDBY)))), "error"),
    "controller/stale-cache/overlooked": Fault(of_comparison(confirmed_overlooked()), "error"),
    "coverage/unwatched/still": Fault(of_pipeline(pipeline(facts(reconciles=NOT_RECONCILED))), "error"),
}  # fmt: skip


def of_operator(monitor_: Monitor) -> QueryAudit:
    """A cluster with the Prometheus operator and this monitor, of whose targets nothing is known."""
    return of_pipeline(operated(monitor_, seen=replace(NOTHING_SCRAPED, targets=None), loaded=(rule(),)))


PIPELINE_FAULTS: Mapping[str, Fault] = {
    "pipeline/target/none": Fault(of_observation(FleetObservation(targets=())), "error"),
    "pipeline/target/down": Fault(of_observation(FleetObservation(targets=(DOWN,), down=frozenset({A}))), "error"),
    "pipeline/target/still": Fault(
        of_observation(FleetObservation(targets=(target(),), still=frozenset({A}))), "error"),
    "pipeline/scrape/status": Fault(
        of_pipeline(pipeline(observed=down("server returned HTTP status 503 Service Unavailable"))), "error"),
    "pipeline/scrape/server-error": Fault(
        of_pipeline(pipeline(observed=down("server returned HTTP status 500 Internal Server Error"))), "error"),
    "pipeline/scrape/unauthorized": Fault(
        of_pipeline(pipeline(observed=down("server returned HTTP status 403 Forbidden"))), "error"),
    "pipeline/scrape/path": Fault(
        of_pipeline(pipeline(observed=down("server returned HTTP status 404 Not Found"))), "error"),
    "pipeline/scrape/https": Fault(
        of_pipeline(pipeline(observed=down("server returned HTTP status 400 Bad Request"))), "error"),
    "pipeline/scrape/sample-limit": Fault(of_pipeline(pipeline(observed=down("sample limit exceeded"))), "error"),
    "pipeline/scrape/limit": Fault(of_pipeline(pipeline(observed=down("body size limit exceeded"))), "error"),
    "pipeline/scrape/near-limit": Fault(of_pipeline(pipeline(NEAR_LIMIT)), "warning"),
    "pipeline/scrape/unreadable": Fault(
        of_pipeline(pipeline(observed=down('"INVALID" is not a valid start token'))), "error"),
    "pipeline/emitter/silent": Fault(
        of_observation(FleetObservation(targets=(target(),), silent=True, brackets=(NO_SCRAPE,))), "error"),
    "pipeline/emitter/renamed": Fault(
        of_pipeline(pipeline(facts(families=frozenset({"argo_rollout_info"}), reconciles=None), SILENT)), "error"),
    "pipeline/emitter/dropped": Fault(
        of_pipeline(pipeline(facts(families=frozenset({"rollout_phase"}), reconciles=None), SILENT)), "error"),
    "pipeline/emitter/unknown": Fault(
        of_observation(FleetObservation(targets=None, silent=True, brackets=(NO_SCRAPE,))), "error"),
    "pipeline/emitter/lease": Fault(
        of_pipeline(pipeline(facts(both=controller(pods=WITH_STANDBY, holder="standby")))), "error"),
    "pipeline/service/missing": Fault(
        of_pipeline(pipeline(facts(both=MISSING_SERVICE), replace(NOTHING_SCRAPED, targets=None))), "error"),
    "pipeline/service/no-pod": Fault(
        of_pipeline(pipeline(facts(both=controller(service=service(selector={"app": "else"}))))), "warning"),
    "pipeline/service/port": Fault(of_pipeline(pipeline(facts(both=controller(service=RENAMED_PORT)))), "warning"),
    "pipeline/endpoints/not-ready": Fault(of_pipeline(pipeline(facts(both=not_ready()))), "warning"),
    "pipeline/rbac/refused": Fault(of_pipeline(pipeline(facts(rights=LACKING))), "warning"),
    "pipeline/reload/failed": Fault(of_pipeline(pipeline(facts(reloaded=False))), "error"),
    "pipeline/rules-loaded/not-loaded": Fault(
        of_pipeline(pipeline(facts(stored=(stored(rule(), rule("RolloutStuck")),)))), "error"),
    "pipeline/rules-loaded/none": Fault(
        of_pipeline(pipeline(facts(stored=()), rules=(rule("Watchdog", "vector(1)"),))), "warning"),
    "pipeline/alertmanager/none": Fault(
        of_pipeline(pipeline(NO_ALERTMANAGER, observation(notified=replace(NOTIFIED, alertmanagers=0.0)))), "error"),
    "pipeline/alertmanager/dropped": Fault(of_pipeline(pipeline(facts(notified=(NOTIFIED, GROWN)))), "error"),
    "pipeline/alertmanager/errors": Fault(
        of_pipeline(pipeline(facts(notified=(NOTIFIED, replace(NOTIFIED, errors=1.0))))), "warning"),
    "pipeline/alertmanager/unrouted": Fault(
        of_pipeline(pipeline(facts(alertmanager=replace(SLACK, root=route("nobody"))))), "error"),
    "pipeline/selected/labels": Fault(of_operator(monitor(labels={})), "error"),
    "pipeline/selected/port": Fault(of_operator(monitor(endpoints=(MonitorEndpoint("http"),))), "error"),
    "pipeline/version/image": Fault(of_pipeline(pipeline(
        facts(both=controller(pods=(pod(images=("argoproj/argo-rollouts:v1.8.3",)),))))), "warning"),
    "pipeline/version/newer": Fault(of_pipeline(pipeline(
        facts(versions={A: "v1.99.0"}, both=controller(pods=(pod(images=("own/rollouts:7",)),))))), "info"),
    "pipeline/dashboard/none": Fault(with_dashboard(Dashboard(DASHBOARD, problem="absent")), "warning"),
    "pipeline/dashboard/absent": Fault(with_dashboard(Dashboard(DASHBOARD, named=True, problem="absent")), "warning"),
    "pipeline/dashboard/empty": Fault(with_dashboard(Dashboard(DASHBOARD, named=True, problem="empty")), "warning"),
    "pipeline/dashboard/broken": Fault(with_dashboard(
        Dashboard(f"{DASHBOARD}/a.json", named=True, problem="broken", detail="7: not JSON")), "error"),
}  # fmt: skip

QUERY_FAULTS: Mapping[str, Fault] = {
    "label/namespace/exported": Fault(of_comparison(confirmed(CART, scrapes=(EXPORTED,))), "warning"),
    "label/namespace/renamed": Fault(of_comparison(confirmed(CART, scrapes=(RENAMED,))), "warning"),
    "panel/value/value": Fault(_wrong_total(), "error"),
    "query/always-true": Fault(of_queries(panel('rollout_info{phase!="Healthy"}', asks="alert")), "error"),
    "query/dead-selector": Fault(of_queries(panel('rollout_info{phase="Degraded"}')), "error"),
    "query/deprecated": Fault(of_queries(panel('rollout_phase{phase="Error"} == 1')), "warning"),
    "query/error/refused": Fault(of_queries(panel(TOTAL), results=QueryResults(errors={TOTAL: "too many"})), "error"),
    "query/no-data": Fault(
        of_queries(panel(f"sum({NO_SERIES})"), results=QueryResults(matched={NO_SERIES: False})), "warning"),
    "query/unknown-label": Fault(of_queries(panel('rollout_info{rollout="cart"}')), "error"),
    "query/unknown-metric": Fault(of_queries(panel("argo_rollout_info")), "error"),
}  # fmt: skip
"""By check only, where the cause names a part of the query."""

FAULTS: Mapping[str, Fault] = {**ACCURACY_FAULTS, **PIPELINE_FAULTS, **QUERY_FAULTS}
"""For each check and cause, facts with that fault and no other, by ``check/cause``."""

MORE_SEVERE: Mapping[str, QueryAudit] = {
    "label/namespace": planned(
        loaded(alert(CORRECT), panel('sum(rollout_info{namespace=~"$namespace"})')),
        [
            bracket(
                *FLEET,
                scrapes=(scraped(*FLEET, namespace_label="exported_namespace", controller_namespace="argo-rollouts"),),
            )
        ]
        * 2,
    ),
    "pipeline/endpoints": of_pipeline(pipeline(facts(both=not_ready()), replace(NOTHING_SCRAPED, targets=None))),
    "pipeline/rbac": of_pipeline(pipeline(facts(rights=LACKING), replace(NOTHING_SCRAPED, targets=None))),
}
"""By check, facts with which its finding is more severe than that of :data:`FAULTS`."""
