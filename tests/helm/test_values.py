"""Every value of the monitoring chart does what its README says: it shows where it should."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.helm.charts import HELM, rendered

IMAGE = {"repository": ("registry.example.com/x", "registry.example.com/x:"), "tag": ("v9.9.9", ":v9.9.9")}
PULL = {"pullPolicy": ("Always", "imagePullPolicy: Always")}
CLAIM = {"size": ("77Gi", "storage: 77Gi"), "storageClassName": ("fast", 'storageClassName: "fast"')}
SLACK_ON = {"alerting": {"slack": {"enabled": True, "webhookUrl": "https://hooks.example.com/x"}}}
EMAIL = {"enabled": True, "to": "a@b.c", "from": "d@e.f", "smarthost": "s:25", "username": "u", "password": "p"}

# The path of a value, another value, and the text that it must render.
SHOWS: Mapping[str, tuple[Any, str]] = {
    "scrape.interval": ("45s", "evaluation_interval: 45s"),
    "scrape.timeout": ("7s", "scrape_timeout: 7s"),
    "scrape.argoRollouts.namespace": ("rollouts", 'names: ["rollouts"]'),
    "scrape.argoRollouts.service": ("other-metrics", "regex: (other-metrics);(metrics)"),
    "scrape.argoRollouts.portName": ("http-metrics", "regex: (argo-rollouts-metrics);(http-metrics)"),
    "scrape.argoRollouts.drop": (["rollout_phase", "a_total"], "regex: rollout_phase|a_total"),
    "scrape.experiments.enabled": (True, "job_name: argo-experiments"),
    "scrape.experiments.interval": ("3m", "scrape_interval: 3m"),
    "scrape.kubeStateMetrics.enabled": (False, ""),
    "scrape.kubeStateMetrics.namespaces": (["metrics"], 'names: ["metrics"]'),
    "scrape.kubeStateMetrics.service": ("ksm", "regex: (ksm);(http(-metrics)?)"),
    "scrape.kubeStateMetrics.portName": ("web", "regex: ((.*-)?kube-state-metrics);(web)"),
    "prometheus.retention.time": ("90d", "--storage.tsdb.retention.time=90d"),
    "prometheus.retention.size": ("60GB", "--storage.tsdb.retention.size=60GB"),
    "prometheus.externalUrl": ("https://p.example.com", "--web.external-url=https://p.example.com"),
    "prometheus.externalLabels": ({"cluster": "c"}, "cluster: c"),
    "prometheus.extraScrapeConfigs": ([{"job_name": "mine"}], "job_name: mine"),
    "alerting.enabled": (False, ""),
    "alerting.slack.enabled": (True, "api_url_file"),
    "alerting.slack.webhookUrl": ("https://hooks.example.com/y", "https://hooks.example.com/y"),
    "alerting.slack.existingSecret": ("hook", "secretName: hook"),
    "alerting.slack.channel": ("#ops", 'channel: "#ops"'),
    "alerting.email.enabled": (True, "email_configs"),
    "alerting.email.to": ("x@y.z", 'to: "x@y.z"'),
    "alerting.email.from": ("x@y.z", 'from: "x@y.z"'),
    "alerting.email.smarthost": ("mail:587", 'smarthost: "mail:587"'),
    "alerting.email.username": ("me", 'auth_username: "me"'),
    "alerting.email.password": ("secret", 'password: "secret"'),
    "alerting.email.existingSecret": ("smtp", "secretName: smtp"),
    "alerting.email.requireTls": (False, "require_tls: false"),
    "alerting.groupWait": ("11s", "group_wait: 11s"),
    "alerting.groupInterval": ("12m", "group_interval: 12m"),
    "alerting.repeatInterval": ("13h", "repeat_interval: 13h"),
    "alerting.externalUrl": ("https://a.example.com", "--web.external-url=https://a.example.com"),
    "grafana.enabled": (False, ""),
    "grafana.admin.existingSecret": ("boss", "{name: boss, key: admin-password}"),
    "grafana.externalUrl": ("https://g.example.com", "root_url = https://g.example.com"),
    "maintainer.enabled": (True, "kind: CronJob"),
    "maintainer.serve": (True, "kind: Deployment\nmetadata:\n  name: maintainer"),
    "maintainer.reconcile": (True, "maintainer-restore"),
    "maintainer.prometheusOperator": (True, "prometheusagents"),
    "maintainer.schedule": ("0 7 * * *", 'schedule: "0 7 * * *"'),
    "maintainer.timeZone": ("Europe/Paris", "timeZone: Europe/Paris"),
    "maintainer.settings": ("failOn: error\n", "maintainer.yaml: |\n    failOn: error"),
    "maintainer.slack.post": (True, "      post: true\n"),
    "maintainer.slack.channel": ("#ops", 'channel: "#ops"\n      tokenFile'),
    "maintainer.slack.existingSecret": ("bot", "secretName: bot"),
    "runbooks.baseUrl": ("https://r.example.com", "https://r.example.com/RolloutFailed.md"),
    **{
        f"{part}.image.{key}": change
        for part in ("prometheus", "alerting", "grafana", "maintainer")
        for key, change in {**IMAGE, **PULL}.items()
    },
    **{f"{part}.persistence.{key}": change for part in ("prometheus", "alerting") for key, change in CLAIM.items()},
    **{
        f"{part}.resources.{kind}": ({"memory": "123Mi"}, "memory: 123Mi")
        for part in ("prometheus", "alerting", "grafana", "maintainer")
        for kind in ("requests", "limits")
    },
}
# The values that must be set for a value to have an effect.
NEEDS: Mapping[str, Mapping[str, Any]] = {
    "scrape.experiments.interval": {"scrape": {"experiments": {"enabled": True}}},
    **{name: SLACK_ON for name in SHOWS if name.startswith("alerting.slack.")},
    **{name: {"alerting": {"email": EMAIL}} for name in SHOWS if name.startswith("alerting.email.")},
    **{name: {"maintainer": {"enabled": True}} for name in SHOWS if name.startswith("maintainer.")},
    "maintainer.slack.channel": {"maintainer": {"enabled": True, "slack": {"post": True}}},
    "maintainer.enabled": {},
    "alerting.slack.enabled": {"alerting": {"slack": {"webhookUrl": "https://hooks.example.com/x"}}},
    "alerting.email.enabled": {"alerting": {"email": {**EMAIL, "enabled": False}}},
}
GONE = {
    "scrape.kubeStateMetrics.enabled": "job_name: kube-state-metrics",
    "alerting.enabled": "kind: StatefulSet\nmetadata:\n  name: alertmanager",
    "grafana.enabled": "kind: Deployment",
}


@pytest.mark.parametrize("name", SHOWS)
def test_a_value_shows(name: str) -> None:
    value, text = SHOWS[name]
    before = _all(NEEDS.get(name, {}))
    after = _all(_with(NEEDS.get(name, {}), name, value))
    assert after != before
    assert text not in before or name in GONE
    assert text in after
    if name in GONE:
        assert GONE[name] in before
        assert GONE[name] not in after


def test_no_value_is_left_out() -> None:
    values = yaml.safe_load((HELM / "monitoring" / "values.yaml").read_text())
    del values["alertRules"]
    assert set(_leaves(values)) == set(SHOWS)


def _all(values: Mapping[str, Any]) -> str:
    return "\n".join(text for name, text in sorted(rendered(values=values).items()) if name != "NOTES.txt")


def _with(values: Mapping[str, Any], name: str, value: object) -> dict[str, Any]:
    first, _, rest = name.partition(".")
    return {**values, first: _with(values.get(first, {}), rest, value) if rest else value}


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in values.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and value and key not in ("requests", "limits"):
            yield from _leaves(value, f"{name}.")
        else:
            yield name
