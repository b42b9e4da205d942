"""The ledger, which remembers what each job did in each period, and the archive, which keeps what was measured."""

import gzip
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from maintainer.model.report import EarlierFigures, Report, Severity, Verdict

Result = Literal["done", "missed", "incomplete"]

MONTHS_OF_DAYS = 2
"""For so many months entries about days are kept."""

TREND = 11
"""The most earlier reports whose figures a report shows: with its own a year of monthly ones."""

LONGEST_REPORT = 64 * 2**20
"""The most bytes of a report's JSON."""


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """A finding of a report, and the date on which it was first seen.

    ``parts`` are the fingerprints of its subjects, one by one. By these it is known again when other subjects have
    joined it or left it.
    """

    check: str
    fingerprint: str
    first_seen: date
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file of a report that was uploaded to Slack; ``shared`` says that the thread is known to show it.

    ``digest`` is of its content.
    """

    name: str
    id: str
    digest: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """Where a report was posted, and how far that has come.

    ``waiting``: it is to be posted, or updated if it has a ``timestamp``. ``sending``: its posting began, and whether
    Slack has it is not known. ``posted``: the message stands there, and some of the ``files`` may be missing. ``done``:
    nothing is left to do. ``channel`` is the one of the settings until Slack has said its id. A message of a webhook
    never has a timestamp.
    """

    channel: str
    timestamp: str = ""
    state: Literal["waiting", "sending", "posted", "done"] = "done"
    files: tuple[SlackFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What was told of a finding of the daily sample on its day, and that it is over.

    The message of the entry tells it, in the words of ``summary`` and ``action``. ``seen`` is the finding as it was
    last seen, and ``subjects`` what it was about then. ``over`` is the day of the sample that did not find it any more,
    and ``accepted`` the reason for which the settings accept it since, if that is why. ``end`` is the message that says
    so, in the thread of the first.
    """

    seen: SeenFinding
    subjects: tuple[str, ...]
    severity: Severity
    summary: str
    action: str
    over: date | None = None
    accepted: str = ""
    end: SlackMessage | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a job did in a period, in a cluster with this name.

    ``at`` is the time of the run, or the time at which a missed period was noticed. ``first_at`` is the time of the
    first run for the period, and ``passing`` says that something could not be looked at for a reason that may pass.
    ``seconds`` is how long the run took, ``None`` if that is not known. ``unwritten`` says that the files of the report
    could not be written, and are still to be written.
    Without a report, ``verdict`` is ``None`` and ``report`` is b""; else ``report`` is its JSON, gzipped. An entry with
    a ``notice`` is of no job: it says what was told of a finding.
    """

    cluster: str
    job: str
    period: str
    result: Result
    at: datetime
    verdict: Verdict | None = None
    figures: Mapping[str, int | float] = field(default_factory=dict)
    findings: tuple[SeenFinding, ...] = ()
    message: SlackMessage | None = None
    report: bytes = b""
    passing: bool = False
    first_at: datetime | None = None
    seconds: float | None = None
    notice: Notice | None = None
    unwritten: bool = False

    @property
    def to_post(self) -> bool:
        """Whether something is left to be posted of it."""
        end = self.notice.end if self.notice else None
        return any(message is not None and message.state != "done" for message in (self.message, end))

    @property
    def key(self) -> tuple[str, ...]:
        """What an entry replaces: the entry of the same job and period of the same cluster."""
        return self.cluster, self.job, self.period


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """Something that was measured at a time, such as an accuracy sample; ``kind`` says what ``data`` is."""

    cluster: str
    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it one line, however often it is appended."""
        return self.cluster, self.kind, self.at.astimezone(UTC).isoformat()


def last_report(entries: Iterable[Entry], cluster: str, job: str) -> Entry | None:
    """The entry with the newest report of the job in the cluster; ``None`` if there is none."""
    reports = [entry for entry in entries if (entry.cluster, entry.job) == (cluster, job) and entry.verdict]
    return max(reports, key=lambda entry: entry.at, default=None)


def earlier_figures(entries: Iterable[Entry], cluster: str, report: Report) -> tuple[EarlierFigures, ...]:
    """What the figures of a report were in the reports of its job before, in this cluster, the newest last."""
    before = sorted(
        (
            entry
            for entry in entries
            if (entry.cluster, entry.job) == (cluster, report.job) and entry.verdict and entry.at < report.generated_at
        ),
        key=lambda entry: entry.at,
    )
    return tuple(
        EarlierFigures(
            entry.period, entry.at, {name: value for name, value in entry.figures.items() if name in report.figures}
        )
        for entry in before[-TREND:]
    )


def months_before(now: datetime, months: int) -> datetime:
    """The first moment of the month that lies this many months before that of ``now``."""
    month = now.year * 12 + now.month - 1 - months
    return now.replace(year=month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def archive_name(at: datetime) -> str:
    """The document of the archive for a time: ``archive-2026-10``. Its months are those of UTC."""
    return f"archive-{at.astimezone(UTC):%Y-%m}"


def archive_names(now: datetime, months: range) -> tuple[str, ...]:
    """The documents of the archive for months before ``now``; 0 is the present month."""
    return tuple(archive_name(months_before(now.astimezone(UTC), month)) for month in months)


def packed(report: str) -> bytes:
    """A report's JSON as an entry holds it; the same text is always the same bytes."""
    return gzip.compress(report.encode(), mtime=0)


def unpacked(report: bytes) -> str:
    """The JSON of a report. Raises ``ValueError`` if it is not gzipped text, or too long."""
    try:
        unpacking = zlib.decompressobj(wbits=31)
        text = unpacking.decompress(report, LONGEST_REPORT)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacking.eof:
        raise ValueError(f"it is cut off, or longer than {LONGEST_REPORT >> 20} MiB")
    return text.decode()
