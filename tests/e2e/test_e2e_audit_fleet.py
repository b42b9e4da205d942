"""The monthly audit of a real fleet behind a real controller and a real Prometheus."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import yaml

from maintainer.analyse.accuracy.overlooked import TIME_TO_RECONCILE
from maintainer.clients.objects import INSTANCE_ID
from maintainer.model.contract import Family, emitted_by, families
from maintainer.settings import load
from tests.e2e import analyses
from tests.e2e.churn import EVERY, changing, deleted_while_written
from tests.e2e.faults import configured, scraping_beside, second_controller
from tests.e2e.fleets import STATES, begin, image, rollout
from tests.e2e.kube import ROLLOUT
from tests.e2e.late_answers import behind_a_slow_network
from tests.e2e.overlooked import SETTLED, ghosts, kept, lasting, shown_by_panels, subjects, touch, untouched, waiting
from tests.e2e.plane import control_plane
from tests.e2e.processes import until
from tests.e2e.product import allow, audit_inside, audit_outside, init_inside
from tests.e2e.sites import PROMETHEUS, PROMETHEUS_SERVICE, QUICK, Site, debian, site
from tests.scenarios.runs import typed

REFUSED = {("accuracy/meaning", "Rollout/refused/no-replica-set")}
"""The real difference in the fleet: the phase is Progressing in the API and Error in the metric."""
RUNS = 20
VERSION = (1, 9, 2)
OF_TARGETS = {"__name__", "instance", "job", "pod"}
NOT_THE_CONTROLLERS = re.compile("(go|process|scrape)_.*|up")
"""Series that client_golang and Prometheus add to every target."""
WATCHED = 6
"""Seconds in which a change has come in through the watch of the controller, also on a busy machine."""
UNPROVOKED = {
    "analysis_run_reconcile_error",
    "experiment_reconcile_error",
    "notification_send_error",
    "notification_send_success",
}
"""Counters that start with an event that does not occur here, such as an error or a notification."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with control_plane(tmp_path_factory.mktemp("plane")) as plane, site(plane, QUICK) as made:
        allow(plane)
        begin(plane.kube, STATES)
        for name, state in STATES.items():
            made.wait_for(f'rollout_info{{name="{name}", phase="{state.phase}"}}')
        yield made


def test_the_fleet_is_in_every_state(fleet: Site) -> None:
    shown = fleet.query('rollout_info{namespace=~"states|refused"}')
    phases = {(series["metric"]["name"], series["metric"]["phase"]) for series in shown}
    assert phases == {(name, state.phase) for name, state in STATES.items()}


def test_a_fleet_at_rest_has_nothing_wrong_inside_and_outside(fleet: Site) -> None:
    for look in (audit_inside, audit_outside):
        report = look(fleet.plane)
        assert (report.code, report.found, report.gaps) == (0, REFUSED, []), report
        assert report.json["figures"]["rollouts.compared"] == report.json["figures"]["rollouts.listed"], report


def test_a_newcomer_has_the_first_report_after_the_commands_that_init_prints(fleet: Site, tmp_path: Path) -> None:
    environ = {"KUBECONFIG": str(fleet.plane.folder / "kubeconfig")}
    begun = typed("maintainer init", tmp_path, environ)
    for line in begun.stdout.splitlines()[1:]:
        done = typed(line.strip(), tmp_path, environ)
        assert done.returncode == 0, (line, done.stdout, done.stderr)

    assert (begun.returncode, begun.stderr) == (0, "")
    assert load(str(tmp_path / "maintainer.yaml"), {}, {}).prometheus.service == f"{PROMETHEUS_SERVICE}:9090"
    (file,) = (tmp_path / "reports" / "out").glob("*.json")
    report = json.loads(file.read_text("utf-8"))
    assert {finding["check"] for finding in report["findings"]} == {"accuracy/meaning"}
    assert report["gaps"] == []


