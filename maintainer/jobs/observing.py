"""What the daily sample and the monthly audit have in common: the observed fleet, and the samples of the past."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.samples import KIND, Sample, samples
from maintainer.collect.accuracy.rollouts import Observer, observe
from maintainer.collect.accuracy.scraped_times import scraped_times
from maintainer.collect.pipeline.cluster_state import controller_state
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.model.facts import FleetObservation, ScrapedTimes
from maintainer.model.pipeline import ControllerState
from maintainer.settings import Settings

BEFORE = timedelta(days=31)
"""How long before a time samples tell what was so at that time."""


@dataclass(frozen=True, slots=True)
class ObservedFleet:
    """The fleet as it was observed, and the controller's state at the beginning."""

    first: ControllerState
    observer: Observer
    observation: FleetObservation
    comparison: Comparison


def observed_fleet(settings: Settings, context: JobContext, *, patient: bool) -> ObservedFleet:
    """Observe the fleet once for all jobs of this process.

    A job that is not ``patient`` is content with one bracket, if all agrees that does not move. One that is goes on
    from there.
    """
    seen = context.once("observation", partial(_observed, settings, context, patient=patient))
    if not patient:
        return seen
    judge = partial(judge_brackets, instance_id=seen.observer.scope.instance_id)
    if not judge(seen.observation.brackets).open:
        return seen
    observation, comparison = observe(seen.observer, judge, begun=seen.observation)
    return replace(seen, observation=observation, comparison=comparison)


def _observed(settings: Settings, context: JobContext, *, patient: bool) -> ObservedFleet:
    scope = arguments.scope(settings)
    first = controller_state(context.sources, scope)
    if first.namespaced(scope.instance_id):
        scope = scope.within_its_namespace()
    observer = Observer(context.sources, scope, context.clock)
    judge = partial(judge_brackets, instance_id=scope.instance_id, patient=patient)
    observation, comparison = observe(observer, judge)
    return ObservedFleet(first, observer.without_lost_prometheus(observation), observation, comparison)


def past_samples(context: JobContext, since: datetime) -> tuple[Sample, ...]:
    """The samples since a while before this time. Raises :class:`SourceUnavailable`."""
    return samples(context.archived(KIND, since - BEFORE))


def scraped_since(context: JobContext, seen: ObservedFleet, past: Sequence[Sample]) -> ScrapedTimes | None:
    """When the controller was scraped since the last sample that knows; ``None`` if that is not known."""
    known = [sample.looked.end for sample in past if sample.looked]
    prometheus = seen.observer.sources.prometheus
    if prometheus is None or not known:
        return None
    ask = partial(
        scraped_times,
        prometheus,
        seen.observer.scope,
        observation=seen.observation,
        since=max(known),
        until=context.now,
    )
    return context.once("scraped", lambda: context.sources.attempt("scraped-times", ask))[0]
