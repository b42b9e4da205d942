"""Runs a job: opens the sources, runs the checks, orders the report, renders it, and writes the files.

Nothing is printed: the caller gets an :class:`Outcome`.
"""

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
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.model.clock import Clock
from maintainer.model.message import message
from maintainer.model.report import (
    FAIL_ON,
    STDOUT,
    Conclusion,
    Finding,
    Gap,
    JobName,
    Period,
    Report,
    accept,
    accept_gaps,
    in_order,
)
from maintainer.render.document import Document, as_json, document
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.words import Catalogue, load
from maintainer.settings import Settings

S = TypeVar("S")
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
    a path, or several as in ``$KUBECONFIG``; "" is the ServiceAccount of the pod.
    """

    clock: Clock
    now: datetime
    version: str
    kubeconfig: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run.

    ``document`` is the report in the language of the ``catalogue``; ``texts`` are its rendered formats by file name.
    ``files`` are the paths of the written texts, () if the texts are to be printed. If they could not be written,
    ``undelivered`` says why, and where they were saved instead. ``exit_code`` is 0, 1, 3 or 4, as in the README.
    """

    report: Report
    document: Document
    catalogue: Catalogue
    texts: Mapping[str, str]
    files: tuple[Path, ...] = ()
    undelivered: DeliveryFailed | None = None
    exit_code: int = 0


def run(scheduled: ScheduledRun, settings: Settings, machine: Machine) -> Outcome:
    """Run the job, and write its report in all formats of the settings.

    If the directory is "-", nothing is written and the caller prints the text. A directory that cannot be written
    raises nothing: it is in the outcome. Raises ``ConfigError`` for settings that contradict each other or the cluster,
    and for secrets that cannot be read.
    """
    directory, formats = settings.reports.directory, settings.reports.formats
    if directory == STDOUT and len(formats) != 1:
        raise ConfigError(f"--output - prints one report, not {len(formats)}; choose one, such as --format json")
    report = make_report(scheduled, settings, machine)
    catalogue = load(settings.reports.language)
    worded = document(report, catalogue, docs_url=settings.reports.docs_url or "docs")
    texts = _texts(report, worded, catalogue=catalogue, formats=formats)
    outcome = Outcome(report, worded, catalogue, texts, exit_code=exit_code(report, settings.fail_on))
    if directory == STDOUT:
        return outcome
    try:
        return replace(outcome, files=write(directory, texts))
    except DeliveryFailed as error:
        return replace(outcome, undelivered=error, exit_code=error.exit_code)


def make_report(scheduled: ScheduledRun, settings: Settings, machine: Machine) -> Report:
    """The report of a run in the order of all outputs, with accepted findings marked. Writes nothing."""
    prometheus, grafana = arguments.prometheus_access(settings), arguments.grafana_endpoint(settings)
    accepted, today = arguments.acceptances(settings), arguments.today(settings, machine.now)
    opened = open_sources(
        settings.cluster.context,
        machine.kubeconfig,
        prometheus=prometheus,
        grafana=grafana,
        ruler=arguments.ruler_endpoint(settings),
    )
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
                findings=accept(concluded.findings, accepted, today),
                actions=concluded.actions,
                gaps=accept_gaps(dict.fromkeys(concluded.gaps), accepted, today),
                figures=concluded.figures,
                sections=concluded.sections,
            )
        )


def examine(checks: Sequence[Check[S]], subject: S) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    """The findings of the checks in their subject, and the gaps: what they could not judge.

    A check that raises an exception becomes a gap; the other checks are not affected.
    """
    findings: list[Finding] = []
    gaps: list[Gap] = []
    for check in checks:
        try:
            findings_of_check, gaps_of_check = tuple(check.finds(subject)), tuple(check.gaps(subject))
        except Exception as error:  # noqa: BLE001 - a bug in a check must not cost the report
            gaps.append(Gap(check.id, "passing", message("gap/check-failed", error=repr(error))))
        else:
            findings += findings_of_check
            gaps += gaps_of_check
    return tuple(findings), tuple(gaps)


def exit_code(report: Report, fail_on: str) -> int:
    """3 if a gap is not accepted, else 1 if a finding counts and is at least as severe as ``fail_on``, else 0."""
    if not report.complete:
        return EXIT_INCOMPLETE
    failing = any(finding.counts and finding.severity in FAIL_ON[fail_on] for finding in report.findings)
    return EXIT_FINDINGS if failing else 0


def _texts(report: Report, worded: Document, *, catalogue: Catalogue, formats: Sequence[str]) -> Mapping[str, str]:
    """The rendered formats by file name, such as ``monthly-2026-10.html``."""
    makers: Mapping[str, Callable[[], str]] = {
        "html": lambda: html(worded, catalogue),
        "md": lambda: markdown(worded, catalogue),
        "json": lambda: as_json(worded),
    }
    return {f"{report.job}-{report.period.label}.{format_}": makers[format_]() for format_ in formats}
