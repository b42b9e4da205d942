"""What is to be done first, whom it helps, and how far it reaches."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.model.report import Finding, Subject
from maintainer.render.actions import Card
from maintainer.render.document import document
from maintainer.render.harm import HARM_OF, harm
from maintainer.render.outline import outline
from tests.render.sample_report import english, finding, report

ALERT = (Subject("alert", "", "RolloutFailed"),)
PANELS = (Subject("panel", "", "A / one"), Subject("panel", "", "A / two"))


def about(subjects: tuple[Subject, ...], check: str, **given: str) -> Finding:
    return replace(finding(check, action=given.get("action", check), summary=str(subjects)), subjects=subjects)


def cards(*findings: Finding) -> Sequence[Card]:
    return outline(document(report(findings=findings), english()), english()).cards


NOBODY_IS_PAGED = about(ALERT, "pipeline/alertmanager")
NO_METRICS = about((Subject("Service", "argo", "metrics"),), "pipeline/service")
NEVER_FIRES = about(ALERT, "query/dead-selector", action="Correct the alert")
NOT_LOADED = about(ALERT, "pipeline/rules-loaded")
LIES = about(PANELS, "query/dead-selector", action="Correct the panel")
WRONG = about((Subject("Rollout", "shop", "cart"),), "accuracy/phase")
SUSPECT = replace(about(PANELS, "query/no-data"), severity="warning")
IGNORED = about((Subject("Rollout", "shop", "cart"),), "controller/stale-cache")


def test_the_harm_of_every_check_is_known() -> None:
    assert HARM_OF.keys() == set(CHECKS)


def test_a_check_of_another_version_harms_least() -> None:
    assert harm({"check": "new/check", "subjects": [{"kind": "alert"}]}) == "rest"


@pytest.mark.parametrize("order", [*permutations((NOBODY_IS_PAGED, NEVER_FIRES, LIES, SUSPECT, IGNORED))])
def test_nobody_is_paged_then_alerts_then_panels_then_the_rest(order: tuple[Finding, ...]) -> None:
    assert [card.action for card in cards(*order)] == [
        "pipeline/alertmanager",
        "Correct the alert",
        "Correct the panel",
        "query/no-data",
        "controller/stale-cache",
    ]


def test_of_what_drifted_the_errors_come_first() -> None:
    gone = replace(about((Subject("ConfigMap", "m", "board"),), "drift/missing"), severity="warning")
    edited = about((Subject("ConfigMap", "m", "rules"),), "drift/changed")

    assert [card.action for card in cards(gone, edited)] == ["drift/changed", "drift/missing"]


def test_what_reaches_further_comes_first_among_what_is_equally_harmful() -> None:
    assert [card.action for card in cards(WRONG, LIES)] == ["Correct the panel", "accuracy/phase"]


def test_an_action_that_fixes_several_findings_counts_as_the_most_harmful() -> None:
    both = (replace(LIES, action=NEVER_FIRES.action), NEVER_FIRES, about(PANELS, "label/namespace"))
    first, second = cards(*both)
    assert [fixed["subjects"][0]["kind"] for fixed in first.findings] == ["alert", "panel"]
    assert (first.reach, second.reach) == ("1 alert, 2 panels", "2 panels")


def test_the_severity_of_an_action_is_its_worst() -> None:
    warning = replace(about(ALERT, "query/no-data", action="one"), severity="warning")
    (card,) = cards(warning, about(PANELS, "query/error", action="one"))
    assert (card.severity, card.counts) == ("error", "1 error, 1 warning")


@pytest.mark.parametrize(
    ("fixed", "why"),
    [
        (NOBODY_IS_PAGED, "Nobody is paged when these alerts fire."),
        (LIES, "The alerts can never fire, and the panels stay empty or show 0."),
        (about(PANELS, "new/check"), ""),
    ],
)
def test_an_action_says_whom_it_helps(fixed: Finding, why: str) -> None:
    assert [card.why for card in cards(fixed)] == [why]


TWICE = replace(
    about((Subject("Target", "", "a"), Subject("Target", "", "b")), "coverage/duplicate"),
    evidence={"rollouts": ["shop/cart", "shop/api"]},
)


def test_what_is_scraped_twice_reaches_the_panels_that_show_double() -> None:
    rows = [
        {"panel": panel, "cause": cause}
        for panel, cause in (("one", "coverage/duplicate"), ("two", "coverage/duplicate"), ("three", "query"))
    ]
    wrong = replace(about(PANELS, "panel/value"), evidence={"rollouts": [*rows, rows[0]]})
    assert {card.action: card.reach for card in cards(TWICE, wrong)} == {
        "coverage/duplicate": "2 panels show double",
        "panel/value": "2 panels",
    }


def test_what_is_scraped_twice_reaches_its_rollouts_if_no_panel_is_known_to_be_wrong() -> None:
    assert [card.reach for card in cards(TWICE)] == ["2 Rollouts counted twice"]
    (card,) = cards(replace(TWICE, evidence={"rollouts": "of another version"}))
    assert card.reach == "2 targets"
