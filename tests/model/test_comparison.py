"""What a report says of the one before. The ledger and the report are the same as in a run, without a store."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.comparison import compared, seen_findings
from maintainer.model.ledger import Entry, packed
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Period, Report, Resolved, Subject

OCTOBER = Period("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), "UTC")


def finding(*names: str, check: str = "coverage/ghost", cause: str = "gone", accepted: str = "") -> Finding:
    return Finding(
        check=check,
        severity="error",
        subjects=tuple(Subject("Rollout", "shop", name) for name in names),
        cause=cause,
        summary=message("report/state.new"),
        action=message("report/state.new"),
        state="accepted" if accepted else "new",
        accepted=accepted,
    )


def report(*findings: Finding, gaps: tuple[str, ...] = (), not_chosen: tuple[str, ...] = (), month: int = 11) -> Report:
    at = datetime(2026, month, 1, tzinfo=UTC)
    return Report(
        "monthly",
        "a",
        OCTOBER,
        at,
        "1",
        findings=findings,
        gaps=tuple(Gap(check, "passing", message("gap/no-emitter")) for check in gaps),
        not_chosen=not_chosen,
    )


def remembered(made: Report, before: Entry | None = None, text: str = "{}") -> Entry:
    """The entry of a report, after the comparison with the one before."""
    seen = seen_findings(compared(made, before), before, made.generated_at.date())
    return Entry("a", "monthly", "2026-10", "done", made.generated_at, verdict="ok", findings=seen, report=packed(text))


def states(made: Report) -> list[tuple[str, date | None]]:
    return [(found.state, found.first_seen) for found in made.findings]


def test_without_a_report_before_nothing_is_said_about_it() -> None:
    first = report(finding("cart"))
    assert compared(first, None) == first


def test_a_finding_is_new_and_then_still_there_with_its_first_date() -> None:
    september = remembered(report(finding("cart"), month=9))
    october = remembered(report(finding("cart"), finding("mail"), month=10), september)
    november = compared(report(finding("cart"), finding("mail"), finding("tax")), october)

    assert states(november) == [("still", date(2026, 9, 1)), ("still", date(2026, 10, 1)), ("new", None)]
    assert (november.resolved, november.compared_with) == ((), october.at)


def test_a_finding_that_is_gone_is_resolved_with_its_sentence() -> None:
    gone = finding("cart")
    text = json.dumps({"findings": [{"fingerprint": gone.fingerprint, "summary": "cart is gone"}]})
    before = remembered(report(gone, finding("mail"), month=10), text=text)

    resolved = compared(report(finding("mail")), before).resolved
    assert resolved == (Resolved("coverage/ghost", gone.fingerprint, date(2026, 10, 1), "cart is gone"),)


def test_a_finding_stays_the_same_when_subjects_join_and_leave() -> None:
    before = remembered(report(finding("cart", "mail"), month=10))
    after = compared(report(finding("mail", "tax")), before)

    assert states(after) == [("still", date(2026, 10, 1))]
    assert after.resolved == ()


def changes(made: Report) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(found.grown, found.shrunk) for found in made.findings]


def told(*findings: Finding) -> str:
    """Of the report's JSON, what names the subjects."""
    return json.dumps(
        {
            "findings": [
                {
                    "fingerprint": found.fingerprint,
                    "fingerprints": {str(subject): found.fingerprint_of(subject) for subject in found.subjects},
                    "summary": "",
                }
                for found in findings
            ]
        }
    )


def test_a_finding_names_who_has_joined_and_who_has_left() -> None:
    old = finding("cart", "mail")
    before = remembered(report(old, month=10), text=told(old))

    assert changes(compared(report(finding("mail", "pay", "tax")), before)) == [
        (("Rollout/shop/pay", "Rollout/shop/tax"), ("Rollout/shop/cart",))
    ]
    assert changes(compared(report(old), before)) == [((), ())]


def test_who_has_left_is_counted_where_the_names_are_lost() -> None:
    old = finding("cart", "mail")
    before = replace(remembered(report(old, month=10)), report=b"nonsense")

    assert changes(compared(report(finding("mail")), before)) == [
        ((), (old.fingerprint_of(Subject("Rollout", "shop", "cart")),))
    ]


