from dataclasses import replace
from datetime import date
from html import escape as html_escape

import pytest

from maintainer.model.report import Acceptance, Period, Report, Unused, UnusedAcceptance
from maintainer.render.document import document
from maintainer.render.html import html
from maintainer.render.markdown import escape, markdown
from maintainer.render.outline import Figure, Outline, outline
from maintainer.render.terminal import terminal
from tests.render.sample_report import OCTOBER, accepted, english, finding, gap, report

ERROR = finding()
WARNING = finding("coverage/duplicate", "warning", action="Scrape once")
NOTE = finding("label/namespace", "info")
ACCEPTED = accepted()


def of(made: Report) -> Outline:
    return outline(document(made, english()), english())


@pytest.mark.parametrize(
    ("made", "tone", "verdict"),
    [
        (report(), "ok", "Everything agrees"),
        (report(findings=(NOTE,)), "ok", "Everything agrees"),
        (report(findings=(ACCEPTED,)), "ok", "Nothing to do"),
        (report(findings=(ERROR,)), "error", "1 thing to do"),
        (report(findings=(WARNING, NOTE)), "warning", "1 thing to do"),
        (report(findings=(WARNING, ERROR)), "error", "2 things to do"),
        (report(gaps=(gap(),)), "none", "No verdict yet: 1 check could not run"),
        (report(findings=(NOTE,), gaps=(gap(),)), "none", "No verdict yet: 1 check could not run"),
        (report(findings=(ACCEPTED,), gaps=(gap(),)), "none", "No verdict yet: 1 check could not run"),
        (
            report(findings=(ERROR,), gaps=(gap(), gap("panel/value"))),
            "error",
            "1 thing to do, and 2 checks could not run",
        ),
    ],
)
def test_the_verdict_says_what_to_do_and_what_could_not_run(made: Report, tone: str, verdict: str) -> None:
    outlined = of(made)
    assert (outlined.tone, outlined.verdict) == (tone, verdict)


def test_the_scope_says_how_much_was_looked_at() -> None:
    figures = {"rollouts.compared": 1579, "rollouts.moving": 3, "rollouts.unjudged": 0}
    compared = "1,579 Rollouts compared, 3 moving, 0 undecided."
    assert of(report(figures=figures)).scope == f"{compared} Every check ran."
    assert of(report(figures=figures, gaps=(gap(),))).scope.endswith("is not a pass.")
    assert of(report(findings=(ACCEPTED,))).scope == "Every check ran. 1 finding is accepted."


def test_findings_with_one_action_share_a_card_and_the_worst_card_is_first() -> None:
    same = finding("coverage/ghost", "error", action="Scrape once")
    cards = of(report(findings=(WARNING, ERROR, same, NOTE, ACCEPTED))).cards
    assert [(card.action, card.severity, card.counts) for card in cards] == [
        ("Restart the controller", "error", "1 error"),
        ("Scrape once", "error", "1 error, 1 warning"),
    ]


def test_notes_and_accepted_findings_stand_apart() -> None:
    outlined = of(report(findings=(ERROR, NOTE, ACCEPTED)))
    assert [finding["check"] for finding in outlined.notes] == ["label/namespace"]
    assert [finding["check"] for finding in outlined.accepted] == ["query/no-data"]


def test_a_reason_that_several_checks_share_is_said_once() -> None:
    outlined = of(report(gaps=(gap("b/b"), gap("a/a"), gap("a/a"), gap("c/c", "Forbidden."))))
    assert [(reason.text, reason.checks) for reason in outlined.gaps] == [
        ("Prometheus answered 503.", ("a/a", "b/b")),
        ("Forbidden.", ("c/c",)),
    ]
    assert outlined.verdict == "No verdict yet: 3 checks could not run"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2026-10", "October 2026"),
        ("2026-Q3", "July to September 2026"),
        ("2026-H1", "January to June 2026"),
        ("2026-11-01", "1 November 2026"),
        ("now", "now"),
    ],
)
def test_the_title_has_the_period_in_words(label: str, words: str) -> None:
    period = Period(label, OCTOBER.start, OCTOBER.end, OCTOBER.time_zone)
    assert of(replace(report(), period=period)).title == f"Argo Rollouts monitoring, {words}"


