"""The numbers that the API makes of a panel, held against a real Prometheus on what an honest controller exposes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.recorded import with_recorded
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.queries.baseline import Baseline
from maintainer.analyse.queries.panel_query import PanelQuery, by_state, panel_query
from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, INFO, UNAVAILABLE, UPDATED
from maintainer.model.facts import Condition, Rollout
from tests.analyse.promql.builders import promtool, query

REASONS = {
    "Completed": "NewReplicaSetAvailable",
    "Progressing": "ReplicaSetUpdated",
    "Paused": "RolloutPaused",
    "Timeout": "ProgressDeadlineExceeded",
    "Error": "ReplicaSetCreateError",
    "Abort": "RolloutAborted",
}
JOB = "argo-rollouts-metrics"
SCENE = Baseline(
    at=1.0,
    example={"namespace": "team-a", "name": "cart", "job": JOB, "phase": "Completed", "strategy": "canary"},
    external=frozenset({"cluster"}),
)
PUSHED = replace(
    SCENE,
    example={**SCENE.example, "exported_namespace": "team-a", "namespace": "argo-rollouts"},
    namespace_label="exported_namespace",
)
COUNTS = st.integers(0, 4)


@st.composite
def rollouts(draw: st.DrawFn) -> list[tuple[Rollout, str]]:
    """Some Rollouts of the API, each with the phase that the controller shows for it."""
    keys = draw(st.sets(st.tuples(st.sampled_from(["team-a", "team-b"]), st.sampled_from(["cart", "pay", "x.y"]))))
    found = []
    for namespace, name in sorted(keys):
        phase = draw(st.sampled_from([*REASONS, "InvalidSpec"]))
        conditions = (Condition("Progressing", REASONS.get(phase, "RolloutAborted")),)
        invalid = (Condition("InvalidSpec", "InvalidSpec"),) if phase == "InvalidSpec" else ()
        one = Rollout(
            namespace,
            name,
            "7",
            strategy=draw(st.sampled_from(["canary", "blueGreen", "none"])),
            desired=draw(COUNTS),
            replicas=draw(COUNTS),
            updated=draw(COUNTS),
            available=draw(COUNTS),
            conditions=(*conditions, *invalid),
        )
        found.append((one, phase))
    return found


def exposed(world: Sequence[tuple[Rollout, str]], *, pushed: bool) -> list[dict[str, str]]:
    """The series of an honest controller, by the formulas of its source."""
    series = []
    for one, phase in world:
        own = {"namespace": one.namespace, "name": one.name}
        if pushed:
            own = {"exported_namespace": one.namespace, "name": one.name, "namespace": "argo-rollouts"}
        values = {
            DESIRED: one.desired,
            UPDATED: one.updated,
            AVAILABLE: one.available,
            UNAVAILABLE: one.replicas - one.available,
        }
        info = {**own, "strategy": one.strategy, "phase": phase}
        series.append(_series(INFO, info, 1))
        series += [_series(family, own, value) for family, value in values.items()]
    return series


def _series(name: str, labels: dict[str, str], value: int) -> dict[str, str]:
    pairs = ",".join(f'{label}="{text}"' for label, text in {**labels, "job": JOB}.items())
    return {"series": f"{name}{{{pairs}}}", "values": f"{value}x3"}


NUMBERS = st.sampled_from(["", " == 1", " > 0", " >= 2", " != 3", " < 1"])
MATCHERS = [
    'namespace=~"$namespace"', 'name=~"$rollout"', 'namespace="team-a"', 'namespace!="team-b"', 'name=~"ca.*|pay"',
    'name!~"x.y"', f'job="{JOB}"', 'job="$job"', 'cluster="$cluster"',
]  # fmt: skip
OF_INFO = ['phase="Completed"', 'phase=~"Timeout|Error|Abort|InvalidSpec"', 'phase!="Paused"', 'strategy="canary"']


@st.composite
def panels(draw: st.DrawFn) -> str:
    """An aggregation as dashboards have it."""
    family = draw(st.sampled_from([INFO, INFO, *GAUGES]))
    matchers = draw(st.lists(st.sampled_from(MATCHERS + (OF_INFO if family == INFO else [])), max_size=3, unique=True))
    matchers = [one for one in matchers if "cluster" not in one]
    by = draw(st.sampled_from(["", " by (namespace)", " by (namespace, name)"]))
    by = draw(st.sampled_from([by, " by (phase)", " by (strategy, phase)"])) if family == INFO else by
    inner = f"{family}{{{','.join(matchers)}}}{draw(NUMBERS)}"
    operation = draw(st.sampled_from(["sum", "count", "min", "max", "avg"]))
    whole = draw(st.sampled_from(["{}", "({})", "{} or vector(0)", "({}) or on() vector(0)"]))
    return whole.format(f"{operation}{by} ({inner})")


def counted(text: str, baseline: Baseline) -> PanelQuery | None:
    """The aggregation that a panel is."""
    known = with_recorded(KnownSeries({}, (1, 9, 2)), [query(text, "panel")])
    parsed = parse_query(text, known)
    return panel_query(parsed, baseline) if parsed and parsed.tree else None


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[*HealthCheck])
@given(rollouts(), st.lists(panels(), min_size=20, max_size=20), st.sampled_from([SCENE, PUSHED]))
def test_the_api_makes_the_number_that_prometheus_makes(
    world: list[tuple[Rollout, str]], texts: list[str], baseline: Baseline
) -> None:
    pushed = baseline is PUSHED
    if pushed:
        texts = [text.replace("namespace", "exported_namespace").replace("$exported_", "$") for text in texts]
    checks = []
    for text in texts:
        count = counted(text, baseline)
        assert count is not None, text
        checks.append(_check(count, [one for one, _ in world]))
    tests = {"interval": "1m", "input_series": exposed(world, pushed=pushed), "promql_expr_test": checks}
    assert promtool(["test", "rules"], {"evaluation_interval": "1m", "tests": [tests]}) == ""


def _check(count: PanelQuery, world: Sequence[Rollout]) -> dict[str, Any]:
    samples = []
    for group, value in zip(*count.shares(by_state(world)), strict=True):
        pairs = zip(count.grouped.labels, group, strict=True)
        labels = ",".join(f'{label}="{text}"' for label, text in pairs if text)
        samples.append({"labels": f"{{{labels}}}", "value": value})
    return {"expr": count.grouped.promql, "eval_time": "2m", "exp_samples": samples}


@pytest.mark.parametrize(
    "text",
    [
        "rollout_info",
        "sum(rollout_info) > 3",
        "sum(rollout_info offset 5m)",
        "sum(rollout_info @ 1)",
        "sum without (phase) (rollout_info)",
        "sum by (job) (rollout_info)",
        "topk(3, rollout_info)",
        "sum(rollout_info) / sum(rollout_info_replicas_desired)",
        "sum(rollout_info == bool 1)",
        'sum(rollout_info{traffic_router="Istio"})',
        'sum(rollout_info{name!~"$rollout"})',
        'sum(rollout_info{phase="$phase"})',
        'sum(rollout_info{pod="$pod"})',
        'sum(rollout_info{exported_namespace="team-a"})',
        "sum by (phase) (rollout_info_replicas_desired)",
        "sum(rollout_phase)",
        "sum(rate(rollout_reconcile_count[5m]))",
        'sum({__name__=~"rollout_info.*"})',
    ],
)
def test_nothing_is_said_of_a_number_that_the_api_cannot_make(text: str) -> None:
    assert counted(text, SCENE) is None
