"""Sets of values for the monitoring chart."""

from collections.abc import Mapping
from typing import Any

import pytest

WEBHOOK = "https://hooks.slack.com/services/YOUR/WEBHOOK/URL"
SLACK = {"slack": {"enabled": True, "webhookUrl": WEBHOOK}}
EMAIL = {
    "email": {
        "enabled": True,
        "to": "team@example.com",
        "from": "alerts@example.com",
        "smarthost": "smtp.example.com:587",
        "username": "alerts",
        "password": "hunter2",
    }
}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "slack": {"alerting": SLACK},
    "email": {"alerting": EMAIL},
    "both": {"alerting": {**SLACK, **EMAIL}},
    "existing secrets": {
        "alerting": {
            "slack": {"enabled": True, "existingSecret": "hook"},
            "email": {**EMAIL["email"], "password": "", "existingSecret": "smtp"},
        }
    },
    "no alerting": {"alerting": {"enabled": False}},
    "experiments apart": {"scrape": {"experiments": {"enabled": True}}},
    "least": {
        "alerting": {"enabled": False},
        "grafana": {"enabled": False},
        "scrape": {"kubeStateMetrics": {"enabled": False}},
        "prometheus": {"retention": {"size": ""}},
    },
    "maintainer": {"maintainer": {"enabled": True}},
    "maintainer, which restores": {"maintainer": {"enabled": True, "reconcile": True}},
    "maintainer, by the operator": {"maintainer": {"enabled": True, "prometheusOperator": True}},
    "maintainer, to Slack": {"maintainer": {"enabled": True, "slack": {"post": True, "channel": "#ops"}}},
    "maintainer, serving": {"maintainer": {"enabled": True, "serve": True}},
    "more": {
        "prometheus": {
            "externalLabels": {"cluster": "prod-1"},
            "externalUrl": "https://prometheus.example.com/x",
            "extraScrapeConfigs": [{"job_name": "mine", "static_configs": [{"targets": ["mine:80"]}]}],
        },
        "alertRules": {
            "argo-rollouts": {
                "RolloutStuck": {"enabled": False},
                "RolloutHighErrorRate": {"threshold": 2, "window": "30m"},
            },
            "mine": {"Mine": {"expr": "up == 0", "severity": "info", "summary": "s", "description": "{{ $value }}"}},
        },
    },
}
ALL_VALUES = pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
