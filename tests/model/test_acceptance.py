"""What the settings accept: by subject, until a date, and what is said of an acceptance without an effect."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.acceptance import accept, accept_gaps, unused
from maintainer.model.message import message
from maintainer.model.report import Acceptance, Finding, Subject, divisible, in_order
from tests.model.test_report import gap, report

TODAY = date(2026, 11, 1)


def made(names: Sequence[str], *, cause: str) -> Finding:
    return Finding(
        check="accuracy/phase",
        severity="error",
        subjects=tuple(Subject("Rollout", "shop", name) for name in names),
        cause=cause,
        summary=message("accuracy/phase/drift.summary", count=len(names), rollout=names[0]),
        action=message("accuracy/phase/drift.action"),
        evidence={"rollouts": list(names)},
    )


def finding(*names: str, cause: str = "drift") -> Finding:
    """A finding about these Rollouts, which can be made about some of them."""
    return divisible(names or ("cart",), partial(made, cause=cause))


def accepting(*subjects: str, check: str = "accuracy/phase", until: date | None = None) -> list[Acceptance]:
    return [Acceptance(check, one, f"because of {one}", until) for one in subjects]


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
        accepting("*/car"),
        accepting("Rollout/shop/?art"),
        accepting("Rollout/shop/[c]art"),
        accepting("*", check="accuracy/m*"),
        accepting("*", check="phase"),
    ],
    ids=str,
)
def test_another_check_or_subject_is_not_accepted(other: list[Acceptance]) -> None:
    assert accept([finding()], other, TODAY) == (finding(),)


@pytest.mark.parametrize(
    "subject", ["*", "Rollout/*", "*/cart", "Rollout/*/cart", "*shop*", "Rollout/shop/cart*", "**"]
)
@pytest.mark.parametrize("check", ["accuracy/phase", "accuracy/*", "*/phase", "*"])
def test_a_star_is_for_any_characters_in_check_and_subject(check: str, subject: str) -> None:
    assert states(accept([finding()], accepting(subject, check=check), TODAY)) == [
        ("accepted", ("cart",), f"because of {subject}")
    ]


def test_only_a_star_is_special_because_titles_have_brackets() -> None:
    title = replace(finding(), subjects=(Subject("panel", "", "Errors [5m]?"),))

    assert [one.state for one in accept([title], accepting("panel/Errors [5m]?"), TODAY)] == ["accepted"]
    assert [one.state for one in accept([title], accepting("panel/* [5m]?"), TODAY)] == ["accepted"]
    assert [one.state for one in accept([title], accepting("panel/Errors [5]*"), TODAY)] == ["new"]


@given(st.text("ab*[]?\n", max_size=8), st.text("ab*[]?!\n", max_size=8))
def test_a_pattern_matches_what_its_pieces_with_anything_between_match(pattern: str, name: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL)

    assert Acceptance("accuracy/phase", pattern, "known").is_about(name) == bool(expected)


def test_a_finding_that_grows_by_a_subject_that_a_star_accepts_stays_accepted() -> None:
    (one,) = accept([finding("a", "b")], accepting("Rollout/shop/*"), TODAY)

    assert (one.state, len(one.subjects)) == ("accepted", 2)


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


ACCEPTED_GAP = Acceptance("accuracy/phase", "", "this engine cannot answer")


@pytest.mark.parametrize(
    ("acceptance", "accepted"),
    [
        (ACCEPTED_GAP, True),
        (replace(ACCEPTED_GAP, until=TODAY), True),
        (replace(ACCEPTED_GAP, check="accuracy/*"), True),
        (replace(ACCEPTED_GAP, subject="*"), False),
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


def test_what_is_left_speaks_of_the_others_only() -> None:
    accepted, left = accept([finding("a", "b", "c")], accepting("Rollout/shop/a"), TODAY)

    assert dict(left.summary.named) == {"count": 2, "rollout": "b"}
    assert left.evidence == {"rollouts": ["b", "c"]}
    assert dict(accepted.summary.named) == {"count": 1, "rollout": "a"}
    assert accepted.evidence == {"rollouts": ["a"]}


def test_accepting_one_subject_changes_no_fingerprint_of_another() -> None:
    whole = finding("a", "b")
    _, left = accept([whole], accepting("Rollout/shop/a"), TODAY)

    assert left.fingerprint == whole.fingerprint_of(Subject("Rollout", "shop", "b"))


def together(*names: str) -> Finding:
    """A finding that is true of these Rollouts only together."""
    return replace(finding(*names), part=None)


def test_what_is_true_of_subjects_only_together_is_accepted_when_each_of_them_is() -> None:
    one, both = accepting("Rollout/shop/a"), accepting("Rollout/shop/a", "Rollout/shop/b")

    assert accept([together("a", "b")], one, TODAY) == (together("a", "b"),)
    assert states(accept([together("a", "b")], both, TODAY)) == [
        ("accepted", ("a", "b"), "because of Rollout/shop/a; because of Rollout/shop/b")
    ]


def test_an_accepted_finding_has_the_day_on_which_the_first_of_its_acceptances_ends() -> None:
    days = (None, date(2027, 1, 31), date(2026, 12, 31))
    given_ = [
        one for name, until in zip("abc", days, strict=True) for one in accepting(f"Rollout/shop/{name}", until=until)
    ]

    (whole,) = accept([together("a", "b", "c")], given_, TODAY)
    assert whole.accepted_until == date(2026, 12, 31)
    parts = accept([finding("a", "b", "c")], given_, TODAY)
    assert [one.accepted_until for one in parts] == list(days)


# Acceptances without an effect


def without_effect(
    acceptances: Sequence[Acceptance],
    findings: Sequence[Finding] = (),
    *,
    unseen: frozenset[str] = frozenset(),
) -> list[tuple[str, str]]:
    found = unused(acceptances, findings, today=TODAY, unseen=unseen)
    return [(one.acceptance.subject, one.why) for one in found]


def test_an_acceptance_of_what_was_not_found_has_no_effect() -> None:
    given_ = accepting("Rollout/shop/a", "Rollout/shop/gone", "Rollout/shop/b")

    assert without_effect(given_, [finding("a", "b")]) == [("Rollout/shop/gone", "unmatched")]


def test_a_subject_that_may_have_been_meant_is_named() -> None:
    (near,) = unused(accepting("Rollout/shop/crat"), [finding("cart", "pay")], today=TODAY, unseen=())

    assert near.near == "Rollout/shop/cart"


def test_an_expired_acceptance_is_told_of_whether_or_not_its_finding_is_still_there() -> None:
    given_ = accepting("Rollout/shop/a", "Rollout/shop/gone", until=date(2026, 10, 31))

    assert without_effect(given_, [finding("a")]) == [("Rollout/shop/a", "expired"), ("Rollout/shop/gone", "expired")]


def test_nothing_is_said_of_a_check_that_did_not_see_everything() -> None:
    given_ = accepting("Rollout/shop/gone")

    assert without_effect(given_, unseen=frozenset({"accuracy/phase"})) == []
    assert without_effect(accepting("x", check="accuracy/*"), unseen=frozenset({"accuracy/phase"})) == []
    assert without_effect(given_, unseen=frozenset({"query/error"})) == [("Rollout/shop/gone", "unmatched")]


def test_a_pattern_has_an_effect_if_one_finding_of_one_of_its_checks_matches() -> None:
    assert without_effect(accepting("*/b", check="accuracy/*"), [finding("a", "b")]) == []
    assert without_effect(accepting("*/x", check="*"), [finding("a", "b")]) == [("*/x", "unmatched")]
    assert without_effect(accepting("*/b", check="query/*"), [finding("a", "b")]) == [("*/b", "unmatched")]


def test_an_acceptance_of_gaps_has_no_effect_without_a_gap() -> None:
    assert without_effect([ACCEPTED_GAP], [finding("a")]) == [("", "unmatched")]
    assert without_effect([ACCEPTED_GAP], unseen=frozenset({"accuracy/phase"})) == []
