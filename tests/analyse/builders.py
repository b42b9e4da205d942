"""Builders of facts: a healthy Rollout, its correct series, and a bracket in which nothing moves."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, UNAVAILABLE, UPDATED
from maintainer.model.facts import (
    Bracket,
    Condition,
    FleetObservation,
    Key,
    Labels,
    Rollout,
    RolloutSeries,
    Scrape,
    Target,
)
from maintainer.model.facts import labels as labels_of
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.pipeline import PipelineFacts
from maintainer.model.scope import Scope

A = labels_of({"instance": "10.0.0.1:8090", "job": "argo-rollouts-metrics"})
B = labels_of({"instance": "10.0.0.2:8090", "job": "argo-rollouts-metrics"})
NAME_A, NAME_B = "argo-rollouts-metrics 10.0.0.1:8090", "argo-rollouts-metrics 10.0.0.2:8090"

ACCESS = Access()
SCOPE = Scope()
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def moment(iso: str) -> float:
    """A time in seconds since the epoch."""
    return datetime.fromisoformat(iso).timestamp()


def progressing(reason: str) -> Condition:
    """The condition ``Progressing`` with this reason."""
    return Condition("Progressing", reason)


INVALID = Condition("InvalidSpec", "InvalidSpec")


def rollout(name: str = "cart", namespace: str = "shop", *, version: str = "7", **fields: Any) -> Rollout:
    """A canary of three pods, all updated and available; ``fields`` replace these defaults."""
    defaults: dict[str, Any] = {
        "strategy": "canary",
        "desired": 3,
        "replicas": 3,
        "updated": 3,
        "available": 3,
        "phase": "Healthy",
        "conditions": (progressing("NewReplicaSetAvailable"),),
    }
    return Rollout(namespace=namespace, name=name, resource_version=version, **{**defaults, **fields})


def says(
    rollout_: Rollout,
    *,
    phase: str = "Completed",
    strategy: str | None = None,
    infos: tuple[tuple[str, str], ...] | None = None,
    without: Iterable[str] = (),
    **gauges: float,
) -> RolloutSeries:
    """The series of a Rollout: correct for :func:`rollout`, except for what is passed (``desired=4``)."""
    correct: dict[str, float] = {
        "desired": rollout_.desired,
        "updated": rollout_.updated,
        "available": rollout_.available,
        "unavailable": rollout_.replicas - rollout_.available,
    }
    families = {"desired": DESIRED, "updated": UPDATED, "available": AVAILABLE, "unavailable": UNAVAILABLE}
    values = {families[short]: float(value) for short, value in {**correct, **gauges}.items()}
    pairs = ((rollout_.strategy if strategy is None else strategy, phase),) if infos is None else infos
    return RolloutSeries(pairs, {family: value for family, value in values.items() if family not in set(without)})


def scrape(series: Mapping[Key, RolloutSeries], *, target: Labels = A, at: float = 100.0, **fields: Any) -> Scrape:
    """A scrape with these series, of a target that has all families of gauges."""
    defaults = {"families": frozenset(GAUGES)}
    return Scrape(target=target, at=at, series=series, **{**defaults, **fields})


def scraped(*rollouts: Rollout, target: Labels = A, **fields: Any) -> Scrape:
    """A scrape with the correct series of these Rollouts of :func:`rollout`."""
    return scrape({rollout.key: says(rollout) for rollout in rollouts}, target=target, **fields)


def wrong_phase(*rollouts: Rollout, phase: str = "Paused", target: Labels = A) -> Scrape:
    """A scrape that shows this phase for the Rollouts."""
    return scrape({rollout.key: says(rollout, phase=phase) for rollout in rollouts}, target=target)


def bracket(
    *rollouts: Rollout,
    scrapes: tuple[Scrape, ...] | None = None,
    after: Mapping[Key, str] | None = None,
    namespaces: frozenset[str] | None = None,
    stale: tuple[Labels, ...] = (),
) -> Bracket:
    """A bracket in which no Rollout changes and target A exposes all of them, except for what is passed."""
    return Bracket(
        before={rollout.key: rollout for rollout in rollouts},
        after={rollout.key: rollout.resource_version for rollout in rollouts} if after is None else after,
        namespaces=namespaces,
        scrapes=(scraped(*rollouts),) if scrapes is None else scrapes,
        stale=stale,
    )


def confirmed(*rollouts: Rollout, scrapes: tuple[Scrape, ...], **fields: Any) -> Comparison:
    """The comparison of two equal brackets, which confirms every difference in them."""
    return judge_brackets([bracket(*rollouts, scrapes=scrapes, **fields)] * 2, "")


def moved(rollout: Rollout, version: str) -> Rollout:
    """The same Rollout with another resourceVersion."""
    return rollout._replace(resource_version=version)


def target(labels: Labels = A, *, healthy: bool = True, error: str = "", last_scrape: float = 90.0) -> Target:
    """A scrape target of the controller."""
    return Target(
        labels=labels,
        discovered={},
        pool="argo-rollouts-metrics",
        url=f"http://{dict(labels)['instance']}/metrics",
        healthy=healthy,
        down=not healthy,
        error=error,
        last_scrape=last_scrape,
        interval=30.0,
        timeout=10.0,
    )


def fleet_only(observation: FleetObservation | None = None, **fields: Any) -> Pipeline:
    """A pipeline without facts but those about the fleet; ``fields`` replace the others."""
    defaults: dict[str, Any] = {"facts": PipelineFacts(), "loaded": LoadedQueries(), "scope": SCOPE, "access": ACCESS}
    return Pipeline(observation=observation or FleetObservation(), now=NOW, **{**defaults, **fields})


def compared(comparison: Comparison, observation: FleetObservation | None = None, **fields: Any) -> ComparedFleet:
    """A compared fleet, and a pipeline without facts but those about the fleet."""
    return ComparedFleet(comparison, fleet_only(observation, **fields))
