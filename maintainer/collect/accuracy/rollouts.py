"""Observes the Rollouts on both sides in brackets: a list of the API, a new scrape of each target, a second list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import Protocol, TypeVar

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.collect.accuracy.mixtures import other_controllers, require_one_cluster
from maintainer.collect.accuracy.scrapes import read_scrapes
from maintainer.collect.accuracy.targets import all_targets, controller_targets, down_and_still, pace, require_pace
from maintainer.collect.pipeline.agent import with_stores
from maintainer.collect.pipeline.counts import notification_counts
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.facts import Bracket, FleetObservation, Key, Labels, Target, Unavailable, target_of
from maintainer.model.scope import Scope

T = TypeVar("T")
J = TypeVar("J", bound="Judgement")

MAX_BRACKETS = 3
MAX_TARGETS = 20
"""Each target costs five queries. More targets are not controllers, but another label that differs by series."""
LEADER_CHANGE = 45.0
"""Seconds in which a new leader gets the Lease (after 15 s), fills its cache, and is scraped."""
MAX_DELAY = 120.0
"""Seconds for which an engine's samples may be on their way: a run that waits longer for each scrape has no end."""
DISCOVERY = 15.0
"""Seconds in which a Prometheus that has just started discovers its targets: it applies changes every 5 s."""


@dataclass(frozen=True, slots=True)
class Observer:
    """What an observation needs: the sources, the scope, and the clock that it waits with."""

    sources: Sources
    scope: Scope
    clock: Clock

    def without_lost_prometheus(self, observation: FleetObservation) -> "Observer":
        """The same, without Prometheus if the observation already failed at its first query."""
        lost = any(unavailable.source == "prometheus" for unavailable in observation.unavailable)
        return replace(self, sources=replace(self.sources, prometheus=None)) if lost else self


class Judgement(Protocol):
    """What was concluded from the brackets so far."""

    @property
    def open(self) -> bool:
        """Whether another bracket could conclude more."""


def observe(
    observer: Observer, judge: Callable[[Sequence[Bracket]], J], *, begun: FleetObservation | None = None
) -> tuple[FleetObservation, J]:
    """Read brackets until the judgement is no longer open, at most ``MAX_BRACKETS``.

    Returns the observation and the last result of ``judge``, which gets all brackets so far. ``begun`` is an
    observation that goes on. Raises nothing: what could not be read is in ``unavailable``. If no bracket could be read,
    the observation has the API's Rollouts only.
    """
    observation, prometheus = begun or _begun(observer), observer.sources.prometheus
    judged = judge(observation.brackets)
    while prometheus and _goes_on(observation) and (judged.open or not observation.brackets):
        longer, why = observer.sources.attempt(
            "scrapes", partial(_with_bracket, observer, prometheus, observation=observation)
        )
        observation = longer or replace(observation, unavailable=observation.unavailable + why)
        judged = judge(observation.brackets)
    if not observation.brackets:
        observation = _with_api_only(observer, observation)
        judged = judge(observation.brackets)
    if prometheus is None or observation == begun:
        return observation, judged
    return _with_last_targets(observer, prometheus, observation=observation), judged


def _begun(observer: Observer) -> FleetObservation:
    """An observation without a bracket."""
    observation, prometheus = FleetObservation(unavailable=observer.sources.unavailable), observer.sources.prometheus
    if prometheus is None:
        return observation
    started, why = observer.sources.attempt(
        "prometheus", partial(_with_controllers, observer, prometheus, observation=observation)
    )
    return started or replace(observation, unavailable=observation.unavailable + why)


def _goes_on(observation: FleetObservation) -> bool:
    """Whether another bracket can be read, by what became of those before."""
    failed = any(fact.source in {"prometheus", "scrapes"} for fact in observation.unavailable)
    return len(observation.brackets) < MAX_BRACKETS and not observation.silent and not failed


def _with_controllers(observer: Observer, prometheus: Prometheus, *, observation: FleetObservation) -> FleetObservation:
    """With the controllers, their targets and the notification counts, as Prometheus has them at the beginning."""
    try:
        prometheus.recognise()
        found = prometheus.vector(promql.controllers(observer.scope))
    except SourceUnavailable as error:
        raise with_stores(prometheus, error) from error
    controllers = {target_of(sample.labels): sample.labels.get("version", "") for sample in found}
    targets, why = _targets(observer, prometheus, controllers=controllers)
    evaluator = observer.sources.evaluator or prometheus
    counts, why_not = observer.sources.attempt("notifications", partial(notification_counts, evaluator))
    return replace(
        observation,
        controllers=controllers,
        targets=targets,
        notified=counts,
        unavailable=observation.unavailable + why + why_not,
    )


