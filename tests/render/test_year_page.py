"""The page that leads to the reports of a year's demo."""

from html.parser import HTMLParser

from maintainer.render.document import document
from maintainer.render.words import load
from maintainer.render.year_page import Year, YearRow, year_page, year_report
from tests.render.sample_report import english, finding, report


class Page(HTMLParser):
    """The links, and the rows of the table, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.links: dict[str, str] = {}
        self.rows: list[str] = []
        self._link = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._link = dict(attrs).get("href") or "" if tag == "a" else ""
        if tag == "tr":
            self.rows.append("")

    def handle_data(self, data: str) -> None:
        if self._link:
            self.links[self._link] = data
            self._link = ""
        if self.rows:
            self.rows[-1] = " ".join([*self.rows[-1].split(), *data.split()])


def year(*, faults: bool = True) -> Year:
    """A finding in the monthly report, none in the reports about drift; the calendar has a job without a report."""
    ok = document(report(), english())
    wrong = document(report(findings=(finding(),) if faults else ()), english())
    reports = (
        year_report(wrong, "monthly/a b.html", load("en")),
        year_report({**ok, "job": "reconcile"}, "reconcile/before/c.html", load("en")),
        year_report({**ok, "job": "reconcile"}, "reconcile/after/c.html", load("en")),
    )
    rows = (YearRow("sample", 365, "2026-12-01"), YearRow("monthly", 12, "2026-11-01"))
    return Year(reports, rows, "slack.html", faults, ".venv/bin/maintainer")


def test_each_report_is_reached_by_its_verdict() -> None:
    page = Page(year_page(year(), load("en")))

    assert page.links == {
        "monthly/a%20b.html": year().reports[0].sentence,
        "reconcile/before/c.html": "Everything agrees",
        "reconcile/after/c.html": "Everything agrees",
        "slack.html": "The messages, as they look in Slack",
    }
    assert page.text.count('<h2 id="reconcile">') == 1
    assert "with planted faults" in page.text


def test_the_table_says_how_often_each_job_was_due_and_what_was_played() -> None:
    page = Page(year_page(year(), load("en")))

    assert page.rows[1] == "Daily sample 365 2026-12-01 Not here; maintainer demo monthly --month plays 30"
    assert page.rows[2].startswith("Monthly audit 12 2026-11-01 Once, on a fleet of Rollouts as they are now")


def test_the_page_of_healthy_fleets_says_so_also_in_korean() -> None:
    page = Page(year_page(year(faults=False), load("ko")))

    assert "장애 없이" in page.text
    assert 'lang="ko"' in page.text
