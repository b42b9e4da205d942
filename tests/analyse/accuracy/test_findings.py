"""How differences become findings: their rows, subjects, sentences, and fingerprints that do not depend on values."""

import pytest

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.findings import in_few_words
from maintainer.analyse.accuracy.values import accuracy_phase
from maintainer.model.contract import AVAILABLE, DESIRED, UPDATED
from maintainer.model.report import Finding, Json, Subject
from maintainer.render.words import load, say
from tests.analyse.builders import NAME_A, NAME_B, A, B, compared, confirmed, moved, rollout, says, scrape, wrong_phase
from tests.analyse.faults import CART, fault_finding, of_comparison, only_finding

ENGLISH = load("en")


def rows(finding: Finding) -> list[dict[str, Json]]:
    evidence = finding.evidence["rollouts"]
    assert isinstance(evidence, list)
    return evidence


def test_rollouts_with_the_same_cause_are_a_single_finding() -> None:
    fleet = [rollout(name) for name in "cab"]
    finding = only_finding(of_comparison(confirmed(*fleet, scrapes=(wrong_phase(*fleet),))))

    assert finding.subjects == tuple(Subject("Rollout", "shop", name) for name in "abc")
    assert finding.evidence == {
        "rollouts": [
            {"rollout": f"shop/{name}", "what": "phase", "api": "Completed", "metric": "Paused", "targets": [NAME_A]}
            for name in "abc"
        ]
    }
    assert say(ENGLISH, finding.summary) == (
        "Prometheus shows a wrong phase for 3 Rollouts. For example, it shows Paused for shop/a,"
        " but the conditions in the API mean Completed."
    )


def test_targets_with_equal_values_share_a_row() -> None:
    (finding,) = accuracy_phase(compared(confirmed(CART, scrapes=(wrong_phase(CART), wrong_phase(CART, target=B)))))

    assert finding.subjects == (Subject("Rollout", "shop", "cart"),)
    assert [row["targets"] for row in rows(finding)] == [[NAME_A, NAME_B]]


def test_targets_with_different_values_have_a_row_each() -> None:
    scrapes = (wrong_phase(CART), wrong_phase(CART, phase="Abort", target=B))
    (finding,) = accuracy_phase(compared(confirmed(CART, scrapes=scrapes)))

    assert finding.subjects == (Subject("Rollout", "shop", "cart"),)
    assert [(row["metric"], row["targets"]) for row in rows(finding)] == [("Paused", [NAME_A]), ("Abort", [NAME_B])]


def test_each_wrong_gauge_has_a_row() -> None:
    wrong = scrape({CART.key: says(CART, desired=9, available=2.5)})
    finding = only_finding(of_comparison(confirmed(CART, scrapes=(wrong,))))

    assert [(row["what"], row["api"], row["metric"]) for row in rows(finding)] == [
        (DESIRED, "3", "9"),
        (AVAILABLE, "3", "2.5"),
    ]


def test_a_rollout_without_series_has_a_row_without_targets() -> None:
    assert rows(fault_finding("coverage/missing/whole")) == [
        {"rollout": "shop/pay", "what": "missing", "api": "present", "metric": "-", "targets": []}
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            *(confirmed(CART, scrapes=(wrong_phase(CART, phase=phase),)) for phase in ("Paused", "Abort")), id="phase"),
        pytest.param(
            *(confirmed(CART, scrapes=(scrape({CART.key: says(CART, desired=count)}),)) for count in (7, 8)),
            id="number"),
        pytest.param(
            *(confirmed(CART, scrapes=(scrape({CART.key: says(CART, without=[family])}),))
              for family in (UPDATED, DESIRED)), id="family"),
        pytest.param(
            *(confirmed(CART, scrapes=(wrong_phase(CART, target=target),)) for target in (A, B)), id="target"),
        pytest.param(
            *(confirmed(moved(CART, version), scrapes=(wrong_phase(CART),)) for version in "89"), id="version"),
    ],
)  # fmt: skip
def test_a_fingerprint_does_not_depend_on_values(first: Comparison, second: Comparison) -> None:
    assert only_finding(of_comparison(first)).fingerprint == only_finding(of_comparison(second)).fingerprint


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", '""'),
        ("Paused", "Paused"),
        (3, "3"),
        (-1, "-1"),
        (0.5, "0.5"),
        (["a", "b"], "a, b"),
        ([UPDATED], UPDATED),
        ({DESIRED: 3, AVAILABLE: 2}, "replicas_desired 3, replicas_available 2"),
    ],
    ids=str,
)
def test_a_value_as_text_for_a_sentence(value: Json, text: str) -> None:
    assert in_few_words(value) == text
