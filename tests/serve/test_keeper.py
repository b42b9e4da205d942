"""What the keeper of the calendar does when it is woken, and what its pages say meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from maintainer.serve import IDLE_SECONDS, Keeper, Ran, Wake, Work

NUMBERS = (GaugeMetricFamily("maintainer_of_the_ledger", "Of the ledger.", value=1),)


class Played:
    """A keeper whose work is played: ``done`` is what it has done, ``time`` its clock, ``store`` what a look finds."""

    def __init__(self, *results: Ran) -> None:
        self.done: list[str] = []
        self.time = 1000.0
        self.store: tuple[Metric, ...] | None = NUMBERS
        self.during: Callable[[], None] = lambda: None
        self._results = [*results, Ran(0)]
        self._wakes: list[tuple[Wake, ...]] = []
        self.keeper = Keeper(Work(lambda _after: None, self._run, self._look), lambda: self.time, self._waiting)

    def keep(self, *wakes: tuple[Wake, ...]) -> list[str]:
        """Start, be woken for these reasons after each other, and end; returns what was done."""
        self._wakes = [*wakes]
        with pytest.raises(KeyboardInterrupt):
            self.keeper.keep()
        return self.done

    def page(self, path: str) -> tuple[int, str]:
        made = self.keeper.pages()[path]()
        return made.status, made.body.decode()

    def _run(self, _step_begins: Callable[[float], None]) -> Ran:
        self.done.append("run")
        self.during()
        return self._results.pop(0) if len(self._results) > 1 else self._results[0]

    def _look(self) -> tuple[Metric, ...] | None:
        self.done.append("look")
        return self.store

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        if not self._wakes:
            raise KeyboardInterrupt
        for why in self._wakes.pop(0):
            self.keeper.wake(why)
        yield


def test_what_is_due_is_run_at_the_start_and_at_each_time_of_the_calendar() -> None:
    assert Played().keep(("fire",), ("fire",)) == ["run", "look"] * 3


def test_between_these_times_only_the_ledger_is_read() -> None:
    assert Played().keep(("look",), ("look",)) == ["run", "look", "look", "look"]


def test_times_that_come_together_or_during_a_run_are_run_once() -> None:
    played = Played()
    played.during = lambda: played.keeper.wake("fire") if len(played.done) == 1 else None
    assert played.keep(("fire", "look", "fire"), ("look",)) == ["run", "look", "run", "look", "look"]


def test_what_could_not_be_run_is_tried_again_and_then_not_any_more() -> None:
    played = Played(Ran(4, again=True), Ran(3, again=True), Ran(0))
    assert played.keep(("look",), ("look",), ("look",)) == ["run", "look"] * 3 + ["look"]


def test_the_process_is_ready_when_the_store_was_read() -> None:
    played = Played()
    assert played.page("/readyz")[0] == 503

    played.keep()
    assert played.page("/readyz") == (200, "ok\n")

    played.store = None
    played.keep()
    assert played.page("/readyz") == (503, "the store is not read yet; the log says why\n")


def test_the_numbers_stay_when_the_store_cannot_be_read_any_more() -> None:
    played = Played(Ran(0), Ran(70))
    assert "\nmaintainer" not in played.page("/metrics")[1]

    played.keep()
    assert "maintainer_of_the_ledger 1.0\n" in played.page("/metrics")[1]
    assert "maintainer_last_run_exit_code 0.0\n" in played.page("/metrics")[1]

    played.store = None
    played.keep()
    assert "maintainer_of_the_ledger 1.0\n" in played.page("/metrics")[1]
    assert "maintainer_last_run_exit_code 70.0\n" in played.page("/metrics")[1]


def test_a_scheduler_without_a_sign_of_life_is_not_healthy() -> None:
    played = Played()
    assert played.page("/healthz") == (200, "ok\n")

    played.time += IDLE_SECONDS + 1
    played.keeper.step_begins(60)
    assert played.page("/healthz") == (503, "the scheduler gives no sign of life\n")

    played.keeper.beat()
    assert played.page("/healthz") == (200, "ok\n")


def test_a_step_that_takes_longer_than_it_may_is_not_healthy() -> None:
    played = Played()
    played.keeper.step_begins(1000)
    played.time += 999
    played.keeper.beat()
    assert played.page("/healthz") == (200, "ok\n")

    played.time += 2
    assert played.page("/healthz") == (503, "a step takes longer than it may\n")
