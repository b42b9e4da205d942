"""The monitoring chart: what it installs may do no more than it must, and keeps its secrets."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.helm.charts import monitoring, named, objects, pods, rendered
from tests.helm.value_sets import ALL_VALUES, VALUES, WEBHOOK


@ALL_VALUES
def test_every_pod_is_admitted_as_restricted_and_has_its_limits(values: Mapping[str, Any]) -> None:
    templates = pods(objects(rendered(values=values)))
    assert "prometheus" in templates
    for template in templates.values():
        security = template["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(template["spec"])
        assert all(set(volume) & {"configMap", "secret", "emptyDir"} for volume in template["spec"]["volumes"])
        for container in template["spec"]["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"].keys() == {"requests", "limits"}
            assert re.fullmatch(r"(docker\.io/[a-z/]+|maintainer):v?\d+\.\d+\.\d+", container["image"])


def test_only_prometheus_gets_a_token_and_may_only_read() -> None:
    tokens = {name: pod["spec"].get("automountServiceAccountToken", True) for name, pod in pods(monitoring()).items()}
    assert tokens == {"prometheus": True, "alertmanager": False, "grafana": False}
    role = named(monitoring(), "ClusterRole", "monitoring-prometheus")
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert "argoproj.io" in {group for rule in role["rules"] for group in rule["apiGroups"]}
    assert "secrets" not in {name for rule in role["rules"] for name in rule["resources"]}


@ALL_VALUES
def test_every_volume_that_is_mounted_is_there(values: Mapping[str, Any]) -> None:
    made = objects(rendered(values=values))
    there = {(manifest["kind"].lower(), manifest["metadata"]["name"]) for manifest in made} | {
        ("secret", "hook"),
        ("secret", "smtp"),
    }
    claims = {
        manifest["metadata"]["name"]: manifest["spec"].get("volumeClaimTemplates", [])
        for manifest in made
        if "spec" in manifest
    }
    for name, template in pods(made).items():
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in claims[name]}
        mounts = [mount for container in template["spec"]["containers"] for mount in container["volumeMounts"]]
        assert volumes == {mount["name"] for mount in mounts}
        for volume in template["spec"]["volumes"]:
            used = {
                *((("configmap", volume["configMap"]["name"]),) if "configMap" in volume else ()),
                *((("secret", volume["secret"]["secretName"]),) if _is_needed(volume.get("secret")) else ()),
            }
            assert used <= there


@ALL_VALUES
def test_credentials_are_in_secrets_only(values: Mapping[str, Any]) -> None:
    outside = [manifest for manifest in objects(rendered(values=values)) if manifest["kind"] != "Secret"]
    assert WEBHOOK not in json.dumps(outside)
    assert "hunter2" not in json.dumps(outside)


def _is_needed(secret: Mapping[str, Any] | None) -> bool:
    """Whether a pod does not start without this Secret."""
    return secret is not None and not secret.get("optional")


def test_the_webhook_is_in_the_secret_that_alertmanager_reads() -> None:
    made = objects(rendered(values=VALUES["slack"]))
    assert named(made, "Secret", "alertmanager-slack")["stringData"] == {"webhook-url": WEBHOOK}
    config = yaml.safe_load(named(made, "ConfigMap", "alertmanager-config")["data"]["alertmanager.yml"])
    (receiver,) = config["receivers"]
    (slack,) = receiver["slack_configs"]
    assert slack["channel"] == "#deployments"
    spec = pods(made)["alertmanager"]["spec"]
    (mount,) = (mount for mount in spec["containers"][0]["volumeMounts"] if mount["name"] == "slack")
    assert slack["api_url_file"] == mount["mountPath"] + "/webhook-url"


@pytest.mark.parametrize("values", [VALUES["default"], VALUES["both"]], ids=["default", "both"])
def test_labels_say_the_same_everywhere(values: Mapping[str, Any]) -> None:
    for manifest in objects(rendered(values=values)):
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/instance"] == "monitoring"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/part-of"] == "monitoring"
        assert labels["app.kubernetes.io/name"] == labels["app.kubernetes.io/component"]
    for name, template in pods(monitoring()).items():
        selector = named(monitoring(), "Service", name)["spec"]["selector"]
        assert selector.items() <= template["metadata"]["labels"].items()
        assert "helm.sh/chart" not in template["metadata"]["labels"]
