"""The pages under test, by name."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC

from maintainer.model.report import Report
from maintainer.model.sections import Lanes, Section
from maintainer.render.document import as_json, document
from maintainer.render.folder_index import folder_index
from maintainer.render.html import html
from maintainer.render.slack import slack_post
from maintainer.render.words import load, say
from maintainer.render.year_page import Year, YearRow, year_page, year_report
from maintainer.sandbox.slack_preview import preview
from maintainer.sandbox.slack_workspace import File, Posted, Workspace
from tests.browser.many import many_findings
from tests.render.sample_calendar import calendar
from tests.render.sample_jobs import SAMPLES, sampling
from tests.render.sample_report import HOSTILE, english, every_kind, gap, hostile, text

LONG_WORD = "x" * 4_000


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes pages; ``demo`` is the report of the demo's fleet with all faults."""

    demo: Report

    def __getitem__(self, name: str) -> str:
        return PAGES[name](self.demo)


def _demo(demo: Report) -> str:
    return _rendered(demo)


def _demo_in_korean(demo: Report) -> str:
    return _rendered(demo, "ko")


def _healthy(demo: Report) -> str:
    return _rendered(replace(demo, findings=(), gaps=()))


def _incomplete(demo: Report) -> str:
    """A report without Prometheus: one gap keeps many checks from running, another keeps one."""
    checks = sorted({finding.check for finding in demo.findings})
    reason = "http://prometheus.monitoring.svc:9090 did not answer within 30 s, as it was asked to"
    gaps = (*(gap(check, reason) for check in checks), gap("pipeline/rbac", "The API server answered 403 Forbidden."))
    return html(document(replace(demo, findings=demo.findings[:1], gaps=gaps), english()), english())


def _month(demo: Report) -> str:
    return html(document(replace(demo, sections=(calendar(), *demo.sections)), english()), english())


def _sample(demo: Report) -> str:
    """The report of a daily sample, in Korean."""
    return _rendered(replace(demo, job="sample", sections=()), "ko")


def _every_kind(demo: Report) -> str:
    return html(document(replace(demo, sections=_numbered(every_kind())), english()), english())


def _hostile(_: Report) -> str:
    """Hostile texts in one report, each in every place that takes a text of others."""
    reports = [hostile(words) for words in HOSTILE if words]
    findings = tuple(finding for made in reports for finding in made.findings)
    gaps = tuple(gap for made in reports for gap in made.gaps)
    sections = _with_others_texts(tuple(section for made in reports for section in made.sections))
    return html(document(replace(reports[0], findings=findings, gaps=gaps, sections=sections), english()), english())


def _long(_: Report) -> str:
    made = hostile(LONG_WORD)
    return html(document(replace(made, sections=_with_others_texts(made.sections)), english()), english())


OURS = ("area", "before-after", "calendar", "heatmap")
"""Kinds of sections that hold our own texts only: of days and hours, limits and quantities."""


def _with_others_texts(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections that hold texts of others, without the names of windows of time, which are ours."""
    others = (section for section in sections if section.kind not in OURS)
    return _numbered(
        tuple(replace(section, windows=()) if isinstance(section, Lanes) else section for section in others)
    )


def _many(_: Report) -> str:
    """10,000 findings with 100 things to do, which are as large as those of the demo."""
    return html(document(many_findings(10_000, actions=100), english()), english())


def _index(demo: Report) -> str:
    """The index of a folder with a year of reports, some of them without a JSON that can be read."""
    days = [f"2026-{month:02}-01" for month in range(1, 13)]
    names = [f"monthly-sandbox-{day}.{ending}" for day in days for ending in ("html", "md", "json")]
    others = ["monthly-a-cluster-with-a-long-name.example-2026-10-01.md", "sample-sandbox-2026-10-01.json"]
    content = as_json(document(demo, load("en"))).encode()
    return folder_index([*names, *others], {name: content for name in names if name.endswith("json")}, load("en"))


def _year(demo: Report) -> str:
    """The page that leads to the reports of a year, in Korean."""
    catalogue = load("ko")
    reports = tuple(year_report(document(demo, catalogue), f"{number}/a.html", catalogue) for number in range(2))
    return year_page(
        Year(reports, (YearRow("monthly", 12, "2026-11-01"),), "slack.html", faults=True, program="maintainer"),
        catalogue,
    )


def _slack(demo: Report) -> str:
    """The message about the demo in Slack, with a file in its thread."""
    post = slack_post(document(demo, load("ko")), load("ko"))
    message = Posted("C0123456789", "1764500000.000001", post.text, json.loads(json.dumps(post.blocks)))
    reply = Posted(message.channel, "1764500001.000001", "", [], thread_ts=message.ts, files=("F1",))
    files = {"F1": File("F1", "monthly-a-cluster-with-a-long-name.example-2026-10-01.html", 157_900, shared=True)}
    return preview(Workspace(messages=[message, reply], files=files), UTC, language="ko")


def _numbered(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Sections with different titles, as those of jobs have."""
    numbers = range(len(sections))
    return tuple(
        replace(section, title=text(f"{number} {say(english(), section.title)}"))
        for number, section in zip(numbers, sections, strict=True)
    )


def _rendered(report: Report, language: str = "en") -> str:
    catalogue = load(language)
    return html(document(report, catalogue), catalogue)


def _job_to_come(job: str, language: str) -> str:
    """The sample report of a job that is not there yet."""
    catalogue = sampling(language)
    return html(document(SAMPLES[job](), catalogue), catalogue)


PAGES: Mapping[str, Callable[[Report], str]] = {
    "demo": _demo,
    "demo-ko": _demo_in_korean,
    "healthy": _healthy,
    "incomplete": _incomplete,
    "month": _month,
    "sample-ko": _sample,
    "every-kind": _every_kind,
    "quarterly-ko": lambda _: _job_to_come("quarterly", "ko"),
    "semiannual": lambda _: _job_to_come("semiannual", "en"),
    "reconcile-ko": lambda _: _job_to_come("reconcile", "ko"),
    "hostile": _hostile,
    "long-word": _long,
    "many": _many,
    "index": _index,
    "year": _year,
    "slack": _slack,
}
