"""Queries as people write them, each with exactly the remarks that it should get."""

import pytest

from maintainer.model.queries import Asks
from tests.analyse.promql.builders import remarked, verdicts

J = 'job="argo-rollouts-metrics"'

ALERTS: dict[str, list[str]] = {
    # The guide's four alerts, as it words them.
    'rollout_info{phase="Degraded"} == 1': ['dead-selector: phase="Degraded"'],
    "rate(rollout_reconcile_error[5m]) > 0.1": [],
    'rollout_info{phase="Progressing"} == 1': [],
    "(rollout_info_replicas_desired != rollout_info_replicas_available)"
    ' and on(namespace, name) rollout_info{phase="Healthy"}': ['dead-selector: phase="Healthy"'],
    'rollout_phase{phase="Degraded"} == 1': ["deprecated: rollout_phase", 'dead-selector: phase="Degraded"'],
    # Values that no metric has.
    'rollout_info{phase="Aborted"}': ['dead-selector: phase="Aborted"'],
    'rollout_info{phase="paused"}': ['dead-selector: phase="paused"'],
    'rollout_info{strategy="BlueGreen"}': ['dead-selector: strategy="BlueGreen"'],
    'rollout_info{strategy="blueGreen"}': [],
    'rollout_info{traffic_router="Traefik"}': ['dead-selector: traffic_router="Traefik"'],
    'rollout_info{traffic_router=""}': [],
    'rollout_info{phase="InvalidSpec"}': [],
    'rollout_phase{phase="InvalidSpec"} == 1': ["deprecated: rollout_phase", 'dead-selector: phase="InvalidSpec"'],
    'rate(controller_clientset_k8s_request_total{verb="get"}[5m]) > 5': ['dead-selector: verb="get"'],
    'rate(controller_clientset_k8s_request_total{verb="Get",status_code=~"5.."}[5m]) > 5': [],
    'analysis_run_info{phase="Succeeded"}': ['dead-selector: phase="Succeeded"'],
    'analysis_run_info{phase=""}': [],
    'rollout_reconcile_bucket{le="0.1"}': ['dead-selector: le="0.1"'],
    'rollout_reconcile_bucket{le="+Inf"} - ignoring(le) rollout_reconcile_bucket{le="0.25"} > 0': [],
    'rollout_reconcile_bucket{le="1.0"}': [],
    'rollout_info{phase=""}': ['dead-selector: phase=""'],
    'rollout_info{namespace=""}': ['dead-selector: namespace=""'],
    'rollout_info{exported_namespace=""}': [],
    'rollout_info{exported_namespace="team-a",namespace="argo-rollouts",pod="x",cluster=~"a|b"}': [],
    'rollout_info{exported_phase="Degraded"}': ['dead-selector: exported_phase="Degraded"'],
    'rollout_info{phase!~"Completed|Progressing|Paused|Timeout|Error|Abort|InvalidSpec"}': [
        'dead-selector: phase!~"Completed|Progressing|Paused|Timeout|Error|Abort|InvalidSpec"'
    ],
    'rollout_info{phase="Paused",phase="Abort"}': ['dead-selector: phase="Abort"'],
    'rollout_info{phase=~"Paused|Abort",phase!~"P.*|A.*"}': ['dead-selector: phase!~"P.*|A.*"'],
    'rollout_info{job="a",job="b"}': ['dead-selector: job="b"'],
    'rollout_info{phase!="Paused",phase!="Abort"}': [],
    # Regular expressions.
    'rollout_info{phase=~"Degraded|Healthy"}': ['dead-selector: phase=~"Degraded|Healthy"'],
    'rollout_info{phase=~"Healthy|Progressing"}': ['dead-selector: phase=~"Healthy|Progressing"'],
    'rollout_info{phase=~"Aborted|Error|Timeout"} == 1': ['dead-selector: phase=~"Aborted|Error|Timeout"'],
    'rollout_info{phase=~"^(Degraded|Abort.*|Paus.+)$"} == 1': ['dead-selector: phase=~"^(Degraded|Abort.*|Paus.+)$"'],
    'rollout_info{phase=~"Abort.*|Paus.+|"} == 1': [],
    'rollout_info{traffic_router=~"Istio|Traefik"}': ['dead-selector: traffic_router=~"Istio|Traefik"'],
    'rate(controller_clientset_k8s_request_total{verb=~"Get|Post"}[5m]) > 1': ['dead-selector: verb=~"Get|Post"'],
    'rate(rollout_reconcile_bucket{le=~"1|1.0|0[.]5"}[5m]) > 1': [],
    'rollout_info{name=~"web|api",namespace=~"a|b"}': [],
    'rollout_info{phase=~"Degr.*"}': ['dead-selector: phase=~"Degr.*"'],
    'rollout_info{phase=~"(?i)ABORT"}': [],
    'rollout_info{phase=~"Abor"}': ['dead-selector: phase=~"Abor"'],
    'rollout_info{phase=~"^(Degraded)$"}': ['dead-selector: phase=~"^(Degraded)$"'],
    r'rollout_info{phase=~"\\pL+"}': [],
    'rollout_info{phase=~".+"}': [],
    # Negated, absent: always true.
    'rollout_info{phase!="Healthy"}': ['always-true: phase!="Healthy"'],
    'rollout_info{phase!~"Healthy|Degraded"}': ['always-true: phase!~"Healthy|Degraded"'],
    'rollout_info{phase!~"Healthy|Progressing"}': ['dead-selector: phase!~"Healthy|Progressing"'],
    'rollout_info{phase!="Completed"}': [],
    'rollout_info{phase!=""}': [],
    'absent(rollout_info{phase="Healthy"})': ['always-true: phase="Healthy"'],
    'absent_over_time(rollout_info{phase="Healthy"}[10m])': ['always-true: phase="Healthy"'],
    'absent(sum(rollout_info{phase="Healthy"}) > 0)': ['always-true: phase="Healthy"'],
    'absent(rollout_info{phase="Completed"})': [],
    "absent(argo_rollout_info)": ["unknown-metric: argo_rollout_info"],
    # Families of zeros and ones.
    'rollout_phase{phase="Paused"}': ["always-true: rollout_phase", "deprecated: rollout_phase"],
    'rollout_phase{phase="Paused"} == 1': ["deprecated: rollout_phase"],
    'rollout_phase{phase="Paused"} == bool 1': ["always-true: rollout_phase", "deprecated: rollout_phase"],
    'sum by (name) (rollout_phase{phase="Error"}) > 0': ["deprecated: rollout_phase"],
    'count(rollout_phase{phase="Error"}) > 0': ["always-true: rollout_phase", "deprecated: rollout_phase"],
    'count(rollout_phase{phase="Error"} == 1) > 0': ["deprecated: rollout_phase"],
    'up == 0 and on(pod) rollout_phase{phase="Error"}': ["always-true: rollout_phase", "deprecated: rollout_phase"],
    'analysis_run_metric_phase{phase="Failed"}': ["always-true: analysis_run_metric_phase"],
    'analysis_run_metric_phase{phase="Failed"} > 0': [],
    # Comparisons that values decide.
    "rollout_info == 1": [],
    "rollout_info > 0": [],
    "rollout_info == 0": ["dead-selector: == 0"],
    "rollout_info > 1": ["dead-selector: > 1"],
    "rollout_info >= 0": ["always-true: >= 0"],
    "0 < rollout_info": [],
    "2 <= rollout_info": ["dead-selector: 2 <="],
    "count(rollout_info) == 0": ["dead-selector: == 0"],
    "count(rollout_info) > 10": [],
    'sum(rollout_info{phase="Abort"}) < 1': ["dead-selector: < 1"],
    "rollout_info_replicas_available < 0": ["dead-selector: < 0"],
    "rollout_info_replicas_unavailable < 0": [],
    "rollout_info_replicas_available == 0": [],
    "rate(rollout_reconcile_error[5m]) >= 0": ["always-true: >= 0"],
    "rollout_info - 1 == 0": ["always-true: == 0"],
    "rollout_info - 1 > 1": ["dead-selector: > 1"],
    "rollout_info * 100 > 50": ["always-true: > 50"],
    "rollout_info / 0 > 50": [],
    "rollout_info_replicas_available / rollout_info_replicas_desired < 0": [],
    "(time() - rollout_info) / 60 > 60": ["always-true: > 60"],
    "time() - timestamp(rollout_info) > 300": [],
    "time() - process_start_time_seconds > 300 and on (pod) rollout_info": [],
    # Changes of what never changes.
    'increase(rollout_info{phase="Abort"}[1h]) > 0': ["dead-selector: rollout_info"],
    "changes(analysis_run_info[1h]) > 2": ["dead-selector: analysis_run_info"],
    "sum(rate(rollout_info[5m])) by (name) > 0": ["dead-selector: rollout_info"],
    "delta((rollout_info == 1)[1h:]) != 0": ["dead-selector: rollout_info"],
    "changes(rollout_phase[1h]) > 0": ["deprecated: rollout_phase"],
    "delta(rollout_info_replicas_available[1h]) < 0": [],
    "changes(rollout_info[1h]) == 0": ["dead-selector: rollout_info"],
    # Labels that never agree.
    '(rollout_info_replicas_available != rollout_info_replicas_desired) and (rollout_info{phase="Completed"} == 1)': [
        "dead-selector: rollout_info"
    ],
    "rollout_info_replicas_desired * rollout_info > 3": ["dead-selector: rollout_info"],
    "rollout_info / sum(rollout_info) > 0.5": ["dead-selector: rollout_info"],
    "rollout_info / ignoring(phase) rollout_info_replicas_desired > 1": ["dead-selector: rollout_info"],
    "rollout_info and on (namespace, phase) rollout_reconcile_error": ["dead-selector: rollout_info"],
    "rollout_info_replicas_available unless rollout_info": ["always-true: rollout_info"],
    "rollout_info and sum by (namespace, name) (rollout_info_replicas_desired) > 3": ["dead-selector: rollout_info"],
    "rollout_info_replicas_desired and sum by (namespace, name) (rollout_info) > 3": [],
    "rollout_info / on (namespace, name) rollout_info_replicas_desired > 1": [],
    "rollout_info / ignoring(phase, strategy, traffic_router) rollout_info_replicas_desired > 1": [],
    "rollout_info * on (name) group_left (team) owners and rollout_info": [],
    "rollout_info and up": [],
    "rollout_info_replicas_available or rollout_info": [],
    "rollout_info_replicas_available - rollout_info_replicas_desired < 0": [],
    "sum(rollout_info) / count(rollout_info_replicas_desired) > 2": [],
    'label_replace(rollout_info_replicas_desired, "phase", "x", "name", ".*") and rollout_info': [
        "dead-selector: rollout_info"
    ],
    'label_replace(rollout_phase, "phase", "x", "name", ".*") and rollout_info': [
        "always-true: rollout_phase",
        "deprecated: rollout_phase",
    ],
    # Quantiles of what has no buckets.
    "histogram_quantile(0.9, sum(rate(rollout_reconcile_bucket[5m]))) > 1": ["dead-selector: rollout_reconcile_bucket"],
    "histogram_quantile(0.9, rate(rollout_reconcile_sum[5m])) > 1": ["dead-selector: rollout_reconcile_sum"],
    "histogram_quantile(0.9, sum by (name) (rate(rollout_reconcile_bucket[5m]))) > 1": [
        "dead-selector: rollout_reconcile_bucket"
    ],
    "histogram_quantile(0.9, sum without (name) (rate(rollout_reconcile_bucket[5m]))) > 1": [],
    "histogram_quantile(0.9, sum(rate(rollout_reconcile[5m]))) > 1": ["unknown-metric: rollout_reconcile"],
    "histogram_quantile(0.9, sum(rate(http_seconds_bucket[5m]))) > 1 and on () rollout_info": [],
    # What the controller is not known to write.
    'increase(rollout_events_total{reason="ProgressDeadlineExceeded"}[1h]) > 0': [
        'dead-selector: reason="ProgressDeadlineExceeded"'
    ],
    'increase(rollout_events_total{reason=~"RolloutPaused|Stuck"}[1h]) > 0': [
        'dead-selector: reason=~"RolloutPaused|Stuck"'
    ],
    'increase(notification_send_error{reason=~"Progress.*"}[1h]) > 0': ['dead-selector: reason=~"Progress.*"'],
    'increase(rollout_events_total{reason=~"Rollout.*|.*Error"}[1h]) > 0': [],
    'increase(rollout_events_total{reason!="Stuck"}[1h]) > 0': [],
    # Names of runs.
    'analysis_run_info{rollout="web", phase="Failed"} == 1': ['unknown-label: rollout="web"'],
    'analysis_run_info{name="web"}': ['dead-selector: name="web"'],
    'experiment_info{name=~"web|shop"}': ['dead-selector: name=~"web|shop"'],
    'analysis_run_info{name="web-6d4cf56db6-2"}': [],
    'analysis_run_info{name=~"web-.+"}': [],
    'analysis_run_reconcile_error{name!="web"}': [],
    # Names.
    "argo_rollout_info": ["unknown-metric: argo_rollout_info"],
    'argo_rollouts_info{phase="Degraded"}': ["unknown-metric: argo_rollouts_info"],
    "argo_rollout_phase == 1": ["unknown-metric: argo_rollout_phase"],
    "rate(rollout_reconcile_error_total[5m]) > 0": ["unknown-metric: rollout_reconcile_error_total"],
    "argo_rollouts_rollout_phase": ["unknown-metric: argo_rollouts_rollout_phase"],
    "argo_rollouts_success_rate < 1": ["unknown-metric: argo_rollouts_success_rate"],
    "histogram_quantile(0.9, rate(rollout_reconcile[5m]))": ["unknown-metric: rollout_reconcile"],
    "rollout_created_time": ["unknown-metric: rollout_created_time"],
    "rate(rollout_duration_seconds_sum[5m]) > 1": ["unknown-metric: rollout_duration_seconds_sum"],
    'leader_election_master_status{job="argo-rollouts-metrics"} == 0': [
        "unknown-metric: leader_election_master_status"
    ],
    '{__name__="argo_rollout_info"}': ["unknown-metric: argo_rollout_info"],
    '{__name__="rollout_info",phase="Degraded"}': ['dead-selector: phase="Degraded"'],
    '{__name__=~"rollout_info|rollout_phase",phase="Degraded"}': ['dead-selector: phase="Degraded"'],
    '{__name__=~"rollout_.*",phase="Degraded"}': ['dead-selector: phase="Degraded"'],
    '{__name__=~"rollout_info.*",strategy="Canary"}': ['dead-selector: strategy="Canary"'],
    '{__name__=~"rollout_info|rollout_reconcile_error",phase="Degraded"}': ['dead-selector: phase="Degraded"'],
    '{__name__=~"analysis_run_.+",status="Failed"}': ['unknown-label: status="Failed"'],
    '{__name__=~"argo_rollout_.*"} == 1': ["unknown-metric: argo_rollout_.*"],
    '{__name__=~"rollout_.*"} == 1': [],
    '{__name__=~"rollout_.*",phase="Paused"}': [],
    '{__name__=~".+",phase="Degraded"}': [],
    '{__name__=~"kube_.*",phase="Degraded"} and on () rollout_info': [],
    '{"rollout.info"}': [],
    '{"rollout.info", phase="Degraded"}': [],
    '{"rollout_info", phase="Healthy"}': ['dead-selector: phase="Healthy"'],
    'rollout_info{"phase"="Healthy"}': ['dead-selector: "phase"="Healthy"'],
    'rollout_info{phase="Degraded" or phase="Paused"}': [],
    'rollout_info{phase="Degraded" or phase="Healthy"}': [
        'dead-selector: phase="Degraded"',
        'dead-selector: phase="Healthy"',
    ],
    # Names that are nearly right.
    "analysisrun_info": ["unknown-metric: analysisrun_info"],
    "argocd_rollout_info": ["unknown-metric: argocd_rollout_info"],
    "rolout_info": ["unknown-metric: rolout_info"],
    "rolluot_info": ["unknown-metric: rolluot_info"],
    "rollout_replicas_available == 0": ["unknown-metric: rollout_replicas_available"],
    "rate(clientset_k8s_request_total[5m]) > 1": ["unknown-metric: clientset_k8s_request_total"],
    "rollout_phase_last_transition_time": ["unknown-metric: rollout_phase_last_transition_time"],
    "rollout_info_weight": ["unknown-metric: rollout_info_weight"],
    "rollout_duration_seconds": ["unknown-metric: rollout_duration_seconds"],
    "argocd_info": [],
    "argocd_app_reconcile_bucket": [],
    "rollback_info": [],
    # Labels.
    'rollout_info{kube_namespace="shop"}': ['unknown-label: kube_namespace="shop"'],
    'rollout_info{label_app="shop"}': ['unknown-label: label_app="shop"'],
    'rollout_info{created_by_kind!="Job"}': ['unknown-label: created_by_kind!="Job"'],
    'rollout_info{deployment=~".*"}': [],
    'rollout_info_replicas_available{phase=~".{0,9}"}': [],
    r'rollout_info_replicas_available{phase=~"\\pL*"}': [],
    r'rollout_info_replicas_available{phase=~"\\pL+"}': [r'unknown-label: phase=~"\\pL+"'],
    'rollout_info{phase=~"[[:upper:]]egraded"}': ['dead-selector: phase=~"[[:upper:]]egraded"'],
    'rollout_info_replicas_available{phase=~".{1,9}"}': ['unknown-label: phase=~".{1,9}"'],
    'rollout_info{rollout="shop"}': ['unknown-label: rollout="shop"'],
    'rollout_info{status="Degraded"}': ['unknown-label: status="Degraded"'],
    'rollout_info{state!="Degraded"}': ['unknown-label: state!="Degraded"'],
    'rollout_info{rollout=~".*"}': [],
    'rollout_info{rollout=""}': [],
    'rollout_info_replicas_available{phase="Paused"}': ['unknown-label: phase="Paused"'],
    "rollout_info{canary_weight='20'}": ["unknown-label: canary_weight='20'"],
    "sum by (rollout) (rollout_info) > 3": ["unknown-label: rollout"],
    'sum by (rollout) (label_replace(rollout_info, "rollout", "$1", "name", "(.*)")) > 3': [],
    "sum by (rollout) (kube_pod_info) > 3 and on () rollout_info": [],
    "sum(kube_pod_info) by (rollout) + sum by (rollout) (rollout_info)": ["unknown-label: rollout"],
    "rollout_info * on (rollout) group_left (team) owners": ["unknown-label: rollout"],
    "rollout_info * on (name) group_left (rollout) owners": [],
    # Parts of a whole.
    'rollout_info{phase="Paused"} or rollout_info{phase="Degraded"}': ['dead-selector: phase="Degraded"'],
    'rollout_info unless rollout_info{phase="Healthy"}': ['dead-selector: phase="Healthy"'],
    'rollout_info{phase="Degraded"} and on(name) up': ['dead-selector: phase="Degraded"'],
    'sum(rollout_info{phase="Degraded"}) / sum(rollout_info) > 0.1': ['dead-selector: phase="Degraded"'],
    '(count(rollout_info{phase="Degraded"}) or vector(0)) > 3': ['dead-selector: phase="Degraded"'],
    'max_over_time(rollout_info{phase="Degraded"}[1h:1m]) == 1': ['dead-selector: phase="Degraded"'],
    'max_over_time((rollout_info{phase="Paused"} == 1)[1h:1m] offset 5m @ end())': [],
    # Ways to write.
    r'rollout_info{phase="\x44egraded"}': [r'dead-selector: phase="\x44egraded"'],
    "rollout_info{phase=`Degraded`}": ["dead-selector: phase=`Degraded`"],
    r"rollout_info{phase=~`\QDegraded\E`}": [r"dead-selector: phase=~`\QDegraded\E`"],
    'rollout_info{phase="저하됨"}': ['dead-selector: phase="저하됨"'],
    'rollout_info{namespace="결제"}': [],
    'rollout_info{\n  # not {phase="Healthy"}\n  phase = "Degraded", # why\n}': ['dead-selector: phase = "Degraded"'],
    'rollout_info # {phase="Degraded"}': [],
    'label_replace(rollout_info, "x", "rollout_info{phase=\\"Degraded\\"}", "", "")': [],
    "rate(rollout_info[5m": ["not-checked: rollout_info"],
    'rollout_info{phase=~"("}': ["not-checked: rollout_info"],
    # Other people's.
    'kube_deployment_status_condition{phase="Degraded",rollout="x"} == 1': [],
    'argocd_app_info{health_status="Degraded"} == 1': [],
    "rollout_operator_last_successful_group_reconcile_timestamp_seconds < 1": [],
    'rollouts_total{phase="Healthy"}': [],
    'workqueue_depth{name="deployment"} > 10': [],
    'build_info{version=""}': [],
    "leader_election_master_status == 0": [],
    'kube_pod_info{created_by_name="argo-rollouts"': [],
    'up{job="rollout_info"} == 0': [],
    "argo_rollouts:phase:count > 1": [],
    'ALERTS{alertname="RolloutFailed"}': [],
}