def test_a_newcomer_in_a_pod_gets_settings_for_a_pod(fleet: Site) -> None:
    done = init_inside(fleet.plane)
    written = yaml.safe_load(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert written["cluster"] is None
    assert written["prometheus"] == {"url": PROMETHEUS}


def test_debians_prometheus_of_the_year_2023_shows_it_as_well(fleet: Site) -> None:
    with debian(fleet) as url:
        report = audit_inside(fleet.plane, "--prometheus-url", url, "--prometheus-service", PROMETHEUS_SERVICE)
    assert (report.code, report.found, report.gaps) == (0, REFUSED, []), report


def test_the_contract_is_what_the_controller_exposes(fleet: Site) -> None:
    analyses.run(fleet.plane.kube)
    fleet.wait_for('analysis_run_info{phase="Failed"} and on () experiment_info{phase="Successful"}')
    expected = {family.name: family for family in families().values() if emitted_by(family.name, VERSION)}
    by_series = {series: family for family in expected.values() for series in family.series}
    seen = set()
    for metric in (result["metric"] for result in fleet.query('{job="argo-rollouts"}')):
        family = by_series.get(metric["__name__"])
        assert family or NOT_THE_CONTROLLERS.fullmatch(metric["__name__"]), metric
        if family:
            seen.add(family.name)
            assert_labels(family, {label: metric[label] for label in metric.keys() - OF_TARGETS})
    assert expected.keys() - seen == UNPROVOKED


def assert_labels(family: Family, labels: Mapping[str, str]) -> None:
    """The labels are all required and no unknown labels of the family, with values that the contract knows."""
    needed = {label for label, detail in family.details.items() if not detail.optional}
    allowed = family.labels | ({"le"} if family.kind == "histogram" else set())
    assert needed <= labels.keys() <= allowed, (family.name, labels)
    for label, value in labels.items():
        known = family.details[label].values if label in family.details else None
        assert known is None or value in known, (family.name, labels)


def test_a_fleet_in_motion_has_nothing_wrong_but_what_the_controller_overlooks(fleet: Site) -> None:
    kube, whole = fleet.plane.kube, 0
    with changing(kube, seed=7) as churn:
        for run in range(RUNS):
            before, kept_before = waiting(kube), kept(kube)
            old = {key for key, metadata in before.items() if untouched(metadata) > TIME_TO_RECONCILE}
            report = audit_inside(fleet.plane)
            stood = old & lasting(before, waiting(kube))
            kept_after = kept(kube)
            figures, found = report.json["figures"], report.found - REFUSED - shown_by_panels(report, kept_after)
            must = subjects(stood) | ghosts(kept_before & kept_after)
            may = subjects(set(before)) | ghosts(kept_after)
            assert report.found >= REFUSED, f"run {run}: {report}"
            assert must <= found <= may, f"run {run}: {must}, {may}, {before}, {report}"
            assert figures["rollouts.compared"] > 0.9 * figures["rollouts.listed"], f"run {run}: {report}"
            whole += (report.code, report.gaps) == (0, [])
        assert churn.rate > 0.8 / EVERY
    # If more than 5 % of a fleet never stood still, the audit correctly reports a gap.
    assert whole >= 0.9 * RUNS


def test_what_the_controller_overlooks_for_good_is_found_and_mended_as_the_report_says(fleet: Site) -> None:
    """The motion before this test leaves such Rollouts now and then; without any, nothing may be found."""
    kube = fleet.plane.kube
    sleep(SETTLED)
    before, gone = waiting(kube), kept(kube)
    report = audit_inside(fleet.plane)
    overlooked = lasting(before, waiting(kube))
    assert (report.code, report.gaps) == (0, []), report
    assert report.found == REFUSED | subjects(overlooked) | ghosts(gone) | shown_by_panels(report, gone), report

    touch(kube, overlooked)
    until(lambda: not waiting(kube), 60, lambda: f"{waiting(kube)}")
    mended = audit_inside(fleet.plane)
    assert mended.found == REFUSED | ghosts(gone) | shown_by_panels(mended, gone), mended


def test_what_the_controller_keeps_after_its_deletion_is_found_until_it_is_restarted(fleet: Site) -> None:
    kube = fleet.plane.kube
    gone = deleted_while_written(kube)
    fleet.wait_for(f'rollout_info{{name="{sorted(gone)[-1][1]}"}}')
    report = audit_inside(fleet.plane)
    assert report.found == REFUSED | ghosts(gone) | shown_by_panels(report, gone), report

    fleet.stop("controller")
    fleet.start_controller()
    sleep(SETTLED)
    mended = audit_inside(fleet.plane)
    assert (mended.found, kept(kube)) == (REFUSED, set()), mended


LATE_ANSWERS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "scaled-late": ({"spec": {"replicas": 3}}, {}),
    "deployed-late": (image(3), {}),
    "aborted-late": ({}, {"abort": True}),
}
"""By the name of a paused Rollout, a change to it and to its status that the controller overlooks."""


