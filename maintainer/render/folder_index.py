"""The page about a folder of reports: which there are, how each ended, and where the main figures went."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from maintainer.model.report import Severity, State, Verdict
from maintainer.render.environment import environment
from maintainer.render.head import HEAD
from maintainer.render.headline import Tone
from maintainer.render.html import visible
from maintainer.render.inline import inline
from maintainer.render.trends import HEIGHT, WIDTH, drawn, is_number
from maintainer.render.words import Catalogue

INDEX = "index.html"
"""The name of the page."""

GENERATED = '<meta name="generator" content="maintainer reports">'
"""By this line a page of this program is known again."""

# The characters are those of maintainer.render.formats.file_name.
_REPORT = rf"((?:{'|'.join(HEAD)})-[\w.@+=-]+)-([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\."
_NAME = re.compile(rf"{_REPORT}(html|md|json|episodes\.csv)")
_ADVICE = re.compile(rf"{_REPORT}([\w.-]+\.(?:rules\.yml|test\.yml|patch|inhibit\.yaml))")
"""A file of advice beside a report."""


class _Finding(msgspec.Struct):
    state: State
    severity: Severity


class _Report(msgspec.Struct):
    """What the page needs of a report's JSON."""

    schema: Literal["maintainer.report/v1"]
    job: str
    cluster: str
    verdict: Verdict
    findings: list[_Finding]
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """The reports of a day: their files by format, and what their JSON says, if there is one that can be read."""

    day: str
    files: Mapping[str, str]
    verdict: Verdict | None = None
    tone: Tone = "none"
    findings: int = 0
    figures: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure with its newest value, and its values over time as the points of a line, "" for too few of them."""

    figure: str
    newest: float
    points: str


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of a job and a cluster, the newest first. ``job`` is "" if no JSON says which they are."""

    name: str
    job: str
    cluster: str
    figures: tuple[str, ...]
    rows: tuple[Row, ...]
    trends: tuple[Trend, ...]


def json_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are of the JSON of a report."""
    return tuple(name for name in names if (match := _NAME.fullmatch(name)) and match[3] == "json")


def outdated(names: Iterable[str], written: str, keep: int) -> tuple[str, ...]:
    """The files of reports that are not kept: of the job and the cluster of the file ``written``, the days before, with
    the files of advice beside them.

    Of these the newest ``keep`` days are kept. Whatever is no name of such a report is left alone.
    """
    of = _NAME.fullmatch(written)
    reports = (_NAME.fullmatch(name) or _ADVICE.fullmatch(name) for name in names)
    same = [match for match in reports if of and match and match[1] == of[1]]
    days = sorted({match[2] for match in same}, reverse=True)[:keep]
    return tuple(sorted(match[0] for match in same if match[2] not in days))


def folder_index(names: Iterable[str], contents: Mapping[str, bytes], catalogue: Catalogue) -> str:
    """The page about the reports with these file names; ``contents`` has their JSON by name.

    A file that is no report is left out, and a report whose JSON is not there or cannot be read is only linked.
    """
    by_series: dict[str, dict[str, dict[str, str]]] = {}
    for match in filter(None, map(_NAME.fullmatch, sorted(names))):
        by_series.setdefault(match[1], {}).setdefault(match[2], {})[match[3]] = match[0]
    jinja = environment(catalogue, visible)
    return jinja.get_template("index.html.j2").render(
        groups=[_group(series, days, contents) for series, days in by_series.items()],
        generated=GENERATED,
        language=catalogue.language,
        **inline(jinja, "report.css", "index.css", "controls.css", "print.css"),
        box=f"0 0 {WIDTH} {HEIGHT}",
    )


def _group(series: str, days: Mapping[str, Mapping[str, str]], contents: Mapping[str, bytes]) -> Group:
    newest_first = sorted(days, reverse=True)
    reports = {day: _read(contents.get(days[day].get("json", ""), b""), series) for day in newest_first}
    known = next(filter(None, reports.values()), None)
    figures = tuple(HEAD[known.job]) if known else ()
    rows = tuple(_row(day, days[day], reports[day], figures) for day in newest_first)
    trends = (_trend(figure, [row.figures[at] for row in rows if row.figures]) for at, figure in enumerate(figures))
    return Group(
        name=series,
        job=known.job if known else "",
        cluster=known.cluster if known else "",
        figures=figures,
        rows=rows,
        trends=tuple(trend for trend in trends if trend),
    )


def _read(content: bytes, series: str) -> _Report | None:
    try:
        report = msgspec.json.decode(content, type=_Report)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return report if series.startswith(f"{report.job}-") and report.job in HEAD else None


def _row(day: str, files: Mapping[str, str], report: _Report | None, figures: Sequence[str]) -> Row:
    if report is None:
        return Row(day, files)
    counted = [one for one in report.findings if one.state != "accepted" and one.severity != "info"]
    worst: Tone = "error" if any(one.severity == "error" for one in counted) else "warning"
    tones: Mapping[Verdict, Tone] = {"ok": "ok", "findings": worst, "incomplete": "none"}
    known = (report.figures.get(figure) for figure in figures)
    values = tuple(value if is_number(value) else None for value in known)
    return Row(day, files, report.verdict, tones[report.verdict], len(counted), values)


def _trend(figure: str, newest_first: Sequence[float | None]) -> Trend | None:
    values = [value for value in reversed(newest_first) if value is not None]
    if not values:
        return None
    return Trend(figure, values[-1], drawn(values))