PANELS: dict[str, list[str]] = {
    # The guide's seven panels: phases and the label rollout as its text has them.
    'rollout_info{namespace=~"$namespace", name=~"$rollout"}': [],
    'count(rollout_info{phase="Healthy", namespace=~"$namespace"}) or vector(0)': ['dead-selector: phase="Healthy"'],
    'rollout_info_replicas_available{namespace=~"$namespace", rollout=~"$rollout"}': [
        'unknown-label: rollout=~"$rollout"'
    ],
    'rollout_reconcile{namespace=~"$namespace"}': ["unknown-metric: rollout_reconcile"],
    "sum(rate(rollout_reconcile_error[$__rate_interval])) by (name)": [],
    'sum(rollout_reconcile_error{namespace=~"$namespace"})': [],
    'rollout_phase{phase="Healthy"}': ["deprecated: rollout_phase", 'dead-selector: phase="Healthy"'],
    'sum(rate(controller_clientset_k8s_request_total{verb=~"$verb"}[$__rate_interval])) by (verb)': [],
    # Upstream's dashboard.
    f"time() - max(process_start_time_seconds{{{J}}})": [],
    f"sum(rollout_info{{{J}}})": [],
    f"sum(rollout_info{{{J}}}) by (strategy)": [],
    f'sum(rollout_info{{phase="Completed",{J}}} == 1)': [],
    f'sum(rollout_info{{phase="Progressing",{J}}})': [],
    f'sum(rollout_info{{phase="Paused",{J}}})': [],
    f'sum(rollout_info{{phase="Error",{J}}} == 1)': [],
    f'sum(rollout_info{{phase="InvalidSpec",{J}}} == 1)': [],
    f'sum(rollout_info{{phase="Timeout",{J}}} == 1)': [],
    f'sum(rollout_info{{phase="Abort",{J}}} == 1)': [],
    f"sum(increase(rollout_reconcile_count{{{J}}}[10m]))": [],
    "sum(increase(rollout_reconcile_bucket[10m])) by (le)": [],
    f"go_memstats_heap_alloc_bytes{{{J}}}": [],
    f'rollout_info{{{J},namespace="$rollout_namespace",name="$rollout_name"}}': [],
    f'rollout_info_replicas_desired{{{J},namespace="$rollout_namespace",name="$rollout_name"}}': [],
    f'rollout_info_replicas_unavailable{{{J},namespace="$rollout_namespace",name="$rollout_name"}}': [],
    # Variables anywhere.
    'rollout_info{phase="$phase"}': [],
    'rollout_info{phase=~"Degraded|${phase:regex}"}': [],
    'rollout_info{phase="Degraded",namespace=~"[[namespace]]"}': ['dead-selector: phase="Degraded"'],
    'sum by ($group) (max_over_time(rollout_info{phase="Degraded"}[${window}m:$__interval] offset $shift))': [
        'dead-selector: phase="Degraded"'
    ],
    "topk($n, rollout_info) > $threshold": [],
    "rollout_$kind > 0": [],
    "count(rollout_phase{phase='Paused'}) by (namespace)": ["always-true: rollout_phase", "deprecated: rollout_phase"],
    "count by (namespace, name) (rollout_phase)": ["deprecated: rollout_phase"],
    "count by (phase) (rollout_phase)": ["always-true: rollout_phase", "deprecated: rollout_phase"],
    "count by (phase) (rollout_phase == 1)": ["deprecated: rollout_phase"],
    'count(rollout_phase{phase="Paused"})': ["always-true: rollout_phase", "deprecated: rollout_phase"],
    'rollout_phase{phase="Paused"}': ["deprecated: rollout_phase"],
}

VARIABLES: dict[str, list[str]] = {
    "label_values(rollout_info,namespace)": [],
    'label_values(rollout_info{namespace="$rollout_namespace"},name)': [],
    "label_values(rollout_info, rollout)": ["unknown-label: rollout"],
    'label_values(rollout_info{phase="Healthy"}, name)': ['dead-selector: phase="Healthy"'],
    "label_values(namespace)": [],
    "label_values(kube_pod_info, rollout)": [],
    'query_result(count(rollout_info{phase="Degraded"}))': ['dead-selector: phase="Degraded"'],
    "metrics(rollout_.*)": [],
}

TABLE: list[tuple[Asks, str, list[str]]] = [
    *(("alert", text, expected) for text, expected in ALERTS.items()),
    *(("panel", text, expected) for text, expected in PANELS.items()),
    *(("variable", text, expected) for text, expected in VARIABLES.items()),
]


@pytest.mark.parametrize(("asks", "text", "expected"), TABLE, ids=[text for _, text, _ in TABLE])
def test_verdict(asks: Asks, text: str, expected: list[str]) -> None:
    assert sorted(verdicts(remarked(text, asks))) == sorted(expected)


def test_the_table_is_large_enough() -> None:
    assert len(TABLE) >= 100
