"""Runs a job: opens the sources, runs the checks, orders the report, renders it, and writes the files.

Nothing is printed: the caller gets an :class:`Outcome`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from maintainer.analyse.checks import CHECKS, Check
from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.clients.limits import Limits
from maintainer.collect.connections import open_sources
from maintainer.collect.sources import Sources, attempt
from maintainer.deliver.files import write
from maintainer.errors import (
    EXIT_FAULT,
    EXIT_FINDINGS,
    EXIT_INCOMPLETE,
    ConfigError,
    DeliveryFailed,
)
from maintainer.faults import Fault, Faults
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.model.acceptance import accept, accept_gaps, unused
from maintainer.model.clock import Clock
from maintainer.model.message import Message
from maintainer.model.report import (
    FAIL_ON,
    STDOUT,
    Conclusion,
    Finding,
    Gap,
    JobName,
    Period,
    Report,
    in_order,
)
from maintainer.remembering import Surroundings, remembering
from maintainer.render.document import Document, as_json, document
from maintainer.render.formats import FORMATS, file_name
from maintainer.render.hidden import without_secrets
from maintainer.render.words import Catalogue, load, say
from maintainer.settings import Settings

K = TypeVar("K")
S = TypeVar("S")
T = TypeVar("T")
Job = Callable[[Settings, JobContext], Conclusion]


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run of a job of the calendar: the name of the job, its function, and the period of its report."""

    name: JobName
    job: Job
    period: Period


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run gets from the machine that it runs on.

    ``clock`` measures waits and ``now`` is the time of the run. ``version`` is that of this program. ``kubeconfig`` is
    a path, or several as in ``$KUBECONFIG``; "" is the ServiceAccount of the pod. ``kubeconfig_named``: somebody named
    it, so that it is an error if it cannot be used. ``secrets`` are those that nothing may show, and learns more of
    them in the run.
    """

    clock: Clock
    now: datetime
    version: str
    kubeconfig: str = ""
    kubeconfig_named: bool = False
    secrets: KnownSecrets = field(default_factory=KnownSecrets)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run.

    ``document`` is the report in the language of the ``catalogue``; ``texts`` are its rendered formats by file name.
    ``files`` are the paths of the written texts, () if the texts are to be printed. If they could not be written,
    ``undelivered`` says why, and where they were saved instead. ``faults`` are those of this program: what each has
    cost is a gap of the report. ``notes`` say what became of the store. ``exit_code`` is 0, 1, 3, 4 or 70, as in the
    README.
    """

    report: Report
    document: Document
    catalogue: Catalogue
    texts: Mapping[str, str]
    files: tuple[Path, ...] = ()
    undelivered: DeliveryFailed | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    exit_code: int = 0


def run(scheduled: ScheduledRun, settings: Settings, machine: Machine) -> Outcome:
    """Run the job, and write its report in all formats of the settings.

    If the directory is "-", nothing is written and the caller prints the text. A directory that cannot be written
    raises nothing: it is in the outcome. Raises ``ConfigError`` for settings that contradict each other or the cluster,
    for a context or a kubeconfig that was named and is not there, and for secrets that cannot be read, and
    ``DeliveryFailed`` if another run that is recorded does not end.
    """
    directory, formats = settings.reports.directory, settings.reports.formats
    if directory == STDOUT and len(formats) != 1:
        raise ConfigError(f"--output - prints one report, not {len(formats)}; choose one, such as --format json")
    if settings.store.record and settings.checks:
        raise ConfigError("--record needs all checks: with --check, a report says nothing of the others")
    faults = Faults(machine.secrets.hide_in_error)
    surroundings = Surroundings(machine.clock, machine.now, partial(cluster_of, settings, machine), faults.guard)
    with remembering(settings, surroundings, run=scheduled.name) as memory:
        report = memory.compared(make_report(scheduled, settings, machine, faults=faults))
        outcome = _delivered(report, settings, faults=faults, hide=machine.secrets.hide)
        if settings.store.record:
            memory.record(report, as_json(outcome.document))
    code = outcome.exit_code
    if settings.store.record and not memory.recorded:
        code = DeliveryFailed.exit_code
    notes = tuple(machine.secrets.hide(say(outcome.catalogue, note)) for note in memory.notes)
    return replace(outcome, notes=notes, faults=faults.found, exit_code=EXIT_FAULT if faults.found else code)


def cluster_of(settings: Settings, machine: Machine, limits: Limits) -> Cluster:
    """A client of the cluster of the settings. Raises :class:`SourceUnavailable` if it cannot be opened."""
    context, user = settings.cluster.context, settings.cluster.as_user
    return connect(context, machine.kubeconfig, user=user, secrets=machine.secrets, limits=limits)


