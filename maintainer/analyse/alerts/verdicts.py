"""What an episode was: something real, something that was handled already, or nothing; with the reasons.

A phase alone never proves the alert that reads it: ``real`` needs a kind of metric that the alert does not read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from maintainer.analyse.alerts.evidence import BEFORE, Coverage, Evidence, OutcomeIndex, evidence_of
from maintainer.analyse.alerts.pages import is_silenced
from maintainer.analyse.alerts.subjects import ALL, Family, comparable, families_of, subject_of
from maintainer.model.alerts import MINUTE, AlertHistory, Episode, Run
from maintainer.model.facts import Key
from maintainer.model.incidents import Incident, Label, Verdict
from maintainer.model.message import Message, message

NEAR = 30 * MINUTE
"""What a person said is about the nearest episode that is at most so far away."""

CAUGHT_BEFORE = 15 * MINUTE
"""An episode that fired at most so long before an incident has caught it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An episode and its verdict, with the reasons. ``subject`` is the Rollout, ``None`` if it names none.

    ``by`` says who judged: the evidence, an incident on record, or a person. ``disputed``: people do not agree.
    """

    episode: Episode
    subject: Key | None
    verdict: Verdict
    reasons: tuple[Message, ...]
    by: Literal["evidence", "incident", "label"] = "evidence"
    disputed: bool = False

    @property
    def fired(self) -> bool:
        """Whether it fired, and was not only pending."""
        return self.episode.fired_at is not None


@dataclass(frozen=True, slots=True)
class Known:
    """What episodes are judged by beside the history: incidents, labels, and the episodes that a restart made.

    ``impacts`` are the times at which users were harmed.
    """

    incidents: tuple[Incident, ...] = ()
    impacts: tuple[Incident, ...] = ()
    labels: tuple[Label, ...] = ()
    restarted: frozenset[Episode] = frozenset()


def judged_episodes(history: AlertHistory, known: Known, *, coverage: Coverage, short_for: int) -> tuple[Judged, ...]:
    """All episodes with their verdicts, in order: people come before incidents, and incidents before evidence."""
    judge = _Judge(history, known, OutcomeIndex(history.outcomes), coverage, short_for)
    families = {version: families_of(rule.expr) for version, rule in history.rules.items()}
    said = _said(history.episodes, known.labels)
    return tuple(
        _by_people(_judged(episode, families.get(episode.rule, ALL), judge), said.get(episode, ()))
        for episode in sorted(history.episodes, key=lambda one: (one.active_at, one.alert, one.labels))
    )


def agrees(incident: Incident, episode: Episode) -> bool:
    """Whether the labels that both have are alike; an incident with labels shares at least one of them.

    A Rollout's name and its namespace are compared by what they are, not by the names of their labels.
    """
    theirs, own = comparable(incident.labels), comparable((*episode.labels, ("alertname", episode.alert)))
    shared = theirs.keys() & own.keys()
    return all(theirs[name] == own[name] for name in shared) and (bool(shared) or not theirs)


def caught(incident: Incident, episode: Episode) -> bool:
    """Whether the episode fired between 15 minutes before the incident and its end, about what that is about."""
    fired = episode.fired_at
    return fired is not None and incident.start - CAUGHT_BEFORE <= fired <= incident.end and agrees(incident, episode)


@dataclass(frozen=True, slots=True)
class _Judge:
    """What every episode is judged by."""

    history: AlertHistory
    known: Known
    index: OutcomeIndex
    coverage: Coverage
    short_for: int


def _judged(episode: Episode, families: frozenset[Family], judge: _Judge) -> Judged:
    subject = subject_of(episode.labels)
    for incident in judge.known.incidents:
        if _overlaps(incident, episode) and agrees(incident, episode):
            return Judged(episode, subject, "real", (message("verdict/incident", id=incident.id),), by="incident")
    if any(_overlaps(impact, episode) and agrees(impact, episode) for impact in judge.known.impacts):
        return Judged(episode, subject, "real", (message("verdict/impact"),))
    if subject is None:
        return Judged(episode, None, "undetermined", (message("verdict/no-subject"),))
    evidence = evidence_of(episode, subject, judge.index, coverage=judge.coverage, short_for=judge.short_for)
    planned = is_silenced(episode, episode.active_at, judge.history.silences)
    restarted = episode in judge.known.restarted
    verdict, why = verdict_of(episode, evidence, families, planned=planned, restarted=restarted)
    if verdict == "noise" and _is_unseen(episode, judge.history.impact_unseen):
        verdict, why = "undetermined", message("verdict/impact-unseen")
    return Judged(episode, subject, verdict, (why,))


def verdict_of(
    episode: Episode, evidence: Evidence, families: Collection[Family], *, planned: bool, restarted: bool
) -> tuple[Verdict, Message]:
    """The verdict that the evidence gives, and its reason; ``families`` are what the alert itself reads."""
    phases = {run.phase for run in evidence.trouble}
    blamed = phases & {"Timeout", "Abort"}
    wrong = bool(evidence.trouble) or evidence.aborted or evidence.failed
    rules: tuple[tuple[bool, Verdict, Message], ...] = (
        (bool(evidence.short and evidence.families - set(families)), "real", _shortage(evidence, families)),
        (not evidence.covered, "undetermined", message("verdict/not-covered")),
        (restarted, "undetermined", message("verdict/restarted")),
        (bool(evidence.short), "undetermined", message("verdict/only-itself")),
        (evidence.failed and (evidence.aborted or "Abort" in phases), "handled", message("verdict/handled")),
        (
            bool(blamed) and not evidence.revised,
            "controller",
            message("verdict/controller", phase=min(blamed, default="")),
        ),
        (planned, "expected", message("verdict/silenced")),
        (wrong, "undetermined", message("verdict/phase-only")),
        (bool(evidence.paused), "expected", message("verdict/paused")),
        (evidence.acted, "undetermined", message("verdict/acted")),
        (episode.end != "resolved", "undetermined", message("verdict/not-ended")),
    )
    found = ((verdict, why) for holds, verdict, why in rules if holds)
    return next(found, ("noise", message("verdict/nothing")))


def _shortage(evidence: Evidence, families: Collection[Family]) -> Message:
    """That pods were missing; with what else was wrong, if the alert itself reads the number of pods."""
    runs = [(run.least_available, run.desired, (run.last - run.first) // MINUTE) for run in evidence.short]
    available, desired, minutes = min(runs, default=(0, 0, 0))
    if "replicas" in families:
        return message("verdict/short-and", available=available, desired=desired, minutes=minutes)
    return message("verdict/short", available=available, desired=desired, minutes=minutes)


def _overlaps(incident: Incident, episode: Episode) -> bool:
    end = episode.resolved_at or episode.last
    return episode.active_at <= incident.end and end >= incident.start - CAUGHT_BEFORE


def _is_unseen(episode: Episode, times: Iterable[Run]) -> bool:
    """Whether somebody asked how users fared around an episode, and that is not known."""
    start, end = episode.active_at - BEFORE, episode.resolved_at or episode.last
    return any(time.first <= end and start <= time.last for time in times)


def _said(episodes: Sequence[Episode], labels: Iterable[Label]) -> Mapping[Episode, tuple[Label, ...]]:
    """What people said, by the nearest episode with the alert and labels; in the order in which they said it."""
    said: dict[Episode, tuple[Label, ...]] = {}
    for label in labels:
        near = [
            (distance, episode.active_at, episode)
            for episode in episodes
            if episode.alert == label.alert
            and comparable(label.labels).items() <= comparable(episode.labels).items()
            and (distance := _distance(label, episode)) <= NEAR
        ]
        within = [episode for distance, _, episode in near if distance == 0 and label.start < label.end]
        for episode in within or [min(near, key=lambda one: one[:2])[2]] if near else ():
            said[episode] = (*said.get(episode, ()), label)
    return said


def _distance(label: Label, episode: Episode) -> int:
    end = episode.resolved_at or episode.last
    return max(0, episode.active_at - label.end, label.start - end)


def _by_people(judged: Judged, said: Sequence[Label]) -> Judged:
    """The verdict of the last person who said something; that others said something else is kept."""
    if not said:
        return judged
    last = said[-1]
    who = last.who or "-"
    reasons = [message("verdict/labelled", who=who, note=last.note or "-")]
    others = [label for label in said if label.verdict != last.verdict]
    if others:
        reasons.append(message("verdict/disputed", who=others[-1].who or "-", verdict=others[-1].verdict))
    if judged.verdict != last.verdict:
        reasons += judged.reasons
    return Judged(judged.episode, judged.subject, last.verdict, tuple(reasons), by="label", disputed=bool(others))
