"""coverage/unwatched: Rollouts that the controller no longer reconciles."""

from dataclasses import replace
from typing import Any

import pytest

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.facts import Rollout
from tests.analyse.builders import A, B, bracket, moment, rollout, scraped
from tests.analyse.faults import NOT_RECONCILED
from tests.analyse.pipeline.builders import CART, SECONDS, causes, facts, gaps, observation, only_finding, pipeline


def gap_reasons(pipeline: Pipeline) -> list[str]:
    return [gap.reason.id for gap in gaps(pipeline) if gap.check == "coverage/unwatched"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"started": {A: SECONDS - 2400}}, "gap/young-process"),
        ({"started": {}}, "gap/short-memory"),
        ({"remembered": frozenset()}, "gap/short-memory"),
    ],
)
def test_counts_that_do_not_cover_the_window_are_a_gap_and_no_finding(fields: dict[str, Any], reason: str) -> None:
    short = pipeline(facts(reconciles=replace(NOT_RECONCILED, **fields)))

    assert causes(short) == []
    assert gap_reasons(short) == [reason]


@pytest.mark.parametrize(
    "rollout",
    [
        pytest.param(CART._replace(created=moment("2026-09-30T23:30:00Z")), id="created within the window"),
        pytest.param(CART._replace(created=0.0), id="unknown time of creation"),
        pytest.param(CART._replace(deleting=True), id="being deleted"),
        pytest.param(CART._replace(instance_id="blue"), id="another controller's"),
    ],
)
def test_a_rollout_that_need_not_be_reconciled_is_neither_finding_nor_gap(rollout: Rollout) -> None:
    exempt = pipeline(facts(reconciles=NOT_RECONCILED), observation(bracket(rollout)))

    assert causes(exempt) == []
    assert gap_reasons(replace(exempt, facts=facts(reconciles=replace(NOT_RECONCILED, started={})))) == []


def test_a_rollout_that_another_target_reconciled_is_no_finding() -> None:
    both_targets = bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))
    started = {A: SECONDS - 86400, B: SECONDS - 86400}
    only_at_a = replace(NOT_RECONCILED, started=started, remembered=frozenset({A, B}))
    reconciled = pipeline(facts(reconciles=only_at_a, versions={A: "v1.9.2", B: "v1.9.2"}), observation(both_targets))

    assert "coverage/unwatched/still" not in causes(reconciled)


def test_only_the_rollouts_without_reconcile_are_named() -> None:
    reconciled = rollout("pay")._replace(created=CART.created)
    finding = only_finding(pipeline(facts(reconciles=NOT_RECONCILED), observation(bracket(CART, reconciled))))

    assert [(subject.namespace, subject.name) for subject in finding.subjects] == [CART.key]
    assert finding.evidence["rollouts"] == ["shop/cart"]
