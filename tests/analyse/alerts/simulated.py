"""Prometheus' state machine of an alert, one evaluation after the other, with what it writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from maintainer.analyse.alerts.replay_types import Timing
from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import HOUR, MINUTE, SECOND, Heartbeat, RawSeries, Run


@dataclass(frozen=True, slots=True)
class World:
    """What happens at ``count`` evaluations, by their numbers.

    ``outages`` are the last evaluation before Prometheus stopped and the first after its start.
    """

    count: int
    present: frozenset[int]
    skipped: frozenset[int] = frozenset()
    outages: tuple[tuple[int, int], ...] = ()
    interval: int = MINUTE

    @property
    def evaluated(self) -> list[int]:
        """The numbers of the evaluations that took place."""
        away = {number for down, up in self.outages for number in range(down + 1, up)}
        return [number for number in range(self.count) if number not in away and number not in self.skipped]

    @property
    def heartbeat(self) -> Heartbeat:
        """What is known of them."""
        starts = tuple(up * self.interval - 1 for _, up in self.outages)
        return Heartbeat(runs_of((number * self.interval for number in self.evaluated), self.interval), starts)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Where the expression was true."""
        true = (number * self.interval for number in self.evaluated if number in self.present)
        return runs_of(true, self.interval)


@dataclass(slots=True)
class _Alert:
    active_at: int
    firing: bool = False
    missed: int | None = None


@dataclass(slots=True)
class Simulated:
    """One alert in a world. ``pending``, ``firing`` and ``states`` are the samples that are written."""

    world: World
    timing: Timing
    grace: int = 10 * MINUTE
    tolerance: int = HOUR
    pending: list[int] = field(default_factory=list)
    firing: list[int] = field(default_factory=list)
    states: list[tuple[int, int]] = field(default_factory=list)
    marked: bool = True
    """Whether the last sample is followed by a staleness marker."""

    def run(self) -> "Simulated":
        """Evaluate everything."""
        ups = {up for _, up in self.world.outages}
        alert: _Alert | None = None
        since_start = 2
        previous = 0
        for number in self.world.evaluated:
            if any(previous < up <= number for up in ups):
                alert, since_start = None, 0
            previous, at = number, number * self.timing.interval
            alert = self._evaluated(alert, at, present=number in self.world.present)
            if since_start >= 2:
                self._write(alert, at)
            since_start += 1
            if since_start == 2 and alert is not None:
                self._restore(alert, at)
        return self

    def _evaluated(self, alert: _Alert | None, at: int, *, present: bool) -> _Alert | None:
        if alert is None:
            alert = _Alert(at) if present else None
        elif present:
            alert.missed = None
        elif not alert.firing:
            return None
        else:
            alert.missed = at if alert.missed is None else alert.missed
            if at - alert.missed >= self.timing.keep:
                return None
        if alert is not None and at - alert.active_at >= self.timing.hold:
            alert.firing = True
        return alert

    def _write(self, alert: _Alert | None, at: int) -> None:
        if alert is not None:
            (self.firing if alert.firing else self.pending).append(at)
            self.states.append((at, alert.active_at // SECOND))
        self.marked = alert is None

    def _restore(self, alert: _Alert, at: int) -> None:
        if self.timing.hold < self.grace or self.marked or at - self.states[-1][0] > self.tolerance:
            return
        down, active_at = self.states[-1][0], self.states[-1][1] * SECOND
        remaining = self.timing.hold - (down - active_at)
        if remaining <= 0:
            alert.active_at = active_at
        elif remaining < self.grace:
            alert.active_at = at + self.grace - self.timing.hold
        else:
            alert.active_at = active_at + at - down

    def series(self) -> tuple[Sequence[RawSeries], Sequence[RawSeries]]:
        """The series of ALERTS and of ALERTS_FOR_STATE."""
        found = [
            RawSeries((("__name__", "ALERTS"), ("alertname", "Alert"), ("alertstate", state)), times, [])
            for state, times in (("firing", self.firing), ("pending", self.pending))
            if times
        ]
        values = [float(value) for _, value in self.states]
        states = RawSeries((("__name__", "ALERTS_FOR_STATE"),), [at for at, _ in self.states], values)
        return found, [states] if values else []
