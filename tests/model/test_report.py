"""The report: fingerprints, verdicts, what was accepted, and the one order of everything."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.message import Message, message
from maintainer.model.report import (
    SEVERITIES,
    Acceptance,
    Finding,
    Gap,
    Period,
    Report,
    Severity,
    Subject,
    in_order,
)

TODAY = date(2026, 11, 1)
OCTOBER = Period("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), "UTC")
ACTION = message("accuracy/phase/drift.action")


def subject(name: str = "cart", namespace: str = "shop", kind: str = "Rollout") -> Subject:
    return Subject(kind, namespace, name)


def finding(
    *names: str, check: str = "accuracy/phase", cause: str = "drift", severity: Severity = "error", **fields: Any
) -> Finding:
    return Finding(
        check=check,
        severity=severity,
        subjects=tuple(subject(name) for name in names or ("cart",)),
        cause=cause,
        summary=message("accuracy/phase/drift.summary", count=1),
        action=ACTION,
        **fields,
    )


def gap(check: str = "accuracy/phase", reason: Message | None = None) -> Gap:
    return Gap(check, "passing", reason or message("gap/no-emitter"))


def report(*findings: Finding, **fields: Any) -> Report:
    return Report(
        job="monthly", cluster="a", period=OCTOBER, generated_at=OCTOBER.end, version="1", findings=findings, **fields
    )


def accepting(*subjects: str, check: str = "accuracy/phase", until: date | None = None) -> list[Acceptance]:
    return [Acceptance(check, one, f"because of {one}", until) for one in subjects]


# Fingerprints


def test_fingerprints_stay_the_same_from_release_to_release() -> None:
    assert finding("cart").fingerprint == "8be842b5b695323d"
    assert finding("pay", "cart").fingerprint == "e4ce50f478616d07"


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": message("another")},
        {"action": message("another")},
        {"evidence": {"api": "Paused"}},
        {"reproduce": "kubectl"},
        {"state": "accepted", "accepted": "known"},
        {"severity": "warning"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_fingerprint_is_not_of_words_and_values(fields: dict[str, Any]) -> None:
    assert finding().fingerprint == replace(finding(), **fields).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(finding(check="accuracy/meaning"), id="check"),
        pytest.param(finding(cause="frozen"), id="cause"),
        pytest.param(finding("pay"), id="name"),
        pytest.param(finding("cart", "pay"), id="one more subject"),
        pytest.param(replace(finding(), subjects=(subject(namespace="bank"),)), id="namespace"),
        pytest.param(replace(finding(), subjects=(subject(kind="Target"),)), id="kind"),
    ],
)
def test_a_fingerprint_is_of_check_cause_and_subjects(other: Finding) -> None:
    assert finding().fingerprint != other.fingerprint


def test_a_fingerprint_does_not_depend_on_the_order_of_subjects() -> None:
    assert len({finding(*names).fingerprint for names in permutations(("a", "b", "c"))}) == 1


def test_what_is_together_is_not_mixed_up_with_what_is_apart() -> None:
    joined = replace(finding(), subjects=(Subject("Rollout", "", "shop/cart"),))

    assert finding("ab", "c").fingerprint != finding("a", "bc").fingerprint
    assert finding(check="a", cause="bc").fingerprint != finding(check="ab", cause="c").fingerprint
    assert str(joined.subjects[0]) == str(subject())


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Subject("Rollout", "shop", "cart"), "Rollout/shop/cart"),
        (Subject("Target", "", "argo 10.0.0.1:8090"), "Target/argo 10.0.0.1:8090"),
    ],
)
def test_a_subject_is_written_as_a_path(one: Subject, text: str) -> None:
    assert str(one) == text


# Verdicts


NOTE, WARNING, ERROR = (finding(severity=one) for one in SEVERITIES[::-1])
ACCEPTED = replace(ERROR, state="accepted", accepted="known")


@pytest.mark.parametrize(
    ("one", "verdict", "complete"),
    [
        pytest.param(report(), "ok", True, id="nothing"),
        pytest.param(report(NOTE), "ok", True, id="a note"),
        pytest.param(report(ACCEPTED), "ok", True, id="accepted"),
        pytest.param(report(WARNING), "findings", True, id="a warning"),
        pytest.param(report(ERROR), "findings", True, id="an error"),
        pytest.param(report(replace(ERROR, state="still")), "findings", True, id="still an error"),
        pytest.param(report(gaps=(gap(),)), "incomplete", False, id="a gap"),
        pytest.param(report(NOTE, ACCEPTED, gaps=(gap(),)), "incomplete", False, id="a gap and a note"),
        pytest.param(report(NOTE, WARNING, gaps=(gap(),)), "findings", False, id="a gap and a warning"),
    ],
)
def test_the_verdict_is_the_worst_that_counts(one: Report, verdict: str, *, complete: bool) -> None:
    assert one.verdict == verdict
    assert one.complete == complete


# Order


def test_the_worst_comes_first_and_the_accepted_last() -> None:
    mixed = [
        replace(finding(check="a/a"), state="accepted"),
        finding(check="a/b", severity="info"),
        finding(check="b/a", severity="warning"),
        finding(check="a/c", severity="warning"),
        finding(check="z/z"),
        finding("b", check="c/c", cause="y"),
        finding("a", check="c/c", cause="y"),
        finding(check="c/c", cause="x"),
    ]
    expected = [
        ("c/c", "x", "cart"),
        ("c/c", "y", "a"),
        ("c/c", "y", "b"),
        ("z/z", "drift", "cart"),
        ("a/c", "drift", "cart"),
        ("b/a", "drift", "cart"),
        ("a/b", "drift", "cart"),
        ("a/a", "drift", "cart"),
    ]

    assert [(one.check, one.cause, one.subjects[0].name) for one in in_order(report(*mixed)).findings] == expected


def test_subjects_gaps_and_figures_are_in_order() -> None:
    gaps = (
        gap("b/b"),
        gap("a/a", message("gap/z")),
        gap("a/a", message("gap/moving", total=2)),
        gap("a/a", message("gap/moving", total=1)),
    )
    sorted_ = in_order(report(finding("b", "c", "a"), gaps=gaps, figures={"b": 1, "a": 2}))

    assert [one.name for one in sorted_.findings[0].subjects] == ["a", "b", "c"]
    assert [(one.check, one.reason.id, dict(one.reason.params)) for one in sorted_.gaps] == [
        ("a/a", "gap/moving", {"total": 1}),
        ("a/a", "gap/moving", {"total": 2}),
        ("a/a", "gap/z", {}),
        ("b/b", "gap/no-emitter", {}),
    ]
    assert list(sorted_.figures.items()) == [("a", 2), ("b", 1)]


ANY_ORDER = st.permutations([finding(name, check=f"{check}/x") for name in "ab" for check in "ab"])


@given(ANY_ORDER, st.permutations("ab"))
def test_the_order_does_not_depend_on_how_things_came(findings: list[Finding], checks: list[str]) -> None:
    gaps = tuple(gap(check) for check in checks)
    one = in_order(report(*findings, gaps=gaps))

    assert one == in_order(one)
    assert [each.fingerprint for each in one.findings] == [
        finding(name, check=f"{check}/x").fingerprint for check in "ab" for name in "ab"
    ]
    assert [each.check for each in one.gaps] == ["a", "b"]


def test_equal_sentences_are_equal_whatever_the_order_of_their_parameters() -> None:
    assert message("x", a=1, b=2) == message("x", b=2, a=1)
    assert message("x", a=1).named == {"a": 1}
