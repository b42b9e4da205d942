"""Restoring on a real API server: the deployer owns again what it declares, and nobody else loses anything."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from math import inf
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

import helm_python
import pytest

from maintainer.analyse.drift.restoring import Policy
from maintainer.clients.api_request import ObjectChanged
from maintainer.deliver.proof import Patience, Proof
from maintainer.deliver.restoring import Restorer
from maintainer.model.clock import Clock
from maintainer.model.drift import DesiredObject, Release
from maintainer.store.directory import DirectoryStore
from maintainer.store.restored import Restored
from tests.deliver.restorings import NOW, Fate, Killed, Mortal
from tests.e2e.plane import Plane, api_server
from tests.e2e.releases import install
from tests.e2e.restorings import Site, desired, mutating, site

RULES, DASHBOARD, METRICS = "prometheus-config", "grafana-dashboard-argo-rollouts", "argo-rollouts-metrics"
FILE = "argo-rollouts.rules.yml"
LATER: Mapping[str, Any] = {"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "10m"}}}}
"""Values of the next release."""
SLOWER, SLOWEST = "s/for: 5m/for: 50m/", "s/for: 50m/for: 55m/"
HELM_3, HELM_4 = "helm", "python"
"""Helm 4 applies under the name of its process, which is that of these tests."""
RULE = "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]"
MANIFESTS = f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: rules, namespace: NAME, labels: {{app: prometheus}}}}
data:
  a.rules.yml: |-
    {RULE}
---
apiVersion: v1
kind: Service
metadata: {{name: metrics, namespace: NAME, labels: {{app: rollouts}}}}
spec: {{selector: {{app: rollouts}}, ports: [{{name: metrics, port: 8090, targetPort: 8090}}]}}
"""
ANNOTATED = "annotations: {meta/owner: us}, labels:"
BOTH = ("ConfigMap", "rules"), ("Service", "metrics")
PORTS = [{"name": "http", "port": 9191, "targetPort": "http"}]
EDITS: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("ConfigMap", RULES, {"data": {FILE: None}}),
    ("ConfigMap", RULES, {"data": {FILE: "groups: []"}}),
    ("ConfigMap", RULES, {"data": {FILE: "no YAML: ["}}),
    ("ConfigMap", RULES, {"data": {"prometheus.yml": "global: {scrape_interval: 7s}\nscrape_configs: []"}}),
    ("ConfigMap", RULES, {"metadata": {"labels": {"helm.sh/chart": "other", "app.kubernetes.io/name": None}}}),
    ("ConfigMap", DASHBOARD, {"data": {"argo-rollouts-dashboard.json": '{"panels": [{"id": 1, "title": "x"}]}'}}),
    ("ConfigMap", DASHBOARD, {"metadata": {"labels": {"grafana_dashboard": None}}}),
    ("Service", "prometheus", {"spec": {"selector": {"app.kubernetes.io/name": "other"}}}),
    ("Service", "prometheus", {"spec": {"selector": {"more": "x"}}}),
    ("Service", "prometheus", {"spec": {"ports": PORTS}}),
    ("Service", "prometheus", {"spec": {"ports": [*PORTS, {"name": "more", "port": 80}]}}),
    ("Service", "prometheus", {"spec": {"type": "NodePort"}}),
    ("Service", "prometheus", {"metadata": {"labels": None}}),
    ("ClusterRole", "prometheus", {"rules": []}),
    ("ClusterRole", "prometheus", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
    ("ClusterRoleBinding", "prometheus", {"subjects": []}),
    ("ClusterRoleBinding", "prometheus", {"metadata": {"labels": {"app.kubernetes.io/name": "x"}}}),
)
"""What a person may do to the objects of the chart. The names of those of the cluster begin with the release's."""
_numbers = count(1)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with api_server(tmp_path_factory.mktemp("plane")) as made:
        yield made


@pytest.fixture
def helm(plane: Plane) -> Iterator[Site]:
    """A release of the monitoring chart, which no other test has."""
    with site(plane, released(plane, "monitoring")) as made:
        yield made


def released(plane: Plane, chart: str) -> tuple[DesiredObject, ...]:
    name = f"m{next(_numbers)}"
    said = install(plane, chart, (name, name))
    return desired(said["manifest"], name, Release(name, name, said["revision"]))


def upgrade(cluster: Site, chart: str = "monitoring", values: Mapping[str, Any] = LATER) -> None:
    """``helm upgrade`` with other values."""
    release = cluster.deployed[0].release
    assert release
    install(cluster.plane, chart, (release.name, release.namespace), values)


