"""Writers of a ledger that are killed and disturbed: what they leave is what one writer would have left."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry
from maintainer.store.interface import Store, Stored
from maintainer.store.memory import Memory, Problem
from tests.store.entries import NOW, entry, incompressible

LIMIT = 2000
"""Bytes of a document here, so that the ledger soon has several."""

PERIODS = st.sampled_from(["2026-07", "2026-08", "2026-09", "2026-10", "2026-11"])
SIZES = st.sampled_from([0, 500, 900, 1500])
EFFORT = settings(max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Killed(BaseException):
    """The process is gone. Not an ``Exception``, so that nothing catches it."""


class Disturbed:
    """A store in which ``other`` happens before the call with this number of a reading or writing method."""

    def __init__(self, store: Store, number: int, other: Callable[[], object]) -> None:
        self._store, self._left, self._other = store, number, other

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        return self._called(method) if name in {"load", "save", "delete", "set_aside"} else method

    def _called(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self._other()
            return method(*args)

        return call


class Writers(RuleBasedStateMachine):
    """Writes to a store of each kind; a subclass says how it is opened and how a writer is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[tuple[str, ...], Entry] = {}
        self.minutes = 0
        self.problems: list[Problem] = []
        self.set_up()

    def set_up(self) -> None:
        """Make an empty store."""
        raise NotImplementedError

    def store(self) -> Store:
        """The store, opened anew."""
        raise NotImplementedError

    def kill(self, number: int, write: Callable[[Store], object]) -> None:
        """Write, and be killed before the step with this number; do nothing more if there are not so many steps."""
        raise NotImplementedError

    def made(self, period: str, size: int) -> Entry:
        self.minutes += 1
        return entry(period, minutes=self.minutes, report=incompressible(size, self.minutes))

    @rule(period=PERIODS, size=SIZES)
    def write(self, period: str, size: int) -> None:
        made = self.made(period, size)
        self.problems += ledger(self.store()).add([made])
        self.expected[made.key] = made

    @rule(period=PERIODS, size=SIZES, number=st.integers(1, 60))
    def be_killed(self, period: str, size: int, number: int) -> None:
        made = self.made(period, size)
        self.kill(number, lambda store: ledger(store).add([made]))
        if made in self.read():
            self.expected[made.key] = made

    @rule(first=PERIODS, second=PERIODS, size=SIZES, number=st.integers(1, 6))
    def be_disturbed(self, first: str, second: str, size: int, number: int) -> None:
        mine, others = self.made(first, size), self.made(second, size)
        made = {mine.key: mine}

        def disturb() -> None:
            ledger(self.store()).add([others])
            made[others.key] = others

        disturbed: Any = Disturbed(self.store(), number, disturb)
        self.problems += ledger(disturbed).add([mine])
        if mine.key == others.key:  # whoever wrote last holds
            made = {old.key: old for old in self.read() if old in (mine, others)}
            assert made
        self.expected |= made

    @rule(minutes=st.integers(0, 60))
    def prune(self, minutes: int) -> None:
        oldest = NOW + timedelta(minutes=self.minutes - minutes)
        made = self.made("2026-12", 0)
        self.problems += ledger(self.store()).add([made], keep=lambda old: old.at >= oldest)
        self.expected = {key: old for key, old in self.expected.items() if old.at >= oldest} | {made.key: made}

    @invariant()
    def the_ledger_has_what_was_written(self) -> None:
        assert self.read() == tuple(self.expected[key] for key in sorted(self.expected))
        assert not self.problems

    def read(self) -> tuple[Entry, ...]:
        remembered = ledger(self.store()).read()
        assert not remembered.problems
        return remembered.records


def ledger(store: Store) -> Memory[Entry]:
    return Memory(store, LEDGER, "ledger", limit=LIMIT)


def put(store: Store, name: str, content: bytes) -> Stored:
    """Put other content into a document, and return it."""
    before = store.load(name)
    store.save(name, content, before.version if before else None)
    after = store.load(name)
    assert after
    return after
