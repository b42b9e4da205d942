"""The check for Rollouts that the controller no longer reconciles."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from maintainer.analyse.accuracy.findings import subject
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.reproduce import Access
from maintainer.model.counts import ReconcileCounts
from maintainer.model.duration import duration
from maintainer.model.facts import Key, Labels, Rollout, Scrape, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, divisible

CHECK = "coverage/unwatched"


def coverage_unwatched(fleet: ComparedFleet) -> Iterator[Finding]:
    """Rollouts whose reconcile count did not increase at any target for longer than the resync period allows."""
    pipeline = fleet.pipeline
    counts = pipeline.facts.reconciles
    if counts is None:
        return
    still = {key for keys in counts.still.values() for key in keys if _unchanged(key, pipeline.scrapes, counts=counts)}
    keys = sorted(
        _expected([rollout for rollout in pipeline.rollouts if rollout.key in still] if still else (), counts)
    )
    if keys:
        yield divisible(keys, partial(_not_reconciled, counts=counts, access=pipeline.access))


def _not_reconciled(keys: Sequence[Key], *, counts: ReconcileCounts, access: Access) -> Finding:
    window = duration(counts.window)
    metric = access.selector(counts.metric)
    return Finding(
        check=CHECK,
        severity="error",
        subjects=tuple(map(subject, keys)),
        cause="still",
        summary=message(
            f"{CHECK}/still.summary", count=len(keys), rollout="/".join(keys[0]), minutes=round(counts.window / 60)
        ),
        action=message(f"{CHECK}/still.action"),
        evidence={
            "windowSeconds": counts.window,
            "resyncSeconds": counts.resync,
            "rollouts": ["/".join(key) for key in keys],
        },
        reproduce=access.ask(
            "query", query=f"changes({metric}[{window}]) == 0 and {metric} offset {window} and {metric}"
        ),
    )


def coverage_unwatched_gaps(fleet: ComparedFleet) -> Iterator[Gap]:
    """Targets whose counts do not cover the whole window, if there is a Rollout to check."""
    pipeline = fleet.pipeline
    counts = pipeline.facts.reconciles
    if counts is None or not any(_expected(pipeline.rollouts, counts)):
        return
    for scrape in pipeline.scrapes:
        if why := _too_short(counts, scrape.target):
            target, minutes = target_name(dict(scrape.target)), round(counts.window / 60)
            yield Gap(CHECK, "passing", message(f"gap/{why}", target=target, minutes=minutes))


def _expected(rollouts: Iterable[Rollout], counts: ReconcileCounts) -> Iterator[Key]:
    """Which Rollouts must have been reconciled: they existed for the whole window and are not being deleted."""
    return (
        rollout.key
        for rollout in rollouts
        if rollout.created and not rollout.deleting and counts.now - rollout.created > counts.window
    )


def _unchanged(key: Key, scrapes: Sequence[Scrape], *, counts: ReconcileCounts) -> bool:
    """Whether the count did not change at any target that exposes the Rollout, each with the whole window."""
    targets = [scrape.target for scrape in scrapes if key in scrape.series]
    return bool(targets) and all(
        key in counts.still.get(target, ()) and not _too_short(counts, target) for target in targets
    )


def _too_short(counts: ReconcileCounts, target: Labels) -> str:
    """Why a target's counts do not cover the window, as the name of a gap; "" if they do."""
    started = counts.started.get(target)
    if started is not None and counts.now - started <= counts.window:
        return "young-process"
    return "" if started is not None and target in counts.remembered else "short-memory"
