"""Where the controller is, and which of several controllers a pod, a target and a Lease belong to."""

from dataclasses import replace
from typing import Any

import pytest

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.place import not_in_its_place
from maintainer.model.facts import Unavailable, labels
from maintainer.model.message import message
from maintainer.model.pipeline import FoundController, PipelineFacts, Pod
from maintainer.render.words import load, say
from tests.analyse.builders import SCOPE, target
from tests.analyse.pipeline.builders import (
    NOTHING_SCRAPED,
    causes,
    controller,
    facts,
    observation,
    pipeline,
    pod,
    service,
)

ENGLISH = load("en")


def absent(**fields: Any) -> PipelineFacts:
    """Nothing of a controller is where it is looked for, only a pod of something else."""
    other = pod("web", labels={"app": "web"}, images=("example.com/kubectl-argo-rollouts:v1.9.2",))
    nothing = controller(service=None, pods=(other,), ready=0, lease="", holder="")
    return facts(both=nothing, **fields)


FOUND_ELSEWHERE = (FoundController("rollouts", ("pods", "lease")), FoundController("teams", ("target",)))


def misplaced(pipeline: Pipeline) -> list[str]:
    return [say(ENGLISH, unavailable.reason) for unavailable in not_in_its_place(pipeline)]


def test_a_controller_that_is_elsewhere_is_a_lasting_gap_with_every_place_and_the_setting() -> None:
    [said] = misplaced(pipeline(absent(elsewhere=FOUND_ELSEWHERE)))

    assert "rollouts (by its pods, by its Lease), teams (by its target). Set controller.namespace" in said


def test_metrics_of_a_controller_that_is_nowhere_are_a_gap_too() -> None:
    [said] = misplaced(pipeline(absent()))

    assert "although metrics of one arrive" in said


def test_no_controller_and_no_metrics_are_a_finding_and_no_gap() -> None:
    nothing = pipeline(absent(), NOTHING_SCRAPED)

    assert misplaced(nothing) == []
    assert "pipeline/service/missing" in causes(nothing)


def test_a_controller_that_is_elsewhere_and_not_scraped_lacks_no_service_here() -> None:
    unscraped = pipeline(absent(elsewhere=FOUND_ELSEWHERE), NOTHING_SCRAPED)

    assert len(misplaced(unscraped)) == 1
    assert causes(unscraped) == ["pipeline/target/none"]


@pytest.mark.parametrize(
    "there",
    [
        {"service": service()},
        {"pods": (pod(),)},
        {"pods": (pod(labels={"app.kubernetes.io/name": "argo-rollouts"}, images=("mirror.example/ar:1",)),)},
        {"pods": (pod(images=("mirror.example:5000/argo-rollouts@sha256:4be0",)),)},
        {"lease": "argo-rollouts-controller-lock", "holder": "leader"},
        {"unavailable": (Unavailable("pods", message("gap/no-emitter")),)},
        {"looked": False},
    ],
)
def test_what_is_partly_there_or_was_not_seen_is_no_misplaced_controller(there: dict[str, Any]) -> None:
    nothing: dict[str, Any] = {"service": None, "pods": (), "ready": 0, "lease": "", "holder": ""}
    both = controller(**{**nothing, **there})

    assert misplaced(pipeline(facts(both=both, elsewhere=FOUND_ELSEWHERE))) == []


@pytest.mark.parametrize(
    ("words", "id_"),
    [
        ((), ""),
        (("--instance-id=blue",), "blue"),
        (("/bin/rollouts-controller", "--instance-id", "blue", "--namespaced"), "blue"),
        (("-instance-id=a=b",), "a=b"),
        (("--instance-id",), ""),
        (("--other-instance-id=blue", "instance-id=blue"), ""),
    ],
)
def test_the_instance_id_of_a_pod(words: tuple[str, ...], id_: str) -> None:
    assert pod(words=words).instance_id == id_


BLUE_POD = pod("blue", words=("--instance-id=blue",))
GREEN_POD = pod("green", words=("--instance-id=green",), addresses=("10.0.0.2",))
BLUES = labels({"instance": "10.0.0.2:8090", "job": "argo-rollouts-metrics"})


def beside(own: str, *pods: Pod, **fields: Any) -> Pipeline:
    """A run for this instance id where green's target is down."""
    down = replace(target(BLUES, healthy=False), down=True, error="connection refused")
    seen = observation(targets=(target(), down), down=frozenset({BLUES}), **fields)
    scope = replace(SCOPE, instance_id=own)
    return pipeline(facts(both=controller(pods=pods, lease=f"argo-rollouts-controller-lock-{own}")), seen, scope=scope)


def test_a_target_of_another_instance_id_is_not_ours() -> None:
    assert "pipeline/target/down" in causes(beside("green", BLUE_POD, GREEN_POD))
    assert "pipeline/target/down" not in causes(beside("blue", BLUE_POD, GREEN_POD))


def test_an_instance_id_that_only_pods_elsewhere_have_is_a_gap_that_says_where() -> None:
    seen = beside("red", BLUE_POD, GREEN_POD)
    placed = replace(seen, facts=replace(seen.facts, elsewhere=(FoundController("red-system", ("pods",)),)))
    [said] = misplaced(placed)

    assert "which is red. Controllers with this one are in these namespaces: red-system (by its pods)" in said
    assert "pipeline/target/down" not in causes(placed)


def test_an_instance_id_that_no_pod_has_excuses_no_pod() -> None:
    """It may be set in other ways than by an argument."""
    assert "pipeline/target/down" in causes(beside("red", BLUE_POD, GREEN_POD))


def test_a_target_that_emits_rollouts_of_others_is_not_ours_whatever_its_pod_says() -> None:
    assert "pipeline/target/down" not in causes(beside("red", others=frozenset({BLUES})))


@pytest.mark.parametrize(
    ("pods", "own", "namespaced"),
    [
        ((pod(words=("--namespaced",)),), "", True),
        ((pod(words=("--namespaced=true", "--instance-id=blue")), pod("all")), "blue", True),
        ((pod(words=("--namespaced",)), pod("all")), "", False),
        ((pod(words=("--namespaced=false",)),), "", False),
        ((), "", False),
    ],
)
def test_a_controller_is_namespaced_if_all_its_pods_are(pods: tuple[Pod, ...], own: str, *, namespaced: bool) -> None:
    assert controller(pods=pods).namespaced(own) is namespaced


def test_the_scope_of_a_namespaced_controller_is_its_namespace_unless_the_settings_name_some() -> None:
    assert SCOPE.within_its_namespace().namespaces == ("argo-rollouts",)
    assert replace(SCOPE, namespaces=("shop",)).within_its_namespace().namespaces == ("shop",)
