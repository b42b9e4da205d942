"""The summary at a terminal: what the page says first, in the width and the colours that the terminal has."""

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from maintainer.model.report import Action, Report
from maintainer.model.sections import Table, Text
from maintainer.render.document import document
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.outline import outline
from maintainer.render.terminal import terminal
from maintainer.render.words import load
from tests.render.golden_report import golden
from tests.render.sample_report import english, finding, report, subjects, text


def printed(of: Report, *, language: str = "en", width: int = 100, colour: bool = False) -> str:
    catalogue = english() if language == "en" else load(language)
    return terminal(document(of, catalogue), catalogue, width=width, colour=colour)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_format_says_the_same_first_and_in_the_same_order(language: str) -> None:
    catalogue = load(language)
    worded = document(golden(), catalogue)
    shown = outline(worded, catalogue)
    actions = [card.action for card in shown.cards]
    lines = terminal(worded, catalogue, width=400, colour=False).splitlines()
    source = markdown(worded, catalogue).replace("`", "")

    assert len(actions) > 3
    assert lines[:2] == [shown.verdict, f"{shown.changed} {shown.scope}"]
    assert [line for line in lines if re.match(r"\d+\. ", line)] == [f"{n}. {one}" for n, one in enumerate(actions, 1)]
    assert re.findall(r"### .+\n\n\*\*(.+)\*\*", source) == actions
    assert f"\n**{shown.verdict}**\n" in source
    assert html(worded, catalogue).index(shown.verdict) < html(worded, catalogue).index(actions[0])


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [60, 80, 140])
def test_no_line_is_wider_than_the_terminal(width: int, language: str) -> None:
    lines = printed(golden(), language=language, width=width).splitlines()

    assert max(map(cell_len, lines)) <= width


def test_a_wide_terminal_is_used() -> None:
    assert len(printed(golden(), width=140).splitlines()) < len(printed(golden(), width=60).splitlines())


def test_there_are_no_colours_where_none_are_wanted() -> None:
    plain, coloured = printed(golden()), printed(golden(), colour=True)

    assert "\x1b" not in plain
    assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines()] == plain.splitlines()
    assert coloured.startswith("\x1b[1;31m")


def test_an_action_says_why_and_how_far_it_reaches() -> None:
    assert (
        "1. Restart the controller\n   Panels and alerts see a phase that the Rollout does not have. (1 Rollout)\n"
        in (printed(report(findings=(finding(),))))
    )


def test_long_lists_are_counted() -> None:
    alike = printed(report(findings=tuple(finding(summary=f"This is {number}") for number in range(57))))
    others = printed(
        report(findings=tuple(finding(action=f"Do {number}", summary=str(number)) for number in range(57)))
    )

    assert (alike.count("This is "), others.count(". Do ")) == (20, 20)
    assert alike.count("20 of 57 shown") == others.count("20 of 57 shown") == 1


def test_what_a_run_changed_is_listed() -> None:
    acted = replace(report(), actions=(Action("undone", subjects(1)[0], text("As before.")),))

    assert "What was changed\nUndone: Rollout/shop/cart-00. As before.\n" in printed(acted)
    assert "What was changed" not in printed(report())


def test_of_a_reconcile_it_says_what_was_left_and_that_there_was_nothing_to_do() -> None:
    left = Table(text("Left"), tuple(map(text, ("Object", "Why", "Command"))), (("Service/a/b", "Not ours.", "-"),))
    sections = (
        Text(text("Nothing to undo"), (text("Nothing was changed."),)),
        replace(left, lead=text("What was left."), name="not-restored"),
        replace(left, title=text("Other")),
    )
    shown = printed(replace(report(sections=sections), job="reconcile"))

    assert shown.endswith(
        "\nNothing to undo\nNothing was changed.\n\nLeft\nWhat was left.\nService/a/b\n   Why: Not ours.\n"
    )
    assert "Nothing was changed" not in printed(report(sections=sections))
