"""accuracy/phase, accuracy/replicas, accuracy/strategy and accuracy/meaning."""

import pytest

from maintainer.model.facts import FleetObservation
from maintainer.render.words import load, say
from tests.analyse.builders import A, B, bracket, confirmed, says, scrape, scraped, target
from tests.analyse.faults import ABORTED, CART, PAY, REFUSED, fault_finding, findings, of_comparison


def test_correct_metrics_are_no_finding() -> None:
    observation = FleetObservation(targets=(target(), target(B)), brackets=(bracket(CART),), controllers={A: "v1.9.2"})

    assert findings(of_comparison(confirmed(CART, PAY, scrapes=(scraped(CART, PAY),)), observation)) == ()


def test_two_causes_of_a_check_are_two_findings() -> None:
    aborted = PAY._replace(conditions=ABORTED.conditions)
    shown = {REFUSED.key: says(REFUSED, phase="Error"), aborted.key: says(aborted, phase="Abort")}
    audit = of_comparison(confirmed(REFUSED, aborted, scrapes=(scrape(shown),)))

    assert [(finding.cause, finding.subjects[0].name) for finding in findings(audit)] == [
        ("conditions-disagree", "pay"),
        ("replicaset-refused", "cart"),
    ]


def test_faults_of_several_checks_in_a_rollout_are_a_finding_each() -> None:
    wrong = scrape({CART.key: says(CART, phase="Paused", strategy="none", desired=9)})

    assert [finding.check for finding in findings(of_comparison(confirmed(CART, scrapes=(wrong,))))] == [
        "accuracy/phase",
        "accuracy/replicas",
        "accuracy/strategy",
    ]


@pytest.mark.parametrize(
    ("id_", "summary"),
    [
        (
            "accuracy/phase/drift",
            "Prometheus shows phase Paused for shop/cart, but its conditions in the API mean Completed.",
        ),
        (
            "accuracy/replicas/drift",
            "Prometheus shows a wrong replica count for shop/cart: replicas_desired 9, "
            "but the API has replicas_desired 3.",
        ),
        ("accuracy/strategy/drift", "Prometheus shows strategy none for shop/cart, but the API has canary."),
    ],
)
def test_the_summary_names_rollout_and_both_values(id_: str, summary: str) -> None:
    assert say(load("en"), fault_finding(id_).summary) == summary
