"""Quarters as the archive has them, and the reports about them; no server is asked for anything."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from maintainer.analyse.checks import OF_QUARTER
from maintainer.collect.sources import Sources
from maintainer.faults import Faults
from maintainer.jobs.context import JobContext
from maintainer.jobs.quarterly import quarterly
from maintainer.model.alert_archive import HarvestedDay, measured
from maintainer.model.alerts import DAY, HOUR, AlertHistory, Impact, Run
from maintainer.model.clock import Clock
from maintainer.model.ledger import ArchiveLine
from maintainer.model.outcomes import Outcomes
from maintainer.model.periods import period_named
from maintainer.model.report import Period, Report, in_order
from maintainer.render.document import Document, document
from maintainer.render.words import load as load_words
from maintainer.settings import Settings, load

NOW = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)


def settings_of(**alerts: Any) -> Settings:
    """Settings in UTC, with those of alerts by dotted key."""
    return load("", {}, {"schedule.timeZone": "UTC", "cluster.name": "prod", **alerts})


def quarter(label: str = "2026-Q3") -> Period:
    period = period_named("quarter", label, "UTC")
    assert period
    return period


def archived(known: AlertHistory) -> tuple[ArchiveLine, ...]:
    """The lines of a history, a day after the other. What began on a day is read with the day on which it ended."""
    days = range(known.start, known.end, DAY)
    return tuple(
        ArchiveLine("prod", line.kind, line.at, line.data)
        for start in days
        if not any(gap.start <= start < gap.end for gap in known.missing)
        for line in measured(_day(known, start))
    )


def _day(known: AlertHistory, start: int) -> HarvestedDay:
    end = start + DAY
    loaded = (known.rules[version] for version, run in known.loaded.items() if run.first < end and run.last > start)
    return HarvestedDay(
        start=start,
        end=end,
        rules=tuple(loaded),
        episodes=tuple(one for one in known.episodes if start <= one.last < end),
        outcomes=_outcomes(known.outcomes, start, end),
        left_sides=tuple(side for side in known.left_sides if start <= side.values[0][0] < end),
        coverage=tuple(hour for hour in known.coverage if start - HOUR <= hour.start < end),
        agreement=tuple(one for one in known.agreement if one.day == start),
        silences=tuple(one for one in known.silences if start <= one.starts < end),
        impact=_impact(known, start, end),
    )


def _impact(known: AlertHistory, start: int, end: int) -> Impact | None:
    """What a day says of the users; nothing, if nobody asked."""
    times = (*known.impact.seen, *known.impact_unseen)
    if not any(time.first < end and time.last > start for time in times):
        return None
    runs, seen = _in(known.impact.runs, start, end), _in(known.impact.seen, start, end)
    return Impact(
        tuple(replace(run, first=max(run.first, start), last=min(run.last, end)) for run in runs),
        tuple(Run(max(time.first, start), min(time.last, end)) for time in seen),
    )


def _outcomes(known: Outcomes, start: int, end: int) -> Outcomes:
    return Outcomes(
        phases=tuple(
            replace(one, first=max(one.first, start), last=min(one.last, end - 1000))
            for one in _in(known.phases, start, end)
        ),
        increases=tuple(one for one in known.increases if start <= one.at < end),
        short=tuple(
            replace(one, first=max(one.first, start), last=min(one.last, end - 1000))
            for one in _in(known.short, start, end)
        ),
        revisions=tuple(one for one in known.revisions if start <= one.at < end),
    )


def _in(runs: Iterable[Any], start: int, end: int) -> Iterator[Any]:
    return (one for one in runs if one.first < end and one.last >= start)


def reviewed(known: AlertHistory, *, label: str = "2026-Q3", **alerts: Any) -> Report:
    """The report of the quarter by the job itself, on what the archive has of the history."""
    lines = archived(known)

    def read(kind: str, since: datetime) -> tuple[ArchiveLine, ...]:
        return tuple(line for line in lines if line.kind.startswith(f"{kind}/") and line.at >= since)

    faults, checks = Faults(str), tuple(check.id for check in OF_QUARTER)
    period = quarter(label)
    context = JobContext(
        sources=Sources(None, None),
        clock=Clock(lambda: 0.0, lambda _: None),
        now=NOW,
        period=period,
        since=period.start,
        examine=faults.examine,
        chosen=frozenset(checks),
        sift=faults.sift,
        sections=faults.sections,
        archived=read,
        once=lambda _, make: make(),
        notes=_no_notes,
    )
    made = quarterly(settings_of(**alerts), context)
    assert not faults.found, faults.found
    return in_order(
        Report(
            job="quarterly",
            cluster="prod",
            period=period,
            generated_at=NOW,
            version="0",
            findings=made.findings,
            gaps=made.gaps,
            figures=made.figures,
            sections=made.sections,
        )
    )


def _no_notes() -> NoReturn:
    raise AssertionError("the quarterly job restores nothing")


def worded(report: Report, language: str = "en") -> Document:
    """The report's document."""
    return document(report, load_words(language))


def table(found: Document, name: str) -> list[list[Any]]:
    """The rows of a table of the document; none if it is left out."""
    return [row for section in found["sections"] if section.get("name") == name for row in section["rows"]]
