"""Runs jobs: compares each report with the one before, renders it, writes the files, and remembers it.

Nothing is printed: the caller gets an :class:`Outcome` for each job.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from maintainer.collect.sources import attempt
from maintainer.deliver.files import write
from maintainer.errors import EXIT_FAULT, EXIT_FINDINGS, EXIT_INCOMPLETE, WORST_FIRST, ConfigError, DeliveryFailed
from maintainer.faults import Fault, Faults
from maintainer.model.ledger import Entry, packed
from maintainer.model.report import FAIL_ON, STDOUT, Report
from maintainer.posting import Posting, open_sender
from maintainer.publishing import open_publishing
from maintainer.remembering import Ran, Remembering, remembering
from maintainer.render.document import Document, as_json, document
from maintainer.render.formats import attached, beside
from maintainer.render.hidden import without_secrets
from maintainer.render.words import Catalogue, say
from maintainer.report_folder import tidied
from maintainer.reporting import Machine, Remembered, ScheduledRun, Shared, cluster_of, concluded
from maintainer.settings import Settings
from maintainer.store_opening import Surroundings
from maintainer.writing import Late, texts, write_late

USUAL = frozenset({"store/recorded", "slack/posted", "slack/posted.notice"})
"""The notes of a run in which nothing is wrong."""

RETRY_DAYS = 7
"""For how long it is tried to write the files of a report."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run.

    ``document`` is the report in the language of the ``catalogue``; ``texts`` are its rendered formats by file name,
    none if the job has no report. ``files`` are the paths of the written texts, () if the texts are to be printed. If
    they could not be written, ``undelivered`` says why, and where they were saved instead. ``unposted`` says why the
    report is not in Slack, where it should be. ``faults`` are those of this program: what each has cost is a gap of the
    report. ``unpublished`` says why its metrics were not handed on. ``notes`` say what was done, and ``warnings`` what
    somebody has to look at. ``exit_code`` is 0, 1, 3, 4 or 70, as in docs/commands.md.
    """

    report: Report
    document: Document
    catalogue: Catalogue
    texts: Mapping[str, str]
    files: tuple[Path, ...] = ()
    undelivered: DeliveryFailed | None = None
    unposted: DeliveryFailed | None = None
    unpublished: tuple[DeliveryFailed, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    exit_code: int = 0


class Session:
    """Runs of jobs that share the store with its lock, the sources and what was read of them."""

    def __init__(self, shared: Shared, memory: Remembering, posting: Posting | None = None) -> None:
        self._shared = shared
        self._memory = memory
        self._posting = posting
        self._publishing = open_publishing(shared.settings, shared)
        self._ran: Entry | None = None

    def run(self, scheduled: ScheduledRun) -> Outcome:
        """Run the job, write its report in all formats of the settings, and post it.

        A directory that cannot be written raises nothing, nor does a Slack that takes nothing: it is in the outcome.
        Raises ``ConfigError`` for settings that contradict the cluster, and for a context or a kubeconfig that was
        named and is not there.
        """
        shared, memory = self._shared, self._memory
        settings, hide, known = shared.settings, shared.machine.secrets.hide, len(shared.faults.found)
        clock, began = shared.machine.clock, shared.machine.clock.now()
        remembered = Remembered(partial(memory.archived, self._cluster), partial(memory.restoring, self._cluster))
        report, conclusion = concluded(scheduled, shared, remembered)
        report = memory.compared(report)
        outcome = _delivered(scheduled, report, shared)
        code = outcome.exit_code
        if settings.store.record:
            text = as_json(outcome.document) if scheduled.writes(report) else ""
            seconds, unwritten = clock.now() - began, bool(outcome.undelivered)
            memory.record(Ran(report, text, conclusion, scheduled.label, seconds, unwritten))
            code = code if memory.entry else DeliveryFailed.exit_code
        if self._publishing and not settings.store.record:
            self._ran = _unrecorded(scheduled, outcome, clock.now() - began)
        else:
            self._ran = memory.entry
        unposted = self._post()
        code = unposted.exit_code if unposted else code
        told = memory.take_notes()
        notes = tuple(hide(say(outcome.catalogue, note)) for note in told if note.id in USUAL)
        warnings = tuple(hide(say(outcome.catalogue, note)) for note in told if note.id not in USUAL)
        faults = shared.faults.found[known:]
        code = EXIT_FAULT if faults else code
        warnings = outcome.warnings + warnings
        return replace(outcome, unposted=unposted, notes=notes, warnings=warnings, faults=faults, exit_code=code)

    def _post(self) -> DeliveryFailed | None:
        """Post what is to be posted of the last run; why the first of it failed that did."""
        memory, posting = self._memory, self._posting
        if posting is None or memory.entry is None:
            return None
        failed = [posting.deliver(entry) for entry in (memory.entry, *memory.noticed)]
        return next(filter(None, failed), None)

    def entries(self) -> tuple[Entry, ...]:
        """What the ledger has of the cluster. Raises :class:`SourceUnavailable`."""
        return self._memory.entries(self._cluster)

    def miss(self, missed: Iterable[tuple[str, str]]) -> None:
        """Record jobs with the labels of the turns that they missed. Raises :class:`SourceUnavailable`."""
        self._memory.miss(self._cluster, missed)

    def publish(self) -> tuple[DeliveryFailed, ...]:
        """Hand on the metrics of all jobs in the ledger; why that failed."""
        if self._publishing is None:
            return ()
        entries, _ = attempt("store", self.entries, self._shared.faults.guard)
        if entries is None:
            return (DeliveryFailed("the metrics of the run were not delivered: the ledger could not be read"),)
        return self._publishing.publish(entries, pushed={entry.job for entry in entries})

    def publish_run(self) -> tuple[DeliveryFailed, ...]:
        """Hand on the metrics of the last run, and what the ledger has of other jobs; why that failed."""
        ran = self._ran
        if self._publishing is None or ran is None:
            return ()
        known, _ = attempt("store", self.entries, self._shared.faults.guard)
        others = tuple(entry for entry in known or () if entry.key[1:] != ran.key[1:])
        return self._publishing.publish((ran, *others), pushed={ran.job})

    def deliver_left(self, entries: Iterable[Entry], *, but: Collection[tuple[str, str]]) -> tuple[DeliveryFailed, ...]:
        """Post what earlier runs have left, except of these jobs and periods; why that failed."""
        return self._posting.deliver_left(entries, but=but) if self._posting else ()

    def write_left(self, entries: Iterable[Entry], *, but: Collection[tuple[str, str]]) -> Late:
        """Write the reports of the last days that could not be written, except of these jobs and periods."""
        shared, late = self._shared, Late()
        # After that, a Job would be red for ever, and not be read.
        oldest = shared.machine.now - timedelta(days=RETRY_DAYS)
        for entry in entries if shared.settings.reports.directory != STDOUT else ():
            if entry.unwritten and entry.at > oldest and (entry.job, entry.period) not in but:
                try:
                    late = replace(late, files=late.files + write_late(entry, shared))
                    self._memory.note_written(entry)
                except DeliveryFailed as error:
                    late = replace(late, failed=(*late.failed, error))
        return late

    def _cluster(self) -> str:
        return self._shared.cluster


@contextmanager
def session(settings: Settings, machine: Machine, *, name: str) -> Iterator[Session]:
    """Open the store for runs that are called ``name``.

    Raises ``ConfigError`` for settings that contradict each other, and for secrets that cannot be read, and
    ``DeliveryFailed`` if another run that is recorded does not end.
    """
    directory, formats = settings.reports.directory, settings.reports.formats
    if directory == STDOUT and len(formats) != 1:
        raise ConfigError(f"--output - prints one report, not {len(formats)}; choose one, such as --format json")
    if settings.store.record and settings.checks:
        option = "--post" if settings.slack.post else "--apply" if settings.reconcile.writes else "--record"
        raise ConfigError(f"{option} needs all checks: with --check, a report says nothing of the others")
    sender = open_sender(settings.slack, machine) if settings.slack.post else None
    faults = Faults(machine.secrets.hide_in_error, machine.before_step)
    surroundings = Surroundings(machine.clock, machine.now, partial(cluster_of, settings, machine), faults.guard)
    with (
        remembering(settings, surroundings, run=name) as memory,
        closing(Shared(settings, machine, faults)) as shared,
    ):
        posting = Posting(sender, memory, shared) if sender else None
        if posting:
            memory.intent, memory.notices = posting.intent, posting.notices
        yield Session(shared, memory, posting)


def run(scheduled: ScheduledRun, settings: Settings, machine: Machine) -> Outcome:
    """Run a job alone. Raises as :func:`session` and :meth:`Session.run`."""
    with session(settings, machine, name=scheduled.name) as opened:
        outcome = opened.run(scheduled)
        unpublished = opened.publish_run()
    codes = {outcome.exit_code, *(failed.exit_code for failed in unpublished)}
    return replace(outcome, unpublished=unpublished, exit_code=min(codes, key=WORST_FIRST.index))


def _unrecorded(scheduled: ScheduledRun, outcome: Outcome, seconds: float) -> Entry:
    """What the ledger would have of the run, as far as its metrics need it."""
    report = outcome.report
    return Entry(
        cluster=report.cluster,
        job=report.job,
        period=scheduled.label,
        result="done" if report.complete else "incomplete",
        at=report.generated_at,
        verdict=report.verdict,
        report=packed(as_json(outcome.document)) if scheduled.writes(report) else b"",
        passing=report.may_pass,
        seconds=round(seconds, 1),
    )


def _delivered(scheduled: ScheduledRun, report: Report, shared: Shared) -> Outcome:
    """The report in words and in all formats, written unless it is to be printed."""
    settings, catalogue = shared.settings, shared.catalogue
    directory = settings.reports.directory
    worded = document(report, catalogue, docs_url=settings.reports.docs_url or "docs")
    worded = without_secrets(worded, shared.machine.secrets.hide)
    formats = settings.reports.formats if scheduled.writes(report) else ()
    rendered = texts(worded, catalogue, formats=formats, faults=shared.faults)
    if rendered and directory != STDOUT:
        hide = shared.machine.secrets.hide
        rendered = {
            **rendered,
            **attached(worded),
            **beside(worded, {name: hide(text) for name, text in report.files.items()}),
        }
    outcome = Outcome(report, worded, catalogue, rendered, exit_code=exit_code(report, settings.fail_on))
    if directory == STDOUT or not rendered:
        return outcome
    try:
        outcome = replace(outcome, files=write(directory, rendered))
        notes = tidied(rendered, settings.reports, catalogue, guard=shared.faults.guard)
    except DeliveryFailed as error:
        return replace(outcome, undelivered=error, exit_code=error.exit_code)
    return replace(outcome, warnings=tuple(shared.machine.secrets.hide(say(catalogue, note)) for note in notes))


def exit_code(report: Report, fail_on: str) -> int:
    """3 if a gap is not accepted, else 1 if a finding counts and is at least as severe as ``fail_on``, else 0."""
    if not report.complete:
        return EXIT_INCOMPLETE
    return EXIT_FINDINGS if fails(report, fail_on) else 0


def fails(report: Report, fail_on: str) -> bool:
    """Whether a finding counts and is at least as severe as ``fail_on``."""
    return any(finding.counts and finding.severity in FAIL_ON[fail_on] for finding in report.findings)
