"""Runs all that is due, in the order of the calendar, and remembers what was missed."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from maintainer.errors import EXIT_FINDINGS, EXIT_INCOMPLETE, WORST_FIRST, ConfigError, DeliveryFailed
from maintainer.reporting import Machine
from maintainer.runner import Outcome, fails, session
from maintainer.schedule import JOBS, CalendarJob, Due, JobState, scheduled_run, states
from maintainer.settings import Settings
from maintainer.writing import Late


@dataclass(frozen=True, slots=True)
class DueRun:
    """What was due, in the calendar as it was before, and the exit code: the worst of all runs, 0 if nothing was.

    ``unposted`` are reports of earlier runs that still could not be posted. ``late`` are those that were written now,
    and what still could not be written. ``unpublished`` says why metrics were not handed on.
    """

    calendar: tuple[JobState, ...]
    exit_code: int
    unposted: tuple[DeliveryFailed, ...] = ()
    late: Late = field(default_factory=Late)
    unpublished: tuple[DeliveryFailed, ...] = ()

    @property
    def undelivered(self) -> tuple[DeliveryFailed, ...]:
        """Why something was not delivered that is not of one run alone."""
        return self.unposted + self.late.failed + self.unpublished

    @property
    def due(self) -> tuple[Due, ...]:
        """What was due, in the order in which it was run."""
        return tuple(due for state in self.calendar for due in state.due)


def run_due(
    settings: Settings,
    machine: Machine,
    *,
    running: Callable[[Due], AbstractContextManager[None]],
    told: Callable[[Outcome], None],
    jobs: Sequence[CalendarJob] = JOBS,
) -> DueRun:
    """Run and record all that is due. Each run is within ``running``, and its outcome is handed to ``told``.

    What earlier runs could not post or write is posted and written first.

    What cannot be looked at for a reason that will not pass makes no run incomplete here, because a Job that is red for
    ever is not read. Raises :class:`SourceUnavailable`, before anything is run, if the ledger cannot be read, and as
    :func:`maintainer.runner.session`.
    """
    if settings.reconcile.mode in {"plan", "undo"}:
        raise ConfigError(
            f"reconcile.mode is {settings.reconcile.mode}, which is done once, by hand: maintainer run reconcile "
            f"--{settings.reconcile.mode}. For the calendar, set report or apply"
        )
    settings = settings.recording(record=True)
    with session(settings, machine, name="due") as opened:
        entries = opened.entries()
        found = DueRun(states(jobs, entries, machine.now, settings.schedule), 0)
        opened.miss((turn.job.name, turn.label) for state in found.calendar for turn in state.missed)
        taken = {(due.turn.job.name, due.turn.label) for due in found.due}
        unposted = opened.deliver_left(entries, but=taken)
        late = opened.write_left(entries, but=taken)
        codes = {found.exit_code, *(failed.exit_code for failed in (*unposted, *late.failed))}
        for due in found.due:
            with running(due):
                outcome = opened.run(scheduled_run(due.turn, machine.now, settings.schedule))
            outcome = replace(outcome, exit_code=_unattended(outcome, settings.fail_on))
            told(outcome)
            codes.add(outcome.exit_code)
        # Also if nothing was due: what could not be handed on is in the ledger.
        unpublished = opened.publish()
        codes |= {failed.exit_code for failed in unpublished}
    code = min(codes, key=WORST_FIRST.index)
    return replace(found, exit_code=code, unposted=unposted, late=late, unpublished=unpublished)


def _unattended(outcome: Outcome, fail_on: str) -> int:
    """The exit code of a run where no gap that will not pass counts."""
    if outcome.exit_code != EXIT_INCOMPLETE or outcome.report.may_pass:
        return outcome.exit_code
    return EXIT_FINDINGS if fails(outcome.report, fail_on) else 0
