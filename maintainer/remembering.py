"""Remembers runs: opens the store of the settings, compares a report with the one before, and records it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from maintainer.collect.sources import attempt, unavailable
from maintainer.errors import SourceUnavailable
from maintainer.jobs import arguments
from maintainer.model.comparison import compared, seen_findings
from maintainer.model.documents import LEDGER
from maintainer.model.ledger import (
    MONTHS_OF_DAYS,
    ArchiveLine,
    Entry,
    SlackMessage,
    earlier_figures,
    last_report,
    months_before,
    packed,
)
from maintainer.model.message import Message, message
from maintainer.model.periods import is_day
from maintainer.model.report import Conclusion, Report
from maintainer.settings import Settings
from maintainer.store.archive import append, read_since
from maintainer.store.directory import DirectoryStore
from maintainer.store.interface import Store
from maintainer.store.memory import Memory, Problem
from maintainer.store.restored import Restored
from maintainer.store_opening import Surroundings, has_ledger, hold, open_store

Intent = Callable[[Report, Entry | None], SlackMessage | None]


def as_before(_report: Report, same: Entry | None) -> SlackMessage | None:
    """The message of a run that posts nothing: that of the run before for the same period."""
    return same.message if same else None


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that is to be recorded.

    ``report`` was compared, ``text`` is its JSON, "" if it is not kept, and ``conclusion`` what it was made of.
    ``label`` is the period by which it is filed, ``seconds`` is how long the run took.
    ``unwritten``: the files of the report could not be written.
    """

    report: Report
    text: str
    conclusion: Conclusion
    label: str
    seconds: float
    unwritten: bool = False


Notices = Callable[[Ran, str, tuple[Entry, ...]], tuple[Entry, ...]]


