"""coverage/missing, coverage/ghost and coverage/duplicate."""

from dataclasses import replace

import pytest

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.coverage import coverage_duplicate, coverage_ghost, coverage_missing
from maintainer.model.contract import GAUGES, UPDATED
from maintainer.model.facts import FleetObservation, Rollout
from maintainer.model.pipeline import ControllerState, PipelineFacts, Pod
from maintainer.model.report import Finding, Subject
from maintainer.render.words import load, say
from tests.analyse.builders import NAME_A, NAME_B, A, B, compared, confirmed, rollout, says, scrape, scraped, target
from tests.analyse.faults import CART, FAULTS, PAY, fault_finding, of_comparison, only_finding

ENGLISH = load("en")


def finding_of(comparison: Comparison) -> Finding:
    return only_finding(of_comparison(comparison))


def with_second_target(*rollouts: Rollout) -> Comparison:
    """Target B exposes these Rollouts, of which the API has CART and, beside it, PAY."""
    listed = [CART, PAY] if CART in rollouts else [CART]
    return confirmed(*listed, scrapes=(scraped(*listed), scraped(*rollouts, target=B)))


@pytest.mark.parametrize(
    ("id_", "summary"),
    [
        ("coverage/missing/partly", f"shop/cart has some of its series in Prometheus, but {UPDATED} is missing."),
        ("coverage/missing/whole", "shop/pay is in the API and has no series in Prometheus."),
        ("coverage/ghost/series", "shop/pay has series in Prometheus and is not in the API."),
        ("coverage/ghost/target", f"{NAME_B} exposes one Rollout, which is not in this cluster."),
        (
            "coverage/duplicate/targets",
            f"The targets {NAME_A} and {NAME_B} expose the same Rollout: sums count it twice.",
        ),
    ],
)
def test_the_summary_names_rollout_or_target(id_: str, summary: str) -> None:
    assert say(ENGLISH, fault_finding(id_).summary) == summary


# coverage/missing


@pytest.mark.parametrize(
    ("version", "count"),
    [
        pytest.param("v1.3.2", 0, id="before the family came"),
        pytest.param("v1.4.0", 1, id="with the family"),
        pytest.param("", 1, id="unknown"),
        pytest.param("latest", 1, id="no release"),
    ],
)
def test_a_family_is_missing_only_if_the_controllers_version_has_it(version: str, count: int) -> None:
    comparison = FAULTS["coverage/missing/family"].audit.fleet.comparison
    fleet = compared(comparison, FleetObservation(controllers={A: version}))

    assert len(list(coverage_missing(fleet))) == count


def test_missing_families_are_the_subjects() -> None:
    shown = scrape({CART.key: says(CART, without=GAUGES)}, families=frozenset())
    finding = finding_of(confirmed(CART, scrapes=(shown,)))

    assert finding.subjects == tuple(Subject("Metric", "", family) for family in GAUGES)
    assert say(ENGLISH, finding.summary).startswith(f"4 metric families are missing for all Rollouts of {NAME_A}")


def test_the_families_of_each_target_are_checked() -> None:
    shown = scrape({PAY.key: says(PAY, without=[UPDATED])}, target=B, families=frozenset(GAUGES) - {UPDATED})
    finding = finding_of(confirmed(CART, PAY, scrapes=(scraped(CART), shown)))

    assert finding.evidence["target"] == dict(B)


# coverage/ghost


def test_a_ghost_of_several_targets_is_a_single_finding() -> None:
    third = rollout("third")
    comparison = confirmed(CART, PAY, scrapes=(scraped(CART, third), scraped(PAY, third, target=B)))
    (finding,) = coverage_ghost(compared(comparison))

    assert finding.subjects == (Subject("Rollout", "shop", "third"),)
    assert finding.evidence["rollouts"] == [{"rollout": "shop/third", "targets": [NAME_A, NAME_B]}]