def test_rollouts_of_which_a_late_answer_brought_back_an_old_version_are_found_and_no_other(fleet: Site) -> None:
    kube, keys = fleet.plane.kube, {("states", name) for name in LATE_ANSWERS}
    for _, name in keys:
        canary = {"canary": {"steps": [{"setWeight": 50}, {"pause": {}}]}}
        kube.create(rollout("states", name, strategy=canary))
        fleet.wait_for(f'rollout_info{{name="{name}", phase="Completed"}}')
        kube.patch(ROLLOUT, ("states", name), image(2))
        fleet.wait_for(f'rollout_info{{name="{name}", phase="Paused"}}')
    with behind_a_slow_network(fleet) as answers:
        fleet.wait_for('changes(process_start_time_seconds{job="argo-rollouts"}[1m]) > 0')
        for name, (spec, status) in LATE_ANSWERS.items():
            with answers.held(("states", name)) as written:
                # Of a paused Rollout, the controller writes nothing but that it has observed this change.
                kube.patch(ROLLOUT, ("states", name), {"spec": {"progressDeadlineSeconds": 601}})
                assert written.wait(30), f"the controller has not written {name}"
                if spec:
                    kube.patch(ROLLOUT, ("states", name), spec)
                if status:
                    kube.patch_status(ROLLOUT, ("states", name), status)
                sleep(WATCHED)
        sleep(SETTLED)
        report = audit_inside(fleet.plane)
        assert (report.found, report.gaps) == (REFUSED | subjects(keys), []), report

        touch(kube, keys)
        until(lambda: not waiting(kube), 60, lambda: f"{waiting(kube)}")
        mended = audit_inside(fleet.plane)
    assert mended.found == REFUSED, mended
    for _, name in keys:
        kube.delete(ROLLOUT, "states", name)


def test_a_controller_that_is_not_where_it_is_looked_for_is_a_gap_that_names_its_namespace(
    fleet: Site, tmp_path: Path
) -> None:
    file = tmp_path / "maintainer.yaml"
    file.write_text("controller: {namespace: rollouts}\n")
    report = audit_inside(fleet.plane, "--config", str(file))
    [reason] = {gap["reason"] for gap in report.gaps}
    assert (report.code, report.found) == (3, REFUSED), report
    assert "argo-rollouts (by its pods, by its target" in reason
    assert "Set controller.namespace" in reason


def test_two_controllers_with_instance_ids_are_each_judged_by_their_own_rollouts(fleet: Site, tmp_path: Path) -> None:
    kube, file = fleet.plane.kube, tmp_path / "maintainer.yaml"
    own = rollout("states", "green")
    kube.create({**own, "metadata": {**own["metadata"], "labels": {INSTANCE_ID: "green"}}})
    file.write_text("controller: {instanceId: green}\n")
    with second_controller(fleet, "green"), configured(fleet, scraping_beside("127.0.0.1:8091")):
        fleet.wait_for('rollout_info{name="green", phase="Completed"}')
        usual, green = audit_inside(fleet.plane), audit_inside(fleet.plane, "--config", str(file))
    assert (usual.found, usual.gaps) == (REFUSED, []), usual
    assert (green.found, green.json["figures"]["rollouts.compared"]) == (set(), 1), green
