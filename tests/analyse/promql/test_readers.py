"""What may be read counts as read."""

import pytest

from maintainer.analyse.promql.readers import readers
from maintainer.model.queries import Place, Query

METRICS = ("rollout_info", "rollout_phase", "rollout_reconcile_bucket")
TARGET = {"job": "argo-rollouts"}


def read_by(text: str) -> set[str]:
    query = Query(text, "panel", "A panel", Place("dashboard.json"))
    return {metric for metric, names in readers([query], METRICS, target=TARGET).items() if names == ("A panel",)}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sum(rollout_info)", {"rollout_info"}),
        ("rollout_info unless on(name) rollout_phase", {"rollout_info", "rollout_phase"}),
        ("label_values(rollout_phase, name)", {"rollout_phase"}),
        ('{__name__="rollout_phase"}', {"rollout_phase"}),
        ('{"rollout_phase"}', {"rollout_phase"}),
        ('{__name__=~"rollout_(info|phase)"}', {"rollout_info", "rollout_phase"}),
        ('{__name__=~"rollout_.*"}', set(METRICS)),
        ('{__name__=~"node_.*"}', set()),
        ('{__name__=~"$metric"}', set(METRICS)),
        ('count by (__name__) ({job="argo-rollouts"})', set(METRICS)),
        ('count by (__name__) ({job="node"})', set()),
        ('count by (__name__) ({job!="node"})', set(METRICS)),
        ('count by (__name__) ({namespace="shop"})', set(METRICS)),
        ("up", set()),
        ("sum(rollout_info) ) rollout_phase", {"rollout_info", "rollout_phase"}),
        ("my_rollout_phase + rollout_phase_total", set()),
    ],
)
def test_the_metrics_that_a_query_may_read(text: str, read: set[str]) -> None:
    assert read_by(text) == read


def test_each_query_is_named_once() -> None:
    twice = [Query("rollout_info + rollout_info", "panel", name, Place("f")) for name in ("A", "B", "A")]
    assert readers(twice, METRICS, target={})["rollout_info"] == ("A", "B")
