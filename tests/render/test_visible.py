"""No text from outside acts on the reader's screen, wherever it stands in a report or in a result of lint."""

import json
import re
from typing import Any

import pytest

from maintainer.model.message import message
from maintainer.model.queries import Place
from maintainer.model.source_text import PassedOver, Unchecked
from maintainer.render.document import as_json, document
from maintainer.render.html import html
from maintainer.render.lint import Format, rendered
from maintainer.render.lint_document import Lint
from maintainer.render.lint_document import document as lint_document
from maintainer.render.markdown import markdown
from maintainer.render.terminal import terminal
from tests.lint.stand_in import remark
from tests.render.sample_report import english, finding, hostile, report

CONTROLS = "".join(
    map(chr, [*range(9), *range(11, 32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xD800])
)
ACTIVE = re.compile(f"[{re.escape(CONTROLS)}]")
OWN_STYLE = re.compile(r"\x1b\[[\d;]*m")
WORDS_OF_OURS = {
    "schema",
    "job",
    "verdict",
    "state",
    "severity",
    "kind",
    "generatedAt",
    "period",
    "figures",
    "tone",
    "date",
}


def planted(value: Any, key: str = "") -> Any:
    """The document with control characters in every text, but those that are words of this program."""
    if key in WORDS_OF_OURS:
        return value
    match value:
        case str():
            return f"{value}{CONTROLS}end"
        case dict():
            return {name: planted(inner, name) for name, inner in value.items()}
        case list():
            return [planted(inner) for inner in value]
        case _:
            return value


REPORT = planted(document(hostile("plain"), english()))
LINTED = Lint(
    (remark(), remark("rollout_phase", text="rollout_phase")),
    (Unchecked(Place("board.json", 9), "D / P", message("lint/unchecked.library-panel", name="Phases")),),
    files=3,
    queries=42,
    passed=(PassedOver(Place("board.json", 4), "D / Logs", "source"),),
)
LINT = planted(lint_document(LINTED, english(), version="1.2.3", docs_url="https://docs"))


def test_html_and_markdown_are_free_of_control_characters() -> None:
    assert not ACTIVE.search(html(REPORT, english()))
    assert not ACTIVE.search(markdown(REPORT, english()))


@pytest.mark.parametrize("colour", [True, False])
def test_only_colours_of_our_own_act_on_a_terminal(colour: bool) -> None:  # noqa: FBT001
    printed = terminal(REPORT, english(), width=100, colour=colour)
    assert not ACTIVE.search(OWN_STYLE.sub("", printed) if colour else printed)


def test_a_text_cannot_begin_a_line_of_the_summary() -> None:
    lines = terminal(
        document(hostile("one\n2. two\u2028three\r\nfour"), english()), english(), width=1_000, colour=False
    )
    assert not any(line.startswith(("2. two", "three", "four")) for line in lines.splitlines())


@pytest.mark.parametrize("worded", [REPORT, LINT], ids=["report", "lint"])
def test_json_escapes_them_and_says_the_same(worded: dict[str, Any]) -> None:
    printed = as_json(worded)
    assert not ACTIVE.search(printed)
    assert json.loads(printed) == json.loads(json.dumps(worded).replace("\\ud800", "\\ufffd"))


@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_no_format_of_lint_has_them(format_: Format) -> None:
    printed = rendered(LINT, format_, english())
    assert "end" in printed
    assert not ACTIVE.search(printed)


def test_github_gets_every_command_on_a_line_of_its_own() -> None:
    lines = rendered(LINT, "github", english()).splitlines()
    assert [line.split(" ")[0] for line in lines[:3]] == ["::error", "::warning", "::notice"]
    assert len(lines) == 4


@pytest.mark.parametrize("width", range(50, 121))
def test_no_word_of_wide_characters_is_cut(width: int) -> None:
    words = 'RolloutUnhealthy: phase!="Healthy"는 아무것도 제외하지 않습니다. 컨트롤러가 내보내는 phase 값: InvalidSpec'
    shown = terminal(
        document(report(findings=(finding(summary=words),)), english()), english(), width=width, colour=False
    )

    told = shown[shown.index("RolloutUnhealthy") :]

    assert words.split() == [word for word in told.split() if word in words.split()]
