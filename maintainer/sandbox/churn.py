"""Rollouts that change all the time, in the steps in which real ones do."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from maintainer.sandbox.fleet import Fleet, Placed
from maintainer.sandbox.rollouts import Progress, rollout, usual
from maintainer.sandbox.store import Object, Store

Step = Sequence[Mapping[str, Any]]
"""The writes of one change, made one after the other."""

LONGEST_RUN = 8
SMALLEST_RUN = 2


class Churn:
    """A thread that makes ``rate`` changes a second, each to one of the given Rollouts."""

    def __init__(self, store: Store, fleet: Fleet, *, moving: Sequence[Placed], rate: float, seed: int = 1) -> None:
        self.changes = 0
        self._store = store
        self._walkers = [Walker(fleet, placed, random=Random(seed + n)) for n, placed in enumerate(moving)]  # noqa: S311
        self._random = Random(seed)  # noqa: S311
        self._pause = 1 / rate
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-churn", daemon=True)

    def start(self) -> "Churn":
        """Begin; with no Rollouts to change it does nothing."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End after the change in hand."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while self._walkers and not self._stopped.wait(self._pause):
            self._random.choice(self._walkers).step(self._store)
            self.changes += 1


class Walker:
    """One Rollout on its journeys; seeded, so that a test can repeat them."""

    def __init__(self, fleet: Fleet, placed: Placed, *, random: Random) -> None:
        self._fleet = fleet
        self._placed = placed
        self._progress = usual(placed)
        self._steps = _journeys(fleet, random)

    def step(self, store: Store) -> None:
        """Make the next change: one or more writes."""
        for write in next(self._steps):
            self._write(store, write)

    def _write(self, store: Store, write: Mapping[str, Any]) -> None:
        if "change" in write:
            self._progress = _changed(self._progress, write["change"])
            self._put(store, state=None)
        else:
            self._progress = replace(self._progress, done=write.get("done", 1.0))
            self._put(store, state=write["state"])

    def _put(self, store: Store, *, state: str | None) -> None:
        """Write the spec (``state`` ``None``: the status stays as it is) or the status of a state."""
        placed = replace(self._placed, state=state or self._placed.state)
        made = rollout(self._fleet, placed, progress=self._progress, now=datetime.now(UTC))
        old = store.get("rollouts", placed.key)
        if state is None:
            store.put("rollouts", _with_status_of(made, old))
        else:
            store.put("rollouts", made, emits=self._fleet.states[state].emits)


def _journeys(fleet: Fleet, random: Random) -> Iterator[Step]:
    """Steps without end: mostly promotions, sometimes an abort with its retry, or a scaling."""
    while True:
        name = random.choices(["promoted", "aborted", "scaled"], weights=[3, 1, 1])[0]
        yield from fleet.journeys[name]


def _changed(progress: Progress, change: str) -> Progress:
    """A write of the spec: a new image, or other replicas."""
    generation = progress.generation + 1
    match change:
        case "image":
            return replace(progress, revision=progress.revision + 1, generation=generation)
        case "more":
            return replace(progress, replicas=min(LONGEST_RUN, progress.replicas + 1), generation=generation)
        case _:
            return replace(progress, replicas=max(SMALLEST_RUN, progress.replicas - 1), generation=generation)


def _with_status_of(made: Object, old: Object | None) -> Object:
    """The new spec beside the status that the controller wrote for the old one."""
    rest = {name: value for name, value in made.items() if name != "status"}
    return {**rest, "status": old["status"]} if old and "status" in old else rest
