"""pipeline/rules-loaded: rules that are stored and not loaded, and a missing alert."""

from datetime import timedelta

import pytest

from tests.analyse.builders import NOW
from tests.analyse.pipeline.builders import FAILED, causes, facts, gaps, only_finding, pipeline, rule, stored


def test_rules_about_other_metrics_need_not_be_loaded() -> None:
    other = rule("DiskFull", "node_filesystem_avail_bytes < 1")

    assert causes(pipeline(facts(stored=(stored(rule(), other),)))) == []


def test_an_alert_on_a_recorded_series_about_rollouts_is_about_rollouts() -> None:
    record = rule("rollouts:failed", f"sum({FAILED})", asks="record")
    alert = rule("RolloutsFailed", "rollouts:failed > 0")

    assert causes(pipeline(facts(stored=()), rules=(record, alert))) == []
    finding = only_finding(pipeline(facts(stored=(stored(rule(), record, alert),))))
    assert [str(subject) for subject in finding.subjects] == ["alert/RolloutsFailed", "record/rollouts:failed"]


def test_a_loaded_record_does_not_count_as_the_alert_of_that_name() -> None:
    record = rule("RolloutFailed", FAILED, asks="record")

    assert "pipeline/rules-loaded/not-loaded" in causes(pipeline(rules=(record,)))


@pytest.mark.parametrize(("age", "expected"), [(9, "gap"), (11, "finding")])
def test_rules_that_were_stored_recently_are_a_gap(age: int, expected: str) -> None:
    changed = stored(rule(), rule("RolloutStuck"), changed=NOW - timedelta(minutes=age))
    with_change = pipeline(facts(stored=(changed,)))

    assert bool(causes(with_change)) == (expected == "finding")
    assert [gap.reason.id for gap in gaps(with_change)] == (["gap/fresh-rules"] if expected == "gap" else [])


def test_rules_that_are_loaded_are_no_gap_however_recent() -> None:
    assert gaps(pipeline(facts(stored=(stored(rule(), changed=NOW),)))) == ()


def test_without_the_loaded_rules_there_is_no_finding() -> None:
    assert causes(pipeline(rules=None)) == []
