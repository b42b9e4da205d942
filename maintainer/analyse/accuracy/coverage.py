"""The checks whether Prometheus has every Rollout of the API, no others, and each from a single target."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from shlex import quote

from maintainer.analyse.accuracy.brackets import DuplicateTargets
from maintainer.analyse.accuracy.findings import Sides, difference_findings, subject
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.reproduce import Access, of_ghost
from maintainer.model.contract import GAUGES, INFO, emitted_by, release
from maintainer.model.facts import Key, Labels, Scrape, target_name
from maintainer.model.matchers import matcher
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject, divisible


def coverage_missing(fleet: ComparedFleet) -> Iterator[Finding]:
    """A Rollout of the API that no target exposes, or a family that a target exposes of no Rollout at all."""
    sides = Sides("rollout_info.*", ".metadata")
    yield from difference_findings(fleet, "coverage/missing", severity="error", sides=sides)
    for scrape in fleet.comparison.scrapes:
        version = release(fleet.versions.get(scrape.target, ""))
        absent = [family for family in GAUGES if family not in scrape.families and emitted_by(family, version)]
        if absent:
            yield divisible(absent, partial(_absent_families, scrape, access=fleet.access))


def _absent_families(scrape: Scrape, absent: Sequence[str], *, access: Access) -> Finding:
    return Finding(
        check="coverage/missing",
        severity="error",
        subjects=tuple(Subject("Metric", "", family) for family in absent),
        cause="family",
        summary=message("coverage/missing/family.summary", count=len(absent), target=target_name(dict(scrape.target))),
        action=message("coverage/missing/family.action"),
        evidence={"target": dict(scrape.target), "families": sorted(scrape.families)},
        reproduce=access.ask("query", query=f"count({access.selector(absent[0])})"),
    )


def coverage_ghost(fleet: ComparedFleet) -> Iterator[Finding]:
    """Series of Rollouts that the API does not have; a target with no Rollout of the API is a finding of its own."""
    comparison = fleet.comparison
    targets: dict[Key, list[str]] = defaultdict(list)
    for scrape in comparison.scrapes:
        ghosts = comparison.ghosts.get(scrape.target, frozenset())
        if ghosts and ghosts == scrape.series.keys() and len(comparison.scrapes) > 1:
            yield _foreign_target(scrape.target, ghosts, access=fleet.access)
            continue
        for key in ghosts:
            targets[key].append(target_name(dict(scrape.target)))
    if targets:
        yield divisible(sorted(targets.items()), partial(_ghost_series, fleet))


def _ghost_series(fleet: ComparedFleet, ghosts: Sequence[tuple[Key, list[str]]]) -> Finding:
    """Rollouts that only the metrics have, each with the names of the targets that expose it."""
    keys = [key for key, _ in ghosts]
    return Finding(
        check="coverage/ghost",
        severity="warning",
        subjects=tuple(map(subject, keys)),
        cause="series",
        summary=message("coverage/ghost/series.summary", count=len(keys), rollout="/".join(keys[0])),
        action=message("coverage/ghost/series.action"),
        evidence={"rollouts": [{"rollout": "/".join(key), "targets": names} for key, names in ghosts]},
        reproduce=of_ghost(keys[0], fleet.access, label=fleet.namespace_label(keys[0])),
    )


def _foreign_target(target: Labels, ghosts: frozenset[Key], *, access: Access) -> Finding:
    pairs = dict(target)
    query = access.selector(INFO, [matcher(label, pairs[label]) for label in ("job", "instance") if label in pairs])
    return Finding(
        check="coverage/ghost",
        severity="warning",
        subjects=(Subject("Target", "", target_name(pairs)),),
        cause="target",
        summary=message("coverage/ghost/target.summary", count=len(ghosts), target=target_name(pairs)),
        action=message("coverage/ghost/target.action"),
        evidence={"target": pairs, "rollouts": ["/".join(key) for key in sorted(ghosts)]},
        reproduce=access.ask("query", query=query),
    )


def coverage_duplicate(fleet: ComparedFleet) -> Iterator[Finding]:
    """Two targets expose the same Rollouts, so that a sum over all targets counts these twice.

    They are two leaders if they are two pods, else one pod that is scraped twice.
    """
    for duplicates in fleet.comparison.duplicates:
        pods = {key for target in duplicates.targets if (key := fleet.pipeline.pod_key(target))}
        if len(pods) > 1:
            yield _two_leaders(sorted(pods), duplicates, fleet)
            continue
        names = sorted(target_name(dict(target)) for target in duplicates.targets)
        yield Finding(
            check="coverage/duplicate",
            severity="error",
            subjects=tuple(Subject("Target", "", name) for name in names),
            cause="targets",
            summary=message(
                "coverage/duplicate/targets.summary", count=len(duplicates.keys), one=names[0], other=names[1]
            ),
            action=message("coverage/duplicate/targets.action"),
            evidence={
                "targets": [dict(target) for target in duplicates.targets],
                "rollouts": ["/".join(key) for key in sorted(duplicates.keys)],
            },
            reproduce=fleet.access.ask("query", query=f"count by (job, instance) ({fleet.access.selector(INFO)})"),
        )


def _two_leaders(pods: Sequence[Key], duplicates: DuplicateTargets, fleet: ComparedFleet) -> Finding:
    last, namespace = fleet.pipeline.facts.last, fleet.pipeline.scope.controller_namespace
    leads = "held" if (namespace, last.holder) in pods else "no-lease"
    one, other = ("/".join(pod) for pod in pods)
    return Finding(
        check="coverage/duplicate",
        severity="error",
        subjects=tuple(Subject("Pod", *pod) for pod in pods),
        cause="leaders",
        summary=message("coverage/duplicate/leaders.summary", count=len(duplicates.keys), one=one, other=other),
        action=message(f"coverage/duplicate/{leads}.action", holder=last.holder, lease=last.lease, namespace=namespace),
        evidence={
            "targets": [dict(target) for target in duplicates.targets],
            "lease": last.lease,
            "holder": last.holder,
            "rollouts": ["/".join(key) for key in sorted(duplicates.keys)],
        },
        reproduce=fleet.access.kubectl(f"-n {quote(namespace)} get leases"),
    )
