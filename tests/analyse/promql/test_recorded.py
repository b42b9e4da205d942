"""Recording rules among the queries are followed, as far as they can be without their own labels."""

import pytest

from maintainer.analyse.queries.lint import remarks
from tests.analyse.promql.builders import CURRENT, query, verdicts

RULES = {
    "by_phase": "sum by (namespace, name, phase) (rollout_info)",
    "a:b": "max without (name) (by_phase)",
    "aborted": 'sum by (phase) (rollout_info{phase="Abort"})',
    "dead": 'sum(rollout_info{phase="Degraded"})',
    "loop": "loop + rollout_info",
    "foreign": "sum by (phase) (kube_pod_status_phase)",
    "mixed": "sum by (phase) (rollout_info) + on (phase) kube_pod_status_phase",
    "argo_rollout_info": "rollout_info",
    "rate": "sum by (name) (rate(rollout_reconcile_error[5m]))",
}

READ = {
    'by_phase{phase="Degraded"} > 0': ['dead-selector: phase="Degraded"'],
    'by_phase{phase="Paused"} > 0': [],
    "by_phase < 1": ["dead-selector: < 1"],
    'a:b{phase="healthy"}': ['dead-selector: phase="healthy"'],
    'a:b{rollout="x"}': [],
    'aborted{phase="Degraded"}': [],
    "dead > 0": ["dead-selector: dead"],
    "absent(dead)": ["always-true: dead"],
    'loop{phase="Degraded"}': [],
    'foreign{phase="Degraded"}': [],
    'mixed{phase="Degraded"}': [],
    'argo_rollout_info{phase="Degraded"}': ['dead-selector: phase="Degraded"'],
    "rate >= 0": ["always-true: >= 0"],
    'rate{name=""}': [],
}


@pytest.mark.parametrize(("text", "expected"), READ.items(), ids=READ)
def test_a_selector_on_a_recorded_name_is_judged_by_what_can_come_through(text: str, expected: list[str]) -> None:
    rules = [query(rule, "record", name) for name, rule in RULES.items()]
    found = remarks([query(text), *rules], version=CURRENT)
    assert verdicts([remark for remark in found if remark.query.text == text]) == expected


def test_two_rules_of_one_name_add_up() -> None:
    rules = [
        query('sum by (phase) (rollout_info{name="a"})', "record", "both"),
        query('sum by (phase) (label_replace(rollout_info, "phase", "Degraded", "", ""))', "record", "both"),
    ]
    assert remarks([*rules, query('both{phase="Degraded"}')], version=CURRENT) == ()


def test_remarks_come_in_the_order_of_the_queries_and_of_their_text() -> None:
    first = query('rollout_info{strategy="Canary",phase="Healthy"}')
    second = query("argo_rollout_info")
    found = remarks([first, second, first], version=CURRENT)
    assert [
        remark.query is expected for remark, expected in zip(found, (first, first, second, first, first), strict=True)
    ]
    assert verdicts(found[:3]) == [
        'dead-selector: strategy="Canary"',
        'dead-selector: phase="Healthy"',
        "unknown-metric: argo_rollout_info",
    ]


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        ("rollout_info_replicas_updated", (1, 3, 9), ["unknown-metric: rollout_info_replicas_updated"]),
        ("rollout_info_replicas_updated", (1, 4, 0), []),
        ("rollout_created_time", (0, 7, 2), []),
        ("rollout_created_time", (0, 8, 0), ["unknown-metric: rollout_created_time"]),
        ("rollout_duration_seconds_count", (1, 10, 2), ["unknown-metric: rollout_duration_seconds_count"]),
        ("rollout_duration_seconds_count", (1, 11, 0), []),
        ('rollout_phase{phase="Paused"} == 1', (0, 9, 0), []),
        ('rollout_info{phase="Paused"} == 1', (0, 9, 0), ['unknown-label: phase="Paused"']),
        ('analysis_run_metric_phase{dry_run="True"} == 1', (1, 2, 0), ['dead-selector: dry_run="True"']),
        ('analysis_run_metric_phase{dry_run="true"} == 1', (1, 1, 0), ['unknown-label: dry_run="true"']),
        ('rollout_info{phase="Degraded"}', None, ['dead-selector: phase="Degraded"']),
    ],
)
def test_the_controllers_version_decides(text: str, version: tuple[int, int, int] | None, expected: list[str]) -> None:
    assert verdicts(remarks([query(text)], version=version)) == expected
