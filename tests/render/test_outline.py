from dataclasses import replace
from datetime import date
from functools import partial
from html import escape as html_escape

import pytest

from maintainer.model.report import Acceptance, Finding, Period, Report, Resolved, Subject, Unused, UnusedAcceptance
from maintainer.render.document import document
from maintainer.render.head import Figure
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.markdown_text import escape
from maintainer.render.outline import Outline, outline
from maintainer.render.terminal import terminal
from tests.render.sample_report import OCTOBER, accepted, english, finding, gap, report, text

ERROR = finding()
WARNING = finding("coverage/duplicate", "warning", action="Scrape once")
NOTE = finding("label/namespace", "info")
ACCEPTED = accepted()
STILL = replace(ERROR, state="still")


def of(made: Report) -> Outline:
    return outline(document(made, english()), english())


@pytest.mark.parametrize(
    ("made", "tone", "verdict"),
    [
        (report(), "ok", "Everything agrees"),
        (report(findings=(NOTE,)), "ok", "Everything agrees"),
        (report(findings=(ACCEPTED,)), "ok", "Nothing to do"),
        (report(findings=(ERROR,)), "error", "1 Rollout is shown wrong"),
        (report(findings=(WARNING, NOTE)), "warning", "1 Rollout is shown wrong"),
        (report(findings=(WARNING, ERROR)), "error", "1 Rollout is shown wrong"),
        (report(gaps=(gap(),)), "none", "No verdict yet: 1 check could not run"),
        (report(findings=(NOTE,), gaps=(gap(),)), "none", "No verdict yet: 1 check could not run"),
        (report(findings=(ACCEPTED,), gaps=(gap(),)), "none", "No verdict yet: 1 check could not run"),
        (
            report(findings=(ERROR,), gaps=(gap(), gap("panel/value"))),
            "error",
            "1 Rollout is shown wrong, and 2 checks could not run",
        ),
    ],
)
def test_the_verdict_says_what_to_do_and_what_could_not_run(made: Report, tone: str, verdict: str) -> None:
    outlined = of(made)
    assert (outlined.tone, outlined.verdict) == (tone, verdict)


ALERTS = tuple(Subject("alert", "", f"Alert{index}") for index in range(3))
PANELS = tuple(Subject("panel", "", f"Panel {index}") for index in range(7))
FIGURES = {"alerts.asked": 4, "panels.asked": 8}
BROKEN = replace(finding("query/dead-selector"), subjects=ALERTS)
LYING = replace(finding("label/namespace", "warning"), subjects=PANELS)
REST = finding("controller/stale-cache")
TWICE = replace(finding("coverage/duplicate", evidence={"rollouts": ["a/a", "b/b"]}), subjects=())
DOWN = replace(finding("pipeline/target"), subjects=())


@pytest.mark.parametrize(
    ("findings", "figures", "headline"),
    [
        ((BROKEN, LYING), FIGURES, "3 of 4 alerts are broken, 7 of 8 panels mislead"),
        ((BROKEN, replace(BROKEN, check="pipeline/alertmanager")), FIGURES, "3 of 4 alerts are broken"),
        ((BROKEN, LYING), {}, "3 alerts are broken, 7 panels mislead"),
        ((replace(LYING, subjects=PANELS[:1]),), FIGURES, "1 of 8 panels misleads"),
        ((DOWN,), FIGURES, "The metrics pipeline is broken"),
        ((DOWN, LYING), FIGURES, "The metrics pipeline is broken, 7 of 8 panels mislead"),
        ((ERROR, LYING), FIGURES, "7 of 8 panels mislead"),
        ((ERROR, finding("coverage/missing", count=3)), {"rollouts.listed": 120}, "3 of 120 Rollouts are shown wrong"),
        ((finding("coverage/ghost"),), {}, "1 Rollout is shown wrong"),
        ((TWICE,), FIGURES, "2 Rollouts counted twice"),
        ((REST, replace(BROKEN, check="query/deprecated")), FIGURES, "2 things to do"),
        ((replace(BROKEN, state="accepted"), replace(LYING, severity="info"), REST), FIGURES, "1 thing to do"),
    ],
)
def test_the_headline_says_who_is_misled(findings: tuple[Finding, ...], figures: dict[str, int], headline: str) -> None:
    made = report(findings=tuple(replace(found, action=text(str(found))) for found in findings), figures=figures)
    assert of(made).verdict == headline
    for shown in (html, markdown, partial(terminal, width=100, colour=False)):
        assert headline in shown(document(made, english()), english())
    assert of(replace(made, gaps=(gap(),))).verdict == f"{headline}, and 1 check could not run"


@pytest.mark.parametrize(
    ("findings", "resolved", "changed"),
    [
        ((ERROR, STILL, NOTE), 1, "1 new, 1 resolved, 1 still there since 1 October 2026."),
        ((STILL, ACCEPTED), 0, "Nothing new or resolved since 1 October 2026; 1 finding is still there."),
        ((), 2, "0 new, 2 resolved, 0 still there since 1 October 2026."),
    ],
)
def test_it_says_what_has_changed(findings: tuple[Finding, ...], resolved: int, changed: str) -> None:
    gone = tuple(Resolved("panel/value", str(index), date(2026, 9, 1)) for index in range(resolved))
    made = replace(report(findings=findings), resolved=gone, compared_with=OCTOBER.start)
    assert of(made).changed == changed
    assert of(replace(made, compared_with=None)).changed == "There is no earlier report to compare with."


