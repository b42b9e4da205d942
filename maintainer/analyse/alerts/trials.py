"""What a rule would have done with another setting: its pages, and which real incidents it would have caught when."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.numbers import CLUSTER, FUTILE
from maintainer.analyse.alerts.verdicts import CAUGHT_BEFORE, agrees
from maintainer.model.alert_advice import Candidate, Effect
from maintainer.model.alerts import Episode, Run
from maintainer.model.incidents import Incident, Verdict

if TYPE_CHECKING:
    from maintainer.model.facts import Labels

Replayer = Callable[[Candidate], Sequence[Episode]]
"""The episodes that fired, and those that did not, with a setting of the rule."""

PageTimes = Callable[[Sequence[Episode]], Sequence[int]]
"""When somebody was told of these episodes, in order; all of them fired."""

LATER_THAN_ALL = 1 << 62


def each_fired(episodes: Sequence[Episode]) -> Sequence[int]:
    """A page for each episode that fired: what is counted where it is not known how Alertmanager groups."""
    return sorted(episode.fired_at for episode in episodes if episode.fired_at is not None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a setting is judged by: the verdicts of the rule's episodes on record, incidents, and how pages are counted.

    The incidents are those that must not be lost, or those to be caught.
    """

    verdicts: Mapping[Episode, Verdict]
    incidents: tuple[Incident, ...]
    page_times: PageTimes = each_fired


class Trial:
    """The episodes of one setting, ready to be asked about any part of the time."""

    def __init__(self, episodes: Iterable[Episode], judgement: Judgement) -> None:
        self._fired = sorted(
            (episode for episode in episodes if episode.fired_at is not None),
            key=lambda episode: (episode.fired_at or 0, episode.labels),
        )
        self._pages = sorted(judgement.page_times(self._fired))
        self._of_labels: dict[Labels, list[Episode]] = defaultdict(list)
        for episode in self._fired:
            self._of_labels[episode.labels].append(episode)
        self._about: dict[Labels, Sequence[Sequence[Episode]]] = {}
        self._told = {incident.id: self._told_of(incident) for incident in judgement.incidents}

    def pages(self, part: Run) -> int:
        """The pages in a part of the time, both ends inclusive."""
        return bisect_right(self._pages, part.last) - bisect_left(self._pages, part.first)

    def told(self, incident: Incident) -> int | None:
        """When it told of an incident, ``None`` if it did not."""
        return self._told[incident.id]

    def fires_at(self, episode: Episode) -> bool:
        """Whether it fired at some time of an episode, for the same identity, or for one that has lost some labels."""
        own, time = set(episode.labels), _time_of(episode)
        alike = (episodes for labels, episodes in self._of_labels.items() if own.issuperset(labels))
        return any(self._firing_in(episodes, time) is not None for episodes in alike)

    def _told_of(self, incident: Incident) -> int | None:
        """The first time that it fired in an incident, or shortly before; what still fires then has told as well."""
        time = Run(incident.start, incident.end)
        found = (self._firing_in(episodes, time) for episodes in self._agreeing(incident))
        return min((at for at in found if at is not None), default=None)

    def _agreeing(self, incident: Incident) -> Sequence[Sequence[Episode]]:
        """The episodes of each identity that an incident may be about; many incidents have the same labels."""
        if incident.labels not in self._about:
            self._about[incident.labels] = [
                episodes for episodes in self._of_labels.values() if agrees(incident, episodes[0])
            ]
        return self._about[incident.labels]

    @staticmethod
    def _firing_in(episodes: Sequence[Episode], time: Run) -> int | None:
        """When the first of the episodes of an identity fired that was there in a time, or a little before it."""
        after = bisect_left(episodes, time.first - CAUGHT_BEFORE, key=lambda episode: episode.fired_at or 0)
        for episode in episodes[max(0, after - 1) : after + 1]:
            fired, resolved = episode.fired_at or 0, _gone(episode)
            if fired <= time.last and (fired >= time.first - CAUGHT_BEFORE or resolved > time.first):
                return fired
        return None


def effect(before: Trial, after: Trial, judgement: Judgement, part: Run) -> Effect:
    """What a change would have done in a part of the time, both ends inclusive."""
    mine = [incident for incident in judgement.incidents if part.first <= incident.start <= part.last]
    was = {incident.id: before.told(incident) for incident in mine}
    would = {incident.id: after.told(incident) for incident in mine}
    pairs = [(id_, was[id_], would[id_]) for id_ in was]
    return Effect(
        pages_before=before.pages(part),
        pages_after=after.pages(part),
        caught_before=sum(at is not None for at in was.values()),
        caught_after=sum(at is not None for at in would.values()),
        incidents=len(mine),
        lost=tuple(id_ for id_, old, new in pairs if old is not None and new is None),
        late=tuple(sorted(max(0, new - old) for _, old, new in pairs if old is not None and new is not None)),
    )


def unjudged(after: Trial, judgement: Judgement, part: Run) -> int:
    """How many of the episodes that would not have fired may have told of something: nobody can say of what."""
    return sum(
        verdict == "undetermined"
        and part.first <= (episode.fired_at or -1) <= part.last
        and not after.fires_at(episode)
        for episode, verdict in judgement.verdicts.items()
    )


def to_keep(fired: Iterable[Episode], judgement: Judgement) -> tuple[Incident, ...]:
    """The incidents that a rule has caught: those that are known, and what its other real episodes told of."""
    caught: dict[str, Incident] = {}
    for episode in fired:
        if judgement.verdicts.get(episode) == "real":
            time = _time_of(episode)
            known = [
                incident
                for incident in judgement.incidents
                if incident.start - CAUGHT_BEFORE <= time.last
                and time.first <= incident.end
                and agrees(incident, episode)
            ]
            own = Incident(f"{episode.alert} {episode.active_at} {episode.labels}", *time, episode.labels)
            caught |= {incident.id: incident for incident in known or [own]}
    return tuple(sorted(caught.values(), key=lambda incident: (incident.start, incident.id)))


def is_futile(episode: Episode, verdicts: Mapping[Episode, Verdict]) -> bool:
    """Whether nobody had to be told of an episode."""
    return verdicts.get(episode) in FUTILE


def clusters(fired: Iterable[Episode]) -> tuple[tuple[Episode, ...], ...]:
    """The independent cases among episodes that fired: those that fired within 15 minutes of each other are one."""
    groups: list[list[Episode]] = []
    last = -LATER_THAN_ALL
    for episode in sorted(fired, key=lambda episode: (episode.fired_at or 0, episode.labels)):
        if (episode.fired_at or 0) - last > CLUSTER:
            groups.append([])
        groups[-1].append(episode)
        last = episode.fired_at or 0
    return tuple(map(tuple, groups))


def _gone(episode: Episode) -> int:
    """From when on it was not seen any more; of an episode that is open, and of no other, that is never."""
    if episode.resolved_at is not None:
        return episode.resolved_at
    return LATER_THAN_ALL if episode.end == "open" else episode.last + 1


def _time_of(episode: Episode) -> Run:
    return Run(episode.active_at, episode.resolved_at or episode.last)
