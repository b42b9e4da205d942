"""All tables of a quarterly report, in its order, and that of the episodes."""

from collections import Counter
from collections.abc import Iterator, Sequence

from maintainer.analyse.alerts.alert_tables import alerts_table, first_table, severity_of, silent_table, worth_table
from maintainer.analyse.alerts.incident_tables import incidents_table, missed_table, prevented_table
from maintainer.analyse.alerts.people import written_labels
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.seen_tables import (
    agreement_table,
    hours_table,
    missing_table,
    not_judged_table,
    seen_table,
)
from maintainer.analyse.alerts.table_shapes import local_time, shaped
from maintainer.analyse.alerts.verdicts import Judged
from maintainer.model.alerts import MINUTE
from maintainer.model.message import message
from maintainer.model.report import Finding
from maintainer.model.sections import Cell, Table


def quarterly_tables(review: Review, findings: Sequence[Finding]) -> Iterator[Table]:
    """All tables but that of the episodes, in the order of the report; those without rows are left out."""
    tables = (
        first_table(review, findings),
        alerts_table(review),
        worth_table(review),
        missed_table(review),
        silent_table(review),
        incidents_table(review),
        prevented_table(review),
        hours_table(review),
        seen_table(review),
        not_judged_table(review),
        missing_table(review),
        agreement_table(review),
    )
    return (table for table in tables if table.rows)


def episodes_table(review: Review) -> Iterator[Table]:
    """A row for each episode that fired, as people read it and give it back with their verdict; no table for none."""
    pages = Counter(episode for page in review.pages.pages for episode in page.episodes)
    if rows := tuple(_episode(one, review, pages[one.episode]) for one in review.fired):
        yield shaped("episodes", rows, numeric=(8, 10))


def _episode(one: Judged, review: Review, pages: int) -> tuple[Cell, ...]:
    episode, moment = one.episode, local_time(review)
    namespace, name = one.subject or ("", "")
    rule = review.history.rules.get(episode.rule)
    fired = episode.fired_at or episode.active_at
    end = episode.resolved_at or episode.last
    return (
        episode.alert,
        dict(episode.labels).get("severity") or (severity_of(rule) if rule else ""),
        namespace,
        name,
        episode.rule[:8],
        moment(episode.active_at),
        moment(fired),
        moment(episode.resolved_at) if episode.resolved_at is not None else "",
        round((end - fired) / MINUTE, 1),
        review.judging.hours.kind(fired),
        pages,
        one.verdict,
        one.by,
        message("quarterly/reasons", reasons=one.reasons),
        written_labels(episode.labels),
    )
