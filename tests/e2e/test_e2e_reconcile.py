"""``maintainer run reconcile`` on a real API server, with releases of Helm 4 and a real Prometheus."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import helm_python
import pytest
import yaml

from tests.e2e.killing_proxy import Fate, killing
from tests.e2e.plane import api_server
from tests.e2e.processes import until
from tests.e2e.reconciled import Deployed, deployed, done, prometheus

SLOWER, SLOWEST = "s/for: 5m/for: 50m/", "s/for: 50m/for: 55m/"
NOW, LATER = ({"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": wait}}}} for wait in ("5m", "10m"))
BAD = {"expr": "up ==", "for": "1m", "severity": "info", "summary": "-", "description": "-"}
BROKEN = {"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "5m"}, "Broken": BAD}}}
RULES = {("drift/changed", "ConfigMap/monitoring/prometheus-config")}


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane, deployed(plane) as made:
        yield made


@pytest.fixture
def stack(charts: Deployed) -> Deployed:
    charts.reset(NOW)
    return charts


def test_after_restoring_the_upgrade_that_failed_succeeds_and_a_second_run_writes_nothing(stack: Deployed) -> None:
    stack.edit(SLOWER)
    with pytest.raises(helm_python.HelmError, match="kubectl-edit"):
        stack.upgrade(LATER)
    report = stack.run("--apply")

    assert done(report) == [("restored", "prometheus-config")], report
    assert report.found == {("drift/release", "Release/monitoring/monitoring")}, report
    assert (report.gaps, report.code) == ([], 0), report
    assert "for: 50m" not in stack.rules()
    before = stack.version()
    assert done(stack.run("--apply")) == []
    assert stack.version() == before
    stack.upgrade(LATER)
    assert "for: 10m" in stack.rules()


def test_what_is_stored_and_not_loaded_is_mended_by_a_reload_alone(stack: Deployed) -> None:
    stack.upgrade(LATER)
    before = stack.version()
    report = stack.run("--apply")

    assert done(report) == [("reloaded", "prometheus-config")], report
    assert (report.found, report.gaps, stack.version()) == (set(), [], before), report
    assert stack.loaded("RolloutFailed") == 600


def test_a_plan_says_what_is_written_and_is_refused_once_anything_has_changed(stack: Deployed, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    stack.edit(SLOWER)
    before = stack.version()
    planned = stack.run("--plan", file)
    assert (done(planned), planned.found, stack.version()) == ([], RULES, before), planned
    (write,) = json.loads(Path(file).read_text())["writes"]
    assert (write["object"]["resourceVersion"], "50m" in str(write["requests"])) == (before, False)

    stack.edit(SLOWEST)
    refused = stack.ended("--apply", file)
    assert (refused.returncode, refused.stdout) == (2, ""), refused
    assert "since the plan was made" in refused.stderr
    assert "for: 55m" in stack.rules()

    stack.run("--plan", file)
    assert done(stack.run("--apply", file)) == [("restored", "prometheus-config")]
    assert "for: 5m" in stack.rules()


def test_undo_puts_back_what_was_restored_last(stack: Deployed) -> None:
    stack.edit(SLOWER)
    stack.run("--apply")
    report = stack.run("--undo")

    assert (done(report), report.found) == ([("undone", "prometheus-config")], RULES), report
    assert ("for: 50m" in stack.rules(), stack.loaded("RolloutFailed")) == (True, 3000)
    stack.run("--apply")
    assert stack.loaded("RolloutFailed") == 300


def test_undo_does_not_put_back_a_file_that_is_no_yaml(stack: Deployed) -> None:
    stack.edit("s/^\\( *\\)groups:$/\\1groups: [/")
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(stack.rules())
    assert done(stack.run("--apply")) == [("restored", "prometheus-config")]
    before = stack.version()
    report = stack.run("--undo")

    assert (done(report), report.found, stack.version()) == ([], set(), before), report
    assert "It stays restored, because what was there before is not valid" in str(report.json["sections"]), report


def test_of_two_at_once_one_waits_or_leaves_and_nothing_flips(stack: Deployed) -> None:
    stack.edit(SLOWER)
    stack.load()
    stack.kubelet.away = True
    with stack.running("--apply", MAINTAINER_RECONCILE_WAIT="90s") as first:
        until(lambda: "50m" not in stack.rules(), 30, lambda: "nothing was written")
        written = stack.version()
        leaving = stack.ended("--apply")
        assert (leaving.returncode, leaving.stdout) == (4, "")
        assert "another run holds the lock" in leaving.stderr
        stack.kubelet.away = False
        waiting = stack.run("--apply", "--wait-lock", "2m")
        assert (done(first.report()), done(waiting)) == ([("restored", "prometheus-config")], [])
    assert stack.version() == written


def test_a_rule_file_that_prometheus_refuses_never_stays(stack: Deployed) -> None:
    stack.upgrade(BROKEN)
    stack.edit("s/^\\( *\\)up ==$/\\1up == 0/; s/expr: up ==$/expr: up == 0/")
    stack.load()
    report = stack.run("--apply")

    assert done(report) == [("rolled-back", "prometheus-config")], report
    assert "Prometheus refused the new files: " in report.json["actions"][0]["detail"]
    assert ("up == 0" in stack.rules(), report.found) == (True, RULES), report


def test_a_reload_that_is_answered_for_the_old_file_is_no_success(stack: Deployed) -> None:
    stack.edit(SLOWER)
    stack.load()
    stack.kubelet.away = True
    report = stack.run("--apply", MAINTAINER_RECONCILE_WAIT="4s")
    stack.kubelet.away = False

    assert done(report) == [("rolled-back", "prometheus-config")], report
    assert "did not load it within 4 s" in report.json["actions"][0]["detail"]
    assert ("for: 50m" in stack.rules(), report.found) == (True, RULES), report
    assert done(stack.run("--apply")) == [("restored", "prometheus-config")]


def test_a_prometheus_that_restarts_in_the_middle_is_waited_for(stack: Deployed) -> None:
    stack.edit(SLOWER)
    stack.load()
    stack.kubelet.delay = 3.0
    with stack.running("--apply") as run:
        until(lambda: "50m" not in stack.rules(), 30, lambda: "nothing was written")
        stack.prometheus.stop()
        sleep(2.0)
        stack.prometheus = prometheus(stack.plane, stack.kubelet.folder)
        report = run.report()
    stack.kubelet.delay = 0.0
    assert (done(report), report.found) == ([("restored", "prometheus-config")], set()), report
    assert stack.loaded("RolloutFailed") == 300


def test_after_a_kill_at_any_request_the_next_run_ends_in_the_desired_state(stack: Deployed, tmp_path: Path) -> None:
    own = {"MAINTAINER_STORE_KIND": "directory", "MAINTAINER_STORE_PATH": str(tmp_path)}

    def killed(at: int) -> list[str]:
        """Restore, with a kill before a request; returns the requests from the first write on."""
        stack.edit(SLOWER)
        fate = Fate(at)
        with killing(stack.plane, fate) as kubeconfig, stack.running("--apply", KUBECONFIG=kubeconfig, **own) as run:
            fate.kill = run.popen.kill
            assert run.popen.wait(60) == (-signal.SIGKILL if at else 0)
        return fate.seen

    requests = killed(0)
    writes = [number for number, request in enumerate(requests, 1) if not request.startswith("GET")]
    assert len(writes) >= 2
    for at in range(1, writes[-1] + 5):  # what follows reads only, and that it was proven is noted
        seen = killed(at)
        report = stack.run("--apply", **own)
        assert (report.found, report.gaps) == (set(), []), (seen, report)
        assert ("for: 50m" in stack.rules(), stack.loaded("RolloutFailed")) == (False, 300), seen


def test_a_role_that_can_only_read_gives_the_same_report(stack: Deployed) -> None:
    stack.edit(SLOWER)
    stack.allow_to_read("reader")
    mine, theirs = stack.run(), stack.run("--as", "reader")

    assert mine.found == RULES
    for part in ("findings", "gaps", "sections", "actions", "verdict"):
        left, right = (
            str(report.json[part]).replace(" --as reader", "").replace(" --kube-as-user reader", "")
            for report in (mine, theirs)
        )
        assert left == right
    denied = stack.run("--as", "reader", "--apply")
    assert (done(denied), denied.found, denied.code) == ([], RULES, 4), denied
    assert "may not" in str(denied.gaps)
