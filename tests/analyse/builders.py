"""Facts in few words: a Rollout that is fine, what an honest target says of it, a bracket in which nothing moves."""

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
    labels,
)
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.pipeline import PipelineFacts
from maintainer.model.scope import Scope

A = labels({"instance": "10.0.0.1:8090", "job": "argo-rollouts-metrics"})
B = labels({"instance": "10.0.0.2:8090", "job": "argo-rollouts-metrics"})
NAME_A, NAME_B = "argo-rollouts-metrics 10.0.0.1:8090", "argo-rollouts-metrics 10.0.0.2:8090"

ACCESS = Access()
SCOPE = Scope()
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def because(reason: str) -> Condition:
    """The condition Progressing with this reason."""
    return Condition("Progressing", reason)


INVALID = Condition("InvalidSpec", "InvalidSpec")


def rollout(name: str = "cart", namespace: str = "shop", *, version: str = "7", **fields: Any) -> Rollout:
    """A canary of three pods, all of them new and available, unless told otherwise."""
    usual: dict[str, Any] = {
        "strategy": "canary",
        "desired": 3,
        "replicas": 3,
        "updated": 3,
        "available": 3,
        "phase": "Healthy",
        "conditions": (because("NewReplicaSetAvailable"),),
    }
    return Rollout(namespace=namespace, name=name, resource_version=version, **{**usual, **fields})


def says(
    one: Rollout,
    *,
    phase: str = "Completed",
    strategy: str | None = None,
    infos: tuple[tuple[str, str], ...] | None = None,
    without: Iterable[str] = (),
    **gauges: float,
) -> RolloutSeries:
    """The series of a Rollout, right for the one of :func:`rollout` unless told otherwise (``desired=4``)."""
    right: dict[str, float] = {
        "desired": one.desired,
        "updated": one.updated,
        "available": one.available,
        "unavailable": one.replicas - one.available,
    }
    families = {"desired": DESIRED, "updated": UPDATED, "available": AVAILABLE, "unavailable": UNAVAILABLE}
    shown = {families[short]: float(value) for short, value in {**right, **gauges}.items()}
    own = ((one.strategy if strategy is None else strategy, phase),) if infos is None else infos
    return RolloutSeries(own, {family: value for family, value in shown.items() if family not in set(without)})


def scrape(series: Mapping[Key, RolloutSeries], *, target: Labels = A, at: float = 100.0, **fields: Any) -> Scrape:
    """A scrape that gave these series, of all four families, all of them as they were in the scrapes before."""
    usual = {"families": frozenset(GAUGES)}
    return Scrape(target=target, at=at, series=series, **{**usual, **fields})


def scraped(*rollouts: Rollout, target: Labels = A, **fields: Any) -> Scrape:
    """An honest scrape of these Rollouts of :func:`rollout`."""
    return scrape({one.key: says(one) for one in rollouts}, target=target, **fields)


def bracket(
    *rollouts: Rollout,
    scrapes: tuple[Scrape, ...] | None = None,
    after: Mapping[Key, str] | None = None,
    namespaces: frozenset[str] | None = None,
    stale: tuple[Labels, ...] = (),
) -> Bracket:
    """A bracket in which nothing moves and one honest target is scraped, unless told otherwise."""
    return Bracket(
        before={one.key: one for one in rollouts},
        after={one.key: one.resource_version for one in rollouts} if after is None else after,
        namespaces=namespaces,
        scrapes=(scraped(*rollouts),) if scrapes is None else scrapes,
        stale=stale,
    )


def twice(*rollouts: Rollout, scrapes: tuple[Scrape, ...], **fields: Any) -> Comparison:
    """What is judged when two brackets in a row show the same."""
    return judge_brackets([bracket(*rollouts, scrapes=scrapes, **fields)] * 2, "")


def moved(one: Rollout, version: str) -> Rollout:
    """The same Rollout, written once more."""
    return one._replace(resource_version=version)


def target(own: Labels = A, *, healthy: bool = True, error: str = "", last_scrape: float = 90.0) -> Target:
    """A scrape target of the controller."""
    return Target(
        labels=own,
        discovered={},
        pool="argo-rollouts-metrics",
        url=f"http://{dict(own)['instance']}/metrics",
        healthy=healthy,
        down=not healthy,
        error=error,
        last_scrape=last_scrape,
        interval=30.0,
        timeout=10.0,
    )


def unseen_pipeline(seen: FleetObservation | None = None, **fields: Any) -> Pipeline:
    """A pipeline of which only the fleet was observed, unless told otherwise."""
    usual: dict[str, Any] = {"facts": PipelineFacts(), "loaded": LoadedQueries(), "scope": SCOPE, "access": ACCESS}
    return Pipeline(observation=seen or FleetObservation(), now=NOW, **{**usual, **fields})


def compared(comparison: Comparison, seen: FleetObservation | None = None, **fields: Any) -> ComparedFleet:
    """A fleet that was compared, and of its pipeline only what was observed of the fleet."""
    return ComparedFleet(comparison, unseen_pipeline(seen, **fields))
