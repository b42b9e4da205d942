"""One run of one job: open the sources, run it, make and deliver its report. Prints nothing."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from maintainer.analyse.checks import Check
from maintainer.collect.connections import open_sources
from maintainer.deliver.files import write
from maintainer.errors import EXIT_FINDINGS, EXIT_INCOMPLETE, ConfigError, DeliveryFailed
from maintainer.jobs.arguments import acceptances, endpoint, grafana, today
from maintainer.jobs.context import JobContext
from maintainer.model.clock import Clock
from maintainer.model.message import message
from maintainer.model.report import FAIL_ON, STDOUT, Conclusion, Finding, Gap, JobName, Period, Report, accept, in_order
from maintainer.render.document import Document, as_json, document
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.words import Catalogue, load
from maintainer.settings import Settings

S = TypeVar("S")
Job = Callable[[Settings, JobContext], Conclusion]


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run of a job of the calendar: its name, the job, and the period that its report is filed under."""

    name: JobName
    job: Job
    period: Period


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run takes from the machine that it runs on: clocks, this program's version, where the cluster is.

    ``kubeconfig`` are one file or more, "" is a pod's ServiceAccount.
    """

    clock: Clock
    now: datetime
    version: str
    kubeconfig: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: the report, in words, as the texts that were asked for, and the files that hold them.

    ``files`` is empty where the reports are to be printed; ``undelivered`` says why they could not be written, and
    where they are saved. ``exit_code`` is one of those in the README.
    """

    report: Report
    document: Document
    catalogue: Catalogue
    texts: Mapping[str, str]
    files: tuple[Path, ...] = ()
    undelivered: DeliveryFailed | None = None
    exit_code: int = 0


def run(scheduled: ScheduledRun, settings: Settings, machine: Machine) -> Outcome:
    """Run the job and deliver its report.

    Raises ``ConfigError`` for settings that cannot be followed. A report that cannot be written is no exception: the
    outcome says so.
    """
    directory, formats = settings.reports.directory, settings.reports.formats
    if directory == STDOUT and len(formats) != 1:
        raise ConfigError(f"--output - prints one report, not {len(formats)}; choose one, such as --format json")
    report = make_report(scheduled, settings, machine)
    catalogue = load(settings.reports.language)
    worded = document(report, catalogue, docs_url=settings.reports.docs_url or "docs")
    texts = _texts(report, worded, catalogue, formats=formats)
    outcome = Outcome(report, worded, catalogue, texts, exit_code=exit_code(report, settings.fail_on))
    if directory == STDOUT:
        return outcome
    try:
        return replace(outcome, files=write(directory, texts))
    except DeliveryFailed as error:
        return replace(outcome, undelivered=error, exit_code=error.exit_code)


def make_report(scheduled: ScheduledRun, settings: Settings, machine: Machine) -> Report:
    """The report of a run, accepted findings marked, everything in its order; nothing is delivered."""
    opened = open_sources(settings.cluster.context, machine.kubeconfig, endpoint(settings), grafana=grafana(settings))
    with closing(opened) as sources:
        context = JobContext(sources, machine.clock, machine.now, scheduled.period, examine)
        concluded = scheduled.job(settings, context)
        return in_order(
            Report(
                job=scheduled.name,
                cluster=settings.cluster.name or sources.name,
                period=scheduled.period,
                generated_at=machine.now,
                version=machine.version,
                findings=accept(concluded.findings, acceptances(settings), today(settings, machine.now)),
                actions=concluded.actions,
                gaps=tuple(dict.fromkeys(concluded.gaps)),
                figures=concluded.figures,
                sections=concluded.sections,
            )
        )


def examine(checks: Sequence[Check[S]], subject: S) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    """What the checks find in their subject, and what they could not judge.

    A check that fails is a gap of that check; what the others find is reported.
    """
    findings: list[Finding] = []
    gaps: list[Gap] = []
    for check in checks:
        try:
            found, unjudged = tuple(check.finds(subject)), tuple(check.gaps(subject))
        except Exception as error:  # noqa: BLE001 - a fault in one check costs that check, never the report
            gaps.append(Gap(check.id, "passing", message("gap/check-failed", error=repr(error))))
        else:
            findings += found
            gaps += unjudged
    return tuple(findings), tuple(gaps)


def exit_code(report: Report, fail_on: str) -> int:
    """0, 3 where something could not be looked at, or 1 for a finding at or above ``fail_on``."""
    if report.gaps:
        return EXIT_INCOMPLETE
    failing = any(finding.counts and finding.severity in FAIL_ON[fail_on] for finding in report.findings)
    return EXIT_FINDINGS if failing else 0


def _texts(report: Report, worded: Document, catalogue: Catalogue, *, formats: Sequence[str]) -> Mapping[str, str]:
    """The reports by file name."""
    makers: Mapping[str, Callable[[], str]] = {
        "html": lambda: html(worded, catalogue),
        "md": lambda: markdown(worded, catalogue),
        "json": lambda: as_json(worded),
    }
    return {f"{report.job}-{report.period.label}.{format_}": makers[format_]() for format_ in formats}
