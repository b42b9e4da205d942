"""Prometheus' state machine of an alert, one evaluation after the other, with what it writes."""

from dataclasses import dataclass, field

from maintainer.model.alerts import HOUR, MINUTE, SECOND, AlertRule


@dataclass(frozen=True, slots=True)
class RuleWorld:
    """What happens at ``count`` evaluations, by their numbers.

    ``outages`` are the last evaluation before Prometheus stopped and the first after its start.
    """

    count: int
    present: frozenset[int]
    skipped: frozenset[int] = frozenset()
    outages: tuple[tuple[int, int], ...] = ()

    @property
    def evaluated(self) -> list[int]:
        """The numbers of the evaluations that took place."""
        away = {number for down, up in self.outages for number in range(down + 1, up)}
        return [number for number in range(self.count) if number not in away and number not in self.skipped]


@dataclass(slots=True)
class _Alert:
    active_at: int
    firing: bool = False
    missed: int | None = None


@dataclass(slots=True)
class Simulated:
    """One alert of a rule in a world, whose evaluation 0 is at the time ``origin``.

    ``pending`` and ``firing`` are the times of the samples of ALERTS that are written, ``states`` the samples of
    ALERTS_FOR_STATE, in seconds.
    """

    world: RuleWorld
    rule: AlertRule
    origin: int = 0
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
            previous, at = number, self.origin + number * self.rule.interval
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
            if at - alert.missed >= self.rule.keep:
                return None
        if alert is not None and at - alert.active_at >= self.rule.hold:
            alert.firing = True
        return alert

    def _write(self, alert: _Alert | None, at: int) -> None:
        if alert is not None:
            (self.firing if alert.firing else self.pending).append(at)
            self.states.append((at, alert.active_at // SECOND))
        self.marked = alert is None

    def _restore(self, alert: _Alert, at: int) -> None:
        if self.rule.hold < self.grace or self.marked or at - self.states[-1][0] > self.tolerance:
            return
        down, active_at = self.states[-1][0], self.states[-1][1] * SECOND
        remaining = self.rule.hold - (down - active_at)
        if remaining <= 0:
            alert.active_at = active_at
        elif remaining < self.grace:
            alert.active_at = at + self.grace - self.rule.hold
        else:
            alert.active_at = active_at + at - down
