"""Corrections of queries: only where they are certain, and only in the faulty place."""

import pytest

from tests.analyse.promql.builders import FAILED, remarked

CORRECTED = {
    'rollout_info{phase="Degraded"} == 1': f"rollout_info{{{FAILED}}} == 1",
    'rollout_info{ phase = "Degraded" , name="x"}': (
        'rollout_info{ phase =~ "Timeout|Error|Abort|InvalidSpec" , name="x"}'
    ),
    'rollout_info{phase!="Degraded"}': 'rollout_info{phase!~"Timeout|Error|Abort|InvalidSpec"}',
    "rollout_info{phase='Healthy'}": "rollout_info{phase='Completed'}",
    "rollout_info{phase=`Healthy`}": "rollout_info{phase=`Completed`}",
    'rollout_info{phase="Aborted"}': 'rollout_info{phase="Abort"}',
    'rollout_info{phase="ABORT"}': 'rollout_info{phase="Abort"}',
    'rollout_info{phase="ProgressDeadlineExceeded"}': 'rollout_info{phase="Timeout"}',
    'rollout_info{phase="Failed"}': "",
    'rollout_info{phase=~"Healthy|Degraded"}': 'rollout_info{phase=~"Completed|Timeout|Error|Abort|InvalidSpec"}',
    'rollout_info{phase!~"Healthy|Aborted"}': 'rollout_info{phase!~"Completed|Abort"}',
    'rollout_info{phase=~"Degr.*"}': "",
    'rollout_info{phase=~"Healthy|Broken"}': "",
    'rollout_info{strategy="Blue-Green"}': 'rollout_info{strategy="blueGreen"}',
    'rollout_info{strategy="RollingUpdate"}': "",
    'rollout_info{traffic_router="istio"}': 'rollout_info{traffic_router="Istio"}',
    'controller_clientset_k8s_request_total{verb=~"get|list"}': (
        'controller_clientset_k8s_request_total{verb=~"Get|List"}'
    ),
    'analysis_run_info{phase="Succeeded"}': 'analysis_run_info{phase="Successful"}',
    'rollout_reconcile_bucket{le="Inf"}': 'rollout_reconcile_bucket{le="+Inf"}',
    'rollout_reconcile_bucket{le="0.1"}': "",
    'absent(rollout_info{phase="Healthy"})': 'absent(rollout_info{phase="Completed"})',
    'rollout_info{phase="Paused",phase="Abort"}': "",
    "rollout_info == 0": "",
    "argo_rollout_info": "rollout_info",
    'rate(argo_rollouts_reconcile_bucket{le="1"}[5m])': 'rate(rollout_reconcile_bucket{le="1"}[5m])',
    "rate(rollout_reconcile_error_total[5m])": "rate(rollout_reconcile_error[5m])",
    "rate(rollout_reconcile_errors_total[5m])": "rate(rollout_reconcile_error[5m])",
    "rate(rollout_reconcile_duration_seconds_bucket[5m])": "rate(rollout_reconcile_bucket[5m])",
    '{__name__="argo_rollout_info"}': '{__name__="rollout_info"}',
    '{"argo_rollout_info"}': '{"rollout_info"}',
    "rate(rollout_reconcile[5m])": "",
    'rollout_info{rollout="x"}': 'rollout_info{name="x"}',
    'rollout_info{rollout="x",name="y"}': "",
    'rollout_info{rollout=~"$rollout"}': 'rollout_info{name=~"$rollout"}',
    'rollout_info{"rollout"="x"}': 'rollout_info{name="x"}',
    'rollout_info{status="Degraded"}': 'rollout_info{phase="Degraded"}',
    'rollout_info{canary_weight="20"}': "",
    "sum by (rollout) (rollout_info)": "sum by (name) (rollout_info)",
    "sum(max(rollout_info) by (rollout, phase)) by (phase)": "sum(max(rollout_info) by (name, phase)) by (phase)",
    "sum by (name, rollout) (rollout_info)": "",
    "rollout_info * on (rollout) group_left (team) owners": "",
    "rollout_info * on (rollout) rollout_info_replicas_desired": (
        "rollout_info * on (name) rollout_info_replicas_desired"
    ),
    'rollout_phase{phase="Paused"} == 1': 'rollout_info{phase="Paused"} == 1',
    'rollout_phase{phase="Degraded"} == 1': 'rollout_info{phase="Degraded"} == 1',
    'rollout_phase{phase="Paused"}': 'rollout_info{phase="Paused"}',
    'max by (name) (rollout_phase{phase=~"Error|Abort"}) > 0': 'max by (name) (rollout_info{phase=~"Error|Abort"}) > 0',
    'avg(rollout_phase{phase="Paused"}) > 0.5': "",
    "rollout_phase == 1": "",
    'rollout_phase{phase="Paused"} == 0': "",
    'rollout_phase{phase!="Paused"} == 1': "",
    '(rollout_phase{phase="Paused"} == 1) * rollout_phase': "",
    'analysis_run_phase{phase="Failed"} == 1': 'analysis_run_info{phase="Failed"} == 1',
    'analysis_run_phase{phase="Pending"} == 1': "",
    "label_values(rollout_info, rollout)": "label_values(rollout_info, name)",
    'label_values(rollout_info{phase="Healthy"}, name)': 'label_values(rollout_info{phase="Completed"}, name)',
    r'rollout_info{phase="\x44egraded"} # "phase"': f'rollout_info{{{FAILED}}} # "phase"',
    '# 단계: {phase="Degraded"}\nrollout_info{\n  name="결제\\t",\n  phase="Degraded", # why\n}[5m:1m]': (
        '# 단계: {phase="Degraded"}\nrollout_info{\n  name="결제\\t",\n  ' + FAILED + ", # why\n}[5m:1m]"
    ),
    'rollout_info{phase="Degraded"} or rollout_info{phase="Degraded"}': (
        f'rollout_info{{{FAILED}}} or rollout_info{{phase="Degraded"}}'
    ),
}


@pytest.mark.parametrize(("text", "corrected"), CORRECTED.items(), ids=CORRECTED)
def test_the_first_remark_is_corrected_in_its_place_or_not_at_all(text: str, corrected: str) -> None:
    found = remarked(text, "variable") if text.startswith("label_values") else remarked(text)
    assert found[0].corrected == corrected


def test_each_remark_corrects_its_own_place() -> None:
    found = remarked('rollout_info{phase="Degraded",strategy="Canary"} or rollout_info{phase="Healthy"}')
    assert [remark.corrected for remark in found] == [
        f'rollout_info{{{FAILED},strategy="Canary"}} or rollout_info{{phase="Healthy"}}',
        'rollout_info{phase="Degraded",strategy="canary"} or rollout_info{phase="Healthy"}',
        'rollout_info{phase="Degraded",strategy="Canary"} or rollout_info{phase="Completed"}',
    ]


@pytest.mark.parametrize(
    "text",
    [
        'rollout_phase{phase="Degraded"} == 1',
        'argo_rollout_phase{status="Degraded",strategy="Canary"} == 1',
        'count(argo_rollouts_info{state="healthy"}) by (rollout)',
    ],
)
def test_corrections_one_after_the_other_end_without_a_remark(text: str) -> None:
    for _ in range(6):
        found = [remark.corrected for remark in remarked(text) if remark.corrected]
        text = found[0] if found else text
    assert remarked(text) == ()
