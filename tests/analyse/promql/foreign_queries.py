"""Queries in the shapes of other programs' dashboards and rules, some with words that the controller uses as well."""

from random import Random

WORDS: dict[str, tuple[str, ...]] = {
    "ns": ("default", "rollouts", "argo-rollouts", "kube-system", "analysis", "payroll"),
    "job": ("kube-state-metrics", "node-exporter", "argo-rollouts", "istiod", "kubelet", "enrollment"),
    "phase": ("Failed", "Pending", "Degraded", "Healthy", "Running", "Aborted"),
    "by": ("namespace", "pod", "cluster, namespace", "rollout", "phase, status", "instance, job", "strategy"),
    "op": (">", "<", "==", "!=", ">=", "<="),
    "n": ("0", "1", "5", "0.9", "100", "3600"),
    "d": ("1m", "5m", "1h", "$__rate_interval"),
    "agg": ("sum", "max", "min", "avg", "count"),
    "q": ("0.5", "0.9", "0.99"),
    "rx": (".*", "web|api", "rollout-.+", "5..", "Healthy|Degraded", "$namespace"),
    "kube": (
        "kube_pod_status_phase", "kube_deployment_status_replicas_available", "kube_deployment_spec_replicas",
        "kube_replicaset_status_ready_replicas", "kube_job_status_failed", "kube_namespace_status_phase",
        "kube_deployment_status_condition", "kube_customresource_rollout_info", "kube_rollout_phase",
        "kube_daemonset_status_number_unavailable",
    ),
    "node": (
        "node_cpu_seconds_total", "node_filesystem_avail_bytes", "node_filesystem_size_bytes", "node_load1",
        "node_memory_MemAvailable_bytes", "node_network_receive_errs_total", "node_timex_sync_status",
        "node_disk_io_time_seconds_total",
    ),
    "hist": (
        "http_request_duration_seconds", "apiserver_request_duration_seconds", "istio_request_duration_milliseconds",
        "nginx_ingress_controller_request_duration_seconds", "workqueue_queue_duration_seconds",
        "argocd_app_reconcile", "etcd_disk_wal_fsync_duration_seconds", "rollout_operator_request_duration_seconds",
        "experiment_duration_seconds", "notification_latency_seconds", "coredns_dns_request_duration_seconds",
    ),
    "total": (
        "istio_requests_total", "nginx_ingress_controller_requests", "argocd_app_sync_total", "http_requests_total",
        "rest_client_requests_total", "notifications_sent_total", "flagger_canary_total", "rollouts_total",
        "prometheus_notifications_dropped_total", "alertmanager_notifications_failed_total", "rollbacks_total",
        "controller_runtime_reconcile_errors_total", "analysis_jobs_total", "payroll_events_total",
    ),
    "info": (
        "argocd_app_info", "argocd_info", "kube_pod_info", "node_uname_info", "flagger_info", "istio_build",
        "experiment_info_total_size", "analytics_run_info", "rollback_info", "kube_namespace_labels",
    ),
}  # fmt: skip
SHAPES = (
    '{agg} by ({by}) ({kube}{{job="{job}",namespace=~"{rx}"}}) {op} {n}',
    '{kube}{{namespace="{ns}",phase="{phase}"}} {op} {n} and on (namespace) {info}',
    "{kube}{{phase=~\"{rx}\"}} unless {kube}{{status='{phase}'}}",
    "(1 - {node}{{mode=\"{phase}\"}} / {node}{{job='{job}'}}) * {n} {op} {n}",
    "{agg} without (cpu) (rate({node}{{mode!='idle'}}[{d}])) {op} {n}",
    "predict_linear({node}{{job='{job}'}}[{d}], 4 * {n}) {op} 0",
    "histogram_quantile({q}, sum by (le, {by}) (rate({hist}_bucket{{namespace=\"{ns}\"}}[{d}]))) {op} {n}",
    "histogram_quantile({q}, sum(rate({hist}_bucket[{d}])) by (le))",
    "sum(rate({hist}_sum[{d}])) / sum(rate({hist}_count{{code=~\"{rx}\"}}[{d}])) {op} {n}",
    "sum(rate({total}{{code=~\"5..\",rollout=\"{ns}\"}}[{d}])) by ({by}) / sum(rate({total}[{d}])) by ({by}) > {q}",
    "increase({total}{{reason=\"{phase}\"}}[{d}]) {op} {n}",
    "changes({info}{{name=\"{ns}\"}}[{d}]) {op} {n}",
    "time() - {info}{{health_status=\"{phase}\",strategy=\"Canary\"}} {op} {n}",
    "absent({info}{{job=\"{job}\"}}) or up{{job=\"{job}\"}} == 0",
    'label_replace({info}, "rollout", "$1", "name", "(.*)") * on (rollout) group_left (phase) {kube}',
    '{{__name__=~"kube_.*|node_.*",phase="{phase}",namespace="{ns}"}} {op} {n}',
    '{{"rollout.{ns}", phase="{phase}"}} {op} {n}',
    'ALERTS{{alertname="Rollout{phase}",namespace=~"{rx}"}} {op} {n}',
    "namespace:rollout_phase:{agg}{{phase=\"{phase}\"}} {op} {n}",
)  # fmt: skip


def foreign_queries(random: Random, count: int) -> list[str]:
    """So many different queries."""
    found: dict[str, None] = {}
    while len(found) < count:
        words = {name: random.choice(values) for name, values in WORDS.items()}
        text = random.choice(SHAPES).format(**words)
        if "$namespace" in text or "$__rate" in text:
            text = text.replace("$namespace", "shop").replace("$__rate_interval", "5m")
        found[text] = None
    return list(found)
