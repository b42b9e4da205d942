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
    accept,
    accept_gaps,
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


# Accepted


def states(findings: tuple[Finding, ...]) -> list[tuple[str, tuple[str, ...], str]]:
    return [(one.state, tuple(each.name for each in one.subjects), one.accepted) for one in findings]


def test_what_somebody_accepted_carries_the_reason() -> None:
    found = accept([finding()], accepting("Rollout/shop/cart"), TODAY)

    assert states(found) == [("accepted", ("cart",), "because of Rollout/shop/cart")]


def test_accepted_subjects_become_a_finding_of_their_own() -> None:
    found = accept([finding("a", "b", "c")], accepting("Rollout/shop/b"), TODAY)

    assert states(found) == [
        ("accepted", ("b",), "because of Rollout/shop/b"),
        ("new", ("a", "c"), ""),
    ]


def test_each_reason_has_a_finding_of_its_own() -> None:
    found = accept([finding("a", "b", "c")], accepting("Rollout/shop/c", "Rollout/shop/a"), TODAY)

    assert sorted(states(found)) == [
        ("accepted", ("a",), "because of Rollout/shop/a"),
        ("accepted", ("c",), "because of Rollout/shop/c"),
        ("new", ("b",), ""),
    ]


def test_the_first_of_two_reasons_counts() -> None:
    both = [Acceptance("accuracy/phase", "Rollout/shop/cart", reason) for reason in ("first", "second")]

    assert states(accept([finding()], both, TODAY)) == [("accepted", ("cart",), "first")]


@pytest.mark.parametrize(
    ("until", "state"),
    [
        pytest.param(None, "accepted", id="for ever"),
        pytest.param(date(2026, 11, 2), "accepted", id="tomorrow"),
        pytest.param(TODAY, "accepted", id="today, inclusive"),
        pytest.param(date(2026, 10, 31), "new", id="yesterday"),
    ],
)
def test_what_was_accepted_until_a_date_counts_again_after_it(until: date | None, state: str) -> None:
    (one,) = accept([finding()], accepting("Rollout/shop/cart", until=until), TODAY)

    assert one.state == state


def test_an_expired_reason_does_not_stand_in_the_way_of_another() -> None:
    both = [*accepting("Rollout/shop/cart", until=date(2026, 1, 1)), *accepting("Rollout/shop/cart")]

    assert [one.state for one in accept([finding()], both, TODAY)] == ["accepted"]


@pytest.mark.parametrize(
    "other",
    [
        accepting("Rollout/shop/cart", check="accuracy/meaning"),
        accepting("Rollout/shop/car"),
        accepting("Rollout/bank/cart"),
        accepting("shop/cart"),
        accepting("Rollout/shop/*"),
    ],
    ids=str,
)
def test_another_check_or_subject_is_not_accepted(other: list[Acceptance]) -> None:
    assert accept([finding()], other, TODAY) == (finding(),)


def test_a_finding_without_a_subject_is_not_lost() -> None:
    lonely = replace(finding(), subjects=())

    assert accept([lonely], [], TODAY) == (lonely,)


@given(
    st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), max_size=3),
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([None, TODAY, date(2020, 1, 1)])), max_size=6),
)
def test_accepting_loses_and_doubles_nobody(groups: list[set[str]], accepted: list[tuple[str, date | None]]) -> None:
    findings = [finding(*sorted(group), cause=str(number)) for number, group in enumerate(groups)]
    given_ = [one for name, until in accepted for one in accepting(f"Rollout/shop/{name}", until=until)]
    found = accept(findings, given_, TODAY)
    valid = {name for name, until in accepted if until is None or until >= TODAY}

    assert sorted((one.cause, each.name) for one in found for each in one.subjects) == sorted(
        (one.cause, each.name) for one in findings for each in one.subjects
    )
    for one in found:
        assert all((each.name in valid) == (one.state == "accepted") for each in one.subjects)


# Order


ACCEPTED_GAP = Acceptance("accuracy/phase", "", "this engine cannot answer")


@pytest.mark.parametrize(
    ("acceptance", "accepted"),
    [
        (ACCEPTED_GAP, True),
        (replace(ACCEPTED_GAP, until=TODAY), True),
        (replace(ACCEPTED_GAP, until=date(2026, 10, 31)), False),
        (replace(ACCEPTED_GAP, check="query/error"), False),
        (replace(ACCEPTED_GAP, subject="Rollout/shop/cart"), False),
    ],
)
def test_a_gap_is_accepted_by_its_check_without_a_subject_until_a_date(
    acceptance: Acceptance, *, accepted: bool
) -> None:
    (marked,) = accept_gaps([gap()], [acceptance], TODAY)

    assert marked.accepted == ("this engine cannot answer" if accepted else "")
    assert report(gaps=(marked,)).verdict == ("ok" if accepted else "incomplete")


def test_an_acceptance_of_gaps_accepts_no_finding() -> None:
    assert [found.state for found in accept([finding("cart")], [ACCEPTED_GAP], TODAY)] == ["new"]


def test_one_gap_that_is_not_accepted_keeps_the_report_incomplete() -> None:
    marked = accept_gaps([gap(), gap("query/error")], [ACCEPTED_GAP], TODAY)

    assert not report(gaps=marked).complete
    assert [found.check for found in in_order(report(gaps=marked)).gaps] == ["query/error", "accuracy/phase"]


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