def no_notices(_ran: Ran, _cluster: str, _entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The notices of a run that posts nothing."""
    return ()


@dataclass(slots=True)
class Remembering:
    """The store of runs. ``notes`` tell what a person should know of it.

    ``entry`` is what the ledger has of the run, ``None`` if it is not in it. ``intent`` says what is to be posted of a
    report; it gets what the ledger has of the same period. ``notices`` says what is to be told of the findings of a run
    that has no report; it gets the name of the cluster and its entries. What it said last is ``noticed``.
    ``unheld`` is why the lock of the store is not held, and ``restored`` what the run has noted of its restoring.
    """

    store: Store
    settings: Settings
    surroundings: Surroundings
    notes: list[Message] = field(default_factory=list)
    before: Entry | None = None
    entry: Entry | None = None
    intent: Intent = as_before
    notices: Notices = no_notices
    noticed: tuple[Entry, ...] = ()
    unheld: SourceUnavailable | None = None
    restored: Restored | None = None

    def take_notes(self) -> tuple[Message, ...]:
        """What a person should know, each told once."""
        problems = dict.fromkeys(self.restored.problems if self.restored else ())
        notes = (*self.notes, *(problem_told(problem, self.store.place) for problem in problems))
        self.notes, self.restored = [], None
        return notes

    def entries(self, cluster: Callable[[], str]) -> tuple[Entry, ...]:
        """The entries of the cluster, which ``cluster`` names. Raises :class:`SourceUnavailable`."""
        records = self._ledger().read().records
        name = self._cluster(cluster, records)
        return tuple(entry for entry in records if entry.cluster == name)

    def archived(self, cluster: Callable[[], str], kind: str, since: datetime) -> tuple[ArchiveLine, ...]:
        """The lines of a kind about the cluster since a time, in order, and those of the kinds below it.

        ``alerts/episodes`` is below ``alerts``. A document that cannot be read is one of the ``notes``. Raises
        :class:`SourceUnavailable`.
        """
        name = self._cluster(cluster, self._ledger().read().records)
        lines, problems = read_since(self.store, since, until=self.surroundings.now)
        self.notes += (problem_told(problem, self.store.place) for problem in problems)
        own = (line for line in lines if line.cluster == name and line.at >= since)
        return tuple(line for line in own if line.kind == kind or line.kind.startswith(f"{kind}/"))

    def restoring(self, cluster: Callable[[], str]) -> Restored:
        """The notes of what was restored in the cluster.

        Raises :class:`SourceUnavailable` unless the lock is held, and if it cannot be seen whether the cluster has a
        store of its own.
        """
        if self.unheld or not self.settings.store.record:
            raise self.unheld or SourceUnavailable("store-not-opened", permanent=True)
        if self.settings.store.kind == "auto" and isinstance(self.store, DirectoryStore):
            # Where that cannot be seen, a run in the cluster may hold the lock, and have left notes, of another store.
            has_ledger(self.settings.store, self.surroundings)
        name = self._cluster(cluster, self._ledger().read().records)
        clock, began = self.surroundings.clock, self.surroundings.clock.now()
        start = self.surroundings.now
        self.restored = Restored(self.store, name, lambda: start + timedelta(seconds=clock.now() - began))
        return self.restored

    def compared(self, report: Report) -> Report:
        """The report with what the ledger knows of its findings."""
        self.before, self.entry, self.noticed = None, None, ()
        remembered, why = attempt("store", self._ledger().read, self.surroundings.guard)
        self.notes += (message("store/not-read", why=one.reason) for one in why)
        if remembered is None:
            return report
        if not self.settings.store.record:
            self.notes += (problem_told(problem, self.store.place) for problem in remembered.problems)
        cluster = self._cluster(lambda: report.cluster, remembered.records)
        self.before = last_report(remembered.records, cluster, report.job)
        return compared(replace(report, earlier=earlier_figures(remembered.records, cluster, report)), self.before)

    def record(self, ran: Ran) -> None:
        """Put a run in the ledger, and what was measured in the archive. A failure is one of the ``notes``."""
        problems, why = attempt("store", partial(self._record, ran), self.surroundings.guard)
        self.notes += (message("store/not-recorded", why=one.reason) for one in why)
        if problems is not None:
            self.notes += (problem_told(problem, self.store.place) for problem in problems)
            self.notes.append(message("store/recorded", place=self.store.place))

    def note_posting(self, entry: Entry) -> None:
        """Put in the ledger how far the messages of an entry have come. Raises :class:`SourceUnavailable`."""
        self._ledger().add([entry], keep=self._is_kept)

    def note_written(self, entry: Entry) -> None:
        """Put in the ledger that the files of an entry's report are written. Raises :class:`SourceUnavailable`."""
        ledger = self._ledger()
        # Meanwhile its message may have been posted, which the ledger then knows better.
        now = next((known for known in ledger.read().records if known.key == entry.key), entry)
        ledger.add([replace(now, unwritten=False)], keep=self._is_kept)

    def miss(self, cluster: Callable[[], str], missed: Iterable[tuple[str, str]]) -> None:
        """Put jobs with the labels of turns that they missed in the ledger. Raises :class:`SourceUnavailable`."""
        turns, ledger = tuple(missed), self._ledger()
        if not turns:
            return
        name = self._cluster(cluster, ledger.read().records)
        entries = [Entry(name, job, label, "missed", self.surroundings.now) for job, label in turns]
        problems = ledger.add(entries, keep=self._is_kept)
        self.notes += (problem_told(problem, self.store.place) for problem in problems)

    def _record(self, ran: Ran) -> tuple[Problem, ...]:
        report, ledger, now = ran.report, self._ledger(), self.surroundings.now
        records = ledger.read().records
        name = self._cluster(lambda: report.cluster, records)
        same = next((old for old in records if old.key == (name, report.job, ran.label)), None)
        lines = [ArchiveLine(name, line.kind, line.at, line.data) for line in ran.conclusion.archive]
        # Before the entry: a run that is killed in between is repeated, and so nothing of it is missing.
        problems = append(self.store, lines, now, keep=self.settings.store.keep.archive)
        entry = Entry(
            cluster=name,
            job=report.job,
            period=ran.label,
            result="done" if report.complete else "incomplete",
            at=report.generated_at,
            verdict=report.verdict,
            figures=report.figures,
            findings=seen_findings(report, self.before, arguments.today(self.settings, now)),
            report=packed(ran.text) if ran.text else b"",
            passing=report.may_pass,
            first_at=same.first_at or same.at if same and same.result == "incomplete" else now,
            seconds=round(ran.seconds, 1),
            unwritten=ran.unwritten,
            message=self.intent(report, same) if ran.text else as_before(report, same),
        )
        if not ran.text:
            self.noticed = self.notices(ran, name, tuple(one for one in records if one.cluster == name))
        if self.noticed:
            # Before the entry as well: what was told is told once, also by a run that is repeated.
            problems += ledger.add(self.noticed, keep=self._is_kept)
        problems += ledger.add([entry], keep=self._is_kept)
        self.entry = entry
        return problems

    def _ledger(self) -> Memory[Entry]:
        return Memory(self.store, LEDGER, "ledger")

    def _is_kept(self, entry: Entry) -> bool:
        """Whether an entry is still kept: those of days not for as long as the others, as there are so many.

        A notice is kept until it is over and that is told.
        """
        if entry.notice and (entry.to_post or entry.notice.over is None):
            return True
        months = MONTHS_OF_DAYS if is_day(entry.period) or entry.notice else self.settings.store.keep.ledger
        return entry.at >= months_before(self.surroundings.now, months)

    def _cluster(self, named: Callable[[], str], entries: tuple[Entry, ...]) -> str:
        """The name under which a report is filed: ``named``, but for the store of a cluster.

        That is about one cluster, which a run by hand may know by another name than the CronJob does.
        """
        newest = max(entries, key=lambda entry: entry.at, default=None)
        return newest.cluster if self.store.own and newest else named()


def problem_told(problem: Problem, place: str) -> Message:
    """What a reader should know of a document that could not be read."""
    why = message(f"store/{problem.why.damage}", detail=problem.why.detail)
    if problem.aside:
        return message("store/aside", name=problem.name, place=place, why=why, aside=problem.aside)
    return message("store/unreadable", name=problem.name, place=place, why=why)


@contextmanager
def remembering(settings: Settings, surroundings: Surroundings, *, run: str) -> Iterator[Remembering]:
    """Open the store, and hold its lock if the run, named ``run``, is to be recorded.

    Raises :class:`DeliveryFailed` if another run holds the lock for longer than the settings wait.
    """
    with closing(open_store(settings.store, surroundings)) as store, ExitStack() as held:
        opened = Remembering(store, settings, surroundings)
        if settings.store.record:
            try:
                hold(held, store, settings.store.wait_lock, surroundings=surroundings, run=run)
            except SourceUnavailable as error:
                # Two runs at once leave what is right, so this costs no report. But two that restore would not.
                opened.unheld = error
                opened.notes.append(message("store/no-lock", why=unavailable("store", error).reason))
        yield opened
