"""Rollouts that the controller does not look at any more."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from maintainer.analyse.differences import subject
from maintainer.analyse.way import Way
from maintainer.model.chain import Reconciles
from maintainer.model.duration import duration
from maintainer.model.facts import Key, Labels, Rollout, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap

CHECK = "coverage/unwatched"


def coverage_unwatched(way: Way) -> Iterator[Finding]:
    """Rollouts of which every target's reconcile count stood still for longer than the resync allows."""
    counted = way.chain.reconciles
    if counted is None:
        return
    still = {key for keys in counted.still.values() for key in keys if _stood(way, counted, key)}
    keys = sorted(_old([one for one in way.rollouts if one.key in still] if still else (), counted))
    if not keys:
        return
    past = duration(counted.window)
    count = way.reach.selector("rollout_reconcile_count")
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
        reproduce=way.reach.ask("query", query=f"changes({count}[{past}]) == 0 and {count} offset {past} and {count}"),
    )


def unwatched_gaps(way: Way) -> Iterator[Gap]:
    """Targets of which nothing can be said, where there is a Rollout of which something should be."""
    counted = way.chain.reconciles
    if counted is None or not any(_old(way.rollouts, counted)):
        return
    for reading in way.readings:
        if why := _unjudged(counted, reading.target):
            target, minutes = target_name(dict(reading.target)), round(counted.window / 60)
            yield Gap(CHECK, "passing", message(f"gap/{why}", target=target, minutes=minutes))


def _old(rollouts: Iterable[Rollout], counted: Reconciles) -> Iterator[Key]:
    """Which of the controller's Rollouts were there for the whole window and are to stay."""
    return (
        one.key
        for one in rollouts
        if one.created
        and not one.deleting
        and counted.now - datetime.fromisoformat(one.created).timestamp() > counted.window
    )


def _stood(way: Way, counted: Reconciles, key: Key) -> bool:
    targets = [reading.target for reading in way.readings if key in reading.series]
    return bool(targets) and all(
        key in counted.still.get(target, ()) and not _unjudged(counted, target) for target in targets
    )


def _unjudged(counted: Reconciles, target: Labels) -> str:
    """Why nothing can be said of a target's counts, "" for no reason."""
    started = counted.started.get(target)
    if started is not None and counted.now - started <= counted.window:
        return "young-process"
    return "" if started is not None and target in counted.remembered else "short-memory"
