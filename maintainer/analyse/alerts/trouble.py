"""The trouble of a quarter, found in what became of the Rollouts, independently of any alert."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from maintainer.analyse.alerts.evidence import FAILED_ANALYSIS, LEAD, TROUBLE, OutcomeIndex, deployment_began
from maintainer.analyse.alerts.subjects import comparable
from maintainer.model.alerts import MINUTE
from maintainer.model.facts import Key
from maintainer.model.incidents import Incident
from maintainer.model.outcomes import CounterIncrease, PhaseRun, ShortRun

TroubleKind = Literal["outage", "prevented", "aborted", "failed", "controller"]
"""Too few pods while something else was wrong as well, or none at all; a bad version that analysis undid in time;
another deployment that was aborted; one that did not end well; a Timeout or Abort that no new revision explains."""

TOGETHER = 15 * MINUTE
"""Signs of trouble that are at most so far apart belong together, unless a new revision came in between."""

Sign = PhaseRun | ShortRun | CounterIncrease


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong with a Rollout, from ``start`` to ``end`` in milliseconds."""

    subject: Key
    start: int
    end: int
    kind: TroubleKind

    @property
    def incident(self) -> Incident:
        """The same as an incident, called by its Rollout and its time."""
        namespace, name = self.subject
        at = datetime.fromtimestamp(self.start / 1000, UTC)
        labels = (("name", name), ("namespace", namespace))
        return Incident(f"{namespace}/{name} {at:%Y-%m-%dT%H:%MZ}", self.start, self.end, labels)


def troubles(index: OutcomeIndex, *, short_for: int) -> tuple[Trouble, ...]:
    """All trouble of all Rollouts in order; too few pods count from ``short_for`` milliseconds on."""
    found = (
        trouble
        for rollout in sorted(index.rollouts)
        for signs in _together(_signs(index, rollout, short_for), [at.at for at in index.revisions.get(rollout, ())])
        if (trouble := _trouble(rollout, signs, index))
    )
    return tuple(sorted(found, key=lambda trouble: (trouble.start, trouble.subject)))


def all_incidents(
    recorded: Sequence[Incident], found: Iterable[Trouble], impacts: Iterable[Incident] = ()
) -> tuple[Incident, ...]:
    """The incidents that people wrote down, and the outages and harm to users that are none of these, in order."""
    own = [trouble for trouble in found if trouble.kind == "outage"]
    new = [trouble.incident for trouble in own if not any(_is_same(trouble, incident) for incident in recorded)]
    known = (*recorded, *new)
    harm = [impact for impact in impacts if not any(_overlap(impact, incident) for incident in known)]
    return tuple(sorted((*known, *harm), key=lambda incident: (incident.start, incident.id)))


def _overlap(impact: Incident, incident: Incident) -> bool:
    """Whether both may be one thing: at a time, and alike in the labels that both have, or without any."""
    ours, theirs = comparable(impact.labels), comparable(incident.labels)
    shared = ours.keys() & theirs.keys()
    at_a_time = incident.start - TOGETHER <= impact.end and impact.start <= incident.end + TOGETHER
    alike = all(ours[name] == theirs[name] for name in shared)
    return at_a_time and alike and (bool(shared) or not ours or not theirs)


def _is_same(trouble: Trouble, incident: Incident) -> bool:
    """Whether an incident on record is this trouble: both at a time, and no label says that it was another Rollout."""
    labels = dict(incident.labels)
    names = {labels.get("name"), labels.get("rollout")} - {None}
    namespaces = {labels.get("namespace")} - {None}
    namespace, name = trouble.subject
    at_a_time = incident.start - TOGETHER <= trouble.end and trouble.start <= incident.end + TOGETHER
    return at_a_time and names <= {name} and namespaces <= {namespace}


def _signs(index: OutcomeIndex, rollout: Key, short_for: int) -> list[Sign]:
    signs: list[Sign] = [run for run in index.phases.get(rollout, ()) if run.phase in TROUBLE]
    signs += [run for run in index.short.get(rollout, ()) if run.last - run.first >= short_for]
    signs += [
        rise
        for rise in index.increases.get(rollout, ())
        if rise.event == "RolloutAborted" or rise.event in FAILED_ANALYSIS
    ]
    return sorted(signs, key=_start)


def _together(signs: Sequence[Sign], revisions: Sequence[int]) -> Iterator[list[Sign]]:
    group: list[Sign] = []
    for sign in signs:
        if group and (
            _start(sign) - max(map(_end, group)) > TOGETHER
            or any(_start(group[-1]) < at <= _start(sign) for at in revisions)
        ):
            yield group
            group = []
        group.append(sign)
    if group:
        yield group


def _trouble(rollout: Key, signs: Sequence[Sign], index: OutcomeIndex) -> Trouble | None:
    """What the signs are together; ``None`` if they are only what a deployment brings with it."""
    short = [sign for sign in signs if isinstance(sign, ShortRun)]
    phases = {sign.phase for sign in signs if isinstance(sign, PhaseRun)}
    events = {sign.event for sign in signs if isinstance(sign, CounterIncrease)}
    aborted = "Abort" in phases or "RolloutAborted" in events
    start, end = min(map(_start, signs)), max(map(_end, signs))
    since = min((deployment_began(sign, index) for sign in signs if isinstance(sign, PhaseRun)), default=start)
    revised = any(min(since, start) - LEAD <= change.at <= end for change in index.revisions.get(rollout, ()))
    kinds: tuple[tuple[bool, TroubleKind], ...] = (
        (bool(short and (phases or events)) or any(not run.least_available for run in short), "outage"),
        (aborted and not events.isdisjoint(FAILED_ANALYSIS), "prevented"),
        (bool(phases & {"Timeout", "Abort"}) and not revised, "controller"),
        (aborted, "aborted"),
        (bool(phases), "failed"),
    )
    kind = next((kind for holds, kind in kinds if holds), None)
    return Trouble(rollout, start, end, kind) if kind else None


def _start(sign: Sign) -> int:
    return sign.at if isinstance(sign, CounterIncrease) else sign.first


def _end(sign: Sign) -> int:
    return sign.at if isinstance(sign, CounterIncrease) else sign.last
