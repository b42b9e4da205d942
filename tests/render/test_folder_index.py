"""The page about a folder of reports, and which files are not kept."""

from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from maintainer.render.document import as_json, document
from maintainer.render.folder_index import GENERATED, folder_index, json_names, outdated
from maintainer.render.words import load
from tests.render.sample_report import accepted, english, finding, gap, report

DAYS = tuple(f"2026-{month:02}-01" for month in range(6, 12))


def json_of(cluster: str = "management", *, job: str = "monthly", listed: float = 300, errors: int = 0) -> bytes:
    """A report with an accepted finding, which does not count, and so many errors."""
    found = tuple(finding(summary=f"{number}") for number in range(errors))
    made = report(findings=(*found, accepted()), figures={"rollouts.listed": listed})
    return as_json({**document(made, english()), "cluster": cluster, "job": job}).encode()


class Page(HTMLParser):
    """The headings, the rows, the links and the lines of a page."""

    def __init__(self, names: Mapping[str, bytes | None]) -> None:
        super().__init__()
        contents = {name: content for name, content in names.items() if content is not None}
        self.text = folder_index(names, contents, load("en"))
        self.headings: list[str] = []
        self.rows: list[str] = []
        self.links: list[str] = []
        self.lines: list[str] = []
        self._in: list[str] | None = None
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("h2", "tr", "dd"):
            self._in = self.headings if tag == "h2" else self.rows
            self._in.append("")
        if tag in ("dt", "template"):
            self._in = None
        if tag == "a":
            self.links.append(named["href"] or "")
        if tag == "polyline":
            self.lines.append(named["points"] or "")

    def handle_data(self, data: str) -> None:
        if self._in is not None:
            self._in[-1] = " ".join([*self._in[-1].split(), *data.replace("\N{EN DASH}", "-").split()])


def test_reports_are_listed_by_job_and_cluster_with_the_newest_first() -> None:
    page = Page(
        {
            "monthly-management-2026-10-01.json": json_of(listed=1300, errors=2),
            "monthly-management-2026-10-01.html": None,
            "monthly-management-2026-11-01.json": json_of(listed=1400),
            "monthly-eu-2026-11-01.json": json_of("eu"),
        }
    )

    assert page.headings == ["Monthly audit: eu", "Monthly audit: management"]
    rows = [row for row in page.rows if row.startswith("2026")]
    assert rows == [
        "2026-11-01 OK 0 300 - - - - json",
        "2026-11-01 OK 0 1,400 - - - - json",
        "2026-10-01 Findings 2 1,300 - - - - html json",
    ]
    assert page.links == [
        "monthly-eu-2026-11-01.json",
        "monthly-management-2026-11-01.json",
        "monthly-management-2026-10-01.html",
        "monthly-management-2026-10-01.json",
    ]
    assert GENERATED in page.text


def test_a_figure_has_a_line_once_there_are_three_values() -> None:
    files = {f"monthly-a-{day}.json": json_of("a", listed=number) for number, day in enumerate(DAYS)}

    assert Page(dict(list(files.items())[:2])).lines == []
    assert Page(dict(list(files.items())[:3])).lines == ["2.0,21.0 48.0,12.0 94.0,3.0"]


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[" * 100_000, b"\xff", b'{"schema": "maintainer.report/v2"}', json_of(job="sample")]
)
def test_a_report_whose_json_cannot_be_read_is_only_linked(content: bytes | None) -> None:
    page = Page({"monthly-a-2026-11-01.json": content, "monthly-a-2026-11-01.md": None})

    assert page.headings == ["monthly-a"]
    assert [row for row in page.rows if row.startswith("2026")] == ["2026-11-01 unknown - json md"]


def test_a_file_that_is_no_report_is_not_in_the_page() -> None:
    page = Page(
        dict.fromkeys(
            (
                "notes.html",
                "monthly-a.json",
                "weekly-a-2026-11-01.json",
                "index.html",
                "monthly-\udcff-2026-11-01.md",
                'monthly-"><b>-2026-11-01.md',
            )
        )
    )

    assert (page.headings, page.links) == ([], [])


def test_what_a_file_says_is_only_text() -> None:
    page = Page({"monthly-운영-2026-11-01.json": json_of("<script>alert(1)</script>")})

    assert page.headings == ["Monthly audit: <script>alert(1)</script>"]
    assert page.links == ["monthly-%EC%9A%B4%EC%98%81-2026-11-01.json"]
    assert "<script>alert" not in page.text


def test_an_incomplete_report_says_so() -> None:
    made = as_json({**document(report(gaps=(gap(),)), english()), "verdict": "incomplete"}).encode()

    assert "2026-11-01 Incomplete 0" in " ".join(Page({"monthly-management-2026-11-01.json": made}).rows)


def test_the_oldest_reports_of_the_same_job_and_cluster_are_outdated() -> None:
    ours = [f"monthly-a-{day}.{format_}" for day in DAYS for format_ in ("html", "json")]
    others = [
        *(f"monthly-a-b-{day}.html" for day in DAYS),
        *(f"sample-a-{day}.html" for day in DAYS),
        "monthly-a-2026-01-01.txt",
        "monthly-a-notes.html",
        "index.html",
    ]

    assert outdated([*ours, *others], ours[-1], 4) == tuple(ours[:4])
    assert outdated([*ours, *others], ours[-1], 6) == ()
    assert outdated(others, "another.html", 1) == ()


def test_the_json_of_reports_is_known_by_its_name() -> None:
    assert json_names(["monthly-a-2026-11-01.json", "monthly-a-2026-11-01.md", "a.json"]) == (
        "monthly-a-2026-11-01.json",
    )


def test_files_of_advice_go_with_their_report_and_other_files_stay() -> None:
    advice = [f"2026-Q3-RolloutStuck-for.{ending}" for ending in ("rules.yml", "test.yml", "values.patch")]
    old = [f"quarterly-prod-2026-07-01.{ending}" for ending in ("html", "json", "episodes.csv", *advice)]
    others = ["2026-Q3-RolloutStuck-for.rules.yml", "quarterly-prod-2026-07-01.notes.txt", "rules.yml"]

    assert outdated([*old, *others], "quarterly-prod-2026-10-01.html", 0) == tuple(sorted(old))
