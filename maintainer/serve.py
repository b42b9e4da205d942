"""Keeps the calendar in one process: runs what is due at each of its times, and tells what became of it.

The thread of the scheduler only wakes the main thread, which runs the jobs one after the other. So no job runs twice at
once, and a signal can end a request that hangs.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Literal, NoReturn

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger
from prometheus_client import Metric

from maintainer.deliver.http_server import Page, Pages
from maintainer.deliver.metrics import CONTENT_TYPE, exit_code_metric, page

BEAT_SECONDS = 10
"""How often the scheduler shows that it runs. It then also notices that the time of day has jumped."""

LOOK_SECONDS = 300
"""How often the ledger is read, and what could not be run is tried again."""

IDLE_SECONDS = 120.0
"""For how long the scheduler, or a look at the ledger, may give no sign of life."""

Wake = Literal["fire", "look"]


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of what was due: its exit code, and whether nothing was run for a reason that may pass soon."""

    exit_code: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What the process does.

    ``next_fire`` is the first time of the calendar after a time. ``run`` runs what is due; it calls the function that
    it gets before each step, with the most seconds that the step may take. ``look`` makes the metrics of the ledger,
    ``None`` if that cannot be read. Neither raises an error.
    """

    next_fire: Callable[[datetime], datetime | None]
    run: Callable[[Callable[[float], None]], Ran]
    look: Callable[[], tuple[Metric, ...] | None]


class _Calendar(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The times of the calendar, for the scheduler."""

    def __init__(self, next_fire: Callable[[datetime], datetime | None]) -> None:
        self._next_fire = next_fire

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        return self._next_fire(previous or now)


class Keeper:
    """Runs what is due at the start and at each time of the calendar.

    ``now`` returns seconds from any starting point. ``waiting`` is around a wait that a signal may end.
    """

    def __init__(
        self, work: Work, now: Callable[[], float], waiting: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._work = work
        self._now = now
        self._waiting = waiting
        self._wakes: SimpleQueue[Wake] = SimpleQueue()
        self._beat_until = self._step_until = now() + IDLE_SECONDS
        self._metrics: tuple[Metric, ...] = ()
        self._exit_code: int | None = None
        self._ready = False

    def keep(self) -> NoReturn:
        """Keep the calendar until an exception, such as ``KeyboardInterrupt``, ends it."""
        scheduler = self._scheduler()
        scheduler.start()
        try:
            again = self._run()
            while True:
                with self._waiting():
                    wakes = self._woken()
                if "fire" in wakes or again:
                    again = self._run()
                else:
                    self._look()
        finally:
            scheduler.shutdown(wait=False)

    def wake(self, why: Wake) -> None:
        """Let the main thread do something as soon as it can; the scheduler calls this from its thread."""
        self._wakes.put(why)

    def beat(self) -> None:
        """Note that the scheduler runs, which calls this from its thread."""
        self._beat_until = self._now() + IDLE_SECONDS

    def step_begins(self, seconds: float) -> None:
        """Note that a step of the work begins, which is over after so many seconds."""
        self._step_until = self._now() + seconds

    def pages(self) -> Pages:
        """The pages that tell how the process does. They can be made while it works."""
        return {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics_page}

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            # A fire that was missed, because the process or the machine stood still, is caught up for, once.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        scheduler.add_job(self.wake, _Calendar(self._work.next_fire), args=["fire"])
        scheduler.add_job(self.wake, IntervalTrigger(seconds=LOOK_SECONDS, timezone=UTC), args=["look"])
        scheduler.add_job(self.beat, IntervalTrigger(seconds=BEAT_SECONDS, timezone=UTC))
        return scheduler

    def _woken(self) -> set[Wake]:
        """Wait for something to do. What has come more than once in the meantime is done once."""
        wakes = {self._wakes.get()}
        while True:
            try:
                wakes.add(self._wakes.get_nowait())
            except Empty:
                return wakes

    def _run(self) -> bool:
        """Run what is due, and look what became of it; whether that is to be tried again soon."""
        ran = self._work.run(self.step_begins)
        self._look()
        self._exit_code = ran.exit_code
        return ran.again

    def _look(self) -> None:
        self.step_begins(IDLE_SECONDS)
        found = self._work.look()
        self._ready = found is not None
        # Numbers of a ledger that cannot be read now stay: their times tell how old they are.
        self._metrics = self._metrics if found is None else found
        self.step_begins(LOOK_SECONDS + IDLE_SECONDS)

    def _healthz(self) -> Page:
        if self._now() > self._beat_until:
            return Page(503, b"the scheduler gives no sign of life\n")
        if self._now() > self._step_until:
            return Page(503, b"a step takes longer than it may\n")
        return Page(200, b"ok\n")

    def _readyz(self) -> Page:
        return Page(200, b"ok\n") if self._ready else Page(503, b"the store is not read yet; the log says why\n")

    def _metrics_page(self) -> Page:
        return Page(200, page((*self._metrics, exit_code_metric(self._exit_code))), CONTENT_TYPE)
