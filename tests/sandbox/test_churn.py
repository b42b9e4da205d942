from itertools import pairwise
from random import Random
from time import monotonic, sleep

from maintainer.sandbox.churn import Churn, Walker
from maintainer.sandbox.fleet import Fleet, Placed
from maintainer.sandbox.store import Entry, Object, Store
from maintainer.sandbox.world import put_rollouts

CART = Placed("healthy-canary", "checkout", "cart", moving=True)


class Recording(Store):
    """Keeps every version of every object."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Entry] = []

    def put(self, resource: str, item: Object, *, emits: str | None = None) -> Object:
        stored = super().put(resource, item, emits=emits)
        entry = self.entry(resource, CART.key)
        assert entry is not None
        self.written.append(entry)
        return stored


def walked(fleet: Fleet, steps: int, seed: int = 1) -> list[Entry]:
    store = Recording()
    put_rollouts(store, fleet, rollouts=[CART])
    walker = Walker(fleet, CART, random=Random(seed))
    for _ in range(steps):
        walker.step(store)
    return store.written


def test_a_walk_passes_through_all_phases(fleet: Fleet) -> None:
    phases = {entry.emits for entry in walked(fleet, 60)}
    assert phases == {"Completed", "Progressing", "Paused", "Abort"}


def test_a_write_of_the_spec_leaves_the_status_behind_until_the_controller_follows(fleet: Fleet) -> None:
    written = [entry.object for entry in walked(fleet, 60)]
    behind = 0
    for old, new in pairwise(written):
        grown = new["metadata"]["generation"] - old["metadata"]["generation"]
        assert grown == (new["spec"] != old["spec"])
        observed = int(new["status"]["observedGeneration"])
        assert new["metadata"]["generation"] - observed in (0, 1)
        behind += observed < new["metadata"]["generation"]
        assert new["status"] == old["status"] or not grown
    assert behind > 3


def test_updated_replicas_grow_during_a_promotion(fleet: Fleet) -> None:
    first = [entry.object["status"].get("updatedReplicas", 0) for entry in walked(fleet, 6)][2:]
    assert first == sorted(first)
    assert first[0] < first[-1]


def test_the_same_seed_gives_the_same_walk(fleet: Fleet) -> None:
    assert [entry.emits for entry in walked(fleet, 30, 7)] == [entry.emits for entry in walked(fleet, 30, 7)]


def test_the_thread_changes_rollouts_at_the_rate_and_stops_at_once(fleet: Fleet) -> None:
    store = Store()
    put_rollouts(store, fleet, rollouts=[CART])
    churn = Churn(store, fleet, moving=[CART], rate=50).start()
    sleep(0.5)
    begun = monotonic()
    churn.stop()
    assert monotonic() - begun < 0.2
    assert 5 <= churn.changes <= 26


def test_with_nothing_to_move_nothing_happens(fleet: Fleet) -> None:
    churn = Churn(Store(), fleet, moving=[], rate=1).start()
    churn.stop()
    assert churn.changes == 0
