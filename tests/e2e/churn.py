"""Changes to a fleet while it is audited."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep

from tests.e2e.fleets import every_calm, image, rollout
from tests.e2e.kube import ROLLOUT, Kube
from tests.e2e.overlooked import Key, kept

MOST = 400
"""So many Rollouts are deleted at most until the controller keeps one; it was 1 of 20."""

EVERY = 0.25
"""Seconds between two changes."""


@dataclass(slots=True)
class Churn:
    """The number of changes so far; ``began`` is a time of ``monotonic()``."""

    changes: int = 0
    began: float = field(default_factory=monotonic)

    @property
    def rate(self) -> float:
        """Changes per second."""
        return self.changes / (monotonic() - self.began)


@contextmanager
def changing(kube: Kube, seed: int) -> Iterator[Churn]:
    """Deploy, scale, create and delete Rollouts, several times a second. Raises the exception that ended it, if any."""
    churn, over = Churn(), threading.Event()

    def keep_changing() -> None:
        dice, fleet = random.Random(seed), list(every_calm())
        due = monotonic()
        while not over.is_set():
            _change(kube, dice, fleet, churn.changes)
            churn.changes += 1
            due = max(due + EVERY, monotonic())
            over.wait(due - monotonic())

    with ThreadPoolExecutor(1) as pool:
        changes = pool.submit(keep_changing)
        try:
            yield churn
        finally:
            over.set()
    changes.result()


def _change(kube: Kube, dice: random.Random, fleet: list[tuple[str, int]], number: int) -> None:
    namespace, of_it = dice.choice(fleet)
    key = namespace, f"app-{of_it}"
    match number % 4:
        case 0:
            kube.patch(ROLLOUT, key, {"spec": {"replicas": dice.randint(0, 3)}})
        case 1 if number % 20 == 1:
            kube.create(rollout("states", f"passing-{number}"))
        case 1 if number % 20 == 17:
            kube.delete(ROLLOUT, "states", f"passing-{number - 16}")
        case _:
            kube.patch(ROLLOUT, key, image(number))


def deleted_while_written(kube: Kube) -> set[Key]:
    """Delete Rollouts while the controller writes them, until it keeps some for good. Returns all that it keeps."""
    dice = random.Random(3)
    for first in range(0, MOST, 20):
        names = [f"brief-{number}" for number in range(first, first + 20)]
        for name in names:
            kube.create(rollout("states", name))
        sleep(2)
        for name in names:
            kube.patch(ROLLOUT, ("states", name), {"spec": {"replicas": dice.randint(2, 9)}})
            sleep(dice.uniform(0.0, 0.06))
            kube.delete(ROLLOUT, "states", name)
        sleep(2)
        if kept(kube):
            sleep(8)
            if found := kept(kube):
                return found
    raise AssertionError(f"the controller keeps none of {MOST} Rollouts after their deletion")
