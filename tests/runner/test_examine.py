"""The loop over the checks: a fault in one check costs that check, and nothing else."""

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


def unjudged(_subject: str) -> Iterator[Gap]:
    yield GAP


def gaps_fail(subject: str) -> Iterator[Gap]:
    raise KeyError(subject)


GOOD = Check("pipeline/reload", "error", (), finds)


def test_what_checks_find_and_could_not_judge_is_kept_in_their_order() -> None:
    assert examine((GOOD, Check("pipeline/version", "info", (), finds, unjudged)), "") == ((FINDING, FINDING), (GAP,))


def test_a_check_that_fails_is_a_gap_and_the_others_are_reported() -> None:
    findings, (gap,) = examine((Check("pipeline/rbac", "error", (), fails), GOOD), "account")

    assert findings == (FINDING,)
    assert (gap.check, gap.kind) == ("pipeline/rbac", "passing")
    assert "ValueError('no such account')" in say(load("en"), gap.reason)


def test_a_check_whose_gaps_fail_says_nothing_else() -> None:
    findings, (gap,) = examine((Check("pipeline/rbac", "error", (), finds, gaps_fail),), "account")

    assert findings == ()
    assert gap.check == "pipeline/rbac"
