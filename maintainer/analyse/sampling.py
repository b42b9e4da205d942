"""The checks of a daily sample, and the sample that they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.samples import Sample, differing, names
from maintainer.analyse.accuracy.silence import looked, silent_stretches
from maintainer.analyse.checks import ACCURACY_CHECKS, PIPELINE_CHECKS, READ_FROM, Check
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.facts import ScrapedTimes, Unavailable
from maintainer.model.report import Finding, Gap

COMPARING: tuple[Check[ComparedFleet], ...] = tuple(
    check for check in ACCURACY_CHECKS if check.id != "coverage/unwatched"
)
"""The checks whose findings are differences. An unwatched Rollout differs in nothing, and takes an hour to see."""
EMITTING: tuple[Check[Pipeline], ...] = tuple(check for check in PIPELINE_CHECKS if check.id == "pipeline/emitter")
DIFFERENCES = frozenset(check.id for check in COMPARING)
SAMPLED = DIFFERENCES | {check.id for check in EMITTING}


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks found in a fleet, and what they could not look at and why; also of checks that no sample has."""

    findings: Sequence[Finding]
    gaps: Sequence[Gap]
    unavailable: Sequence[Unavailable]


def sample_of(fleet: ComparedFleet, at: datetime, *, examined: Examined, scraped: ScrapedTimes | None) -> Sample:
    """The sample at a time; without ``scraped`` it is not known when the controller was scraped."""
    comparison, targets = fleet.comparison, fleet.pipeline.observation.targets or ()
    not_checked = {gap.check for gap in examined.gaps} & DIFFERENCES
    found = differing(finding for finding in examined.findings if finding.check in DIFFERENCES)
    sample = Sample(
        at=at,
        compared=len(comparison.compared),
        agreeing=len(comparison.compared - {difference.key for difference in comparison.differences}),
        moving=len(comparison.moving),
        undecided=names(f"Rollout/{namespace}/{name}" for namespace, name in comparison.not_compared),
        differing=found,
        not_checked=tuple(sorted(not_checked)),
        lacking=_lacking(examined.unavailable) if not_checked else (),
        up=sum(target.healthy for target in targets),
        down=sum(target.down for target in targets),
    )
    if scraped is None or (span := looked(scraped)) is None:
        return sample
    return replace(sample, looked=span, silent=tuple(silent_stretches(scraped)))


def _lacking(unavailable: Iterable[Unavailable]) -> tuple[str, ...]:
    needed = {need for check in COMPARING for need in check.needs}
    sources = {READ_FROM.get(fact.source, fact.source) for fact in unavailable if fact.source in needed}
    return tuple(sorted(sources | {fact.source for fact in unavailable if fact.source in {*READ_FROM.values()}}))
