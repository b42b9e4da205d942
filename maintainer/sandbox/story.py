"""What happened to Rollouts on past days, told by when it began: the facts of which samples and alerts are made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from maintainer.model.alerts import MINUTE, Run
from maintainer.model.contract import AVAILABLE, INFO
from maintainer.model.facts import Key, Labels, labels

UNAVAILABLE = "rollout_info_replicas_unavailable"
PROBE = "canary_probe_failed"
DESIRED_PODS = 3
"""Of each Rollout of a story."""


@dataclass(frozen=True, slots=True)
class Held:
    """A series had an unusual value from ``start`` to before ``end``, in milliseconds."""

    metric: str
    labels: Labels
    start: int
    end: int
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """The controller counted an event of a Rollout."""

    rollout: Key
    reason: str
    at: int


@dataclass
class Story:
    """The ``midnights`` are the begins of its days and the end of the last. Prometheus did not run in the ``outages``,
    each from its last evaluation to the first one after it."""

    midnights: tuple[datetime, ...]
    held: list[Held] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outages: list[Run] = field(default_factory=list)

    def at(self, day: int, clock: str) -> int:
        """A time of a day, counted from 0, on its clock: ``09:30``."""
        hour, minute = map(int, clock.split(":"))
        return round(self.midnights[day].replace(hour=hour, minute=minute).timestamp()) * 1000

    @property
    def rollouts(self) -> tuple[Key, ...]:
        """All Rollouts that something happened to."""
        of_held = {(own.get("namespace", ""), own.get("name", "")) for own in (dict(one.labels) for one in self.held)}
        return tuple(sorted(of_held | {event.rollout for event in self.events}))

    def phase(self, rollout: Key, phase: str, start: int, *, minutes: int) -> int:
        """The Rollout is in a phase; returns the end."""
        return self._hold(INFO, rollout, start, minutes, phase=phase)

    def short(self, rollout: Key, start: int, *, minutes: int, available: int) -> int:
        """The Rollout has fewer pods than it wants; returns the end."""
        return self._hold(AVAILABLE, rollout, start, minutes, value=available)

    def unready(self, rollout: Key, start: int, *, minutes: int) -> int:
        """Two surplus pods of the Rollout are not ready; returns the end."""
        return self._hold(UNAVAILABLE, rollout, start, minutes, value=2)

    def probe_fails(self, rollout: Key, start: int, *, pods: Iterable[str], minutes: int) -> int:
        """The probe of one pod after the other fails; returns the end."""
        for pod in pods:
            start = self._hold(PROBE, rollout, start, minutes, pod=pod)
        return start

    def deployed(self, rollout: Key, start: int, *, minutes: int) -> int:
        """A new revision gets ready in these minutes; returns the end."""
        self.events.append(Event(rollout, "RolloutUpdated", start))
        return self.phase(rollout, "Progressing", start, minutes=minutes)

    def aborted(self, rollout: Key, start: int, *, by_analysis: bool, minutes: int) -> None:
        """A new revision is aborted after six minutes, by its analysis or by hand, and repaired after some more."""
        at = self.deployed(rollout, start, minutes=6)
        reasons = ("AnalysisRunFailed", "RolloutAborted") if by_analysis else ("RolloutAborted",)
        self.events.extend(Event(rollout, reason, at) for reason in reasons)
        self.deployed(rollout, self.phase(rollout, "Abort", at, minutes=minutes), minutes=4)

    def outage(self, rollout: Key, start: int) -> None:
        """A new revision does not start and takes pods of the old one with it, until it is undone after 70 minutes."""
        self.short(rollout, start + 2 * MINUTE, minutes=68, available=1)
        stuck = self.deployed(rollout, start, minutes=36)
        self.deployed(rollout, self.phase(rollout, "Timeout", stuck, minutes=34), minutes=4)

    def _hold(self, metric: str, rollout: Key, start: int, minutes: int, *, value: float = 1, **own: str) -> int:
        end = start + minutes * MINUTE
        namespace, name = rollout
        self.held.append(Held(metric, labels({"namespace": namespace, "name": name, **own}), start, end, value))
        return end
