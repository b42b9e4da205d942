"""The page that leads to the reports of a year's demo: the verdict of each first, then what was played."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maintainer.model.report import Verdict
from maintainer.render.document import Document
from maintainer.render.environment import environment
from maintainer.render.headline import Tone
from maintainer.render.html import visible
from maintainer.render.inline import inline
from maintainer.render.outline import outline
from maintainer.render.words import Catalogue


@dataclass(frozen=True, slots=True)
class YearReport:
    """A report of a job, with its verdict in a word and in a sentence, and the link to its page."""

    job: str
    verdict: Verdict
    tone: Tone
    sentence: str
    link: str


@dataclass(frozen=True, slots=True)
class YearRow:
    """A job of the calendar: how often it was due in the year, and on which day (ISO 8601) the last time."""

    job: str
    turns: int
    newest: str


@dataclass(frozen=True, slots=True)
class Year:
    """What the page shows. ``slack`` is the link to the messages, and ``faults`` says whether any were planted.

    ``program`` is what to type to run maintainer, quoted for a shell.
    """

    reports: tuple[YearReport, ...]
    rows: tuple[YearRow, ...]
    slack: str
    faults: bool
    program: str


def year_report(document: Document, link: str, catalogue: Catalogue) -> YearReport:
    """What the page says of the report with this document."""
    made = outline(document, catalogue)
    return YearReport(document["job"], document["verdict"], made.tone, made.verdict, link)


def year_page(year: Year, catalogue: Catalogue) -> str:
    """The page, in the words of the catalogue."""
    jinja = environment(catalogue, visible)
    return jinja.get_template("year.html.j2").render(
        groups=_by_job(year.reports),
        year=year,
        language=catalogue.language,
        **inline(jinja, "report.css", "index.css", "year.css", "controls.css", "print.css"),
    )


def _by_job(reports: Sequence[YearReport]) -> Mapping[str, tuple[YearReport, ...]]:
    """The reports of each job, in their order."""
    jobs = dict.fromkeys(report.job for report in reports)
    return {job: tuple(report for report in reports if report.job == job) for job in jobs}
