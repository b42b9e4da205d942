"""A catalogue with faults costs the sentences that have them, and never a report."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from maintainer.model.message import message
from maintainer.model.report import Acceptance, Action, Report, Resolved, Subject, UnusedAcceptance
from maintainer.render import lint_document
from maintainer.render.document import Document, as_json, document
from maintainer.render.html import html
from maintainer.render.lint import Format, rendered
from maintainer.render.lint_document import Lint, Region
from maintainer.render.markdown import markdown
from maintainer.render.terminal import terminal
from maintainer.render.words import Catalogue
from tests.lint.stand_in import remark
from tests.lint.test_formats import LIBRARY
from tests.render.sample_report import accepted, english, every_kind, finding, gap, report

FAULTS: dict[str, Catalogue] = {
    "nothing in it": Catalogue("en", {}),
    "an unknown parameter": Catalogue("en", dict.fromkeys(english().entries, "{no_such}")),
    "another format": Catalogue("en", dict.fromkeys(english().entries, "{count:d} {text:d} {name:d}")),
    "braces left open": Catalogue("en", {id_: {"other": "{"} for id_ in english().entries}),
}
RENDERERS: dict[str, Callable[[Document, Catalogue], str]] = {
    "html": html,
    "markdown": markdown,
    "json": lambda worded, _: as_json(worded),
    "terminal": lambda worded, catalogue: terminal(worded, catalogue, width=120, colour=False),
}


def full() -> Report:
    """A report with something in every part."""
    figures = {"rollouts.listed": 2, "rollouts.compared": 2, "rollouts.moving": 0, "rollouts.unjudged": 0, "seconds": 3}
    made = report(
        findings=(finding(count=30), finding("query/error", "info"), accepted()),
        gaps=(gap(),),
        sections=every_kind(),
        figures=figures,
    )
    action = Action("restored", Subject("ConfigMap", "shop", "alerts"), message("say/text", text="by hand"))
    resolved = (Resolved("query/error", "0123456789abcdef", date(2026, 10, 1)),)
    unused = (UnusedAcceptance(Acceptance("query/error", "panel/a", "known", date(2026, 1, 1)), "expired"),)
    return replace(made, actions=(action,), resolved=resolved, unused=unused, not_chosen=("panel/value",))


@pytest.mark.parametrize("catalogue", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_report_is_rendered_with_ids_in_place_of_the_sentences(renderer: str, catalogue: Catalogue) -> None:
    made = RENDERERS[renderer](document(full(), catalogue), catalogue).replace("`", "")

    assert "say/text (text=4 Rollouts show a phase that the API does not.)" in made


@pytest.mark.parametrize("renderer", RENDERERS)
def test_one_faulty_sentence_leaves_the_others_in_words(renderer: str) -> None:
    catalogue = replace(english(), entries={**english().entries, "report/misled.Rollout": "{things}"})
    made = RENDERERS[renderer](document(full(), catalogue), catalogue).replace("`", "")

    assert "4 Rollouts show a phase that the API does not." in made
    assert ("report/misled.Rollout (count=30)" in made) == (renderer != "json")


@pytest.mark.parametrize("catalogue", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("format_", get_args(Format))
def test_what_lint_found_is_said_with_ids_in_place_of_the_sentences(format_: Format, catalogue: Catalogue) -> None:
    dead = remark(name="Stuck")
    lint = Lint(
        (remark(), dead),
        (LIBRARY,),
        files=3,
        queries=42,
        regions={dead: (Region(3, 1, 3, 4, "Error"),)},
        left=frozenset({dead}),
    )
    worded = lint_document.document(lint, catalogue, version="1.2.3", docs_url="")
    made = rendered(worded, format_, catalogue)

    assert dead.why.id in made
    assert "lint/unchecked.library-panel (name=Phases)" in made
    if format_ in {"json", "sarif"}:
        assert json.loads(made)