def test_after_an_edit_helm_upgrade_fails_and_after_restoring_the_same_upgrade_succeeds(helm: Site) -> None:
    before = helm.live("ConfigMap", RULES)
    helm.edit("ConfigMap", RULES, SLOWER)
    with pytest.raises(helm_python.HelmError, match="kubectl-edit"):
        upgrade(helm)
    helm.write_all(helm.plan())
    after = helm.live("ConfigMap", RULES)
    assert (after.data, after.owners) == (before.data, before.owners)
    for field in ("labels", "annotations"):
        assert after.metadata[field] == before.metadata[field]
    upgrade(helm)
    assert "for: 10m" in helm.live("ConfigMap", RULES).data[FILE]


def test_what_nobody_declared_keeps_its_manager_and_its_value(helm: Site) -> None:
    helm.merge("ConfigMap", RULES, {"data": {"mine.rules.yml": "groups: []"}, "metadata": {"labels": {"team": "a"}}})
    helm.edit("ConfigMap", RULES, SLOWER)
    mine = helm.live("ConfigMap", RULES).owners["someone", "Update"]
    helm.write_all(helm.plan())
    after = helm.live("ConfigMap", RULES)
    assert after.owners["someone", "Update"] == mine
    assert (after.data["mine.rules.yml"], after.metadata["labels"]["team"]) == ("groups: []", "a")
    assert helm.plan().writes == ()


def test_a_port_that_was_changed_is_restored_where_an_apply_alone_is_refused(plane: Plane) -> None:
    with site(plane, released(plane, "argo-rollouts")) as helm:
        before = helm.live("Service", METRICS)
        helm.edit("Service", METRICS, "s/ port: 8090/ port: 9090/")
        with pytest.raises(helm_python.HelmError, match="Duplicate value"):
            upgrade(helm, "argo-rollouts", {})
        helm.write_all(helm.plan())
        after = helm.live("Service", METRICS)
        assert (after.content["spec"], after.owners) == (before.content["spec"], before.owners)
        upgrade(helm, "argo-rollouts", {})


def test_an_edit_between_reading_and_writing_is_never_overwritten(helm: Site) -> None:
    helm.edit("ConfigMap", RULES, SLOWER)
    plan = helm.plan()
    helm.edit("ConfigMap", RULES, SLOWEST)
    with pytest.raises(ObjectChanged):
        helm.write_all(plan)
    assert "for: 55m" in helm.live("ConfigMap", RULES).data[FILE]


def test_an_object_that_was_deleted_in_between_is_not_made_from_half_of_what_it_was(helm: Site) -> None:
    helm.edit("ConfigMap", RULES, SLOWER)
    plan = helm.plan()
    helm.kubectl("-n", helm.id_of("ConfigMap", RULES).namespace, "delete", "configmap", RULES)
    with pytest.raises(ObjectChanged):
        helm.write_all(plan)
    assert helm.objects.read(helm.id_of("ConfigMap", RULES)) is None


def test_a_deleted_object_is_made_as_helm_makes_it(helm: Site) -> None:
    before = helm.live("ConfigMap", DASHBOARD)
    helm.kubectl("-n", helm.id_of("ConfigMap", DASHBOARD).namespace, "delete", "configmap", DASHBOARD)
    helm.write_all(helm.plan())
    after = helm.live("ConfigMap", DASHBOARD)
    assert (after.data, after.owners) == (before.data, before.owners)
    assert after.metadata["annotations"] == before.metadata["annotations"]
    upgrade(helm)


def test_an_alert_that_was_added_stays_until_the_next_helm_upgrade(helm: Site) -> None:
    before = helm.live("ConfigMap", RULES).data[FILE]
    added = r"s/^\( *\)- alert: RolloutFailed$/\1- alert: Mine\n\1  expr: vector(1)\n&/"
    helm.edit("ConfigMap", RULES, f"{SLOWER}; {added}")
    plan = helm.plan()
    assert [change.path for change in plan.writes[0].kept] == [("groups", "name=argo-rollouts", "rules", "alert=Mine")]
    helm.write_all(plan)
    assert helm.live("ConfigMap", RULES).data[FILE] == before + "      - alert: Mine\n        expr: vector(1)\n"
    assert helm.plan().writes == ()
    upgrade(helm)
    assert "Mine" not in helm.live("ConfigMap", RULES).data[FILE]


