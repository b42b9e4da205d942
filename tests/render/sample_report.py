"""Small reports to render. ``say/text`` is the only sentence of checks that they need."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import cache

from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, Json, Period, Report, Severity, Subject
from maintainer.model.sections import (
    Amount,
    Area,
    Bar,
    Bars,
    BeforeAfter,
    Calendar,
    CalendarDay,
    Diff,
    Episode,
    Forecast,
    Heatmap,
    Lane,
    Lanes,
    Limit,
    Measure,
    Section,
    Series,
    Stretch,
    Table,
    Text,
)
from maintainer.render.words import Catalogue, load

SEOUL = timezone(timedelta(hours=9))
OCTOBER = Period("2026-10", datetime(2026, 10, 1, tzinfo=SEOUL), datetime(2026, 11, 1, tzinfo=SEOUL), "Asia/Seoul")
GENERATED = datetime(2026, 11, 1, 9, 0, 41, tzinfo=SEOUL)


@cache
def english() -> Catalogue:
    """The catalogue with another entry, whose sentence is its parameter."""
    catalogue = load("en")
    return Catalogue("en", {**catalogue.entries, "say/text": "{text}"})


def text(words: str) -> Message:
    return message("say/text", text=words)


def subjects(count: int, namespace: str = "shop") -> tuple[Subject, ...]:
    return tuple(Subject("Rollout", namespace, f"cart-{index:02}") for index in range(count))


def finding(
    check: str = "accuracy/phase",
    severity: Severity = "error",
    *,
    summary: str = "4 Rollouts show a phase that the API does not.",
    action: str = "Restart the controller",
    evidence: Mapping[str, Json] | None = None,
    count: int = 1,
) -> Finding:
    return Finding(
        check=check,
        severity=severity,
        subjects=subjects(count),
        cause=summary,
        summary=text(summary),
        action=text(action),
        evidence=evidence or {},
        reproduce="kubectl get rollouts -A",
    )


def accepted(check: str = "query/no-data") -> Finding:
    return replace(
        finding(check), state="accepted", accepted="known until the upgrade", accepted_until=date(2027, 1, 31)
    )


def gap(check: str = "query/error", reason: str = "Prometheus answered 503.") -> Gap:
    return Gap(check, "passing", text(reason))


def report(
    *,
    findings: tuple[Finding, ...] = (),
    gaps: tuple[Gap, ...] = (),
    sections: tuple[Section, ...] = (),
    figures: Mapping[str, int | float] | None = None,
) -> Report:
    return Report(
        job="monthly",
        cluster="management",
        period=OCTOBER,
        generated_at=GENERATED,
        version="0.1.0",
        findings=findings,
        gaps=gaps,
        figures=figures or {},
        sections=sections,
    )


def every_kind(words: str = "batch") -> tuple[Section, ...]:
    """A section of each kind, with these words in every place that takes a text."""
    title, start = text(words), OCTOBER.start
    hours = (start, start + timedelta(hours=1))
    return (
        Table(title, (title, title), ((words, 1579), (title, 0.25)), (1,), title),
        Diff(title, f"same\n{words}\n", "same\nother\n"),
        Bars(title, title, (Bar(title, 3, "error"), Bar(title, 0))),
        BeforeAfter(title, title, title, (Measure(title, title, Amount(3, 1), Amount(2)),), title),
        Lanes(
            title,
            *hours,
            (Lane(words, words, (Episode(*hours, "real"),), (Stretch(*hours, title),)),),
            unseen=(Stretch(*hours, title),),
            windows=(Stretch(*hours, title),),
            lead=title,
        ),
        Heatmap(title, title, (title,), (words, "Tue"), ((3, None),), title),
        Area(
            title,
            title,
            hours,
            (Series(title, (1.5, None)),),
            (Limit(title, 2), Limit(title, 2.01, "proposed")),
            Forecast((start + timedelta(hours=2),), (1.25,), (1.75,), (2.25,)),
            title,
        ),
        Calendar(title, (title,), (CalendarDay(start.date(), title, "error", title), CalendarDay(start.date(), title))),
        Text(title, (title, title)),
    )


# What a label value, a name or an error message may hold.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' style='color:red' onclick='x",
    "a | b || c \\| d",
    "`code` ```` and ``` fence\n```\nout",
    "first\nsecond\r\n\n# heading\n\n- item\n\n---\n",
    "# heading",
    "- item",
    "1. item",
    "===",
    "> quote",
    "[link](https://evil.example) ![img](https://evil.example/x.png)",
    "**bold** _em_ ~~gone~~ __init__ snake_case",
    "<!-- comment --> <!channel> &lt;script&gt; &#60;b&#62;",
    "{{7*7}} {% raw %} {# no #} ${7*7}",
    "</style></title></textarea><svg onload=alert(1)>",
    "롤아웃이 멈췄습니다",
    "שלום \u202eevil\u202c \u2066x\u2069",
    "bell\x07 escape\x1b[31m delete\x7f next\x85line \u2028 end",
    "    indented",
    "~~~\n<b>x</b>",
    "",
)


def hostile(words: str) -> Report:
    """These words wherever others put words into a report."""
    wrong = Finding(
        check="accuracy/phase",
        severity="error",
        subjects=(Subject("Rollout", words, words),),
        cause=words,
        summary=text(words),
        action=text(words),
        evidence={"label": words, words: [words, {"deep": words}], "lines": f"{words}\n{words}"},
        reproduce=words,
        grown=(words,),
        shrunk=(words,),
    )
    return report(
        findings=(
            wrong,
            replace(wrong, cause="note", severity="info"),
            replace(wrong, cause="known", state="accepted", accepted=words),
        ),
        gaps=(gap(reason=words),),
        sections=every_kind(words),
    )
