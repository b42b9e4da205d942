"""Whether Prometheus has the Rollouts that the API has, each of them once."""

from collections import defaultdict
from collections.abc import Iterator

from maintainer.analyse.accuracy.findings import Sides, difference_findings, subject
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.reproduce import Access, of_rollout
from maintainer.model.contract import GAUGES, INFO, emitted_by, release
from maintainer.model.facts import Key, Labels, target_name
from maintainer.model.matchers import matcher
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject


def coverage_missing(fleet: ComparedFleet) -> Iterator[Finding]:
    """A Rollout of the API that no target exposes, or a family that a target exposes of no Rollout at all."""
    sides = Sides("rollout_info.*", ".metadata")
    yield from difference_findings(fleet, "coverage/missing", "error", sides=sides)
    for scrape in fleet.comparison.scrapes:
        version = release(fleet.versions.get(scrape.target, ""))
        lacking = [one for one in GAUGES if one not in scrape.families and emitted_by(one, version)]
        if not lacking:
            continue
        yield Finding(
            check="coverage/missing",
            severity="error",
            subjects=tuple(Subject("Metric", "", family) for family in lacking),
            cause="family",
            summary=message(
                "coverage/missing/family.summary",
                count=len(lacking),
                target=target_name(dict(scrape.target)),
            ),
            action=message("coverage/missing/family.action"),
            evidence={"target": dict(scrape.target), "families": sorted(scrape.families)},
            reproduce=fleet.access.ask("query", query=f"count({fleet.access.selector(lacking[0])})"),
        )


def coverage_ghost(fleet: ComparedFleet) -> Iterator[Finding]:
    """Series of Rollouts that the API does not have; a target of which no Rollout is known is one finding."""
    comparison, access = fleet.comparison, fleet.access
    alone: dict[Key, list[str]] = defaultdict(list)
    for scrape in comparison.scrapes:
        ghosts = comparison.ghosts.get(scrape.target, frozenset())
        if ghosts and ghosts == scrape.series.keys() and len(comparison.scrapes) > 1:
            yield _foreign(scrape.target, ghosts, access)
            continue
        for key in ghosts:
            alone[key].append(target_name(dict(scrape.target)))
    if alone:
        keys = sorted(alone)
        yield Finding(
            check="coverage/ghost",
            severity="warning",
            subjects=tuple(map(subject, keys)),
            cause="series",
            summary=message("coverage/ghost/series.summary", count=len(keys), rollout="/".join(keys[0])),
            action=message("coverage/ghost/series.action"),
            evidence={"rollouts": [{"rollout": "/".join(key), "targets": alone[key]} for key in keys]},
            reproduce=of_rollout(keys[0], access, renamed=fleet.renamed(()), path=".metadata.uid"),
        )


def _foreign(target: Labels, ghosts: frozenset[Key], access: Access) -> Finding:
    own = dict(target)
    query = access.selector(INFO, [matcher(label, own[label]) for label in ("job", "instance") if label in own])
    return Finding(
        check="coverage/ghost",
        severity="warning",
        subjects=(Subject("Target", "", target_name(own)),),
        cause="target",
        summary=message("coverage/ghost/target.summary", count=len(ghosts), target=target_name(own)),
        action=message("coverage/ghost/target.action"),
        evidence={"target": own, "rollouts": ["/".join(key) for key in sorted(ghosts)]},
        reproduce=access.ask("query", query=query),
    )


def coverage_duplicate(fleet: ComparedFleet) -> Iterator[Finding]:
    """Two live targets expose the same Rollouts: every sum over them counts double."""
    for twice in fleet.comparison.twice:
        names = sorted(target_name(dict(target)) for target in twice.targets)
        yield Finding(
            check="coverage/duplicate",
            severity="error",
            subjects=tuple(Subject("Target", "", name) for name in names),
            cause="targets",
            summary=message("coverage/duplicate/targets.summary", count=len(twice.keys), one=names[0], other=names[1]),
            action=message("coverage/duplicate/targets.action"),
            evidence={
                "targets": [dict(target) for target in twice.targets],
                "rollouts": ["/".join(key) for key in sorted(twice.keys)],
            },
            reproduce=fleet.access.ask("query", query=f"count by (job, instance) ({fleet.access.selector(INFO)})"),
        )
