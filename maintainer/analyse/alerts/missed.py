"""Trouble that nobody was paged for, and the rule that came nearest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maintainer.analyse.alerts.silent import SilentRule
from maintainer.analyse.alerts.verdicts import CAUGHT_BEFORE, agrees
from maintainer.model.alerts import HOUR, MINUTE, AlertHistory, Episode
from maintainer.model.incidents import Incident
from maintainer.model.message import Message, message

LATE = HOUR
"""An alert that fired at most so long after an incident was late."""


@dataclass(frozen=True, slots=True)
class Missed:
    """An incident of which no alert told in time, and the ``alert`` that came nearest: ``how`` near, "" for none."""

    incident: Incident
    alert: str
    how: Message


def missed_incidents(
    incidents: Iterable[Incident], history: AlertHistory, silent: Sequence[SilentRule]
) -> tuple[Missed, ...]:
    """The incidents, each with the rule that came nearest; ``incidents`` are those that no alert caught."""
    return tuple(_nearest(incident, history, silent) for incident in incidents)


def _nearest(incident: Incident, history: AlertHistory, silent: Sequence[SilentRule]) -> Missed:
    # That a deployment was about to take too long when it went wrong is nearer in time, and further from a page.
    for rule_ in silent:
        if rule_.repaired and any(trouble.incident == incident for trouble in rule_.repaired.told):
            return Missed(incident, rule_.rule.name, message("missed/repaired"))
    agreeing = [episode for episode in history.episodes if agrees(incident, episode)]
    pending = [episode for episode in agreeing if episode.fired_at is None and _is_at(incident, episode)]
    if pending:
        nearest = max(pending, key=lambda episode: (episode.last - episode.active_at, episode.alert))
        rule = history.rules.get(nearest.rule)
        lasted = (nearest.last - nearest.active_at) // MINUTE
        hold = (rule.hold if rule else 0) // MINUTE
        return Missed(incident, nearest.alert, message("missed/pending", minutes=lasted, hold=hold))
    late = [one for one in agreeing if one.fired_at is not None and incident.end < one.fired_at <= incident.end + LATE]
    if late:
        first = min(late, key=_fired)
        return Missed(incident, first.alert, message("missed/late", minutes=(_fired(first) - incident.end) // MINUTE))
    before = [one for one in agreeing if one.fired_at is not None and _is_at(incident, one)]
    if before:
        return Missed(incident, before[0].alert, message("missed/before"))
    return Missed(incident, "", message("missed/none"))


def _is_at(incident: Incident, episode: Episode) -> bool:
    end = episode.resolved_at or episode.last
    return episode.active_at <= incident.end and end >= incident.start - CAUGHT_BEFORE


def _fired(episode: Episode) -> int:
    return episode.fired_at or 0
