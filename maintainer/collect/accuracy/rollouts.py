"""Looks at the Rollouts on both sides: brackets of the API, a new scrape, and the API again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import Protocol, TypeVar

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.collect.accuracy.scrapes import read_scrapes
from maintainer.collect.accuracy.targets import at_both_ends, of_controllers, pace
from maintainer.collect.pipeline.counts import notification_counts
from maintainer.collect.sources import Sources, attempt
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.facts import Bracket, FleetObservation, Key, Labels, Target, Unavailable, target_of
from maintainer.model.scope import Scope

T = TypeVar("T")
J = TypeVar("J", bound="Judgement")

BRACKETS = 3
MOST_TARGETS = 20
"""More than this are no controllers, but something else that tells series apart; each costs five queries."""
HANDOVER = 45.0
"""Seconds after which a new leader has its Lease (15 s), its cache and its first scrape behind it."""
DISCOVERY = 15.0
"""Seconds after which a Prometheus that has just started has found its targets: it looks at most every 5 s."""


@dataclass(frozen=True, slots=True)
class Observer:
    """What the looking is done with: both sides, their scope, and a clock for the waiting."""

    sources: Sources
    scope: Scope
    clock: Clock

    def answering(self, observation: FleetObservation) -> "Observer":
        """The same without a Prometheus that gave no answer from the beginning: it would give none again."""
        lost = "prometheus" in {one.source for one in observation.unavailable}
        return replace(self, sources=replace(self.sources, prometheus=None)) if lost else self


class Judgement(Protocol):
    """What brackets tell; ``open`` says that another one could tell more."""

    @property
    def open(self) -> bool:
        """Whether to look again."""


def observe(observer: Observer, judge: Callable[[Sequence[Bracket]], J]) -> tuple[FleetObservation, J]:
    """Look until nothing is open any more, three times at most; what was seen, and what ``judge`` made of it.

    Nothing is raised: what could not be looked at is in ``unavailable``.
    """
    observation = FleetObservation(unavailable=observer.sources.unavailable)
    prometheus = observer.sources.prometheus
    if prometheus:
        around, why = attempt("prometheus", partial(_surroundings, observer, prometheus, observation))
        observation = around or replace(observation, unavailable=observation.unavailable + why)
        prometheus = prometheus if around else None
    judged = judge(())
    for _ in range(BRACKETS):
        if prometheus is None:
            break
        looked, why = attempt("scrapes", partial(_look, observer, prometheus, observation))
        observation = looked or replace(observation, unavailable=observation.unavailable + why)
        judged = judge(observation.brackets)
        if why or observation.silent or not judged.open:
            break
    if not observation.brackets:
        observation = _api_only(observer, observation)
        judged = judge(observation.brackets)
    return (_ends(observer, prometheus, observation) if prometheus else observation), judged


def _surroundings(observer: Observer, prometheus: Prometheus, observation: FleetObservation) -> FleetObservation:
    """What Prometheus knows of the controllers and of its targets."""
    controllers = {
        target_of(sample.labels): sample.labels.get("version", "")
        for sample in prometheus.vector(promql.controllers(observer.scope))
    }
    targets, why = _targets(observer, prometheus, controllers)
    counted, why_not = attempt("notifications", partial(notification_counts, prometheus))
    around = replace(observation, controllers=controllers, targets=targets, notified=counted)
    return replace(around, unavailable=observation.unavailable + why + why_not)


def _targets(
    observer: Observer, prometheus: Prometheus, controllers: Mapping[Labels, str]
) -> tuple[tuple[Target, ...] | None, tuple[Unavailable, ...]]:
    return attempt("targets", lambda: of_controllers(prometheus.targets(), controllers, observer.scope))


def _ends(observer: Observer, prometheus: Prometheus, observation: FleetObservation) -> FleetObservation:
    """The targets once more: what is wrong with one counts only if it was wrong at the beginning as well."""
    before = observation.targets
    if before is None:
        return observation
    after, why = _targets(observer, prometheus, observation.controllers)
    now, why_not = attempt("targets", prometheus.time)
    down, still = at_both_ends(before, after or (), now=now or 0.0)
    return replace(
        observation, targets=after, down=down, still=still, unavailable=observation.unavailable + why + why_not
    )


def _look(observer: Observer, prometheus: Prometheus, observation: FleetObservation) -> FleetObservation:
    """One bracket more."""
    rollouts, readable, refused = _each_namespace(observer, Cluster.rollouts, observer.scope.namespaces or ("",))
    ours = any(one.instance_id == observer.scope.instance_id for one in rollouts.values())
    since = prometheus.time()
    emitting = wait_for_scrape(observer, prometheus, observation, since=since, expected=ours)
    _refuse_incomplete(prometheus, emitting)
    scrapes = read_scrapes(prometheus, observer.scope, new_scrapes(emitting, observation.brackets, since=since))
    _refuse_incomplete(prometheus, {})
    listed = ("",) if readable is None else sorted(readable)
    after, still_readable, refused_later = _each_namespace(observer, Cluster.rollout_versions, listed)
    bracket = Bracket(
        before=rollouts,
        after=after,
        namespaces=_both(readable, still_readable),
        scrapes=scrapes,
        stale=_stale(observation, emitting, since=since),
    )
    return replace(
        observation,
        brackets=(*observation.brackets, bracket),
        silent=ours and not emitting,
        unavailable=tuple(dict.fromkeys(observation.unavailable + refused + refused_later)),
    )


def wait_for_scrape(
    observer: Observer, prometheus: Prometheus, observation: FleetObservation, *, since: float, expected: bool
) -> Mapping[Labels, float]:
    """Wait until every target that emits Rollouts was scraped after ``since``; the newest scrape of each.

    A target that gives no new scrape within the window is left behind. Where nobody emits although somebody should,
    a change of leader is waited for, or, where no target is listed, one that is about to be found.
    """
    start = observer.clock.now()
    while True:
        emitting = _emitting(observer, prometheus)
        usual = pace(observation.targets, emitting or observation.controllers)
        if emitting:
            done, patience = min(emitting.values()) > since, usual.window
        else:
            done = not expected
            patience = DISCOVERY if observation.targets == () else max(usual.window, HANDOVER)
        if done or observer.clock.now() - start > patience:
            return emitting
        observer.clock.sleep(min(max(usual.interval / 4, 0.1), 5.0))


def new_scrapes(
    emitting: Mapping[Labels, float], brackets: Sequence[Bracket], *, since: float
) -> Mapping[Labels, float]:
    """The scrapes that are newer than the list of the Rollouts, and than those that earlier brackets read.

    A difference must be shown by two scrapes. Where servers with clocks of their own answer for one another, one scrape
    can be newer than two lists.
    """
    read_before = {scrape.target: scrape.at for bracket in brackets for scrape in bracket.scrapes}
    return {target: at for target, at in emitting.items() if at > max(since, read_before.get(target, since))}


def _emitting(observer: Observer, prometheus: Prometheus) -> Mapping[Labels, float]:
    """The targets that emit Rollouts, with the time of the newest scrape of each.

    A series without a target's labels is a recording rule's evaluation, which is no scrape of anything.
    """
    query = promql.newest_scrapes(observer.scope)
    found = {target_of(sample.labels): sample.value for sample in prometheus.vector(query)}
    for at in found.values():
        if not isfinite(at):
            raise SourceUnavailable("prometheus-not-a-number", url=prometheus.url, query=query, value=str(at))
    if len(found) > MOST_TARGETS:
        raise SourceUnavailable("prometheus-many-targets", permanent=True, url=prometheus.url, count=len(found))
    return {target: at for target, at in found.items() if {"instance", "job"} & dict(target).keys()}


def _refuse_incomplete(prometheus: Prometheus, emitting: Mapping[Labels, float]) -> None:
    """Refuse to compare with an answer that is not whole, or with samples from the server's future."""
    if prometheus.warnings:
        said = "; ".join(prometheus.warnings)
        raise SourceUnavailable("prometheus-warned", url=prometheus.url, said=said)
    if emitting and max(emitting.values()) > prometheus.time():
        raise SourceUnavailable("prometheus-clock", permanent=True, url=prometheus.url)