def test_pruning_takes_away_what_somebody_has_added(helm: Site) -> None:
    before = helm.live("ConfigMap", RULES)
    added = r"s/^\( *\)- alert: RolloutFailed$/\1- alert: Mine\n\1  expr: vector(1)\n&/"
    helm.edit("ConfigMap", RULES, added)
    helm.merge("ConfigMap", RULES, {"data": {"mine.rules.yml": "groups: []"}})
    assert helm.plan().writes == ()
    helm.write_all(helm.plan(Policy(prune=True)))
    after = helm.live("ConfigMap", RULES)
    assert (after.data, after.owners) == (before.data, before.owners)
    upgrade(helm)


def test_of_a_workload_only_the_retention_is_restored_and_only_if_it_is_wanted(helm: Site) -> None:
    before = helm.live("StatefulSet", "prometheus")
    helm.edit(
        "StatefulSet", "prometheus", "s/retention.time=30d/retention.time=7d/; s/periodSeconds: 30/periodSeconds: 31/"
    )
    assert helm.plan().writes == ()
    helm.write_all(helm.plan(Policy(retention=True)))
    (now,), (was,) = (
        live.content["spec"]["template"]["spec"]["containers"]
        for live in (helm.live("StatefulSet", "prometheus"), before)
    )
    assert now["args"] == was["args"]
    assert now["livenessProbe"]["periodSeconds"] == 31
    assert helm.plan(Policy(retention=True)).writes == ()


WAYS: Mapping[str, Sequence[str]] = {
    "helm 3": ("create", f"--field-manager={HELM_3}"),
    "client-side": ("apply",),
    "server-side": ("apply", "--server-side"),
}
"""How kubectl deploys a manifest, or does it as Helm 3 would."""


def made(plane: Plane, how: str) -> tuple[DesiredObject, ...]:
    """The objects of a file, deployed by Helm 3's way, by ``kubectl apply``, or by ``kubectl apply --server-side``."""
    name = f"f{next(_numbers)}"
    plane.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    manifest = MANIFESTS.replace("NAME", name)
    with site(plane, desired(manifest, name)) as cluster:
        cluster.kubectl(*WAYS[how], "-f", "-", given=manifest)
        return cluster.deployed


def deploy_again(cluster: Site, how: str) -> None:
    """The next deployment, with another rule, by the same way."""
    manifest = MANIFESTS.replace("NAME", cluster.deployed[0].id.namespace).replace("up == 0", "up == 2")
    if how == "helm 3":  # compares what it deployed before with what it deploys now, and patches what differs
        cluster.merge("ConfigMap", "rules", {"data": {"a.rules.yml": RULE.replace("up == 0", "up == 2")}}, HELM_3)
    else:
        cluster.kubectl(*WAYS[how], "-f", "-", given=manifest)


@pytest.mark.parametrize("how", WAYS)
def test_what_was_deployed_in_another_way_is_restored_in_that_way(plane: Plane, how: str) -> None:
    with site(plane, made(plane, how)) as cluster:
        before = {key: cluster.live(*key) for key in BOTH}
        cluster.edit("ConfigMap", "rules", "s/up == 0/up == 1/")
        cluster.merge("ConfigMap", "rules", {"data": {"mine": "x"}})
        cluster.edit("Service", "metrics", "s/ port: 8090/ port: 9090/; s/app: rollouts/app: other/")
        assert len(cluster.plan().writes) == 2
        cluster.write_all(cluster.plan())
        after = {key: cluster.live(*key) for key in BOTH}
        assert after["ConfigMap", "rules"].data == {**before["ConfigMap", "rules"].data, "mine": "x"}
        assert after["Service", "metrics"].content["spec"] == before["Service", "metrics"].content["spec"]
        for key in BOTH:
            assert after[key].metadata.get("annotations") == before[key].metadata.get("annotations")
            deployers = {owner for owner in after[key].owners if owner[0] != "someone"}
            assert deployers == before[key].owners.keys()
            if how != "helm 3":
                (deployer,) = deployers
                assert after[key].owners[deployer] == before[key].owners[deployer]
        assert cluster.plan().writes == ()
        deploy_again(cluster, how)
        assert "up == 2" in cluster.live("ConfigMap", "rules").data["a.rules.yml"]


