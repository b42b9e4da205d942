"""A replay where evaluations failed, were left out, or Prometheus was away.

Who evaluates nothing changes no state, and the clock of ``for`` goes on. A start of Prometheus loses all state: a
``for`` of the grace period or longer is restored at the second evaluation, and the third is the first to be written.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from maintainer.analyse.alerts.heartbeats import LONGEST_OUTAGE, LONGEST_SKIP, START_SLACK
from maintainer.analyse.alerts.replay_types import Evaluations, Replayed, Timing, up_to_interval
from maintainer.model.alerts import SECOND, EndKind, Run


@dataclass(frozen=True, slots=True)
class _Slots:
    """The times of evaluations: all on a grid but those that were skipped. What is asked for must be on the grid."""

    interval: int
    skipped: Sequence[Run]

    def from_(self, time: int) -> int:
        """The first evaluation at this time or later."""
        at = bisect_left(self.skipped, time, key=_last_of)
        if at == len(self.skipped) or self.skipped[at].first > time:
            return time
        return time + up_to_interval(self.skipped[at].last + 1 - time, self.interval)

    def until(self, time: int) -> int:
        """The last evaluation at this time or before."""
        at = bisect_left(self.skipped, time, key=_last_of)
        if at == len(self.skipped) or self.skipped[at].first > time:
            return time
        return time - up_to_interval(time + 1 - self.skipped[at].first, self.interval)


class _Life(NamedTuple):
    """The time from the first evaluation after a start of Prometheus, ``None`` for one that is not seen, to ``stop``.

    ``stopped``: Prometheus stopped there; else there is no more to replay.
    """

    start: int | None
    stop: int
    stopped: bool


class _Found(NamedTuple):
    """An episode within a life, the ActiveAt that it has in it, and whether it was there at its end."""

    replayed: Replayed
    active_at: int
    alive: bool


def irregular(runs: Sequence[Run], timing: Timing, evaluations: Evaluations) -> list[Replayed]:
    """The episodes of one identity."""
    machine = _Machine(timing, _Slots(timing.interval, evaluations.skipped), evaluations.grace, evaluations.tolerance)
    found: list[Replayed] = []
    alive: _Found | None = None
    for life in _lives(evaluations):
        episodes = list(machine.episodes(_within(runs, life), life, alive))
        if alive and episodes and _continues(alive, episodes[0], life, timing.interval):
            episodes[0] = _continued(found.pop(), episodes[0])
        found += [episode.replayed for episode in episodes]
        if machine.written(life) < life.stop:
            alive = episodes[-1] if episodes and episodes[-1].alive else None
    return found


def _lives(evaluations: Evaluations) -> Iterator[_Life]:
    start = None
    for outage in evaluations.outages:
        yield _Life(start, outage.first + 1, stopped=True)
        start = outage.last
    yield _Life(start, evaluations.end, stopped=False)


def _within(runs: Sequence[Run], life: _Life) -> list[Run]:
    """The parts of runs that are within a life."""
    begin = 0 if life.start is None else bisect_left(runs, life.start, key=_last_of)
    within = list(runs[begin : bisect_left(runs, life.stop, key=_first_of)])
    if within and life.start is not None and within[0].first < life.start:
        within[0] = Run(life.start, within[0].last)
    if within and within[-1].last >= life.stop:
        within[-1] = Run(within[-1].first, life.stop - 1)
    return within


def _continues(before: _Found, after: _Found, life: _Life, interval: int) -> bool:
    """Whether an alert that was there before an outage was there as soon as Prometheus was back."""
    back = life.start or 0
    return after.active_at <= back + START_SLACK * interval and back - before.replayed.last <= LONGEST_OUTAGE


def _continued(before: Replayed, after: _Found) -> _Found:
    """An episode with what came of it after a start; a new ActiveAt is noted, as the record has it."""
    new = after.active_at // SECOND * SECOND
    known = {at // SECOND * SECOND for at in (before.active_at, *before.restarts)}
    replayed = after.replayed._replace(
        active_at=before.active_at,
        fired_at=after.replayed.fired_at if before.fired_at is None else before.fired_at,
        restarts=before.restarts if new in known else (*before.restarts, new),
    )
    return after._replace(replayed=replayed)


@dataclass(frozen=True, slots=True)
class _Machine:
    timing: Timing
    slots: _Slots
    grace: int
    tolerance: int

    def episodes(self, runs: list[Run], life: _Life, alive: _Found | None) -> Iterator[_Found]:
        """The episodes within a life of which something is written; ``alive`` was there before it."""
        runs, written = self._bridged(runs), self.written(life)
        second = 0 if life.start is None else self.slots.from_(life.start + self.timing.interval)
        number = 0
        while number < len(runs):
            run = runs[number]
            restored = self._restored(run, second, alive) if number == 0 and alive else None
            active_at = run.first if restored is None else restored
            fires = self._fires(run, active_at, 0 if restored is None else written)
            number, run = self._kept(runs, number) if fires <= run.last else (number + 1, run)
            fired_at = max(fires, written) if fires <= run.last else None
            found = self._ended(Replayed(active_at, fired_at, run.last, None, "open"), life)
            if found.replayed.last >= written:
                yield found

    def written(self, life: _Life) -> int:
        """The first evaluation of a life of which something is written: the third after a start."""
        if life.start is None:
            return 0
        interval = self.timing.interval
        return self.slots.from_(self.slots.from_(life.start + interval) + interval)

    def _bridged(self, runs: list[Run]) -> list[Run]:
        """The runs, as one where there was no evaluation between two."""
        bridged: list[Run] = []
        for run in runs:
            if bridged and self.slots.from_(bridged[-1].last + self.timing.interval) >= run.first:
                bridged[-1] = Run(bridged[-1].first, run.last)
            else:
                bridged.append(run)
        return bridged

    def _restored(self, run: Run, second: int, alive: _Found) -> int | None:
        """The ActiveAt that Prometheus gives back to an alert at the second evaluation; ``None`` if it does not."""
        hold, down = self.timing.hold, alive.replayed.last
        if hold < self.grace or not run.first <= second <= run.last or second - down > self.tolerance:
            return None
        active_at = alive.active_at // SECOND * SECOND
        remaining = hold - (down - active_at)
        if remaining <= 0:
            return active_at
        return second + self.grace - hold if remaining < self.grace else active_at + second - down

    def _fires(self, run: Run, active_at: int, earliest: int) -> int:
        """The first evaluation at which ``for`` is over, whether or not the expression is still true."""
        need = up_to_interval(max(0, active_at + self.timing.hold - run.first), self.timing.interval)
        return self.slots.from_(max(run.first + need, earliest))

    def _kept(self, runs: list[Run], number: int) -> tuple[int, Run]:
        """The number of the next run that is another episode, and the whole of this one with its kept firing."""
        _, keep, interval = self.timing
        first, last = runs[number]
        missed = self.slots.from_(last + interval)
        while True:
            number += 1
            following = runs[number] if number < len(runs) else None
            if not keep or not following or self.slots.until(following.first - interval) - missed >= keep:
                break
            last = following.last
            missed = self.slots.from_(last + interval)
        gone = self.slots.from_(missed + up_to_interval(keep, interval))
        return number, Run(first, self.slots.until(gone - interval))

    def _ended(self, replayed: Replayed, life: _Life) -> _Found:
        """An episode with its last sample, and with what is known of its end."""
        interval, last = self.timing.interval, replayed.last
        gone = self.slots.from_(last + interval)
        if gone >= life.stop:
            if last >= life.stop:
                last = self.slots.until(last - up_to_interval(last + 1 - life.stop, interval))
            end: EndKind = "gap" if life.stopped else "open"
            return _Found(replayed._replace(last=last, end=end), replayed.active_at, alive=True)
        if gone - last > LONGEST_SKIP * interval:
            return _Found(replayed._replace(end="gap"), replayed.active_at, alive=False)
        return _Found(replayed._replace(resolved_at=gone, end="resolved"), replayed.active_at, alive=False)


def _last_of(run: Run) -> int:
    return run.last


def _first_of(run: Run) -> int:
    return run.first
