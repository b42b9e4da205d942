"""How a finding stands to the report before, in every format that people read."""

from dataclasses import replace
from datetime import date

import pytest

from maintainer.model.report import State
from maintainer.render.document import document
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.terminal import terminal
from maintainer.render.words import Catalogue, load
from tests.render.sample_report import GENERATED, english, finding, report

MINUS = "\N{MINUS SIGN}"
KOREAN = Catalogue("ko", {**load("ko").entries, "say/text": "{text}"})


def shown(catalogue: Catalogue, *, state: State = "still", grown: int = 0, shrunk: int = 0) -> dict[str, str]:
    """A report with a finding that is known since October, in each format."""
    known = replace(
        finding(),
        state=state,
        first_seen=date(2026, 10, 1),
        grown=tuple(f"Rollout/shop/joined-{number}" for number in range(grown)),
        shrunk=tuple(f"Rollout/shop/left-{number}" for number in range(shrunk)),
    )
    made = document(report(findings=(known,)), catalogue)
    return {
        "html": html(made, catalogue),
        "markdown": markdown(made, catalogue),
        "terminal": terminal(made, catalogue, width=200, colour=False),
    }


@pytest.mark.parametrize(
    ("grown", "shrunk", "words"),
    [
        (1, 0, "first seen on 2026-10-01, +1 since the last report"),
        (0, 2, f"first seen on 2026-10-01, {MINUS}2 since the last report"),
        (1, 2, f"first seen on 2026-10-01, +1 {MINUS}2 since the last report"),
    ],
)
def test_every_format_says_how_many_subjects_a_known_finding_has_more_and_fewer(
    grown: int, shrunk: int, words: str
) -> None:
    for format_, text in shown(english(), grown=grown, shrunk=shrunk).items():
        assert words in text, format_


def test_the_head_says_that_known_findings_have_grown() -> None:
    known = replace(finding(), state="still", grown=("Rollout/shop/a",), shrunk=("Rollout/shop/b", "Rollout/shop/c"))
    made = document(replace(report(findings=(known,)), compared_with=GENERATED), english())

    said = f"Objects in known findings: +1 {MINUS}2."
    assert said in html(made, english())
    assert said in markdown(made, english())


def test_a_finding_with_the_same_subjects_says_nothing_of_its_size() -> None:
    for format_, text in shown(english()).items():
        assert "first seen on 2026-10-01" in text, format_
        assert "since the last report" not in text, format_


def test_it_is_said_in_korean() -> None:
    for format_, text in shown(KOREAN, grown=1, shrunk=2).items():
        assert f"2026-10-01에 처음 발견, 지난 보고서 이후 +1 {MINUS}2" in text, format_


def test_an_accepted_finding_says_it_too() -> None:
    made = shown(english(), state="accepted", grown=1)

    assert "accepted, +1 since the last report" in made["html"]
    assert "accepted, +1 since the last report" in made["markdown"]


@pytest.mark.parametrize(
    ("until", "words"),
    [(None, "Accepted: TICKET-1"), (date(2027, 1, 31), "Accepted until 2027-01-31: TICKET-1")],
)
def test_every_format_says_why_a_finding_is_accepted_and_until_when(until: date | None, words: str) -> None:
    known = replace(finding(), state="accepted", accepted="TICKET-1", accepted_until=until)
    made = document(report(findings=(known,)), english())

    assert words in html(made, english())
    assert words in markdown(made, english())
    assert words in terminal(made, english(), width=200, colour=False)


def test_an_accepted_finding_is_grey() -> None:
    page = shown(english(), state="accepted")["html"]

    assert '<div class="find accepted"' in page
    assert ".find.accepted{color:var(--muted)}" in page


def test_a_page_names_who_has_joined_and_who_has_left() -> None:
    made = shown(english(), grown=12, shrunk=1)

    for format_ in ("html", "markdown"):
        assert "Rollout/shop/joined-0" in made[format_]
        assert "Rollout/shop/left-0" in made[format_]


def test_a_report_that_was_stored_without_sizes_is_shown_again() -> None:
    made = document(report(findings=(finding(),)), english())
    for found in made["findings"]:
        del found["grown"], found["shrunk"]

    assert "since the last report" not in html(made, english()) + markdown(made, english())