def _targets(
    observer: Observer, prometheus: Prometheus, *, controllers: Mapping[Labels, str]
) -> tuple[tuple[Target, ...] | None, tuple[Unavailable, ...]]:
    return observer.sources.attempt(
        "targets", lambda: controller_targets(all_targets(prometheus), controllers, scope=observer.scope)
    )


def _with_last_targets(
    observer: Observer, prometheus: Prometheus, *, observation: FleetObservation
) -> FleetObservation:
    """With the targets at the end. A target counts as down only if it was down at the beginning as well."""
    before = observation.targets
    if before is None:
        return observation
    after, why = _targets(observer, prometheus, controllers=observation.controllers)
    now, why_not = observer.sources.attempt("targets", prometheus.time)
    down, still = down_and_still(before, after or (), now=now or 0.0)
    return replace(
        observation, targets=after, down=down, still=still, unavailable=observation.unavailable + why + why_not
    )


def _with_bracket(observer: Observer, prometheus: Prometheus, *, observation: FleetObservation) -> FleetObservation:
    """With another bracket. Raises :class:`SourceUnavailable` if Prometheus cannot be read or compared with."""
    rollouts, readable, refused = _each_namespace(
        observer, Cluster.rollouts, namespaces=observer.scope.namespaces or ("",)
    )
    ids = {rollout.instance_id for rollout in rollouts.values()}
    ours = observer.scope.instance_id in ids
    since = prometheus.time()
    if not observation.brackets:
        require_one_cluster(prometheus, observer.scope, rollouts=rollouts.keys())
    if ours and len(ids) > 1:
        emitting = _emitting(observer, prometheus)
        others = other_controllers(prometheus, observer.scope, emitting, rollouts=rollouts)
        observation = replace(observation, others=observation.others | others)
    emitting = wait_for_scrape(observer, prometheus, observation=observation, since=since, expected=ours)
    now = prometheus.time()
    _require_comparable(prometheus, emitting, now=now)
    listed = ("",) if readable is None else sorted(readable)
    after, readable_after, refused_after = _each_namespace(observer, Cluster.rollout_versions, namespaces=listed)
    settled = wait_until_settled(observer, prometheus, emitting=emitting, until=now)
    comparable = new_scrapes(settled, observation.brackets, since=since)
    scrapes = read_scrapes(prometheus, observer.scope, scrapes=comparable, rollouts=rollouts.keys())
    _require_comparable(prometheus, {}, now=now)
    bracket = Bracket(
        before=rollouts,
        after=after,
        namespaces=_intersection(readable, readable_after),
        scrapes=scrapes,
        stale=_stale(observation, settled, since=since),
        at=since,
    )
    return replace(
        observation,
        brackets=(*observation.brackets, bracket),
        silent=ours and not emitting,
        unavailable=tuple(dict.fromkeys(observation.unavailable + refused + refused_after)),
    )


def wait_for_scrape(
    observer: Observer, prometheus: Prometheus, *, observation: FleetObservation, since: float, expected: bool
) -> Mapping[Labels, float]:
    """Wait until every target that emits Rollouts was scraped after ``since``, for at most one window of their pace.

    Where samples take their time to arrive, the wait is longer by that time. Returns the time of each target's newest
    scrape, also if it is an old one. ``since`` and all times are seconds since the epoch by Prometheus' clock. If no
    target emits, but ``expected`` says that one should, the wait is as long as a change of leader takes, or as
    discovery takes where Prometheus lists no target. Raises :class:`SourceUnavailable` for too slow a pace.
    """
    start, delay = observer.clock.now(), 0.0
    while True:
        emitting = {
            target: at for target, at in _emitting(observer, prometheus).items() if target not in observation.others
        }
        usual = pace(observation.targets, emitting or observation.controllers)
        if emitting:
            done, longest = min(emitting.values()) > since, usual.window
        else:
            done = not expected
            longest = DISCOVERY if observation.targets == () else max(usual.window, LEADER_CHANGE)
        if not done:
            require_pace(prometheus, usual)
        waited = observer.clock.now() - start
        if emitting and not done and waited > longest and not delay:
            delay = min(max(since - prometheus.settled(), 0.0), MAX_DELAY)
        if done or waited > longest + delay:
            return emitting
        observer.clock.sleep(min(max(usual.interval / 4, 0.1), 5.0))


