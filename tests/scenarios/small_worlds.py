"""Small worlds, which every file of a worker shares: what a test changes there, it puts back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep

import requests

from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.fleet import Fleet, Placed, read_fleet, synthetic
from maintainer.sandbox.world import World
from tests.scenarios.audits import newborn
from tests.scenarios.front import Front

INTERVAL = 0.2
HURRY = 30.0
PATIENCE = 15.0
ROLLOUTS = synthetic(8, per_namespace=4)


def small(*faults: str) -> Fleet:
    """Eight Rollouts in team-0 and team-1, with these faults."""
    return newborn(replace(read_fleet().with_faults(*faults), rollouts=ROLLOUTS))


@dataclass(frozen=True, slots=True)
class Api:
    """The API server of a world behind a front that may be at fault."""

    world: World
    front: Front
    folder: Path

    def environment(self) -> dict[str, str]:
        """The world's variables, its API being reached through the front."""
        file = self.folder / "kubeconfig"
        file.write_text(kubeconfig(self.front.url), "utf-8")
        return {**self.world.environment(), "KUBECONFIG": str(file)}


def eventually(world: World, promql: str, wanted: float | None) -> None:
    """Wait until a query gives this one number (``None``: nothing)."""
    eventually_at(world.prometheus, promql, wanted)


def eventually_at(url: str, promql: str, wanted: float | None) -> None:
    """Wait until a query to the Prometheus at this URL gives this one number (``None``: nothing)."""
    deadline, found = monotonic() + PATIENCE, object()
    while monotonic() < deadline:
        answer = requests.get(f"{url}/api/v1/query", params={"query": promql}, timeout=5).json()
        values = [float(row["value"][1]) for row in answer["data"]["result"]]
        found = values[0] if values else None
        if found == wanted:
            return
        sleep(INTERVAL / 4)
    raise AssertionError(f"{promql} is {found}, not {wanted}")


@contextmanager
def having(world: World, placed: tuple[Placed, ...]) -> Iterator[None]:
    """The world has these Rollouts instead of its own, and Prometheus has seen it."""
    for old in ROLLOUTS:
        world.store.delete("rollouts", old.key)
    for new in placed:
        world.put(new)
    eventually(world, "count(rollout_info)", len(placed) or None)
    try:
        yield
    finally:
        for new in placed:
            world.store.delete("rollouts", new.key)
        for old in ROLLOUTS:
            world.put(old)
        eventually(world, "count(rollout_info)", len(ROLLOUTS))
