"""The phase that metrics must show, and how it relates to the API's ``status.phase``."""

from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.accuracy.phases import meaning, metric_phase
from maintainer.model.facts import Condition
from tests.analyse.builders import INVALID, progressing, rollout

CONTRACT = yaml.safe_load(files("maintainer.model").joinpath("controller-metrics.yaml").read_text("utf-8"))
PHASES = CONTRACT["enums"]["rollout_metric_phase"]
REASONS = (
    "RolloutAborted",
    "ProgressDeadlineExceeded",
    "ReplicaSetCreateError",
    "RolloutPaused",
    "NewReplicaSetAvailable",
    "ReplicaSetUpdated",
    "ReplicaSetNotAvailable",
    "RolloutResumed",
    "RolloutRetry",
)
AVAILABLE = Condition("Available", "AvailableReason")


@pytest.mark.parametrize(
    ("conditions", "phase"),
    [
        pytest.param((), "Progressing", id="no status at all"),
        pytest.param((AVAILABLE,), "Progressing", id="no condition Progressing"),
        pytest.param((progressing("RolloutAborted"),), "Abort", id="aborted"),
        pytest.param((progressing("ProgressDeadlineExceeded"),), "Timeout", id="deadline exceeded"),
        pytest.param((progressing("ReplicaSetCreateError"),), "Error", id="ReplicaSet refused"),
        pytest.param((progressing("RolloutPaused"),), "Paused", id="paused"),
        pytest.param((progressing("NewReplicaSetAvailable"),), "Completed", id="new ReplicaSet available"),
        pytest.param((progressing("ReplicaSetUpdated"),), "Progressing", id="updated"),
        pytest.param((progressing("ReplicaSetNotAvailable"),), "Progressing", id="not available"),
        pytest.param((progressing("RolloutResumed"),), "Progressing", id="resumed"),
        pytest.param((progressing("RolloutRetry"),), "Progressing", id="retried"),
        pytest.param((progressing("FoundNewReplicaSet"),), "Progressing", id="a reason of a later release"),
        pytest.param((progressing(""),), "Progressing", id="no reason"),
        pytest.param((progressing("ServiceNotFound"),), "Progressing", id="a reason that counted in v1.0"),
        pytest.param((INVALID,), "InvalidSpec", id="invalid"),
        pytest.param((INVALID, progressing("RolloutAborted")), "InvalidSpec", id="invalid and aborted"),
        pytest.param((progressing("RolloutAborted"), INVALID), "InvalidSpec", id="aborted and invalid"),
        pytest.param((progressing("NewReplicaSetAvailable"), INVALID), "InvalidSpec", id="available and invalid"),
        pytest.param((AVAILABLE, progressing("RolloutPaused")), "Paused", id="Progressing is not the first"),
        pytest.param((Condition("Paused", "RolloutPaused"),), "Progressing", id="another condition's reason"),
        pytest.param((Condition("Available", "InvalidSpec"),), "Progressing", id="InvalidSpec as a reason"),
    ],
)  # fmt: skip
def test_the_metric_phase_comes_from_the_conditions(conditions: tuple[Condition, ...], phase: str) -> None:
    assert phase == metric_phase(rollout(conditions=conditions))


@pytest.mark.parametrize(
    "fields",
    [
        {"phase": "Degraded"},
        {"paused": True},
        {"message": "RolloutAborted: by hand"},
        {"available": 0},
        {"reconciled": False},
        {"deleting": True},
        {"restarting": True},
    ],
    ids=str,
)
def test_the_metric_phase_depends_on_nothing_but_the_conditions(fields: dict[str, Any]) -> None:
    assert metric_phase(rollout(**fields)) == "Completed"


TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(REASONS))
TYPES = st.sampled_from(["InvalidSpec", "Available", "Progressing", "ReplicaFailure", "Paused", "Completed", "Healthy"])
CONDITIONS = st.lists(st.builds(Condition, TYPES, TEXTS), max_size=4).map(tuple)


@given(CONDITIONS)
def test_the_metric_phase_is_always_one_of_the_contract(conditions: tuple[Condition, ...]) -> None:
    assert metric_phase(rollout(conditions=conditions)) in PHASES


