"""pipeline/emitter: targets that are up and emit no Rollout, and pods that emit and do not hold the Lease."""

from dataclasses import replace

import pytest

from maintainer.analyse.pipeline.emitter import pipeline_emitter
from maintainer.model.facts import FleetObservation
from maintainer.model.pipeline import ControllerState
from maintainer.model.scope import Scope
from tests.analyse.builders import NAME_B, A, B, bracket, fleet_only, target
from tests.analyse.faults import DOWN, NO_SCRAPE, SILENT, WITH_STANDBY
from tests.analyse.pipeline.builders import CART, causes, controller, facts, observation, pipeline, pod

ONLY_B_IS_UP = FleetObservation(targets=(DOWN, target(B)), down=frozenset({A}), brackets=(NO_SCRAPE,), silent=True)


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        pytest.param(
            FleetObservation(targets=(target(),), brackets=(NO_SCRAPE,), silent=True), True, id="up and silent"
        ),
        pytest.param(FleetObservation(targets=(target(),), brackets=(NO_SCRAPE,)), False, id="not silent"),
        pytest.param(FleetObservation(targets=None, brackets=(NO_SCRAPE,), silent=True), True, id="targets unknown"),
        pytest.param(FleetObservation(targets=(), brackets=(NO_SCRAPE,), silent=True), False, id="no target"),
        pytest.param(
            FleetObservation(targets=(DOWN,), down=frozenset({A}), brackets=(NO_SCRAPE,), silent=True),
            False,
            id="all down",
        ),
        pytest.param(
            FleetObservation(targets=(target(),), still=frozenset({A}), brackets=(NO_SCRAPE,), silent=True),
            False,
            id="no new scrape of any",
        ),
        pytest.param(ONLY_B_IS_UP, True, id="one up"),
    ],
)
def test_silence_is_a_finding_if_a_target_is_up(observation: FleetObservation, *, expected: bool) -> None:
    assert bool(list(pipeline_emitter(fleet_only(observation)))) == expected


def test_silence_names_the_targets_that_are_up() -> None:
    (finding,) = pipeline_emitter(fleet_only(ONLY_B_IS_UP))

    assert finding.evidence["targets"] == [{"target": NAME_B, "url": "http://10.0.0.2:8090/metrics", "up": True}]


@pytest.mark.parametrize(
    ("families", "action"),
    [
        pytest.param({"rollout_phase"}, "dropped", id="relabelling drops the rest"),
        pytest.param({"argo_rollout_info"}, "renamed", id="a prefix"),
        pytest.param(set(), "silent-leader", id="the leader exposes nothing of a Rollout"),
    ],
)
def test_what_arrives_says_what_to_do(families: set[str], action: str) -> None:
    (finding,) = pipeline_emitter(pipeline(facts(families=frozenset(families)), SILENT))

    assert finding.action.id == f"pipeline/emitter/{action}.action"


def test_where_no_pod_leads_silence_has_its_own_action() -> None:
    without_leader = facts(both=controller(lease="", holder=""), families=frozenset())
    (finding,) = pipeline_emitter(pipeline(without_leader, SILENT))

    assert finding.action.id == "pipeline/emitter/silent.action"


@pytest.mark.parametrize(
    "both",
    [
        pytest.param(controller(lease="", holder=""), id="no Lease"),
        pytest.param(controller(holder="gone"), id="the holder no longer exists"),
        pytest.param(controller(pods=(pod(), pod("twin")), holder="twin"), id="two pods at the same address"),
        pytest.param(controller(pods=(pod("twin", addresses=()),), holder="twin"), id="the emitting pod is unknown"),
    ],
)
def test_a_lease_that_proves_nothing_is_no_finding(both: ControllerState) -> None:
    assert causes(pipeline(facts(both=both))) == []


def test_a_lease_whose_holder_changed_is_no_finding() -> None:
    handover = facts(first=controller(pods=WITH_STANDBY), last=controller(pods=WITH_STANDBY, holder="standby"))

    assert causes(pipeline(handover)) == []


@pytest.mark.parametrize(
    ("version", "suffix", "expected"), [("v1.9.2", "", True), ("v1.10.0", "", False), ("v1.10.0", "-blue", True)]
)
def test_a_lease_without_the_instance_id_may_be_another_controllers(
    version: str, suffix: str, *, expected: bool
) -> None:
    pods = tuple(replace(pod, images=()) for pod in WITH_STANDBY)
    both = controller(pods=pods, holder="standby", lease=f"argo-rollouts-controller-lock{suffix}")
    blue = observation(bracket(CART._replace(instance_id="blue")))
    with_id = pipeline(facts(both=both, versions={A: version}), blue, scope=Scope(instance_id="blue"))

    assert causes(with_id) == (["pipeline/emitter/lease"] if expected else [])


def test_the_emitting_pod_is_known_by_the_labels_of_its_discovery() -> None:
    discovered = replace(target(), discovered={"__meta_kubernetes_pod_name": "twin"})
    both = controller(pods=(pod(), pod("twin")), holder="twin")

    assert causes(pipeline(facts(both=both), observation(targets=(discovered,)))) == []
