"""The message in Slack, rendered from the chart's template for Alertmanager."""

import json
from pathlib import Path
from typing import Any

from tests.helm.charts import monitoring, named, run, write

ALERT = {
    "labels": {"alertname": "RolloutFailed", "severity": "critical", "namespace": "shop", "name": "cart"},
    "annotations": {
        "summary": "Rollout shop/cart is degraded",
        "description": "See: kubectl argo rollouts get rollout cart -n shop",
        "runbook_url": "https://r.example.com/RolloutFailed.md",
    },
    "startsAt": "2026-10-01T00:00:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
}


def message(part: str, status: str, folder: Path, **common: str) -> str:
    """A part of the message for an alert, rendered by amtool."""
    labels = {**ALERT["labels"], **common}  # type: ignore[dict-item]
    data: dict[str, Any] = {"status": status, "alerts": [{**ALERT, "status": status}], "commonLabels": labels}
    write(named(monitoring(), "ConfigMap", "alertmanager-config")["data"], folder)
    (folder / "data.json").write_text(json.dumps(data))
    text = '{{ template "rollouts.' + part + '" . }}'
    flags = ("--template.glob=slack.tmpl", f"--template.text={text}", "--template.data=data.json")
    return run("amtool", "template", "render", *flags, folder=folder).strip()


def test_a_message_says_what_is_wrong_where_and_what_to_do(tmp_path: Path) -> None:
    assert message("title", "firing", tmp_path) == "[FIRING:1] RolloutFailed (critical)"
    assert message("color", "firing", tmp_path) == "danger"
    assert message("text", "firing", tmp_path).splitlines() == [
        "*Rollout shop/cart is degraded*",
        "See: kubectl argo rollouts get rollout cart -n shop",
        "Runbook: https://r.example.com/RolloutFailed.md",
    ]


def test_a_message_names_the_cluster_where_there_are_several(tmp_path: Path) -> None:
    assert message("title", "firing", tmp_path, cluster="prod-1").endswith("in prod-1")


def test_a_message_says_that_it_is_over(tmp_path: Path) -> None:
    assert message("title", "resolved", tmp_path) == "[RESOLVED] RolloutFailed (critical)"
    assert message("color", "resolved", tmp_path) == "good"
    assert message("text", "resolved", tmp_path).splitlines()[0] == "*Rollout shop/cart is degraded*: resolved"
