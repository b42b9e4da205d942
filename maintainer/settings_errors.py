"""The errors of the settings in our own words: which setting is wrong, where it was set, and how it is written."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from maintainer.model.secret_text import bare_urls

FORMS: Mapping[str, str] = {
    "string_type": "must be a text (a number or a date in quotes)",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "mapping_type": "must be names with their values",
    "dict_type": "must be names with their values",
    "invalid_key": "must have texts as keys",
    "model_type": "must be a section with keys below it",
    "greater_than": "must be longer than nothing",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "date_type": "must be a day",
    "date_parsing": "must be a day",
    "date_from_datetime_parsing": "must be a day",
    "date_from_datetime_inexact": "must be a day without a time",
    "value_error": "{error}",
}
"""What we say for each type of pydantic's errors, whose own sentences a person never sees."""

OTHER = "cannot be read as this setting"
"""What we say for a type of error that is not in :data:`FORMS`."""

EXAMPLES: Mapping[str, str] = {
    "cluster": "{name: management}",
    "cluster.name": "management",
    "cluster.kubeconfig": "/home/me/.kube/config",
    "cluster.context": "management",
    "cluster.namespaces": "[shop, bank]",
    "cluster.as": "system:serviceaccount:monitoring:maintainer",
    "controller": "{namespace: argo-rollouts}",
    "controller.namespace": "argo-rollouts",
    "controller.service": "argo-rollouts-metrics",
    "controller.instanceId": "blue",
    "prometheus": "{url: http://prometheus.monitoring.svc:9090}",
    "prometheus.url": "http://prometheus.monitoring.svc:9090",
    "prometheus.service": "monitoring/prometheus",
    "prometheus.publicUrl": "https://prometheus.example.com",
    "prometheus.matchers": "['cluster=\"a\"']",
    "prometheus.replicaLabels": "[replica]",
    "prometheus.headers": "{X-Scope-OrgID: team-a}",
    "prometheus.bearerTokenFile": "/var/run/secrets/prometheus/token",
    "prometheus.basicAuth": "{username: reader, passwordFile: /var/run/secrets/prometheus/password}",
    "prometheus.basicAuth.username": "reader",
    "prometheus.basicAuth.passwordFile": "/var/run/secrets/prometheus/password",
    "prometheus.tls": "{caFile: /etc/ssl/prometheus/ca.crt}",
    "prometheus.tls.caFile": "/etc/ssl/prometheus/ca.crt",
    "prometheus.tls.certFile": "/etc/ssl/prometheus/tls.crt",
    "prometheus.tls.keyFile": "/etc/ssl/prometheus/tls.key",
    "prometheus.tls.insecureSkipVerify": "true",
    "prometheus.timeout": "30s",
    "prometheus.maxSamplesPerRun": "50000000",
    "ruler": "{url: http://vmalert.monitoring.svc:8880}",
    "ruler.url": "http://vmalert.monitoring.svc:8880",
    "grafana": "{url: http://grafana.monitoring.svc}",
    "grafana.dashboards": "[monitoring/grafana-dashboard-argo-rollouts]",
    "grafana.url": "http://grafana.monitoring.svc",
    "grafana.tokenFile": "/var/run/secrets/grafana/token",
    "alertmanager": "{url: http://alertmanager.monitoring.svc:9093}",
    "alertmanager.url": "http://alertmanager.monitoring.svc:9093",
    "alerts": "{labelsFile: episodes.csv}",
    "alerts.names": "[Rollout*]",
    "alerts.incidentsFile": "/etc/maintainer/incidents.yaml",
    "alerts.labelsFile": "/etc/maintainer/episodes.csv",
    "alerts.eventsFile": "/var/lib/alertmanager/events.jsonl",
    "alerts.alertmanagerFile": "/etc/alertmanager/alertmanager.yml",
    "alerts.hours": '{night: "22:00-07:00"}',
    "alerts.hours.night": "22:00-07:00",
    "alerts.hours.work": "09:00-18:00",
    "alerts.route": "{groupBy: [alertname, namespace]}",
    "alerts.route.groupBy": "[alertname, namespace]",
    "alerts.route.groupWait": "30s",
    "alerts.route.groupInterval": "5m",
    "alerts.route.repeatInterval": "4h",
    "alerts.shortFor": "5m",
    "alerts.impact": "sum by (namespace, name) (rate(http_errors_total[5m])) > 1",
    "alerts.thresholds": "{transient: 5m, flappingCount: 3}",
    "desired": "{helmReleases: [monitoring/monitoring]}",
    "desired.helmReleases": "[monitoring/monitoring]",
    "desired.paths": "[/etc/maintainer/desired]",
    "desired.kinds": "[ConfigMap, Service]",
    "reconcile": "{mode: apply}",
    "reconcile.mode": "apply",
    "reconcile.plan": "plan.json",
    "reconcile.retention": "apply",
    "reconcile.yesDeleteData": "true",
    "reconcile.prune": "true",
    "reconcile.wait": "5m",
    "storage": "{diskSize: 50Gi}",
    "storage.diskSize": "50Gi",
    "storage.sizes": "[45GB, 90GB]",
    "storage.price": "0.08",
    "schedule": "{timeZone: Asia/Seoul}",
    "schedule.timeZone": "Asia/Seoul",
    "schedule.daily": "0 6 * * *",
    "schedule.monthly": "0 9 1 * *",
    "schedule.quarterly": "0 9 1 1,4,7,10 *",
    "schedule.semiannual": "0 9 1 1,7 *",
    "reports": "{directory: reports/out}",
    "reports.language": "ko",
    "reports.directory": "reports/out",
    "reports.formats": "[html, json]",
    "reports.keep": "36",
    "reports.docsUrl": "https://docs.example.com/maintainer",
    "reports.publicUrl": "https://reports.example.com",
    "store": "{kind: configmaps}",
    "store.kind": "configmaps",
    "store.path": "/var/lib/maintainer",
    "store.namespace": "maintainer",
    "store.name": "maintainer",
    "store.keep": "{ledger: 36, archive: 15}",
    "store.keep.ledger": "36",
    "store.keep.archive": "15",
    "store.record": "true",
    "store.waitLock": "5m",
    "slack": '{channel: "#deployments"}',
    "slack.post": "true",
    "slack.channel": "#deployments",
    "slack.when": "findings",
    "slack.daily": "[controller/stale-cache]",
    "slack.tokenFile": "/run/secrets/slack/token",
    "slack.webhookUrlFile": "/run/secrets/slack/webhook",
    "slack.baseUrl": "https://slack.example.com/api",
    "serve": '{listen: "127.0.0.1:8080"}',
    "serve.listen": "127.0.0.1:8080",
    "metrics": "{pushgateway: http://pushgateway.monitoring.svc:9091}",
    "metrics.textfile": "/var/lib/node_exporter/textfile_collector/maintainer.prom",
    "metrics.pushgateway": "http://pushgateway.monitoring.svc:9091",
    "metrics.basicAuth": "{username: maintainer, passwordFile: /run/secrets/pushgateway/password}",
    "metrics.basicAuth.username": "maintainer",
    "metrics.basicAuth.passwordFile": "/run/secrets/pushgateway/password",
    "log": "{format: json}",
    "log.format": "json",
    "log.level": "verbose",
    "color": "never",
    "checks": "['accuracy/*', panel/value]",
    "accept": "[{check: coverage/ghost, subject: Rollout/shop/cart, reason: issue 12, until: 2027-01-31}]",
    "accept.check": "coverage/ghost",
    "accept.subject": "Rollout/shop/cart",
    "accept.reason": "is removed with issue 12",
    "accept.until": "2027-01-31",
    "failOn": "error",
    "timeout": "15m",
}
"""A value of each setting and each section, as it is written in YAML."""


