"""Builders of facts about a metrics pipeline without faults; what is passed replaces the defaults."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from maintainer.analyse.accuracy.brackets import judge_brackets
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.unwatched import coverage_unwatched, coverage_unwatched_gaps
from maintainer.analyse.checks import PIPELINE_CHECKS, gaps_of
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.counts import ReconcileCounts
from maintainer.model.facts import Bracket, FleetObservation, NotificationCounts
from maintainer.model.facts import labels as labels_of
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
    Route,
    RouteMatcher,
    Service,
    StoredRules,
)
from maintainer.model.queries import Asks, LoadedRule, Place, Query
from maintainer.model.report import Finding, Gap
from tests.analyse.builders import ACCESS, NOW, SCOPE, A, bracket, moment, rollout, target

SECONDS = NOW.timestamp()
NAME = {"app": "argo-rollouts"}
CART = rollout(created=moment("2026-09-01T00:00:00Z"))
FAILED = 'rollout_info{phase="Error"} == 1'


def pod(name: str = "leader", **fields: Any) -> Pod:
    """A pod of the controller, ready, at the address of target A."""
    defaults: dict[str, Any] = {
        "labels": NAME,
        "addresses": ("10.0.0.1",),
        "ports": (("metrics", 8090), ("healthz", 8080)),
        "images": ("quay.io/argoproj/argo-rollouts:v1.9.2",),
    }
    return Pod(namespace="argo-rollouts", name=name, **{**defaults, **fields})


def service(*ports: Port, **fields: Any) -> Service:
    """The controller's Service."""
    defaults: dict[str, Any] = {"selector": NAME, "ports": ports or (Port("metrics", 8090, "metrics"),)}
    return Service("argo-rollouts", "argo-rollouts-metrics", **{**defaults, **fields})


def controller(**fields: Any) -> ControllerState:
    """The state of a controller without faults."""
    defaults: dict[str, Any] = {
        "looked": True,
        "service": service(),
        "pods": (pod(),),
        "ready": 1,
        "lease": "argo-rollouts-controller-lock",
        "holder": "leader",
    }
    return ControllerState(**{**defaults, **fields})


def rule(name: str = "RolloutFailed", text: str = FAILED, *, asks: Asks = "alert", **labels: str) -> LoadedRule:
    """A loaded rule with these labels."""
    return LoadedRule(Query(text, asks, name, Place("rules.yml")), "rollouts", "rules.yml", labels_of(labels))


def stored(*rules: LoadedRule, changed: datetime | None = None) -> StoredRules:
    """A ConfigMap that holds these rules."""
    return StoredRules("ConfigMap", "monitoring", "rules", tuple(rule.query for rule in rules), changed)


def route(receiver: str, *matchers: str, goes_on: bool = False, routes: tuple[Route, ...] = ()) -> Route:
    """A route with matchers such as ``severity=critical``."""
    parts = [next(text.partition(op) for op in ("=~", "!~", "!=", "=") if op in text) for text in matchers]
    return Route(receiver, tuple(RouteMatcher(name, op, value) for name, op, value in parts), goes_on, routes)


SLACK = Alertmanager("http://alertmanager:9093", route("slack"), frozenset({"nobody"}))
LIST_ENDPOINTS = Permission("", "endpoints", "argo-rollouts", "list")
NOTIFIED = NotificationCounts(started=1.0, alertmanagers=1.0, dropped=0.0, errors=0.0)


def facts(*, both: ControllerState | None = None, **fields: Any) -> PipelineFacts:
    """The facts of a pipeline without faults; ``both`` is the controller's state at both ends of the run."""
    defaults: dict[str, Any] = {
        "first": both or controller(),
        "last": both or controller(),
        "versions": {A: "v1.9.2"},
        "config": PrometheusConfig(jobs=("argo-rollouts-metrics",)),
        "reloaded": True,
        "rights": Permissions(("monitoring", "prometheus"), granted=(LIST_ENDPOINTS,), rollouts=True),
        "stored": (stored(rule()),),
        "alertmanagers": ("http://alertmanager:9093",),
        "alertmanager": SLACK,
        "notified": (NOTIFIED, NOTIFIED),
        "reconciles": counts(),
    }
    return PipelineFacts(**{**defaults, **fields})


def counts(**fields: Any) -> ReconcileCounts:
    """The counts of a process that has run for longer than the window and reconciled every Rollout."""
    defaults: dict[str, Any] = {
        "now": SECONDS,
        "window": 2400.0,
        "resync": 900.0,
        "started": {A: SECONDS - 86400},
        "remembered": frozenset({A}),
    }
    return ReconcileCounts(**{**defaults, **fields})


def observation(bracket_: Bracket | None = None, **fields: Any) -> FleetObservation:
    """Target A is up and emits CART."""
    defaults: dict[str, Any] = {"targets": (target(),), "brackets": (bracket_ or bracket(CART),), "notified": NOTIFIED}
    return FleetObservation(**{**defaults, **fields})


NOTHING_SCRAPED = observation(bracket(CART, scrapes=()), targets=())
"""Prometheus has no target, and no metrics of the controller."""


def pipeline(known: PipelineFacts | None = None, observed: FleetObservation | None = None, **fields: Any) -> Pipeline:
    """A pipeline without faults; ``rules`` are the loaded rules."""
    defaults: dict[str, Any] = {"scope": SCOPE, "access": ACCESS, "now": NOW}
    loaded = LoadedQueries(rules=fields.pop("rules", (rule(),)))
    return Pipeline(known or facts(), observed or observation(), **{"loaded": loaded, **defaults, **fields})


def findings(pipeline: Pipeline) -> tuple[Finding, ...]:
    """The findings of the checks of the pipeline and of ``coverage/unwatched``."""
    fleet = ComparedFleet(judge_brackets(pipeline.observation.brackets, ""), pipeline)
    return (*(finding for check in PIPELINE_CHECKS for finding in check.finds(pipeline)), *coverage_unwatched(fleet))


def causes(pipeline: Pipeline) -> list[str]:
    """The check and cause of each of these findings, as ``check/cause``."""
    return [f"{finding.check}/{finding.cause}" for finding in findings(pipeline)]


def only_finding(pipeline: Pipeline) -> Finding:
    """The only one of these findings."""
    (finding,) = findings(pipeline)
    return finding


def gaps(pipeline: Pipeline) -> tuple[Gap, ...]:
    """The gaps of these checks, also those of unavailable facts."""
    fleet = ComparedFleet(judge_brackets(pipeline.observation.brackets, ""), pipeline)
    own = (gap for check in PIPELINE_CHECKS for gap in check.gaps(pipeline))
    return (*gaps_of(pipeline.unavailable), *own, *coverage_unwatched_gaps(fleet))


def not_ready(**fields: Any) -> ControllerState:
    """The Service selects a pod that is not ready."""
    waiting = replace(pod(), ready=False, why_not="ContainersNotReady: containers with unready status")
    return controller(pods=(waiting,), ready=0, **fields)
