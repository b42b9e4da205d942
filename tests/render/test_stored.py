"""A report is rendered again from the JSON that the store keeps, or it is said why not."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from maintainer.model.ledger import packed
from maintainer.render.document import Document, as_json, document
from maintainer.render.formats import FORMATS
from maintainer.render.stored import stored_document
from maintainer.render.terminal import terminal
from maintainer.render.words import Catalogue
from tests.render.sample_report import HOSTILE, accepted, english, every_kind, finding, gap, hostile, report

FULL = replace(
    report(
        findings=(finding(evidence={"ratio": 0.25, "rows": [{"n": 1}]}), accepted()),
        gaps=(gap(), replace(gap("query/no-data"), accepted="known")),
        sections=every_kind(),
        figures={"rollouts.listed": 297, "seconds": 1.0, "ratio": float("nan")},
    ),
    not_chosen=("query/deprecated",),
)


@pytest.mark.parametrize("made", [report(), FULL, *map(hostile, HOSTILE)])
def test_the_document_is_the_one_that_was_stored(made: Any) -> None:
    worded = document(made, english())

    assert stored_document(packed(as_json(worded))) == worded


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_format_is_the_same_again(language: str) -> None:
    catalogue = Catalogue(language, english().entries)
    worded = document(FULL, catalogue)
    again = stored_document(packed(as_json(worded)))

    assert again["language"] == language
    assert terminal(again, catalogue, width=100, colour=True) == terminal(worded, catalogue, width=100, colour=True)
    for render in FORMATS.values():
        assert render(again, catalogue) == render(worded, catalogue)


def test_a_report_from_before_there_were_languages_is_english() -> None:
    worded = document(report(), english())
    old = {key: value for key, value in worded.items() if key != "language"}

    assert stored_document(packed(json.dumps(old))) == worded


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is damaged ("),
        ('{"schema": "maintainer.report/v1"', "it is damaged ("),
        ('{"schema": NaN}', "it is damaged ("),
        ("[" * 100_000, "it is damaged ("),
        ("[]", "its schema is None, and this version of maintainer knows maintainer.report/v1"),
        ('{"schema": "maintainer.report/v2"}', "its schema is 'maintainer.report/v2', and this version of maintainer"),
        ('{"schema": "maintainer.report/v1"}', "it has not the shape of maintainer.report/v1 (Object missing required"),
    ],
)
def test_what_is_damaged_or_newer_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        stored_document(packed(text))


def test_what_is_cut_off_is_damaged() -> None:
    with pytest.raises(ValueError, match=r"^it is damaged \(it is cut off"):
        stored_document(packed(as_json(document(report(), english())))[:-4])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made.update(later=1), "unknown field `later`); it was written by maintainer 9.9"),
        (lambda made: made.update(language="fr"), "Invalid enum value 'fr'"),
        (lambda made: made.update(job="yearly"), "does not know its job 'yearly'; it was written by maintainer 9.9"),
        (lambda made: made.update(generatedAt="soon"), "'soon' in it is no time"),
        (lambda made: made["period"].update(end=""), "'' in it is no time"),
        (lambda made: made["sections"][7]["days"][1].update(date="2026-13-01"), "'2026-13-01' in it is no time"),
    ],
)
def test_what_another_version_would_know_is_named_with_that_version(
    change: Callable[[Document], None], said: str
) -> None:
    made = document(replace(FULL, version="9.9"), english())
    change(made)

    with pytest.raises(ValueError, match=re.escape(said)):
        stored_document(packed(as_json(made)))