def test_the_facts_name_cluster_period_and_zone() -> None:
    assert dict(of(report()).facts) == {
        "Cluster": "management",
        "Period": "2026-10 · 2026-10-01 to 2026-10-31",
        "Time zone": "Asia/Seoul (+09:00)",
        "Generated": "2026-11-01 09:00:41",
        "Version": "maintainer 0.1.0",
    }
    assert "Cluster" not in dict(of(replace(report(), cluster="")).facts)


def test_figures_and_cost_that_are_absent_are_left_out() -> None:
    outlined = of(
        report(
            figures={
                "rollouts.listed": 300,
                "rollouts.agreeing": 271,
                "rollouts.moving": 3,
                "rollouts.compared": 297,
                "else": 1,
                "prometheus.bytes": 3 * 2**20,
            }
        )
    )
    assert outlined.figures == (Figure("Rollouts", 300), Figure("API and metric agree", 271, 297))
    assert [(share.label, share.value, share.start, share.width) for share in outlined.shares] == [
        ("Compared", 297, 0, 99),
        ("Moving", 3, 99, 1),
        ("Undecided", 0, 100, 0),
    ]
    assert outlined.cost == ("3 MiB received",)


ACCEPTED_GAP = replace(gap(), accepted="this engine cannot answer")


def test_an_accepted_gap_is_shown_with_its_reason_and_does_not_count() -> None:
    made = of(report(gaps=(ACCEPTED_GAP,)))

    assert (made.tone, made.verdict) == ("ok", "Nothing to do")
    assert "1 check could not run, which is accepted." in made.scope
    assert "Every check ran" not in made.scope
    assert [reason.accepted for reason in made.gaps] == ["this engine cannot answer"]
    assert made.open_gaps == ()


def test_an_accepted_gap_beside_another_is_not_counted() -> None:
    made = of(report(gaps=(gap("panel/value"), ACCEPTED_GAP)))

    assert made.verdict == "No verdict yet: 1 check could not run"
    assert [reason.checks for reason in made.open_gaps] == [("panel/value",)]


# Acceptances without an effect, and checks that were not chosen


@pytest.mark.parametrize(
    ("acceptance", "why", "note"),
    [
        (
            Acceptance("query/error", "panel/a", "known", date(2026, 1, 31)),
            "expired",
            "query/error, panel/a: 2026-01-31 was its last day. Remove it, or set a later date in until.",
        ),
        (
            Acceptance("query/error", "panel/a", "known"),
            "unmatched",
            "query/error, panel/a: the check ran and found nothing about it. Remove it, or correct its subject.",
        ),
        (
            Acceptance("query/error", "panel/b", "known"),
            "unmatched",
            "query/error, panel/b: the check ran and found nothing about it. Did you mean the subject panel/a?",
        ),
        (
            Acceptance("query/error", "", "known"),
            "unmatched",
            'query/error, "": the check ran, so there is no gap to accept. '
            "Remove it, or give the subject of a finding.",
        ),
    ],
    ids=["expired", "unmatched", "near", "no gap"],
)
def test_an_acceptance_without_an_effect_is_told_of_in_every_format(
    acceptance: Acceptance, why: Unused, note: str
) -> None:
    made = replace(report(), unused=(UnusedAcceptance(acceptance, why, "panel/a" if "mean" in note else ""),))
    worded = document(made, english())

    assert of(made).unused == (note,)
    assert of(made).scope.endswith("1 acceptance has no effect.")
    assert note in terminal(worded, english(), width=200, colour=False)
    assert escape(note) in markdown(worded, english())
    assert html_escape(note) in html(worded, english()).replace("&#34;", "&quot;")
    assert worded["unusedAcceptances"][0]["note"] == note


def test_a_report_of_chosen_checks_does_not_claim_more_than_these() -> None:
    made = replace(report(), not_chosen=("panel/value", "query/error"))
    worded = document(made, english())

    assert of(made).verdict == "Nothing to do in the checks that were chosen"
    assert "Every check that was chosen ran. 2 checks were not chosen and did not run." in of(made).scope
    assert worded["notChosen"] == ["panel/value", "query/error"]
    for text in (markdown(worded, english()), html(worded, english())):
        assert "panel/value" in text
        assert "Everything was checked" not in text
