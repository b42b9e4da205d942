"""The way of the metrics in few words: one on which everything is right, and what may be wrong on it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from maintainer.analyse.accuracy.brackets import judge_brackets
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.unwatched import coverage_unwatched, coverage_unwatched_gaps
from maintainer.analyse.checks import PIPELINE_CHECKS, gaps_of
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.facts import Bracket, FleetObservation, NotificationCounts, labels
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.pipeline import (
    Alertmanager,
    ControllerState,
    Permission,
    Permissions,
    PipelineFacts,
    Pod,
    Port,
    PrometheusConfig,
    ReconcileCounts,
    Route,
    RouteMatcher,
    Service,
    StoredRules,
)
from maintainer.model.queries import Asks, LoadedRule, Place, Query
from maintainer.model.report import Finding, Gap
from tests.analyse.builders import ACCESS, NOW, SCOPE, A, bracket, rollout, target

SECONDS = NOW.timestamp()
NAME = {"app": "argo-rollouts"}
CART = rollout(created="2026-09-01T00:00:00Z")
FAILED = 'rollout_info{phase="Error"} == 1'


def pod(name: str = "leader", **fields: Any) -> Pod:
    """A pod of the controller, ready, at the address of target A."""
    usual: dict[str, Any] = {
        "labels": NAME,
        "addresses": ("10.0.0.1",),
        "ports": (("metrics", 8090), ("healthz", 8080)),
        "images": ("quay.io/argoproj/argo-rollouts:v1.9.2",),
    }
    return Pod(namespace="argo-rollouts", name=name, **{**usual, **fields})


def service(*ports: Port, **fields: Any) -> Service:
    """The controller's Service."""
    usual: dict[str, Any] = {"selector": NAME, "ports": ports or (Port("metrics", 8090, "metrics"),)}
    return Service("argo-rollouts", "argo-rollouts-metrics", **{**usual, **fields})


def controller(**fields: Any) -> ControllerState:
    """One moment at which all is well."""
    usual: dict[str, Any] = {
        "looked": True,
        "service": service(),
        "pods": (pod(),),
        "ready": 1,
        "lease": "argo-rollouts-controller-lock",
        "holder": "leader",
    }
    return ControllerState(**{**usual, **fields})


def rule(name: str = "RolloutFailed", text: str = FAILED, *, asks: Asks = "alert", **own: str) -> LoadedRule:
    """A loaded rule with labels of its own."""
    return LoadedRule(Query(text, asks, name, Place("rules.yml")), "rollouts", "rules.yml", labels(own))


def stored(*rules: LoadedRule, changed: datetime | None = None) -> StoredRules:
    """A ConfigMap that holds these rules."""
    return StoredRules("ConfigMap", "monitoring", "rules", tuple(one.query for one in rules), changed)


def matched(receiver: str, *matchers: str, goes_on: bool = False, routes: tuple[Route, ...] = ()) -> Route:
    """A route with matchers such as ``severity=critical``."""
    split = [next(one.partition(op) for op in ("=~", "!~", "!=", "=") if op in one) for one in matchers]
    return Route(receiver, tuple(RouteMatcher(name, op, value) for name, op, value in split), goes_on, routes)


SLACK = Alertmanager("http://alertmanager:9093", matched("slack"), frozenset({"nobody"}))
RIGHT = Permission("", "endpoints", "argo-rollouts", "list")
COUNTED = NotificationCounts(started=1.0, alertmanagers=1.0, dropped=0.0, errors=0.0)


def facts(*, both: ControllerState | None = None, **fields: Any) -> PipelineFacts:
    """A way on which everything is right; ``both`` is what is around the controller at both ends."""
    usual: dict[str, Any] = {
        "first": both or controller(),
        "last": both or controller(),
        "versions": {A: "v1.9.2"},
        "config": PrometheusConfig(jobs=("argo-rollouts-metrics",)),
        "reloaded": True,
        "rights": Permissions(("monitoring", "prometheus"), granted=(RIGHT,), rollouts=True),
        "stored": (stored(rule()),),
        "alertmanagers": ("http://alertmanager:9093",),
        "alertmanager": SLACK,
        "notified": (COUNTED, COUNTED),
        "reconciles": counts(),
    }
    return PipelineFacts(**{**usual, **fields})


def counts(**fields: Any) -> ReconcileCounts:
    """Everybody was looked at, by a process that has been running for long."""
    usual: dict[str, Any] = {
        "now": SECONDS,
        "window": 2400.0,
        "resync": 900.0,
        "started": {A: SECONDS - 86400},
        "remembered": frozenset({A}),
    }
    return ReconcileCounts(**{**usual, **fields})


def observation(one: Bracket | None = None, **fields: Any) -> FleetObservation:
    """Target A is up and emits CART."""
    usual: dict[str, Any] = {"targets": (target(),), "brackets": (one or bracket(CART),), "notified": COUNTED}
    return FleetObservation(**{**usual, **fields})


SILENT = observation(bracket(CART, scrapes=()), targets=())
"""Nothing comes through."""


def pipeline(found: PipelineFacts | None = None, seen: FleetObservation | None = None, **fields: Any) -> Pipeline:
    """What the checks are given."""
    usual: dict[str, Any] = {"scope": SCOPE, "access": ACCESS, "now": NOW}
    loaded = LoadedQueries(rules=fields.pop("rules", (rule(),)))
    return Pipeline(found or facts(), seen or observation(), **{"loaded": loaded, **usual, **fields})


def findings(whole: Pipeline) -> tuple[Finding, ...]:
    """What the checks of the pipeline find, and whether a Rollout is not reconciled any more."""
    fleet = ComparedFleet(judge_brackets(whole.observation.brackets, ""), whole)
    return (*(finding for check in PIPELINE_CHECKS for finding in check.finds(whole)), *coverage_unwatched(fleet))


def unjudged(whole: Pipeline) -> tuple[Gap, ...]:
    """What could not be judged of the pipeline, for want of a fact or although every fact is there."""
    fleet = ComparedFleet(judge_brackets(whole.observation.brackets, ""), whole)
    own = (gap for check in PIPELINE_CHECKS for gap in check.gaps(whole))
    return (*gaps_of(whole.unavailable), *own, *coverage_unwatched_gaps(fleet))


def unready(**fields: Any) -> ControllerState:
    """The Service selects a pod that is not ready."""
    waiting = replace(pod(), ready=False, why_not="ContainersNotReady: containers with unready status")
    return controller(pods=(waiting,), ready=0, **fields)
