"""The page of metrics: what the ledger says of the last runs of each job, in the text format of Prometheus.

A job that has not run has no series, because a 0 would be a time or a result that was never there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from maintainer.deliver.files import replace_file
from maintainer.errors import DeliveryFailed
from maintainer.model.ledger import Entry, unpacked

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Finding(msgspec.Struct):
    check: str
    severity: str
    state: str


class _Gap(msgspec.Struct):
    accepted: str = ""


class _Report(msgspec.Struct):
    """Of the JSON of a report, what is counted."""

    findings: list[_Finding]
    gaps: list[_Gap]


class _Families(Collector):
    """What the library asks for its metrics."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def page(families: Sequence[Metric]) -> bytes:
    """The text with these metrics."""
    registry = CollectorRegistry()
    registry.register(_Families(families))
    return generate_latest(registry)


def job_metrics(entries: Iterable[Entry]) -> tuple[Metric, ...]:
    """The metrics of all jobs in the ledger of a cluster.

    Findings and gaps are those of the newest report, without what is accepted.
    """
    success = _gauge("last_success_timestamp_seconds", "When the job last ran and left nothing to try again.", "job")
    findings = _gauge("findings", "Findings in the newest report that are not accepted.", "job", "check", "severity")
    gaps = _gauge("gaps", "Gaps in the newest report that are not accepted: what could not be checked.", "job")
    duration = _gauge("run_duration_seconds", "How long the last run of the job took.", "job")
    by_job: dict[str, list[Entry]] = {}
    for entry in sorted((entry for entry in entries if entry.notice is None), key=lambda entry: entry.at):
        by_job.setdefault(entry.job, []).append(entry)
    for job, of_job in sorted(by_job.items()):
        if ended := [entry.at for entry in of_job if _succeeded(entry)]:
            success.add_metric([job], ended[-1].timestamp())
        if durations := [entry.seconds for entry in of_job if entry.seconds is not None]:
            duration.add_metric([job], durations[-1])
        report = _newest_report(of_job)
        if report is not None:
            open_findings = Counter((one.check, one.severity) for one in report.findings if one.state != "accepted")
            for (check, severity), number in sorted(open_findings.items()):
                findings.add_metric([job, check, severity], number)
            gaps.add_metric([job], sum(not gap.accepted for gap in report.gaps))
    return success, findings, gaps, duration


def with_cluster(families: Iterable[Metric], cluster: str) -> tuple[Metric, ...]:
    """The same metrics with a label ``cluster``, so that a machine can have those of several clusters."""
    made = []
    for family in families:
        labelled = Metric(family.name, family.documentation, family.type)
        labelled.samples = [one._replace(labels={**one.labels, "cluster": cluster}) for one in family.samples]
        made.append(labelled)
    return tuple(made)


def write_textfile(path: str, families: Sequence[Metric]) -> None:
    """Write a file that the node exporter's textfile collector reads, never in part. Raises :class:`DeliveryFailed`."""
    try:
        # The node exporter is another user.
        replace_file(Path(path), page(families), mode=0o644)
    except (OSError, ValueError) as error:  # a path may hold what no file system knows
        why = getattr(error, "strerror", None) or error
        raise DeliveryFailed(f"cannot write the file {path} of metrics.textfile ({why})") from error


def next_due_metric(times: Mapping[str, datetime]) -> Metric:
    """When each job is due next."""
    due = _gauge("next_due_timestamp_seconds", "When the job is due next.", "job")
    for job, at in sorted(times.items()):
        due.add_metric([job], at.timestamp())
    return due


def exit_code_metric(code: int | None) -> Metric:
    """The exit code of the last run of this process; ``None`` before the first has ended."""
    last = _gauge("last_run_exit_code", "Exit code of the last run since the start, as of `maintainer run due`.")
    if code is not None:
        last.add_metric([], code)
    return last


def _gauge(name: str, documentation: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"maintainer_{name}", documentation, labels=labels)


def _succeeded(entry: Entry) -> bool:
    """Whether nothing is left to try again. What can never be looked at is a gap of the report, and no failure."""
    return entry.result != "missed" and not entry.passing


def _newest_report(entries: Sequence[Entry]) -> _Report | None:
    """The newest report of these entries, the newest last; ``None`` if it is damaged or there is none."""
    packed = next((entry.report for entry in reversed(entries) if entry.report), b"")
    try:
        return msgspec.json.decode(unpacked(packed), type=_Report) if packed else None
    except (ValueError, msgspec.MsgspecError):
        return None
