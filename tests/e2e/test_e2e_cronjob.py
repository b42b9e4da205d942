"""``cronjob/`` on a real API server: it is admitted as restricted, and its account has the rights that a run uses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from maintainer.model.ledger import archive_name, months_before
from tests.e2e.cronjob import (
    LEASE,
    NAMESPACE,
    NONSENSE,
    NOW,
    config_map,
    damage,
    fill,
    forget,
    in_pod,
    install,
    kubectl,
    page,
    run_due,
    scrape_job,
    served,
)
from tests.e2e.faults import configured
from tests.e2e.fleets import rollout
from tests.e2e.operated import define, prometheus, service_monitor
from tests.e2e.plane import control_plane
from tests.e2e.processes import until
from tests.e2e.rights import Right, given, requests, unused, without
from tests.e2e.sites import CONFIG_MAP, QUICK, Site, site
from tests.helm.test_maintainer import ALL_OVERLAYS, kustomized


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with control_plane(tmp_path_factory.mktemp("plane")) as plane, site(plane, QUICK) as made:
        install(plane, "audit")
        plane.kube.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}, rollout("shop", "cart")
        )
        made.wait_for('rollout_info{name="cart", phase="Completed"}')
        yield made


@ALL_OVERLAYS
def test_an_overlay_is_admitted_without_a_warning(cluster: Site, overlay: str) -> None:
    try:
        assert install(cluster.plane, overlay).count("serverside-applied") == len(kustomized(overlay))
    finally:
        # The tests after it are about the rights of the overlay audit alone.
        for version, kind, namespace, name in _rights_in(overlay) - _rights_in("audit"):
            cluster.plane.kube.delete((version, kind), namespace, name)
        install(cluster.plane, "audit")


def _rights_in(overlay: str) -> set[tuple[str, str, str, str]]:
    """The version, kind, namespace and name of each object of an overlay that gives rights."""
    return {
        (
            manifest["apiVersion"],
            manifest["kind"],
            manifest["metadata"].get("namespace", ""),
            manifest["metadata"]["name"],
        )
        for manifest in kustomized(overlay)
        if manifest["apiVersion"].startswith("rbac.")
    }


def test_a_pod_that_is_not_restricted_is_warned_of(cluster: Site, tmp_path: Path) -> None:
    (job,) = [manifest for manifest in kustomized("audit") if manifest["kind"] == "CronJob"]
    del job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["securityContext"]["seccompProfile"]
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
    with pytest.raises(AssertionError, match="seccompProfile"):
        kubectl(cluster.plane, "apply", "--server-side", "--dry-run=server", "-f", str(tmp_path / "job.yaml"))


def test_a_job_by_hand_and_the_served_calendar_get_their_pods(cluster: Site) -> None:
    kube = cluster.plane.kube
    kubectl(cluster.plane, "create", "job", "-n", NAMESPACE, "--from=cronjob/maintainer", "by-hand")
    until(lambda: kube.get(("batch/v1", "Job"), NAMESPACE, "by-hand")["status"].get("succeeded"), 60, lambda: "no pod")
    install(cluster.plane, "serve")
    until(
        lambda: kube.get(("apps/v1", "Deployment"), NAMESPACE, "maintainer")["status"].get("readyReplicas"),
        60,
        lambda: "no pod",
    )


def test_a_run_uses_every_right_and_needs_no_other(cluster: Site) -> None:
    kube = cluster.plane.kube
    old = f"maintainer-{archive_name(months_before(NOW, 15))}"
    kube.apply(config_map(old, NONSENSE))
    first = run_due(cluster.plane)
    assert (first.gaps, first.code, first.reports) == ([], 0, 3), first
    assert old not in [found["metadata"]["name"] for found in kube.list(CONFIG_MAP, NAMESPACE)]
    again = run_due(cluster.plane)
    assert (again.code, again.reports) == (0, 0), again

    damage(cluster.plane)
    second = run_due(cluster.plane)
    assert (second.gaps, second.code, second.reports) == ([], 0, 3), second
    assert "copied to maintainer-aside-1" in second.said

    made = list(requests(cluster.plane))
    assert [request for request in made if not request.allowed] == []
    assert unused(given(kustomized("audit")), made) == set()


def in_cluster(group: str, resource: str, verb: str = "list") -> Right:
    return Right("", group, resource, "", verb)


ROLLOUTS = in_cluster("argoproj.io", "rollouts")
OPERATORS = "monitoring.coreos.com"
RBAC = "rbac.authorization.k8s.io"
SCRAPED, MONITORED = "argo-rollouts", "monitoring"
TOGETHER = [
    (
        ROLLOUTS,
        in_cluster("", "configmaps"),
        in_cluster(OPERATORS, "servicemonitors"),
        in_cluster(OPERATORS, "podmonitors"),
        in_cluster(OPERATORS, "prometheusrules"),
        in_cluster("authorization.k8s.io", "subjectaccessreviews", "create"),
        Right(SCRAPED, "", "services", "argo-rollouts-metrics", "get"),
        Right(SCRAPED, "", "pods", "", "list"),
        Right(SCRAPED, "discovery.k8s.io", "endpointslices", "", "list"),
        Right(SCRAPED, "coordination.k8s.io", "leases", "argo-rollouts-controller-lock", "get"),
    ),
    (
        ROLLOUTS,
        Right(MONITORED, "", "configmaps", "prometheus-config", "get"),
        Right(MONITORED, "", "configmaps", "grafana-dashboard-argo-rollouts", "get"),
    ),
    (ROLLOUTS, Right(MONITORED, "", "services", "prometheus", "get")),
    (ROLLOUTS, Right(MONITORED, "", "pods", "", "list")),
]
"""Rights of which each is asked for although the others of its group are not there; without Rollouts a run is short."""
DRIFT = [
    Right("", RBAC, "clusterroles", "monitoring-prometheus", "get"),
    Right("", RBAC, "clusterrolebindings", "monitoring-prometheus", "get"),
    Right(MONITORED, "", "configmaps", "alertmanager-config", "get"),
    Right(MONITORED, "", "configmaps", "grafana-config", "get"),
    Right(MONITORED, "", "services", "alertmanager", "get"),
    Right(MONITORED, "", "services", "grafana", "get"),
    Right(MONITORED, "apps", "statefulsets", "prometheus", "get"),
]
"""The rights that only the comparison with what was deployed needs."""
VOLUME = Right(MONITORED, "", "persistentvolumeclaims", "data-prometheus-0", "get")
CLASSES = in_cluster("storage.k8s.io", "storageclasses", "get")
"""Without it the report only does not say whether the volume can grow."""
STORE = [
    Right(NAMESPACE, "", "configmaps", "", "get"),
    *(
        Right(NAMESPACE, "", "configmaps", f"maintainer-{name}", verb)
        for name in ("ledger", "aside-1")
        for verb in ("create", "patch")
    ),
    *(Right(NAMESPACE, "", "configmaps", "maintainer-archive-2026-11", verb) for verb in ("create", "patch", "delete")),
    *(Right(NAMESPACE, "coordination.k8s.io", "leases", "maintainer", verb) for verb in ("get", "create", "patch")),
]


@pytest.mark.parametrize("taken", TOGETHER, ids=lambda taken: taken[-1].resource)
def test_a_right_that_is_taken_away_is_a_gap_that_names_it(cluster: Site, taken: tuple[Right, ...]) -> None:
    with without(cluster, *taken):
        ended = in_pod(cluster.plane, "run", "monthly")
    assert ended.code == 3
    for right in taken:
        assert any(named(right) in gap for gap in ended.gaps), (right, ended.gaps)


@pytest.mark.parametrize("right", DRIFT, ids=lambda right: f"{right.resource} {right.name}")
def test_a_right_to_read_what_may_have_drifted_is_named_if_it_is_taken_away(cluster: Site, right: Right) -> None:
    with without(cluster, right):
        ended = in_pod(cluster.plane, "run", "reconcile")
    assert ended.code == 3
    assert any(named(right) in gap for gap in ended.gaps), (right, ended.gaps)


def test_the_right_to_read_the_volume_is_named_if_it_is_taken_away(cluster: Site) -> None:
    with without(cluster, VOLUME):
        ended = in_pod(cluster.plane, "run", "semiannual")
    assert any(named(VOLUME) in gap for gap in ended.gaps), ended.gaps


def named(right: Right) -> str:
    """How a gap names a right that is missing."""
    return f"may not {right.verb} {right.resource} in {right.namespace or 'the whole cluster'}."


@pytest.mark.parametrize("right", STORE, ids=lambda right: f"{right.resource} {right.name} {right.verb}")
def test_a_right_of_the_store_that_is_taken_away_is_named(cluster: Site, right: Right) -> None:
    forget(cluster.plane)
    if right.name == "maintainer-aside-1":
        fill(cluster.plane)
        damage(cluster.plane)
    cluster.plane.kube.apply(config_map(f"maintainer-{archive_name(months_before(NOW, 15))}", NONSENSE))
    with without(cluster, right):
        ended = fill(cluster.plane)
    assert ended.code != 0
    assert re.search(rf"may not (create, )?{right.verb}(, patch)? {right.resource} in maintainer\.", ended.said), (
        ended.said
    )


def test_without_the_right_to_read_the_ledger_nothing_is_run(cluster: Site) -> None:
    right = STORE[0]
    with without(cluster, right):
        ended = run_due(cluster.plane)
    assert (ended.code, ended.reports) == (3, 0)
    assert named(right) in ended.said


def test_a_right_that_is_missing_for_good_is_in_the_report_and_makes_no_job_red(cluster: Site) -> None:
    forget(cluster.plane)
    with without(cluster, ROLLOUTS):
        ended = run_due(cluster.plane)
    assert (ended.code, ended.reports) == (0, 3)
    assert any(named(ROLLOUTS) in gap for gap in ended.gaps), ended


def test_the_rights_of_the_suite_are_all() -> None:
    assert {right for group in TOGETHER for right in group} | {*DRIFT, *STORE, VOLUME, CLASSES} == given(
        kustomized("audit")
    )


def test_the_served_calendar_needs_no_other_right_is_scraped_and_ends_in_order(cluster: Site) -> None:
    install(cluster.plane, "serve")
    forget(cluster.plane)
    before = len(list(requests(cluster.plane)))
    with served(cluster.plane) as process:
        until(lambda: "maintainer_last_run_exit_code 0" in page("/metrics"), 120, process.end_of_log)
        assert (page("/healthz"), page("/readyz")) == ("ok\n", "ok\n")
        assert page("/metrics").count("\nmaintainer_last_success_timestamp_seconds{") == 6
        with configured(cluster, lambda config, _: config["scrape_configs"].append(scrape_job())):
            cluster.wait_for('maintainer_last_success_timestamp_seconds{job="monthly"}')
        process.popen.terminate()
        assert process.popen.wait(20) == 0, process.end_of_log()

    assert [request for request in list(requests(cluster.plane))[before:] if not request.allowed] == []
    assert "holderIdentity" not in cluster.plane.kube.get(LEASE, NAMESPACE, "maintainer")["spec"]
    cluster.plane.kube.delete(("apps/v1", "Deployment"), NAMESPACE, "maintainer")


@pytest.fixture(scope="module")
def operated(cluster: Site) -> Site:
    """The kinds of the operator, with a Prometheus that selects monitors by the labels of their namespaces."""
    define(cluster.plane.kube)
    by_label = {"matchLabels": {"watched": "yes"}}
    cluster.plane.kube.apply(prometheus(serviceMonitorNamespaceSelector=by_label), service_monitor())
    install(cluster.plane, "prometheus-operator")
    return cluster


OPERATED = given(kustomized("prometheus-operator")) - given(kustomized("audit"))


def test_the_rights_for_the_operator_are_used_as_well(operated: Site) -> None:
    before = len(list(requests(operated.plane)))
    forget(operated.plane)
    ended = run_due(operated.plane)
    assert (ended.gaps, ended.code, ended.reports) == ([], 0, 3), ended

    made = list(requests(operated.plane))[before:]
    assert [request for request in made if not request.allowed] == []
    assert unused(OPERATED, made) == set()


@pytest.mark.parametrize("right", sorted(OPERATED), ids=lambda right: f"{right.resource} {right.verb}")
def test_a_right_for_the_operator_that_is_taken_away_is_named(operated: Site, right: Right) -> None:
    with without(operated, ROLLOUTS, right):
        ended = in_pod(operated.plane, "run", "semiannual" if right.resource == VOLUME.resource else "monthly")
    assert any(named(right) in gap for gap in ended.gaps), ended.gaps


def test_doctor_in_the_pod_misses_no_right_for_the_operator(operated: Site) -> None:
    ended = in_pod(operated.plane, "doctor")
    assert ended.code == 0, (ended.said, ended.printed)