def _delivered(report: Report, settings: Settings, *, faults: Faults, hide: Callable[[str], str]) -> Outcome:
    """The report in words and in all formats, written unless it is to be printed."""
    directory, catalogue = settings.reports.directory, load(settings.reports.language)
    worded = document(report, catalogue, docs_url=settings.reports.docs_url or "docs")
    worded = without_secrets(worded, hide)
    texts = _texts(worded, catalogue, formats=settings.reports.formats, faults=faults)
    outcome = Outcome(report, worded, catalogue, texts, exit_code=exit_code(report, settings.fail_on))
    if directory == STDOUT:
        return outcome
    try:
        return replace(outcome, files=write(directory, texts))
    except DeliveryFailed as error:
        return replace(outcome, undelivered=error, exit_code=error.exit_code)


def make_report(scheduled: ScheduledRun, settings: Settings, machine: Machine, *, faults: Faults) -> Report:
    """The report of a run in the order of all outputs, with accepted findings marked. Writes nothing.

    A job that fails as a whole is a gap of every check. What is not read when the time of the settings is over is a
    gap as well.
    """
    accepted, today = arguments.acceptances(settings), arguments.today(settings, machine.now)
    chosen = arguments.chosen(settings)
    with closing(_opened(settings, machine, faults)) as sources:
        if settings.cluster.context or machine.kubeconfig_named:
            _require_named_cluster(sources, load(settings.reports.language))
        job_context = JobContext(
            sources=sources,
            clock=machine.clock,
            now=machine.now,
            period=scheduled.period,
            examine=partial(_examine, faults, chosen),
            chosen=chosen,
            sift=faults.sift,
            sections=faults.sections,
        )
        concluded, why = attempt(scheduled.name, partial(scheduled.job, settings, job_context), faults.guard)
        if concluded is None:
            concluded = Conclusion(gaps=tuple(Gap(check, "passing", why[0].reason) for check in CHECKS))
        gaps = tuple(dict.fromkeys(gap for gap in concluded.gaps if gap.check in chosen))
        marked, _ = attempt("accept", partial(accept, concluded.findings, accepted, today), faults.guard)
        return in_order(
            Report(
                job=scheduled.name,
                cluster=settings.cluster.name or sources.name,
                period=scheduled.period,
                generated_at=machine.now,
                version=machine.version,
                findings=concluded.findings if marked is None else marked,
                actions=concluded.actions,
                gaps=accept_gaps(gaps, accepted, today),
                figures=concluded.figures,
                sections=concluded.sections,
                unused=unused(accepted, concluded.findings, gaps, today=today, ran=concluded.checks),
                not_chosen=tuple(check for check in CHECKS if check not in chosen),
            )
        )


def _opened(settings: Settings, machine: Machine, faults: Faults) -> Sources:
    limits = Limits.of_run(settings.timeout, settings.prometheus.max_samples_per_run)
    prometheus, grafana = arguments.prometheus_access(settings, limits), arguments.grafana_endpoint(settings, limits)
    return open_sources(
        partial(cluster_of, settings, machine, limits),
        prometheus=replace(prometheus, endpoint=machine.secrets.watched(prometheus.endpoint)),
        grafana=machine.secrets.watched(grafana) if grafana else None,
        guard=faults.guard,
    )


def _require_named_cluster(sources: Sources, catalogue: Catalogue) -> None:
    """Raise ``ConfigError`` for a context or a kubeconfig that is not there: a report of no cluster misleads."""
    for unavailable in sources.unavailable:
        why = unavailable.reason.named.get("why")
        reason = why if isinstance(why, Message) else unavailable.reason
        if unavailable.source == "cluster" and reason.id in {"gap/cluster-no-context", "gap/cluster-config"}:
            raise ConfigError(say(catalogue, reason))


def _examine(
    faults: Faults, chosen: frozenset[str], checks: Sequence[Check[S]], subject: S
) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    return faults.examine([check for check in checks if check.id in chosen], subject)


def exit_code(report: Report, fail_on: str) -> int:
    """3 if a gap is not accepted, else 1 if a finding counts and is at least as severe as ``fail_on``, else 0."""
    if not report.complete:
        return EXIT_INCOMPLETE
    failing = any(finding.counts and finding.severity in FAIL_ON[fail_on] for finding in report.findings)
    return EXIT_FINDINGS if failing else 0


def _texts(worded: Document, catalogue: Catalogue, *, formats: Sequence[str], faults: Faults) -> Mapping[str, str]:
    """The rendered formats by file name; one that cannot be rendered is left out."""
    rendered = {
        format_: attempt(format_, partial(FORMATS[format_], worded, catalogue), faults.guard)[0] for format_ in formats
    }
    return {file_name(worded, format_): text for format_, text in rendered.items() if text}
