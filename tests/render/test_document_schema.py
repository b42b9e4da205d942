"""The JSON Schema of a report: it is up to date, allows what a report has, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from maintainer.model.report import Acceptance, Action, Finding, Report, Resolved, UnusedAcceptance
from maintainer.render.document import Document, document
from tests.render.sample_report import GENERATED, HOSTILE, accepted, english, every_kind, finding, gap, hostile, report
from tests.render.sample_report import text as say
from tests.render.schema_file import FILE, text
from tests.render.valid import problems

Change = Callable[[Document], Any]


def grown() -> Finding:
    """A finding that is known, with other subjects than before."""
    known = replace(finding(count=2), cause="old", state="still", first_seen=date(2026, 10, 1))
    return replace(known, grown=("Rollout/shop/cart-01",), shrunk=("Rollout/shop/pay",))


def full() -> Report:
    """A report with something in each place."""
    found = finding()
    return replace(
        report(
            findings=(found, accepted(), grown()),
            gaps=(gap(), replace(gap("query/no-data"), kind="permanent", accepted="known")),
            sections=every_kind(),
            figures={"rollouts.compared": 297, "ratio": float("nan")},
        ),
        resolved=(Resolved("pipeline/target", "0123456789abcdef", date(2026, 10, 1), "A target was down."),),
        actions=(Action("restored", found.subjects[0], say("restored")),),
        unused=(UnusedAcceptance(Acceptance("query/error", "panel/x", "known", date(2026, 10, 1)), "expired"),),
        not_chosen=("query/deprecated",),
        compared_with=GENERATED,
    )


def test_the_file_is_what_make_schema_writes() -> None:
    assert FILE.read_text("utf-8") == text(), "make schema"


def test_every_object_of_ours_has_no_other_keys() -> None:
    defined = json.loads(text())["$defs"]

    assert len(defined) > 20
    assert [name for name, object_ in defined.items() if object_["additionalProperties"] is not False] == []


def test_only_what_is_named_by_data_may_have_any_key() -> None:
    defined = json.loads(text())["$defs"].items()
    maps = {
        f"{name}.{key}"
        for name, object_ in defined
        for key, value in object_["properties"].items()
        if value.get("type") == "object"
    }

    assert maps == {"EarlierFigures.figures", "Finding.evidence", "Finding.fingerprints", "ReportDocument.figures"}


@pytest.mark.parametrize("made", [report(), full(), *map(hostile, HOSTILE)])
def test_a_report_is_valid(made: Report) -> None:
    assert problems(document(made, english())) == []


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("", lambda made: made.update(extra=1)),
        ("", lambda made: made.pop("gaps")),
        ("schema", lambda made: made.update(schema="maintainer.report/v2")),
        ("verdict", lambda made: made.update(verdict="good")),
        ("findings/0", lambda made: made["findings"][0].pop("firstSeen")),
        ("findings/0/severity", lambda made: made["findings"][0].update(severity="fatal")),
        ("gaps/0/kind", lambda made: made["gaps"][0].update(kind="soon")),
        ("figures/x", lambda made: made["figures"].update(x=None)),
        ("sections/0", lambda made: made["sections"][0].update(kind="pie")),
    ],
)
def test_what_no_report_has_is_not_valid(where: str, change: Change) -> None:
    made = document(full(), english())
    change(made)
    assert [problem.partition(":")[0] for problem in problems(made)] == [where]
