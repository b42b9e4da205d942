import json
from collections import Counter
from datetime import datetime

import pytest

from maintainer.errors import ConfigError
from maintainer.sandbox.fleet import Fleet, Placed, expected, states_now, synthetic
from maintainer.sandbox.rollouts import rollout

INSTANCES = {"argo-rollouts": "127.0.0.1:1", "kubernetes-pods": "127.0.0.1:1"}


def test_the_fleet_has_about_120_rollouts_in_six_namespaces(fleet: Fleet) -> None:
    assert len(fleet.rollouts) == 120
    assert len({placed.namespace for placed in fleet.rollouts}) == 6
    assert sum(placed.moving for placed in fleet.rollouts) == 4


def test_every_state_but_the_refused_one_occurs_in_the_healthy_fleet(fleet: Fleet) -> None:
    used = Counter(placed.state for placed in fleet.rollouts)
    assert set(fleet.states) - set(used) == {"replicaset-refused"}


def test_every_state_makes_an_object_with_all_words_filled_in(fleet: Fleet, now: datetime) -> None:
    for state in fleet.states:
        made = rollout(fleet, Placed(state, "checkout", "cart"), now=now)
        assert "$" not in json.dumps(made)
        assert len(made["spec"]["strategy"]) == 1


def test_the_observed_generation_is_a_string(fleet: Fleet, now: datetime) -> None:
    made = rollout(fleet, Placed("healthy-canary", "checkout", "cart"), now=now)
    assert made["status"]["observedGeneration"] == "2"


def test_a_new_rollout_has_no_status_and_zeros_are_left_out(fleet: Fleet, now: datetime) -> None:
    assert "status" not in rollout(fleet, Placed("no-status", "checkout", "cart"), now=now)
    zero = rollout(fleet, Placed("scaled-to-zero", "checkout", "cart"), now=now)
    assert zero["spec"]["replicas"] == 0
    assert "availableReplicas" not in zero["status"]


def test_a_state_fault_changes_the_state_only_while_it_is_planted(fleet: Fleet) -> None:
    def state(of: Fleet) -> str:
        return next(placed.state for placed in states_now(of) if placed.key == ("identity", "mfa"))

    assert state(fleet) == "replicaset-refused"
    assert state(fleet.healthy()) == "healthy-canary"


def test_every_fault_expects_its_check_and_targets_are_completed_with_the_instance(fleet: Fleet) -> None:
    wanted = expected(fleet, INSTANCES)
    assert ("coverage/ghost", "Rollout/checkout/cart-v1") in wanted
    assert ("label/namespace", "Target/argo-rollouts 127.0.0.1:1") in wanted
    assert len([check for check, _ in wanted if check == "coverage/duplicate"]) == 2
    assert expected(fleet.healthy(), INSTANCES) == frozenset()


def test_faults_can_be_chosen_by_kind(fleet: Fleet) -> None:
    chosen = expected(fleet.with_faults("ghost"), INSTANCES)
    assert chosen == {("coverage/ghost", "Rollout/checkout/cart-v1")}
    assert expected(fleet.healthy().with_faults("ghost"), INSTANCES) == chosen
    with pytest.raises(ConfigError, match="no fault of kind gost"):
        fleet.with_faults("gost")


def test_a_fault_that_hides_others_is_planted_only_where_it_is_named(fleet: Fleet) -> None:
    assert not [fault for fault in fleet.faults if fault.kind == "silent"]
    alone = expected(fleet.with_faults("silent"), INSTANCES)
    assert alone == {("pipeline/emitter", "Service/argo-rollouts/argo-rollouts-metrics")}


def test_queries_are_named_by_what_people_call_them(fleet: Fleet) -> None:
    wanted = expected(fleet, INSTANCES)
    assert ("query/dead-selector", "alert/RolloutFailed") in wanted
    assert ("query/unknown-label", "panel/Argo Rollouts Monitoring / Canary weight") in wanted


def test_no_two_faults_are_done_to_the_same_rollout_or_to_one_that_moves(fleet: Fleet) -> None:
    keys = [fault.key for fault in fleet.faults if "namespace" in fault.fields]
    moving = {placed.key for placed in fleet.rollouts if placed.moving}
    assert len(keys) == len(set(keys))
    assert not moving & set(keys)


def test_synthetic_rollouts_have_names_of_their_own() -> None:
    assert len({placed.key for placed in synthetic(200)}) == 200
    assert synthetic(0) == ()