def test_findings_that_merge_have_the_first_date_and_nobody_has_joined() -> None:
    september = remembered(report(finding("cart"), month=9))
    october = remembered(report(finding("cart"), finding("mail"), month=10), september)
    november = compared(report(finding("cart", "mail")), october)

    assert (states(november), changes(november)) == ([("still", date(2026, 9, 1))], [((), ())])


def test_a_finding_that_splits_is_known_in_both_parts_and_says_once_who_has_left() -> None:
    old = finding("cart", "mail", "tax")
    before = remembered(report(old, month=10), text=told(old))
    after = compared(report(finding("cart", accepted="known"), finding("mail")), before)

    assert states(after) == [("accepted", date(2026, 10, 1)), ("still", date(2026, 10, 1))]
    assert changes(after) == [((), ("Rollout/shop/tax",)), ((), ())]
    assert after.resolved == ()


def test_whom_a_gap_hides_has_not_left_and_does_not_join_later() -> None:
    before = remembered(report(finding("cart", "mail"), month=9))
    blind = report(finding("cart"), gaps=("coverage/ghost",), month=10)
    assert changes(compared(blind, before)) == [((), ())]

    after = compared(report(finding("cart", "mail")), remembered(blind, before))
    assert changes(after) == [((), ())]


Month = tuple[list[set[str]], bool]
MONTHS: st.SearchStrategy[list[Month]] = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcdef"), unique=True).flatmap(
            lambda names: st.lists(st.integers(0, 2), min_size=len(names), max_size=len(names)).map(
                lambda groups: [
                    {name for name, group in zip(names, groups, strict=True) if group == wanted}
                    for wanted in sorted(set(groups))
                ]
            )
        ),
        st.booleans(),
    ),
    min_size=2,
    max_size=5,
)


@given(MONTHS)
def test_each_subject_comes_once_and_goes_once_however_findings_merge_and_split(months: list[Month]) -> None:
    """The oracle is a set: who is known. A month with a gap forgets nobody."""
    known: set[str] = set()
    before: Entry | None = None
    for number, (groups, blind) in enumerate(months, 1):
        findings = [finding(*sorted(group)) for group in groups]
        made = report(*findings, gaps=("coverage/ghost",) if blind else (), month=number)
        present = set().union(*groups)
        after = compared(made, before)
        if before:
            parts = {seen.fingerprint: seen.parts for seen in before.findings}
            came = [name for found in after.findings for name in found.grown]
            came += [str(each) for found in after.findings if found.state == "new" for each in found.subjects]
            gone = [part for found in after.findings for part in found.shrunk]
            gone += [part for resolved in after.resolved for part in parts[resolved.fingerprint]]
            assert sorted(came) == [f"Rollout/shop/{name}" for name in sorted(present - known)]
            assert sorted(gone) == sorted(finding(name).fingerprint for name in known - present if not blind)
        known = present | known if blind else present
        before = remembered(made, before)


def test_another_cause_or_another_check_is_another_finding() -> None:
    before = remembered(report(finding("cart"), month=10))
    after = compared(report(finding("cart", cause="two"), finding("cart", check="accuracy/phase")), before)

    assert [state for state, _ in states(after)] == ["new", "new"]
    assert [gone.check for gone in after.resolved] == ["coverage/ghost"]


def test_what_could_not_be_looked_at_is_not_resolved_and_not_new_later() -> None:
    before = remembered(report(finding("cart"), finding("tax", check="accuracy/phase"), month=9))
    blind = report(gaps=("coverage/ghost",), not_chosen=("accuracy/phase",), month=10)
    assert compared(blind, before).resolved == ()

    between = remembered(blind, before)
    after = compared(report(finding("cart"), finding("tax", check="accuracy/phase")), between)
    assert states(after) == [("still", date(2026, 9, 1))] * 2


def test_an_accepted_finding_stays_accepted_and_keeps_its_first_date() -> None:
    before = remembered(report(finding("cart", accepted="known"), month=9))
    again = report(finding("cart", accepted="known"), month=10)

    assert states(compared(again, before)) == [("accepted", date(2026, 9, 1))]
    assert states(compared(report(finding("cart")), remembered(again, before))) == [("still", date(2026, 9, 1))]


def test_a_stored_report_that_cannot_be_read_costs_its_sentences_only() -> None:
    before = replace(remembered(report(finding("cart"), month=10)), report=b"nonsense")
    assert [gone.summary for gone in compared(report(), before).resolved] == [""]
