"""Corrections of queries: only where they are certain, and only in the faulty place."""

import pytest

from maintainer.analyse.queries.lint import remarks
from tests.analyse.promql.builders import CURRENT, FAILED, query, remarked

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
    'rollout_info{status="Degraded"}': f"rollout_info{{{FAILED}}}",
    'rollout_info{canary_weight="20"}': "",
    "sum by (rollout) (rollout_info)": "sum by (name) (rollout_info)",
    "sum(max(rollout_info) by (rollout, phase)) by (phase)": "sum(max(rollout_info) by (name, phase)) by (phase)",
    "sum by (name, rollout) (rollout_info)": "",
    "rollout_info * on (rollout) group_left (team) owners": "",
    "rollout_info * on (rollout) rollout_info_replicas_desired": (
        "rollout_info * on (name) rollout_info_replicas_desired"
    ),
    'rollout_phase{phase="Paused"} == 1': 'rollout_info{phase="Paused"} == 1',
    'rollout_phase{phase="Degraded"} == 1': f"rollout_info{{{FAILED}}} == 1",
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
        f"rollout_info{{{FAILED}}} or rollout_info{{{FAILED}}}"
    ),
}


@pytest.mark.parametrize(("text", "corrected"), CORRECTED.items(), ids=CORRECTED)
def test_the_first_remark_is_corrected_in_its_place_or_not_at_all(text: str, corrected: str) -> None:
    found = remarked(text, "variable") if text.startswith("label_values") else remarked(text)
    assert found[0].corrected == corrected


def test_every_remark_shows_the_query_with_all_corrections() -> None:
    found = remarked('rollout_info{phase="Degraded",strategy="Canary"} or rollout_info{phase="Healthy"}')
    right = f'rollout_info{{{FAILED},strategy="canary"}} or rollout_info{{phase="Completed"}}'
    assert [remark.corrected for remark in found] == [right] * 3


@pytest.mark.parametrize(
    "text",
    [
        'rollout_phase{phase="Degraded"} == 1',
        'argo_rollout_phase{status="Degraded",strategy="Canary"} == 1',
        'count(argo_rollouts_info{state="healthy"}) by (rollout)',
        'argo_rollout_info{phase="Degraded"} == 1',
        'rollout_info{status="Aborted",rollout="shop"} unless on (rollout) rollout_info{phase="healthy"}',
    ],
)
def test_a_query_is_corrected_to_the_end_at_once(text: str) -> None:
    found = remarked(text)
    assert found
    assert len({remark.corrected for remark in found} - {text, ""}) == 1
    assert remarked(found[0].corrected) == ()


def test_what_cannot_be_corrected_is_left_where_the_rest_can_match_without_it() -> None:
    shut, open_ = 'rollout_info{strategy="RollingUpdate"}', 'rollout_info{phase="Healthy"}'
    right = 'rollout_info{phase="Completed"}'
    assert [remark.corrected for remark in remarked(f"{open_} or {shut}")] == [f"{right} or {shut}", ""]
    assert [remark.corrected for remark in remarked(f"{open_} and {shut}")] == ["", ""]
    assert [remark.corrected for remark in remarked('argo_rollout_info{strategy="RollingUpdate"}')] == [""]


def test_a_query_is_corrected_beside_the_recording_rule_that_it_reads() -> None:
    queries = [query("argo_rollout_info", "record", "made"), query('made{phase="Degraded"} == 1')]
    rule, alert = remarks(queries, version=CURRENT)
    assert (rule.corrected, alert.corrected) == ("rollout_info", f"made{{{FAILED}}} == 1")


@pytest.mark.parametrize(
    "text",
    [
        '(time() - argo_rollout_info{phase="Progressing"}) > 3600',
        'time() - max by (name) (argo_rollout_info{phase="Paused"}) > 0',
        'argo_rollout_info{phase="Paused"} < time() - 86400',
        'time() - rollout_phase_last_transition_time{phase="Paused"} > 3600',
        'histogram_quantile(0.5, sum by (le) (rate(rollout_phase_duration_seconds_bucket{phase="Paused"}[30d]))) > 1',
        'increase(argo_rollout_phase_total{phase="Error"}[1h]) > 3',
        'increase(argo_rollout_info{phase="Error"}[1h]) > 3',
        "rate(rollout_reconcile_total[5m]) > 1",
        "rate(rollout_info_count[5m]) > 1",
        "rate(rollout_reconcile_error_count[5m]) > 1",
        "rollout_reconcile_created > 1",
        "rollout_info_timestamp_seconds > 1",
    ],
)
def test_a_metric_of_another_kind_is_no_correction(text: str) -> None:
    found = remarked(text)
    assert [remark.check for remark in found] == ["query/unknown-metric"]
    assert [remark.corrected for remark in found] == [""]


@pytest.mark.parametrize(
    "text",
    [
        'time() - rollout_info_replicas_unavailable{rollout="web"} > 3600',
        'time() - rollout_info{phase="Degraded"}',
        'rollout_info_replicas_available{rollout="web"} < time() - 60',
    ],
)
def test_what_takes_the_value_of_another_metric_for_a_time_is_not_corrected_elsewhere(text: str) -> None:
    assert [remark.corrected for remark in remarked(text)] == [""]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("rate(rollout_events[5m])", "rate(rollout_events_total[5m])"),
        ("rate(rollout_reconcil_count[5m])", "rate(rollout_reconcile_count[5m])"),
        ("rate(argo_rollouts_reconcile_seconds_sum[5m])", "rate(rollout_reconcile_sum[5m])"),
        (
            "rate(clientset_k8s_request_total[5m]) > 1",
            "rate(controller_clientset_k8s_request_total[5m]) > 1",
        ),
    ],
)
def test_a_metric_of_the_same_kind_is(wrong: str, right: str) -> None:
    assert [remark.corrected for remark in remarked(wrong)] == [right]
