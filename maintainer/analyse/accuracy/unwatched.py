"""Rollouts that the controller does not look at any more."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from maintainer.analyse.accuracy.findings import subject
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.duration import duration
from maintainer.model.facts import Key, Labels, Rollout, target_name
from maintainer.model.message import message
from maintainer.model.pipeline import ReconcileCounts
from maintainer.model.report import Finding, Gap

CHECK = "coverage/unwatched"


def coverage_unwatched(fleet: ComparedFleet) -> Iterator[Finding]:
    """Rollouts of which every target's reconcile count stood still for longer than the resync allows."""
    pipeline = fleet.pipeline
    counted = pipeline.facts.reconciles
    if counted is None:
        return
    still = {key for keys in counted.still.values() for key in keys if _stood(pipeline, counted, key)}
    keys = sorted(_old([one for one in pipeline.rollouts if one.key in still] if still else (), counted))
    if not keys:
        return
    past = duration(counted.window)
    count = pipeline.access.selector("rollout_reconcile_count")
    yield Finding(
        check=CHECK,
        severity="error",
        subjects=tuple(map(subject, keys)),
        cause="still",
        summary=message(
            f"{CHECK}/still.summary", count=len(keys), rollout="/".join(keys[0]), minutes=round(counted.window / 60)
        ),
        action=message(f"{CHECK}/still.action"),
        evidence={
            "windowSeconds": counted.window,
            "resyncSeconds": counted.resync,
            "rollouts": ["/".join(key) for key in keys],
        },
        reproduce=pipeline.access.ask(
            "query", query=f"changes({count}[{past}]) == 0 and {count} offset {past} and {count}"
        ),
    )


def coverage_unwatched_gaps(fleet: ComparedFleet) -> Iterator[Gap]:
    """Targets of which nothing can be said, where there is a Rollout of which something should be."""
    pipeline = fleet.pipeline
    counted = pipeline.facts.reconciles
    if counted is None or not any(_old(pipeline.rollouts, counted)):
        return
    for scrape in pipeline.scrapes:
        if why := _unjudged(counted, scrape.target):
            target, minutes = target_name(dict(scrape.target)), round(counted.window / 60)
            yield Gap(CHECK, "passing", message(f"gap/{why}", target=target, minutes=minutes))


def _old(rollouts: Iterable[Rollout], counted: ReconcileCounts) -> Iterator[Key]:
    """Which of the controller's Rollouts were there for the whole window and are to stay."""
    return (
        one.key
        for one in rollouts
        if one.created
        and not one.deleting
        and counted.now - datetime.fromisoformat(one.created).timestamp() > counted.window
    )


def _stood(pipeline: Pipeline, counted: ReconcileCounts, key: Key) -> bool:
    targets = [scrape.target for scrape in pipeline.scrapes if key in scrape.series]
    return bool(targets) and all(
        key in counted.still.get(target, ()) and not _unjudged(counted, target) for target in targets
    )


def _unjudged(counted: ReconcileCounts, target: Labels) -> str:
    """Why nothing can be said of a target's counts, "" for no reason."""
    started = counted.started.get(target)
    if started is not None and counted.now - started <= counted.window:
        return "young-process"
    return "" if started is not None and target in counted.remembered else "short-memory"
