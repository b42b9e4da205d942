"""Changes Rollouts all the time, in the steps in which a real controller changes them."""

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
"""The writes of a single change, in their order."""

MAX_REPLICAS = 8
MIN_REPLICAS = 2


class Churn:
    """A thread that makes ``rate`` changes a second, each to a random Rollout of ``moving``.

    ``changes`` counts the changes so far. The same ``seed`` makes the same changes.
    """

    def __init__(self, store: Store, fleet: Fleet, *, moving: Sequence[Placed], rate: float, seed: int = 1) -> None:
        self.changes = 0
        self._store = store
        self._walkers = [
            Walker(fleet, placed, random=Random(seed + number))  # noqa: S311
            for number, placed in enumerate(moving)
        ]
        self._random = Random(seed)  # noqa: S311
        self._pause = 1 / rate
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-churn", daemon=True)

    def start(self) -> "Churn":
        """Start the thread. It ends at once if there are no Rollouts to change."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Wait for the current change and end the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while self._walkers and not self._stopped.wait(self._pause):
            self._random.choice(self._walkers).step(self._store)
            self.changes += 1


class Walker:
    """Takes a Rollout through the journeys of ``fleet.yaml``; ``random`` chooses the next journey."""

    def __init__(self, fleet: Fleet, placed: Placed, *, random: Random) -> None:
        self._fleet = fleet
        self._placed = placed
        self._progress = usual(placed)
        self._steps = _journeys(fleet, random)

    def step(self, store: Store) -> None:
        """Make the next change, which is one or more writes."""
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
        """Write the status of a state. If ``state`` is ``None``, write the spec and leave the status as it is."""
        placed = replace(self._placed, state=state or self._placed.state)
        made = rollout(self._fleet, placed, progress=self._progress, now=datetime.now(UTC))
        old = store.get("rollouts", placed.key)
        if state is None:
            store.put("rollouts", _with_status_of(made, old))
        else:
            store.put("rollouts", made, emits=self._fleet.states[state].emits)


def _journeys(fleet: Fleet, random: Random) -> Iterator[Step]:
    """Endless steps: most of them promotions, some of them an abort and its retry, or a change of the replicas."""
    while True:
        name = random.choices(["promoted", "aborted", "scaled"], weights=[3, 1, 1])[0]
        yield from fleet.journeys[name]


def _changed(progress: Progress, change: str) -> Progress:
    """The progress after a change of the spec: a new image, or more or fewer replicas."""
    generation = progress.generation + 1
    match change:
        case "image":
            return replace(progress, revision=progress.revision + 1, generation=generation)
        case "more":
            return replace(progress, replicas=min(MAX_REPLICAS, progress.replicas + 1), generation=generation)
        case _:
            return replace(progress, replicas=max(MIN_REPLICAS, progress.replicas - 1), generation=generation)


def _with_status_of(made: Object, old: Object | None) -> Object:
    """The new object with the old status, because the controller has not seen the new spec yet."""
    without_status = {name: value for name, value in made.items() if name != "status"}
    return {**without_status, "status": old["status"]} if old and "status" in old else without_status