def _stale(observation: FleetObservation, emitting: Mapping[Labels, float], *, since: float) -> tuple[Labels, ...]:
    """The controllers' targets without a new scrape: those that stood still, and those that are down."""
    still = {target for target, at in emitting.items() if at <= since}
    down = {target_of(dict(one.labels)) for one in observation.targets or () if not one.healthy}
    return tuple(sorted(still | (down & observation.controllers.keys())))


def _api_only(observer: Observer, observation: FleetObservation) -> FleetObservation:
    """The Rollouts without anything to compare them with."""
    rollouts, readable, refused = _each_namespace(observer, Cluster.rollouts, observer.scope.namespaces or ("",))
    bracket = Bracket(rollouts, {}, readable, scrapes=())
    return replace(observation, brackets=(bracket,), unavailable=observation.unavailable + refused)


def _each_namespace(
    observer: Observer, look: Callable[[Cluster, str], Mapping[Key, T]], namespaces: Sequence[str]
) -> tuple[Mapping[Key, T], frozenset[str] | None, tuple[Unavailable, ...]]:
    """What ``look`` finds in each namespace, the namespaces that could be read (``None``: all), and why not."""
    cluster = observer.sources.cluster
    if cluster is None:
        return {}, frozenset(), ()
    found: dict[Key, T] = {}
    readable: set[str] = set()
    refused: tuple[Unavailable, ...] = ()
    for namespace in namespaces:
        part, why = attempt("rollouts", partial(look, cluster, namespace))
        found.update(part or {})
        refused += why
        if part is not None:
            readable.add(namespace)
    return found, None if readable == {""} else frozenset(readable), refused


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other