def error_lines(error: ValidationError, origins: Mapping[str, str], *, known: Iterable[str]) -> Iterator[str]:
    """A line for each wrong setting.

    ``origins`` are the places where settings were set, by dotted key. ``known`` are the keys that there are.
    """
    names = tuple(known)
    for problem in error.errors(include_url=False):
        key = ".".join(map(str, problem["loc"]))
        origin = next((origins[part] for part in _self_and_parents(key) if part in origins), "the configuration")
        if problem["type"] == "extra_forbidden":
            yield f"{origin}: unknown key {key}{_did_you_mean(key, names)}"
        else:
            yield f"{origin}: {key}: {_sentence(problem, key)}"


def _sentence(problem: Mapping[str, Any], key: str) -> str:
    """What is wrong in our words, with an example where the words have none."""
    context = {name: str(value) for name, value in problem.get("ctx", {}).items()}
    said = FORMS.get(problem["type"], OTHER).format_map(context)
    if problem["type"] in {"value_error", "literal_error"}:  # these say how the value is written
        return bare_urls(said)
    setting = ".".join(part for part in key.split(".") if not part.isdigit())
    example = next((EXAMPLES[part] for part in _self_and_parents(setting) if part in EXAMPLES), "")
    return f"{said}, such as {example}" if example else said


def _self_and_parents(key: str) -> Iterator[str]:
    """``a.b.c``, ``a.b`` and ``a`` for ``a.b.c``."""
    parts = key.split(".")
    for size in range(len(parts), 0, -1):
        yield ".".join(parts[:size])


def _did_you_mean(key: str, names: Iterable[str]) -> str:
    section = ".".join(part for part in key.split(".")[:-1] if not part.isdigit())
    known = {part for setting in names for part in _self_and_parents(setting)}
    siblings = {path.rpartition(".")[2]: path for path in sorted(known) if path.rpartition(".")[0] == section}
    close = get_close_matches(key.rpartition(".")[2], siblings, n=1)
    return f"; did you mean {siblings[close[0]]}?" if close else f"; known here are {', '.join(siblings.values())}"


_PREFIX = "MAINTAINER_"
_INJECTED = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?$")
"""How the variables end that Kubernetes gives to every pod for a Service, such as one with the name maintainer."""


def unknown_variables(names: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """A warning for each variable that is none of the known ones, and looks like a setting.

    It does if its name is near a known one, or begins with a section, such as ``MAINTAINER_CLUSTER_``.
    """
    sections = {"_".join(name.split("_")[:2]) + "_" for name in known if name.count("_") > 1}
    endings = {name.removeprefix(_PREFIX): name for name in known}
    for name in sorted({name for name in names if name.startswith(_PREFIX)} - {*known}):
        near = get_close_matches(name.removeprefix(_PREFIX), endings, n=1, cutoff=0.8)
        section = next((section for section in sections if name.startswith(section)), "")
        if _INJECTED.search(name) or not (near or section):
            continue
        hint = f"did you mean {endings[near[0]]}?" if near else f"known are {', '.join(_below(section, known))}"
        yield f"the environment variable {name} is no setting and is ignored; {hint}"


def _below(section: str, known: Iterable[str]) -> list[str]:
    return sorted(name for name in known if name.startswith(section))
