"""The way of the metrics in few words: one on which everything is right, and what may be wrong on it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from maintainer.analyse.way import Way
from maintainer.model.chain import (
    Alertmanager,
    Around,
    Chain,
    Config,
    Matcher,
    Pod,
    Port,
    Reconciles,
    Right,
    Rights,
    Route,
    Service,
    Stored,
)
from maintainer.model.facts import Bracket, Notified, Watched, labels
from maintainer.model.queries import Asks, LoadedRule, Place, Query
from tests.analyse.builders import REACH, SCOPE, A, bracket, rollout, target

NOW = datetime(2026, 10, 1, tzinfo=UTC)
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


def around(**fields: Any) -> Around:
    """One moment at which all is well."""
    usual: dict[str, Any] = {
        "looked": True,
        "service": service(),
        "pods": (pod(),),
        "ready": 1,
        "lease": "argo-rollouts-controller-lock",
        "holder": "leader",
    }
    return Around(**{**usual, **fields})


def rule(name: str = "RolloutFailed", text: str = FAILED, *, asks: Asks = "alert", **own: str) -> LoadedRule:
    """A loaded rule with labels of its own."""
    return LoadedRule(Query(text, asks, name, Place("rules.yml")), "rollouts", "rules.yml", labels(own))


def stored(*rules: LoadedRule, changed: datetime | None = None) -> Stored:
    """A ConfigMap that holds these rules."""
    return Stored("ConfigMap", "monitoring", "rules", tuple(one.query for one in rules), changed)


def matched(receiver: str, *matchers: str, goes_on: bool = False, routes: tuple[Route, ...] = ()) -> Route:
    """A route with matchers such as ``severity=critical``."""
    split = [next(one.partition(op) for op in ("=~", "!~", "!=", "=") if op in one) for one in matchers]
    return Route(receiver, tuple(Matcher(name, op, value) for name, op, value in split), goes_on, routes)


SLACK = Alertmanager("http://alertmanager:9093", matched("slack"), frozenset({"nobody"}))
RIGHT = Right("", "endpoints", "argo-rollouts", "list")
COUNTED = Notified(started=1.0, alertmanagers=1.0, dropped=0.0, errors=0.0)


def chain(*, both: Around | None = None, **fields: Any) -> Chain:
    """A way on which everything is right; ``both`` is what is around the controller at both ends."""
    usual: dict[str, Any] = {
        "first": both or around(),
        "last": both or around(),
        "versions": {A: "v1.9.2"},
        "config": Config(jobs=("argo-rollouts-metrics",)),
        "reloaded": True,
        "rights": Rights(("monitoring", "prometheus"), granted=(RIGHT,), rollouts=True),
        "stored": (stored(rule()),),
        "alertmanagers": ("http://alertmanager:9093",),
        "alertmanager": SLACK,
        "notified": (COUNTED, COUNTED),
        "reconciles": counts(),
    }
    return Chain(**{**usual, **fields})


def counts(**fields: Any) -> Reconciles:
    """Everybody was looked at, by a process that has been running for long."""
    usual: dict[str, Any] = {
        "now": SECONDS,
        "window": 2400.0,
        "resync": 900.0,
        "started": {A: SECONDS - 86400},
        "remembered": frozenset({A}),
    }
    return Reconciles(**{**usual, **fields})


def watched(one: Bracket | None = None, **fields: Any) -> Watched:
    """Target A is up and emits CART."""
    usual: dict[str, Any] = {"targets": (target(),), "brackets": (one or bracket(CART),), "notified": COUNTED}
    return Watched(**{**usual, **fields})


SILENT = watched(bracket(CART, readings=()), targets=())
"""Nothing comes through."""


def way(found: Chain | None = None, seen: Watched | None = None, **fields: Any) -> Way:
    """What the checks are given."""
    usual: dict[str, Any] = {"rules": (rule(),), "scope": SCOPE, "reach": REACH, "now": NOW}
    return Way(found or chain(), seen or watched(), **{**usual, **fields})


def unready(**fields: Any) -> Around:
    """The Service selects a pod that is not ready."""
    waiting = replace(pod(), ready=False, why_not="ContainersNotReady: containers with unready status")
    return around(pods=(waiting,), ready=0, **fields)