def test_thirty_random_edits_are_taken_back_and_nothing_else_is_touched(helm: Site) -> None:
    random = Random(16)
    for number in range(30):
        edits = random.sample(EDITS, random.randint(1, 3))
        for kind, name, change in edits:
            own = next(one.id.name for one in helm.deployed if one.id.kind == kind and one.id.name.endswith(name))
            helm.merge(kind, own, change, "kubectl-edit")
        mine = {f"mine{number}": "x"}
        helm.merge("ConfigMap", RULES, {"data": mine, "metadata": {"annotations": mine}})
        theirs = helm.live("ConfigMap", RULES).owners["someone", "Update"]
        assert helm.drift(), edits
        helm.write_all(helm.plan())
        assert (helm.drift(), helm.plan().writes) == ({}, ()), edits
        rules = helm.live("ConfigMap", RULES)
        assert rules.owners["someone", "Update"] == theirs, edits
        assert (rules.data[f"mine{number}"], rules.metadata["annotations"][f"mine{number}"]) == ("x", "x")
        for kind, name in {(one.id.kind, one.id.name) for one in helm.deployed}:
            live = helm.live(kind, name)
            assert {owner for owner, _ in live.owners} <= {HELM_4, "someone", "kubectl-edit"}, edits
            assert live.owners.get(("kubectl-edit", "Update"), {}).keys() <= {"f:spec"}, edits
    upgrade(helm)


def test_a_webhook_that_adds_fields_makes_no_endless_fight(plane: Plane, helm: Site) -> None:
    with mutating(plane):
        helm.edit("ConfigMap", RULES, SLOWER)
        helm.write_all(helm.plan())
        after = helm.live("ConfigMap", RULES)
        assert after.metadata["annotations"]["added"] == "by a webhook"
        assert helm.plan().writes == ()
        helm.write_all(helm.plan())
        assert helm.live("ConfigMap", RULES).version == after.version


def test_what_a_webhook_changes_each_time_is_not_written_again_and_again(plane: Plane, tmp_path: Path) -> None:
    with site(plane, made(plane, "server-side")) as cluster, mutating(plane, "meta/owner"):
        manifest = MANIFESTS.replace("NAME", cluster.deployed[0].id.namespace).replace("labels:", ANNOTATED)
        cluster.kubectl("apply", "--server-side", "-f", "-", given=manifest)
        declared = replace(cluster, deployed=desired(manifest, ""))
        declared.edit("ConfigMap", "rules", "s/up == 0/up == 1/")
        notes = Restored(DirectoryStore(str(tmp_path)), "e2e", lambda: NOW)
        restorer = Restorer(cluster.objects, notes, proofs={}, patience=Patience(Clock(monotonic, sleep)))
        for told in (("restored", None), ("refused", "restoring/mutated"), ("refused", "restoring/mutated")):
            deeds = restorer.restore(declared.plan(), lambda _: None)
            assert [(deed.kind, deed.why and deed.why.id) for deed in deeds] == [told]
        assert declared.live("ConfigMap", "rules").data["a.rules.yml"] == RULE
        assert len(notes.records()) == 1


def killed_and_run_again(helm: Site, folder: Path, at: float) -> int:
    """Edit, die before a step (after it for a half), run again; returns how many steps the run that died had."""
    fate, now = Fate(at), count(1)

    def run(fate: Fate) -> None:
        notes = Restored(DirectoryStore(str(folder)), "e2e", lambda: NOW + timedelta(seconds=next(now)))
        seen: Proof[bool] = Proof(
            lambda: None, lambda: not helm.drift(), lambda seen: "yes" if seen else "no", lambda _: ()
        )
        restorer = Restorer(
            Mortal(helm.objects, fate, "read", "write"),
            Mortal(notes, fate, "begin", "note"),
            proofs={"configuration": lambda _: seen},
            patience=Patience(Clock(monotonic, sleep), 5, 1),
        )
        restorer.recover()
        restorer.restore(helm.plan(), lambda _: None)

    helm.merge("ConfigMap", RULES, {"data": {FILE: "groups: []"}}, "kubectl-edit")
    helm.merge("Service", "prometheus", {"spec": {"ports": PORTS}}, "kubectl-edit")
    with suppress(Killed):
        run(fate)
    run(Fate())
    return fate.steps


def test_after_a_kill_between_any_two_steps_the_next_run_restores_all(helm: Site, tmp_path: Path) -> None:
    before = {key: helm.live(*key) for key in (("ConfigMap", RULES), ("Service", "prometheus"))}
    steps = killed_and_run_again(helm, tmp_path, inf)
    assert steps >= 15
    for half in range(2, 2 * steps + 1):
        killed_and_run_again(helm, tmp_path, half / 2)
        for key, was in before.items():
            live = helm.live(*key)
            assert (live.content.get("data"), live.owners) == (was.content.get("data"), was.owners), half
            assert live.content.get("spec") == was.content.get("spec"), half
    upgrade(helm)