def wait_until_settled(
    observer: Observer, prometheus: Prometheus, *, emitting: Mapping[Labels, float], until: float
) -> Mapping[Labels, float]:
    """Wait until all samples up to ``until`` have arrived; the newest scrapes up to then.

    An engine to which samples are sent, or which keeps them back for a moment, shows a part of a scrape at first. Such
    an engine answers by default for a time that lies so far behind its clock that everything is there. One that does
    not get there in time has no scrapes to compare with.
    """
    start = observer.clock.now()
    delay = left = until - prometheus.settled() if emitting else 0.0
    if delay <= 0:
        return emitting
    while left > 0:
        if delay > MAX_DELAY or observer.clock.now() - start > 2 * delay:
            return {}
        observer.clock.sleep(min(max(left, 0.1), 5.0))
        left = until - prometheus.settled()
    return _emitting(observer, prometheus, at=until)


def new_scrapes(
    emitting: Mapping[Labels, float], brackets: Sequence[Bracket], *, since: float
) -> Mapping[Labels, float]:
    """The scrapes after ``since`` that no earlier bracket has read.

    A difference is confirmed by a second scrape. Behind a load balancer with Prometheus servers whose clocks differ,
    the same scrape can be newer than two lists, and would confirm itself.
    """
    read_before = {scrape.target: scrape.at for bracket in brackets for scrape in bracket.scrapes}
    return {target: at for target, at in emitting.items() if at > max(since, read_before.get(target, since))}


def _emitting(observer: Observer, prometheus: Prometheus, *, at: float | None = None) -> Mapping[Labels, float]:
    """The targets that emit Rollouts, with the time of the newest scrape of each, as of ``at`` (``None``: now).

    Series without the labels of a target are left out: they are results of recording rules.
    """
    query, who, url = promql.newest_scrapes(observer.scope), prometheus.who, prometheus.url
    newest = {target_of(sample.labels): sample.value for sample in prometheus.vector(query, at=at)}
    for time in newest.values():
        if not isfinite(time):
            raise SourceUnavailable("prometheus-not-a-number", who=who, url=url, query=query, value=str(time))
    if len(newest) > MAX_TARGETS:
        raise SourceUnavailable("prometheus-many-targets", permanent=True, who=who, url=url, count=len(newest))
    return {target: time for target, time in newest.items() if {"instance", "job"} & dict(target).keys()}


def _require_comparable(prometheus: Prometheus, emitting: Mapping[Labels, float], *, now: float) -> None:
    """Raise :class:`SourceUnavailable` for incomplete answers (warnings) and for scrapes in the server's future."""
    if prometheus.warnings:
        said = "; ".join(prometheus.warnings)
        raise SourceUnavailable("prometheus-warned", who=prometheus.who, url=prometheus.url, said=said)
    if emitting and max(emitting.values()) > now:
        raise SourceUnavailable("prometheus-clock", permanent=True, who=prometheus.who, url=prometheus.url)


def _stale(observation: FleetObservation, emitting: Mapping[Labels, float], *, since: float) -> tuple[Labels, ...]:
    """The controllers' targets without a scrape after ``since``, those that are down included."""
    still = {target for target, at in emitting.items() if at <= since}
    down = {target_of(dict(target.labels)) for target in observation.targets or () if not target.healthy}
    return tuple(sorted(still | (down & observation.controllers.keys() - observation.others)))


def _with_api_only(observer: Observer, observation: FleetObservation) -> FleetObservation:
    """With a bracket that has the API's Rollouts and no scrapes."""
    rollouts, readable, refused = _each_namespace(
        observer, Cluster.rollouts, namespaces=observer.scope.namespaces or ("",)
    )
    bracket = Bracket(rollouts, {}, readable, scrapes=())
    return replace(observation, brackets=(bracket,), unavailable=observation.unavailable + refused)


def _each_namespace(
    observer: Observer, read: Callable[[Cluster, str], Mapping[Key, T]], *, namespaces: Sequence[str]
) -> tuple[Mapping[Key, T], frozenset[str] | None, tuple[Unavailable, ...]]:
    """The results of ``read`` for all namespaces together, the namespaces that could be read, and the failures.

    The namespace "" is the whole cluster; if it could be read, the namespaces are ``None``, which is all.
    """
    cluster = observer.sources.cluster
    if cluster is None:
        return {}, frozenset(), ()
    merged: dict[Key, T] = {}
    readable: set[str] = set()
    refused: tuple[Unavailable, ...] = ()
    for namespace in namespaces:
        part, why = observer.sources.attempt("rollouts", partial(read, cluster, namespace))
        merged.update(part or {})
        refused += why
        if part is not None:
            readable.add(namespace)
    return merged, None if readable == {""} else frozenset(readable), refused


def _intersection(before: frozenset[str] | None, after: frozenset[str] | None) -> frozenset[str] | None:
    """The namespaces in both; ``None`` is all namespaces."""
    if before is None or after is None:
        return before if after is None else after
    return before & after
