"""The loop over the checks: an exception in a check is a gap of that check only."""

from collections.abc import Iterator

from maintainer.analyse.checks import Check
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Subject
from maintainer.render.words import load, say
from maintainer.runner import examine

FINDING = Finding(
    check="pipeline/reload",
    severity="error",
    subjects=(Subject("Prometheus", "", "configuration"),),
    cause="failed",
    summary=message("pipeline/reload/failed.summary"),
    action=message("pipeline/reload/failed.action"),
)
GAP = Gap("pipeline/version", "passing", message("gap/no-version"))


def finds(_subject: str) -> Iterator[Finding]:
    yield FINDING


def fails(subject: str) -> Iterator[Finding]:
    yield FINDING
    raise ValueError(f"no such {subject}")


def reports_a_gap(_subject: str) -> Iterator[Gap]:
    yield GAP


def gaps_fail(subject: str) -> Iterator[Gap]:
    raise KeyError(subject)


GOOD = Check("pipeline/reload", "error", (), finds)


def test_findings_and_gaps_are_in_the_order_of_the_checks() -> None:
    assert examine((GOOD, Check("pipeline/version", "info", (), finds, reports_a_gap)), "") == (
        (FINDING, FINDING),
        (GAP,),
    )


def test_a_check_that_raises_is_a_gap_and_the_others_are_reported() -> None:
    findings, (gap,) = examine((Check("pipeline/rbac", "error", (), fails), GOOD), "account")

    assert findings == (FINDING,)
    assert (gap.check, gap.kind) == ("pipeline/rbac", "passing")
    assert "ValueError('no such account')" in say(load("en"), gap.reason)


def test_a_check_whose_gaps_raise_has_no_findings() -> None:
    findings, (gap,) = examine((Check("pipeline/rbac", "error", (), finds, gaps_fail),), "account")

    assert findings == ()
    assert gap.check == "pipeline/rbac"