def test_a_target_with_a_rollout_of_the_api_is_not_foreign() -> None:
    comparison = confirmed(CART, PAY, scrapes=(scraped(CART), scraped(PAY, rollout("third"), target=B)))

    assert [finding.cause for finding in coverage_ghost(compared(comparison))] == ["series"]


def test_the_only_target_is_never_foreign() -> None:
    finding = finding_of(confirmed(CART, scrapes=(scraped(PAY),), stale=(B,)))

    assert (finding.check, finding.cause) == ("coverage/ghost", "series")


def test_a_foreign_target_with_many_rollouts_is_a_single_finding() -> None:
    many = [rollout(f"r{number}") for number in range(50)]
    finding = finding_of(confirmed(CART, scrapes=(scraped(CART), scraped(*many, target=B))))

    assert finding.subjects == (Subject("Target", "", NAME_B),)
    assert say(ENGLISH, finding.summary) == f"{NAME_B} exposes 50 Rollouts, and none of them is in this cluster."


# coverage/duplicate


def test_duplicates_name_both_targets_and_every_rollout() -> None:
    finding = finding_of(confirmed(PAY, CART, scrapes=(scraped(CART, PAY), scraped(CART, PAY, target=B))))

    assert finding.subjects == (Subject("Target", "", NAME_A), Subject("Target", "", NAME_B))
    assert finding.evidence == {"targets": [dict(A), dict(B)], "rollouts": ["shop/cart", "shop/pay"]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(*(with_second_target(PAY, rollout(name)) for name in "yz"), id="Rollouts of a foreign target"),
        pytest.param(*(with_second_target(CART, *more) for more in ([], [PAY])), id="duplicate Rollouts"),
    ],
)
def test_a_fingerprint_does_not_depend_on_the_rollouts_of_a_target(first: Comparison, second: Comparison) -> None:
    assert finding_of(first).fingerprint == finding_of(second).fingerprint


PODS = tuple(
    Pod("argo-rollouts", name, addresses=(address,), ports=(("metrics", 8090),))
    for name, address in (("blue", "10.0.0.1"), ("green", "10.0.0.2"))
)
TWO_LEADERS = confirmed(CART, scrapes=(scraped(CART), scraped(CART, target=B)))


@pytest.mark.parametrize(
    ("pods", "cause"),
    [
        (PODS, "leaders"),
        (PODS[:1], "targets"),
        ((), "targets"),
        ((replace(PODS[0], addresses=("10.0.0.1", "10.0.0.2")),), "targets"),
    ],
)
def test_two_pods_that_emit_the_same_are_two_leaders(pods: tuple[Pod, ...], cause: str) -> None:
    state = ControllerState(looked=True, pods=pods, lease="argo-rollouts-controller-lock", holder="green")
    fleet = compared(TWO_LEADERS, facts=PipelineFacts(state, state))
    [finding] = coverage_duplicate(fleet)

    assert finding.cause == cause
    if cause == "leaders":
        assert [str(subject) for subject in finding.subjects] == ["Pod/argo-rollouts/blue", "Pod/argo-rollouts/green"]
        assert "although green holds the Lease argo-rollouts-controller-lock" in say(ENGLISH, finding.action)


def test_pods_of_two_namespaces_are_two_leaders() -> None:
    meta = [{"__meta_kubernetes_namespace": name, "__meta_kubernetes_pod_name": "argo-0"} for name in ("a", "b")]
    targets = tuple(replace(target(own), discovered=found) for own, found in zip((A, B), meta, strict=True))
    [finding] = coverage_duplicate(compared(TWO_LEADERS, FleetObservation(targets=targets)))

    assert [str(subject) for subject in finding.subjects] == ["Pod/a/argo-0", "Pod/b/argo-0"]


def test_two_leaders_without_a_lease_are_told_to_elect_one() -> None:
    state = ControllerState(looked=True, pods=PODS)
    [finding] = coverage_duplicate(compared(TWO_LEADERS, facts=PipelineFacts(state, state)))

    assert "remove --leader-elect=false" in say(ENGLISH, finding.action)
