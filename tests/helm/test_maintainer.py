"""The audit as the chart and ``cronjob/`` install it: the same objects, with settings and rights that fit."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from maintainer.collect.drift.deployed import Wanted, deployed
from maintainer.collect.sources import Sources
from maintainer.errors import EXIT_FAULT, EXIT_FINDINGS, EXIT_INCOMPLETE, ConfigError
from maintainer.model.documents import MOST_PARTS, part_name
from maintainer.model.ledger import archive_name
from maintainer.settings import Settings, defaults, load
from maintainer.store.interface import MOST_ASIDE
from tests.helm.charts import ROOT, Object, named, objects, pods, rendered
from tests.helm.manifests import CRONJOB, OVERLAYS, files
from tests.helm.value_sets import VALUES

KUBECTL = Path(sys.executable).with_name("kubectl")
HELMS = re.compile(r"helm\.sh/.*|checksum/.*|app\.kubernetes\.io/managed-by")
ALL_OVERLAYS = pytest.mark.parametrize("overlay", OVERLAYS)


def kustomized(overlay: str) -> list[Object]:
    """What ``kubectl apply -k`` would send."""
    ended = subprocess.run(
        [KUBECTL, "kustomize", CRONJOB / "overlays" / overlay], capture_output=True, text=True, timeout=60, check=True
    )
    assert not ended.stderr
    return list(yaml.safe_load_all(ended.stdout))


def charted(values: Mapping[str, Any]) -> list[Object]:
    """What the chart renders of maintainer, without what only a release knows: what it deployed."""
    texts = rendered(values=values)
    del texts["maintainer/desired.yaml"]
    return objects({name: text for name, text in texts.items() if name.startswith("maintainer/")})


def plain(among: Iterable[Object]) -> dict[tuple[str, ...], Any]:
    """The objects by their kinds and names, without what only a release of Helm has."""
    found = {_key(manifest): _without(manifest) for manifest in among}
    assert found
    return found


def _key(manifest: Object) -> tuple[str, ...]:
    return manifest["kind"], manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without(inner) for key, inner in value.items() if not HELMS.fullmatch(key)}
        return {key: inner for key, inner in kept.items() if (key, inner) != ("annotations", {})}
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    return value.rstrip("\n") if isinstance(value, str) else value


def settings(among: Iterable[Object], folder: Path) -> Settings:
    """The settings that a pod reads."""
    file = folder / "maintainer.yaml"
    file.write_text(named(among, "ConfigMap", "maintainer-settings")["data"]["maintainer.yaml"])
    return load(str(file), {}, {})


@ALL_OVERLAYS
def test_an_overlay_is_what_the_chart_renders(overlay: str) -> None:
    assert plain(kustomized(overlay)) == plain(charted({"maintainer": OVERLAYS[overlay]}))


def test_the_files_are_those_of_make_manifests() -> None:
    there = {path.relative_to(CRONJOB) for path in CRONJOB.rglob("*.yaml") if path.name != "kustomization.yaml"}
    made = files()

    assert there == set(made), "run make manifests"
    assert {path: (CRONJOB / path).read_text() for path in made} == made, "run make manifests"


def test_without_maintainer_nothing_of_it_is_rendered() -> None:
    assert charted({}) == []


@ALL_OVERLAYS
def test_the_settings_are_read_and_lead_to_the_charts_own_objects(overlay: str, tmp_path: Path) -> None:
    read = settings(kustomized(overlay), tmp_path)
    operated = overlay == "prometheus-operator"

    assert read.store.kind == "configmaps"
    assert (read.prometheus.url, read.alertmanager.url) == (
        ("", "") if operated else ("http://prometheus.monitoring.svc:9090", "http://alertmanager.monitoring.svc:9093")
    )
    (mount,) = (
        mount
        for mount in pods(kustomized(overlay))["maintainer"]["spec"]["containers"][0]["volumeMounts"]
        if mount["name"] == "reports"
    )
    assert mount["mountPath"] == read.reports.directory


def test_the_token_of_slack_is_a_file_of_a_secret_and_nothing_else(tmp_path: Path) -> None:
    made = charted(VALUES["maintainer, to Slack"])
    read, pod = settings(made, tmp_path).slack, pods(made)["maintainer"]["spec"]

    (volume,) = (volume["secret"] for volume in pod["volumes"] if "secret" in volume)
    (mount,) = (mount for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == "slack")
    assert (read.post, read.channel, read.token_file) == (True, "#ops", f"{mount['mountPath']}/token")
    assert (volume["secretName"], volume["optional"], mount["readOnly"]) == ("maintainer-slack", True, True)
    assert volume["defaultMode"] == 0o440, "the group of the pod may read it, and nobody else"
    assert "env" not in pod["containers"][0]
    assert not [manifest for manifest in made if manifest["kind"] == "Secret"]


@ALL_OVERLAYS
def test_nothing_is_posted_by_default(overlay: str, tmp_path: Path) -> None:
    assert not settings(kustomized(overlay), tmp_path).slack.post


def test_the_page_about_slack_names_the_secret_that_is_mounted() -> None:
    volumes = pods(kustomized("audit"))["maintainer"]["spec"]["volumes"]
    (secret,) = (volume["secret"]["secretName"] for volume in volumes if "secret" in volume)
    for page in ("slack.md", "slack.ko.md"):
        text = (CRONJOB.parent / "docs" / page).read_text("utf-8")
        assert f"kubectl create secret generic {secret} -n maintainer --from-file=token=" in text


@pytest.mark.parametrize(
    "others",
    [
        {"alerting": {"enabled": False}},
        {"grafana": {"enabled": False}},
        {"scrape": {"argoRollouts": {"namespace": "rollouts", "service": "metrics"}}},
    ],
)
def test_the_settings_follow_the_other_values(others: Mapping[str, Any], tmp_path: Path) -> None:
    made = charted({**others, "maintainer": {"enabled": True, "timeZone": "America/New_York"}})
    read = settings(made, tmp_path)

    assert read.schedule.time_zone == named(made, "CronJob", "maintainer")["spec"]["timeZone"] == "America/New_York"
    assert bool(read.alertmanager.url) == others.get("alerting", {}).get("enabled", True)
    assert ("dashboards" in read.grafana.model_fields_set) == others.get("grafana", {}).get("enabled", True)
    role = named(made, "Role", "maintainer-controller")
    assert role["metadata"]["namespace"] == read.controller.namespace
    assert role["rules"][0]["resourceNames"] == [read.controller.service]


@pytest.mark.parametrize(("schedule", "others"), [("0 6 * * *", "0 6 1 * *"), ("30 22 * * *", "30 22 1 * *")])
def test_the_calendar_begins_no_later_in_the_day_than_the_cronjob_looks(
    schedule: str, others: str, tmp_path: Path
) -> None:
    made = charted({"maintainer": {"enabled": True, "schedule": schedule}})
    calendar = settings(made, tmp_path).schedule

    assert named(made, "CronJob", "maintainer")["spec"]["schedule"] == calendar.daily == schedule
    assert calendar.monthly == others
    assert calendar.quarterly == others.replace("1 *", "1 1,4,7,10")
    assert calendar.semiannual == others.replace("1 *", "1 1,7")


def test_own_settings_take_the_place_of_all(tmp_path: Path) -> None:
    own = "failOn: error\n# {{ not a template }}\n"
    made = charted({"maintainer": {"enabled": True, "settings": own}})

    assert named(made, "ConfigMap", "maintainer-settings")["data"]["maintainer.yaml"].strip() == own.strip()
    assert settings(made, tmp_path).fail_on == "error"


def test_a_role_names_all_that_the_store_may_write_for_years() -> None:
    rules = named(kustomized("reconcile"), "Role", "maintainer-store")["rules"]
    writable = {
        name: set(rule["verbs"])
        for rule in rules
        if rule["resources"] == ["configmaps"]
        for name in rule.get("resourceNames", ())
    }
    months = [
        archive_name(datetime(year, month, 1, tzinfo=UTC)) for year in range(2026, 2036) for month in range(1, 13)
    ]

    for number in range(1, MOST_PARTS + 1):
        assert writable[f"maintainer-{part_name('ledger', number)}"] == {"create", "patch"}
        assert writable[f"maintainer-{part_name('restored', number)}"] == {"create", "patch"}
    for number in range(1, MOST_ASIDE + 1):
        assert writable[f"maintainer-aside-{number}"] == {"create", "patch"}
    for month in months:
        assert {"create", "patch", "delete"} == writable[f"maintainer-{month}"] == writable[f"maintainer-{month}-2"]
    assert "maintainer-settings" not in writable


def writing(overlay: str) -> list[tuple[str, list[str]]]:
    """The roles that may write, and what."""
    return sorted(
        (manifest["metadata"]["name"], rule["resources"])
        for manifest in kustomized(overlay)
        if manifest["kind"] in {"Role", "ClusterRole"}
        for rule in manifest["rules"]
        if set(rule["verbs"]) - {"get", "list", "watch"}
    )


def test_no_right_can_write_what_is_audited() -> None:
    assert writing("prometheus-operator") == [
        ("maintainer", ["subjectaccessreviews"]),
        ("maintainer-store", ["configmaps"]),
        ("maintainer-store", ["configmaps"]),
        ("maintainer-store", ["leases"]),
    ]


def test_what_restores_may_write_what_the_chart_deploys_by_its_name_and_grant_no_more_than_prometheus_has() -> None:
    assert set(map(str, writing("reconcile"))) - set(map(str, writing("audit"))) == {
        "('maintainer-restore', ['configmaps'])",
        "('maintainer-restore', ['services'])",
        "('maintainer-restore', ['clusterroles', 'clusterrolebindings'])",
    }
    roles = [found for found in kustomized("reconcile") if found["metadata"]["name"] == "maintainer-restore"]
    rules = [rule for role in roles for rule in role.get("rules", ())]
    named_ = {
        (resource, name)
        for rule in rules
        if "patch" in rule["verbs"]
        for resource in rule["resources"]
        for name in rule["resourceNames"]
    }
    deployed_ = {
        (f"{manifest['kind'].lower()}s", manifest["metadata"]["name"])
        for manifest in objects(rendered())
        if manifest["kind"] in Settings().desired.kinds
    }
    assert named_ == deployed_
    granted = named(objects(rendered()), "ClusterRole", "monitoring-prometheus")["rules"]
    assert [rule for rule in rules if "resourceNames" not in rule] == granted


def test_a_job_ends_at_once_where_a_second_attempt_would_find_nothing_to_do() -> None:
    job = named(kustomized("audit"), "CronJob", "maintainer")["spec"]["jobTemplate"]["spec"]
    drained, at_once = job["podFailurePolicy"]["rules"]

    assert drained == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert at_once["action"] == "FailJob"
    assert at_once["onExitCodes"]["values"] == [EXIT_FINDINGS, ConfigError.exit_code, EXIT_INCOMPLETE, EXIT_FAULT]
    assert at_once["onExitCodes"]["containerName"] == job["template"]["spec"]["containers"][0]["name"]


def test_a_missed_start_is_made_up_for_on_the_same_day() -> None:
    spec = named(kustomized("audit"), "CronJob", "maintainer")["spec"]
    minute, hour, *_ = spec["schedule"].split()

    assert int(hour) * 3600 + int(minute) * 60 + spec["startingDeadlineSeconds"] <= 86400


@ALL_OVERLAYS
def test_the_image_is_that_of_this_version_and_its_user(overlay: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    spec = pods(kustomized(overlay))["maintainer"]["spec"]

    assert spec["containers"][0]["image"] == f"maintainer:{version}"
    assert spec["securityContext"]["runAsUser"] == 65532
    assert spec["enableServiceLinks"] is False


def test_prometheus_reads_the_metrics_of_a_served_calendar_with_their_own_label_job() -> None:
    values = {"maintainer": OVERLAYS["serve"]}
    config = yaml.safe_load(
        named(objects(rendered(values=values)), "ConfigMap", "prometheus-config")["data"]["prometheus.yml"]
    )
    (job,) = [job for job in config["scrape_configs"] if job["job_name"] == "maintainer"]
    service = named(charted(values), "Service", "maintainer")
    (port,) = service["spec"]["ports"]

    assert job["honor_labels"] is True
    assert job["kubernetes_sd_configs"][0]["namespaces"]["names"] == [service["metadata"]["namespace"]]
    assert re.fullmatch(job["relabel_configs"][0]["regex"], f"{service['metadata']['name']};{port['name']}")
    assert service["spec"]["selector"].items() <= pods(charted(values))["maintainer"]["metadata"]["labels"].items()
    policy = named(charted(values), "NetworkPolicy", "maintainer")["spec"]
    assert policy["ingress"][0]["ports"] == [{"protocol": "TCP", "port": port["port"]}]


@pytest.mark.parametrize(("value", "wrong"), [("schedule", "@daily"), ("timeZone", "Asia/Seoul; x"), ("replicas", 2)])
def test_wrong_values_are_refused(value: str, wrong: object) -> None:
    with pytest.raises(helm_python.HelmError, match=value):
        rendered(values={"maintainer": {"enabled": True, value: wrong}})


@pytest.mark.parametrize("values", [{}, {"grafana": {"enabled": False}, "alerting": {"enabled": False}}])
def test_the_release_hands_its_own_manifests_to_maintainer(values: Mapping[str, Any], tmp_path: Path) -> None:
    manifests = objects(rendered(values={**values, "maintainer": {"enabled": True}}))
    for file, text in named(manifests, "ConfigMap", "maintainer-desired")["data"].items():
        (tmp_path / file).write_text(text)
    kinds = frozenset(defaults()["desired"]["kinds"])

    found = deployed(Sources(None, None), Wanted((), (str(tmp_path),), kinds))

    assert found.unavailable == ()
    assert {_key(each.content): each.content for each in found.objects} == {
        _key(each): each
        for each in manifests
        if "maintainer" not in each["metadata"]["name"]
        and (each["kind"] in kinds or _key(each) == ("StatefulSet", "monitoring", "prometheus"))
    }
