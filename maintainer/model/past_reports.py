"""Which of the reports in the ledger a person means."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from maintainer.model.ledger import Entry

LATEST = "latest"
"""In place of a period: the newest report."""


def with_report(entries: Iterable[Entry], *, job: str = "") -> tuple[Entry, ...]:
    """The entries that keep a report, the newest last; a job that is "" is any."""
    kept = [entry for entry in entries if entry.report and job in ("", entry.job)]
    return tuple(sorted(kept, key=lambda entry: (entry.at, entry.key)))


def meant(reports: Iterable[Entry], period: str, time_zone: str) -> tuple[Entry, ...]:
    """The reports of a period of the ledger or of a day, on which they were made in the time zone.

    ``latest`` is the newest report of each cluster.
    """
    if period == LATEST:
        newest = {entry.cluster: entry for entry in sorted(reports, key=lambda entry: entry.at)}
        return tuple(newest.values())
    zone = ZoneInfo(time_zone)
    return tuple(entry for entry in reports if period in (entry.period, str(entry.at.astimezone(zone).date())))
