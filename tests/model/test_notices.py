"""A finding of the daily sample is told once, and is over only where a sample could see that."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from maintainer.model.ledger import Entry, Notice, SeenFinding, SlackMessage
from maintainer.model.message import message
from maintainer.model.notices import about, followed, untold
from maintainer.model.report import Finding, Gap, Report, Subject
from tests.render.sample_report import report as made

CHECK = "controller/stale-cache"
TODAY = date(2026, 11, 27)
AT = datetime(2026, 11, 27, 6, tzinfo=UTC)


def rollouts(*names: str) -> tuple[Subject, ...]:
    return tuple(Subject("Rollout", "shop", name) for name in names)


def stale(*names: str, check: str = CHECK, cause: str = "older", accepted: str = "") -> Finding:
    said = message("report/unknown")
    state = "accepted" if accepted else "new"
    return Finding(check, "error", rollouts(*names), cause, said, said, state=state, accepted=accepted)  # type: ignore[arg-type]  # a state


def report(*findings: Finding, gaps: tuple[Gap, ...] = ()) -> Report:
    return replace(made(findings=findings, gaps=gaps), job="sample")


def told(finding: Finding, *, days: int = 0) -> Entry:
    seen = SeenFinding(finding.check, finding.fingerprint, TODAY)
    notice = about(Notice(seen, (), "error", "It is stale.", "Touch it."), [finding])
    return Entry("c", "notice", str(days), "done", AT, notice=notice, message=SlackMessage("C1", "1.2"))


def after(entry: Entry, ran: Report, *undecided: str, looked: bool = True) -> Entry:
    """The entry after a report."""
    changed = followed(ran, [entry], TODAY, looked={CHECK} if looked else set(), undecided=rollouts(*undecided))
    return changed[0] if changed else entry


def over(entry: Entry) -> date | None:
    assert entry.notice
    return entry.notice.over


def test_a_finding_is_told_until_it_is() -> None:
    cart = stale("cart")

    assert untold(report(cart), []) == (cart,)
    assert untold(report(cart), [told(cart)]) == ()


def test_a_finding_of_another_check_or_cause_is_another_one() -> None:
    known = [told(stale("cart"))]

    for other in (stale("cart", cause="ignored"), stale("cart", check="pipeline/emitter"), stale("list")):
        assert untold(report(other), known) == (other,)


def test_an_accepted_finding_is_not_told() -> None:
    assert untold(report(stale("cart", accepted="known")), []) == ()


def test_a_finding_that_others_join_and_leave_is_the_same() -> None:
    entry = told(stale("cart"))
    for names in (("cart", "list"), ("list",), ("list", "pay"), ("pay",)):
        ran = report(stale(*names))
        assert untold(ran, [entry]) == ()
        entry = after(entry, ran)
        assert over(entry) is None

    assert untold(report(stale("cart")), [entry]), "it left, and nobody was there all the time"


def test_a_finding_is_over_when_a_sample_does_not_see_it_any_more() -> None:
    entry = after(told(stale("cart")), report())

    assert over(entry) == TODAY
    assert entry.notice
    assert entry.notice.end == SlackMessage("", state="waiting")
    assert untold(report(stale("cart")), [entry]), "it is told again when it comes back"


@pytest.mark.parametrize(
    ("undecided", "looked"), [((), False), (("cart",), True)], ids=["the check did not run", "the Rollout moved"]
)
def test_what_could_not_be_looked_at_is_not_over(undecided: tuple[str, ...], looked: bool) -> None:  # noqa: FBT001
    entry = told(stale("cart"))

    assert after(entry, report(), *undecided, looked=looked) is entry


def test_a_rollout_that_moves_elsewhere_keeps_nothing_open() -> None:
    assert over(after(told(stale("cart")), report(), "list")) == TODAY


def test_a_finding_that_is_accepted_is_over_and_says_why() -> None:
    entry = after(told(stale("cart")), report(stale("cart", accepted="until the upgrade")), looked=False)

    assert entry.notice
    assert (entry.notice.over, entry.notice.accepted) == (TODAY, "until the upgrade")


def test_a_finding_that_is_accepted_in_part_goes_on() -> None:
    entry = after(told(stale("cart", "list")), report(stale("cart", accepted="known"), stale("list")))

    assert over(entry) is None
    assert entry.notice
    assert entry.notice.subjects == ("Rollout/shop/list",)


def test_what_is_over_stays_so() -> None:
    entry = after(told(stale("cart")), report())

    assert followed(report(), [entry], TODAY + timedelta(days=1), looked={CHECK}, undecided=()) == ()