def test_the_metric_phase_can_be_any_of_the_contract() -> None:
    shown = {metric_phase(rollout(conditions=(progressing(reason),))) for reason in REASONS}

    assert set(PHASES) == shown | {metric_phase(rollout(conditions=(INVALID,)))}


ABORTED, LATE, WRONG = "RolloutAborted: by hand", "ProgressDeadlineExceeded: 600 s", "InvalidSpec: no such Service"
PROGRESSING, DONE, HELD = (
    progressing("ReplicaSetUpdated"),
    progressing("NewReplicaSetAvailable"),
    progressing("RolloutPaused"),
)
GIVEN_UP, OVERDUE, REFUSED = (
    progressing("RolloutAborted"),
    progressing("ProgressDeadlineExceeded"),
    progressing("ReplicaSetCreateError"),
)


def case(phase: str, *conditions: Condition, **fields: Any) -> dict[str, Any]:
    """The fields of a Rollout with this ``status.phase`` and these conditions."""
    return {"phase": phase, "conditions": conditions, **fields}


@pytest.mark.parametrize(
    ("fields", "metric", "kind"),
    [
        pytest.param(case("Healthy", DONE), "Completed", "equal", id="steady state"),
        pytest.param(case("Progressing", PROGRESSING), "Progressing", "equal", id="updating"),
        pytest.param(case("Paused", HELD), "Paused", "equal", id="pause step"),
        pytest.param(case("Paused", PROGRESSING), "Progressing", "explained", id="a pause begins"),
        pytest.param(case("Paused", DONE, paused=True), "Completed", "explained", id="paused when promoted"),
        pytest.param(case("Paused", PROGRESSING, paused=True), "Progressing", "explained", id="paused, pods missing"),
        pytest.param(case("Degraded", GIVEN_UP, message=ABORTED), "Abort", "equal", id="aborted"),
        pytest.param(case("Degraded", OVERDUE, message=LATE), "Timeout", "equal", id="deadline exceeded"),
        pytest.param(case("Degraded", INVALID, message=WRONG), "InvalidSpec", "equal", id="invalid spec"),
        pytest.param(
            case("Degraded", GIVEN_UP, INVALID, message=ABORTED), "InvalidSpec", "explained", id="invalid and aborted"
        ),
        pytest.param(
            case("Degraded", OVERDUE, INVALID, message=LATE), "InvalidSpec", "explained", id="invalid and overdue"
        ),
        pytest.param(case("Healthy", REFUSED), "Error", "misleading", id="refused while Healthy"),
        pytest.param(case("Progressing", REFUSED), "Error", "misleading", id="refused while Progressing"),
        pytest.param(case("Paused", REFUSED), "Error", "misleading", id="refused while Paused"),
        pytest.param(case("Healthy", PROGRESSING), "Progressing", "explained", id="old pods remain"),
        pytest.param(case("Progressing", DONE, restarting=True), "Completed", "explained", id="restart pending"),
        pytest.param(case("Progressing", PROGRESSING, restarting=True), "Progressing", "equal", id="restart, updating"),
        pytest.param(case("Progressing", HELD), "Paused", "explained", id="just promoted"),
        pytest.param(case("Progressing", DONE), "Completed", "explained", id="one reconcile behind"),
        pytest.param(case("Healthy", DONE, desired=0, replicas=0), "Completed", "equal", id="scaled to 0"),
        pytest.param(case("", reconciled=False), "Progressing", "equal", id="no status yet"),
        pytest.param(case("Progressing"), "Progressing", "equal", id="no condition, API says Progressing"),
        pytest.param(case("Healthy"), "Progressing", "misleading", id="no condition, API says Healthy"),
        pytest.param(case("Paused"), "Progressing", "misleading", id="no condition, API says Paused"),
        pytest.param(case("Degraded", message=ABORTED), "Progressing", "misleading", id="no condition, API Degraded"),
        pytest.param(case("Healthy", HELD, reconciled=False), "Paused", "explained", id="newest spec not seen yet"),
        pytest.param(case("Healthy", HELD, deleting=True), "Paused", "explained", id="being deleted"),
        *(
            pytest.param(case("Healthy", *conditions), metric, "misleading", id=f"Healthy and {metric}")
            for conditions, metric in (((HELD,), "Paused"), ((GIVEN_UP,), "Abort"), ((OVERDUE,), "Timeout"))
        ),
        pytest.param(case("Healthy", DONE, INVALID), "InvalidSpec", "misleading", id="Healthy and InvalidSpec"),
        *(
            pytest.param(
                case("Degraded", condition, message=ABORTED), metric, "misleading", id=f"Degraded and {metric}"
            )
            for condition, metric in ((DONE, "Completed"), (PROGRESSING, "Progressing"), (HELD, "Paused"))
        ),
        pytest.param(case("Degraded", REFUSED, message=ABORTED), "Error", "misleading", id="Degraded and Error"),
        *(
            pytest.param(case("Paused", condition), metric, "misleading", id=f"Paused and {metric}")
            for condition, metric in ((GIVEN_UP, "Abort"), (OVERDUE, "Timeout"), (INVALID, "InvalidSpec"))
        ),
        pytest.param(case("Paused", DONE), "Completed", "misleading", id="Paused, not by hand, and Completed"),
    ],
)  # fmt: skip
def test_how_api_and_metric_relate(fields: dict[str, Any], metric: str, kind: str) -> None:
    shown = rollout(**fields)

    assert metric == metric_phase(shown)
    assert kind == meaning(shown, metric).kind


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        (case("Paused", PROGRESSING), "pods-change-while-paused"),
        (case("Paused", DONE, paused=True), "paused-when-promoted"),
        (case("Degraded", GIVEN_UP, INVALID, message=ABORTED), "two-reasons"),
        (case("Healthy", REFUSED), "replicaset-refused"),
        (case("Paused", REFUSED), "replicaset-refused"),
        (case("Progressing", REFUSED), "replicaset-refused"),
        (case("Healthy", PROGRESSING), "old-pods-remain"),
        (case("Progressing", DONE, restarting=True), "restarting"),
        (case("Progressing", DONE), "one-reconcile-behind"),
        (case("Progressing", HELD), "one-reconcile-behind"),
        (case("Healthy", HELD, deleting=True), "being-deleted"),
        (case("Healthy", HELD, deleting=True, reconciled=False), "being-deleted"),
        (case("Healthy", HELD, reconciled=False), "not-reconciled-yet"),
        (case("Healthy", HELD), "conditions-disagree"),
        (case("Degraded", DONE, message=ABORTED), "conditions-disagree"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_difference_has_its_reason(fields: dict[str, Any], row: str) -> None:
    shown = rollout(**fields)

    assert row == meaning(shown, metric_phase(shown)).row


@pytest.mark.parametrize("fields", [{"deleting": True}, {"reconciled": False}], ids=str)
def test_a_refused_replicaset_always_misleads(fields: dict[str, Any]) -> None:
    refused = rollout(conditions=(REFUSED,), **fields)

    assert meaning(refused, "Error").kind == "misleading"


@given(
    st.sampled_from(CONTRACT["enums"]["rollout_api_phase"]),
    CONDITIONS,
    st.sampled_from(["", ABORTED, LATE, WRONG, "more pods"]),
    st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_phases_that_mean_the_same_never_mislead(
    phase: str, conditions: tuple[Condition, ...], text: str, flags: tuple[bool, bool, bool, bool]
) -> None:
    paused, restarting, deleting, reconciled = flags
    drawn = rollout(
        phase=phase,
        conditions=conditions,
        message=text,
        paused=paused,
        restarting=restarting,
        deleting=deleting,
        reconciled=reconciled,
    )
    metric = metric_phase(drawn)
    pairs = {("Healthy", "Completed"), ("Progressing", "Progressing"), ("Paused", "Paused"), ("", "Progressing")}

    assert ((phase, metric) in pairs or (phase == "Degraded" and text.startswith(PREFIX.get(metric, "?")))) == (
        meaning(drawn, metric).kind == "equal"
    )


PREFIX = {"InvalidSpec": "InvalidSpec:", "Abort": "RolloutAborted:", "Timeout": "ProgressDeadlineExceeded:"}
