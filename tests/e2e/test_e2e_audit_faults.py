"""Each fault of the monitoring in a healthy cluster is a finding of its own check, and of no other."""

from collections.abc import Iterator

import pytest

from tests.e2e.faults import (
    ROLE,
    ROLE_KIND,
    SERVICE,
    aged,
    changed,
    configured,
    converting_histograms,
    dropping,
    edited_dashboard,
    emptied_rules,
    overwriting_the_namespace,
    scraping_twice,
    stale_prometheus,
    stopped_controller,
    worded_as_the_guide,
)
from tests.e2e.fleets import STATES, begin
from tests.e2e.plane import control_plane
from tests.e2e.product import Report, allow, audit_inside
from tests.e2e.sites import PROMETHEUS_SERVICE, QUICK, SERVICE_KIND, Site, site
from tests.servers import guide

CALM = 8
"""Rollouts of each team; the fleet in motion is larger."""
TARGET = 'up{job="argo-rollouts"} == 1'


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with control_plane(tmp_path_factory.mktemp("plane")) as plane, site(plane, QUICK) as made:
        allow(plane)
        states = {name: state for name, state in STATES.items() if name != "no-replica-set"}
        begin(plane.kube, states, CALM)
        for name, state in states.items():
            made.wait_for(f'rollout_info{{name="{name}", phase="{state.phase}"}}')
        yield made


@pytest.fixture
def cluster(whole: Site) -> Iterator[Site]:
    """A cluster without findings before and after each fault."""
    yield whole
    whole.wait_for(f"{TARGET} and on () count(rollout_info) == on () count(rollout_info_replicas_desired)")
    report = audit_inside(whole.plane)
    assert (report.code, report.found, report.gaps) == (0, set(), []), report


def found(report: Report) -> dict[str, set[str]]:
    """The subjects of the findings, by check."""
    return {check: {subject for of, subject in report.found if of == check} for check in report.checks}


def test_a_target_relabelled_to_the_controllers_namespace(cluster: Site) -> None:
    with configured(cluster, overwriting_the_namespace):
        cluster.wait_for('rollout_info{namespace="argo-rollouts", exported_namespace="shop"}')
        report = audit_inside(cluster.plane)
    subjects = found(report).pop("label/namespace")
    assert (report.code, report.checks) == (0, {"label/namespace"}), report
    assert {"alert/RolloutFailed", "panel/Argo Rollouts Monitoring / Rollout Phase"} <= subjects, report


def test_the_series_of_one_namespace_dropped(cluster: Site) -> None:
    with configured(cluster, dropping("rollout_info;billing", "namespace")):
        cluster.wait_for('absent(rollout_info{namespace="billing"})')
        report = audit_inside(cluster.plane)
    assert (report.code, report.checks, report.gaps) == (0, {"coverage/missing", "panel/value"}, []), report
    assert found(report)["coverage/missing"] == {f"Rollout/billing/app-{number}" for number in range(CALM)}, report


def test_histograms_that_prometheus_makes_native(cluster: Site) -> None:
    with configured(cluster, converting_histograms):
        cluster.wait_for('rollout_reconcile and on () absent(rollout_reconcile_count{job="argo-rollouts"})')
        report = audit_inside(cluster.plane)
    assert (report.code, report.checks, report.gaps) == (0, {"query/unknown-metric"}, []), report


def test_a_metric_dropped(cluster: Site) -> None:
    with configured(cluster, dropping("rollout_info_replicas_available")):
        cluster.wait_for("absent(rollout_info_replicas_available)")
        report = audit_inside(cluster.plane)
    assert (report.code, report.gaps) == (0, []), report
    assert report.checks == {"coverage/missing", "panel/value"}, report
    assert found(report)["coverage/missing"] == {"Metric/rollout_info_replicas_available"}, report


def test_every_rollout_dropped_while_the_target_is_up(cluster: Site) -> None:
    with configured(cluster, dropping("rollout_info")):
        cluster.wait_for(f"{TARGET} and on () absent(rollout_info)")
        report = audit_inside(cluster.plane)
    assert (report.code, report.checks) == (3, {"pipeline/emitter"}), report


def test_a_second_scrape_job(cluster: Site) -> None:
    with configured(cluster, scraping_twice):
        cluster.wait_for('count(up{job="by-annotation"} == 1)')
        report = audit_inside(cluster.plane)
    assert (report.code, report.checks) == (0, {"coverage/duplicate"}), report


def test_a_service_that_selects_no_pod(cluster: Site) -> None:
    with changed(cluster, SERVICE_KIND, SERVICE, {"spec": {"selector": {"app.kubernetes.io/name": "argo"}}}):
        cluster.wait_for("absent(rollout_info)")
        report = audit_inside(cluster.plane)
    assert (report.code, report.checks) == (3, {"pipeline/service", "pipeline/target"}), report


def test_prometheus_rights_removed(cluster: Site) -> None:
    with changed(cluster, ROLE_KIND, ROLE, {"rules": []}):
        report = audit_inside(cluster.plane)
    assert report.checks == {"pipeline/rbac"}, report


def test_a_rules_file_emptied(cluster: Site) -> None:
    with emptied_rules(cluster):
        fresh = audit_inside(cluster.plane)
        aged(cluster)
        report = audit_inside(cluster.plane)
    assert (fresh.code, fresh.checks, [gap["check"] for gap in fresh.gaps]) == (3, set(), ["pipeline/rules-loaded"])
    assert report.checks == {"pipeline/rules-loaded"}, report
    assert "alert/RolloutFailed" in found(report)["pipeline/rules-loaded"], report


def test_a_panel_edited_to_ask_for_healthy(cluster: Site) -> None:
    with edited_dashboard(cluster, ('phase=\\"Completed\\"', 'phase=\\"Healthy\\"')):
        report = audit_inside(cluster.plane)
    assert report.found == {("query/dead-selector", "panel/Argo Rollouts Monitoring / Rollout Phase")}, report


def test_the_guides_own_wording_of_alerts_and_panels(cluster: Site) -> None:
    with worded_as_the_guide(cluster):
        report = audit_inside(cluster.plane)
    assert report.found == {("query/dead-selector", subject) for subject in guide.FOUND}, report


def test_the_controller_stopped(cluster: Site) -> None:
    with stopped_controller(cluster):
        cluster.wait_for('up{job="argo-rollouts"} == 0')
        report = audit_inside(cluster.plane)
    assert (report.code, report.checks) == (3, {"pipeline/target"}), report


def test_a_prometheus_that_lives_on_old_samples(cluster: Site) -> None:
    aged(cluster)
    with stale_prometheus(cluster) as url:
        report = audit_inside(cluster.plane, "--prometheus-url", url, "--prometheus-service", PROMETHEUS_SERVICE)
    assert report.code == 3, report
    assert report.checks == {"pipeline/target", "pipeline/rules-loaded", "pipeline/alertmanager"}, report
    assert {"accuracy/phase", "coverage/missing", "panel/value"} <= {gap["check"] for gap in report.gaps}, report