def test_the_scope_says_how_much_was_looked_at() -> None:
    figures = {"rollouts.compared": 1579, "rollouts.moving": 3, "rollouts.unjudged": 0}
    compared = "1,579 Rollouts compared, 3 moving, 0 undecided."
    assert of(report(figures=figures)).scope == f"{compared} All checks ran."
    assert of(report(figures=figures, gaps=(gap(),))).scope.endswith("does not count as passed.")
    assert of(report(findings=(ACCEPTED,))).scope == "All checks ran. 1 finding is accepted."


def test_findings_with_one_action_share_a_card_and_the_most_harmful_is_first() -> None:
    same = finding("coverage/ghost", "error", action="Scrape once")
    cards = of(report(findings=(WARNING, ERROR, same, NOTE, ACCEPTED))).cards
    assert [(card.action, card.severity, card.counts) for card in cards] == [
        ("Scrape once", "error", "1 error, 1 warning"),
        ("Restart the controller", "error", "1 error"),
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


def test_what_keeps_most_checks_from_running_is_the_first_thing_to_do() -> None:
    lost = tuple(gap(f"pipeline/{number:02}", "No cluster.") for number in range(12))
    outlined = of(report(findings=(ERROR,), gaps=(gap("a/a"), *lost)))
    cause, finding = outlined.cards

    assert (cause.action, cause.counts, cause.findings) == ("No cluster.", "Blocks 12 checks", ())
    assert cause.reason
    assert cause.reason.checks == tuple(f"pipeline/{number:02}" for number in range(12))
    assert cause.reason.blocks == "Blocks 12 checks: pipeline/00, pipeline/01, pipeline/02, pipeline/03 …"
    assert [done["check"] for done in finding.findings] == [ERROR.check]
    assert [reason.text for reason in outlined.other_gaps] == ["Prometheus answered 503."]
    assert outlined.verdict == "1 Rollout is shown wrong, and 13 checks could not run"


def test_a_cause_that_is_accepted_is_nothing_to_do() -> None:
    lost = tuple(replace(gap(f"pipeline/{number:02}"), accepted="known") for number in range(12))

    assert of(report(gaps=lost)).cards == ()


def test_every_format_says_a_cause_once_and_which_checks_it_blocks() -> None:
    lost = tuple(gap(f"pipeline/{number:02}", "No cluster.") for number in range(12))
    worded = document(report(gaps=(gap("a/a"), *lost)), english())
    printed = terminal(worded, english(), width=140, colour=False)
    page, source = html(worded, english()), markdown(worded, english())

    for shown in (printed, source.replace("`", "")):
        assert "Blocks 12 checks: pipeline/00, pipeline/01, pipeline/02, pipeline/03 …" in shown
        assert "Blocks 1 check: a/a" in shown
        assert shown.count("unknown") == (0 if shown is printed else 5)
    assert printed.count("No cluster.") == printed.count("1. No cluster.") == 1
    assert source.count("| No cluster. |") == source.count("**No cluster.**") == 1
    assert page.count('href="#check-pipeline-11"') == 1
    assert "<summary>Blocks 12 checks<" in page


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({}, "It is not known how many Rollouts there are, and none was compared."),
        ({"rollouts.listed": 1}, "1 Rollout in the API, not compared."),
        ({"rollouts.listed": 12}, "12 Rollouts in the API, none compared."),
    ],
)
def test_what_is_not_known_is_not_said_to_be_none(figures: dict[str, int], words: str) -> None:
    assert words in of(report(figures=figures, gaps=(gap(),))).scope


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2026-10", "October 2026"),
        ("2026-Q3", "July to September 2026"),
        ("2026-H1", "January to June 2026"),
        ("2026-11-01", "1 November 2026"),
        ("2026-09-02--2026-11-30", "2 September 2026 to 30 November 2026"),
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
    assert dict(of(replace(report(), cluster="")).facts)["Cluster"] == "unknown"


def test_figures_that_are_absent_are_unknown_and_cost_that_is_absent_is_left_out() -> None:
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
    assert outlined.figures == (
        Figure("Rollouts", 300),
        Figure("API and metric agree", 271, 297, "of 297 Rollouts"),
        Figure("Panels without a fault", None),
        Figure("Alerts that can fire", None),
        Figure("Targets that emit Rollouts", None),
    )
    assert [(share.label, share.value, share.start, share.width) for share in outlined.shares] == [
        ("Agree", 271, 0, 89.44),
        ("Wrong", 26, 89.44, 8.58),
        ("Moving", 3, 98.02, 1.98),
        ("Undecided", 0, 100, 0),
    ]
    assert outlined.cost == ("3 MiB received",)


ACCEPTED_GAP = replace(gap(), accepted="this engine cannot answer")


def test_an_accepted_gap_is_shown_with_its_reason_and_does_not_count() -> None:
    made = of(report(gaps=(ACCEPTED_GAP,)))

    assert (made.tone, made.verdict) == ("ok", "Nothing to do")
    assert "1 check could not run, which is accepted." in made.scope
    assert "All checks ran" not in made.scope
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
            "query/error, panel/a: no finding of this report matches it. Remove it, or correct its subject.",
        ),
        (
            Acceptance("query/error", "panel/b", "known"),
            "unmatched",
            "query/error, panel/b: no finding of this report matches it. Did you mean the subject panel/a?",
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
    assert "All chosen checks ran. 2 checks were not chosen and did not run." in of(made).scope
    assert worded["notChosen"] == ["panel/value", "query/error"]
    for shown in (markdown(worded, english()), html(worded, english())):
        assert "panel/value" in shown
        assert "Nothing was left unchecked" not in shown
