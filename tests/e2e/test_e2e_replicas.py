"""``maintainer run reconcile --apply`` with two replicas of Prometheus behind the Service: one does not load."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from tests.e2e.plane import Plane, api_server
from tests.e2e.processes import until
from tests.e2e.product import Report
from tests.e2e.reconciled import RULES, Deployed, Kubelet, deployed, done, prometheus, synced

VALUES = {"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "5m"}}}}
SLOWER = "s/for: 5m/for: 50m/"
POD = "v1", "Pod"
FIRST, SECOND = "10.44.9.1", "10.44.9.2"
ALSO = "127.0.0.1:9090"
"""Where the Service's name leads to here."""
DRIFTED = {("drift/changed", "ConfigMap/monitoring/prometheus-config")}


@dataclass(frozen=True, slots=True)
class Replicas:
    """Both charts, and two replicas of Prometheus, each with a kubelet of its own."""

    stack: Deployed
    second: Kubelet

    def wait_of(self, address: str) -> float:
        """For how many seconds RolloutFailed waits in the rules of a replica."""
        with closing(Prometheus(Endpoint(f"http://{address}:9090"))) as client:
            rules = [rule for group in client.whole_rules() for rule in group["rules"]]
        (wait,) = (rule["duration"] for rule in rules if rule["name"] == "RolloutFailed")
        return float(wait)

    def load(self) -> None:
        """Let both replicas load what is stored."""
        self.second.away = False
        for kubelet, address in ((self.stack.kubelet, FIRST), (self.second, SECOND)):
            kubelet.sync()
            with closing(Prometheus(Endpoint(f"http://{address}:9090"))) as client:
                assert client.reload() == ""

    @property
    def waits(self) -> tuple[float, float]:
        """The same of both."""
        return self.wait_of(FIRST), self.wait_of(SECOND)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane, deployed(plane) as stack:
        stack.prometheus.stop()
        stack.prometheus = prometheus(plane, stack.kubelet.folder, at=(f"{FIRST}:9090", ALSO))
        kubelet = Kubelet(plane, plane.folder / "prometheus-config-of-the-second")
        kubelet.sync()
        run_as_pods(plane)
        second = prometheus(plane, kubelet.folder, name="prometheus-1", at=(f"{SECOND}:9090",))
        try:
            with synced(kubelet):
                yield Replicas(stack, kubelet)
        finally:
            second.stop()


@pytest.fixture
def replicas(behind: Replicas) -> Replicas:
    behind.stack.reset(VALUES)
    behind.load()
    behind.stack.edit(SLOWER)
    behind.load()
    assert behind.waits == (3000, 3000)
    return behind


def run_as_pods(plane: Plane) -> None:
    """The pods of the StatefulSet, as they are when the programs run in them: no controller makes them here."""
    workload = plane.kube.get(("apps/v1", "StatefulSet"), "monitoring", "prometheus")
    template = workload["spec"]["template"]
    (claim,) = workload["spec"]["volumeClaimTemplates"]
    spec = {**template["spec"], "volumes": [*template["spec"]["volumes"], {"name": claim["metadata"]["name"]}]}
    for name, address in (("prometheus-0", FIRST), ("prometheus-1", SECOND)):
        metadata = {"namespace": "monitoring", "name": name, "labels": template["metadata"]["labels"]}
        plane.kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
        plane.kube.patch_status(POD, ("monitoring", name), status)
        set_ready(plane, name, ready=True)


def set_ready(plane: Plane, name: str, *, ready: bool) -> None:
    """What the kubelet says of a pod."""
    conditions = [{"type": "Ready", "status": str(ready)}]
    plane.kube.patch_status(POD, ("monitoring", name), {"conditions": conditions})


def detail(report: Report) -> str:
    """What is said of the only thing that was done."""
    (action,) = report.json["actions"]
    said: str = action["detail"]
    return said


def test_where_both_load_it_is_restored(replicas: Replicas) -> None:
    report = replicas.stack.run("--apply")

    assert done(report) == [("restored", "prometheus-config")], report
    assert (report.found, report.gaps, report.code) == (set(), [], 0), report
    assert replicas.waits == (300, 300)


def test_a_replica_whose_file_stays_old_is_named_and_nothing_is_said_to_be_restored(replicas: Replicas) -> None:
    replicas.second.away = True
    report = replicas.stack.run("--apply", MAINTAINER_RECONCILE_WAIT="6s")

    assert done(report) == [("rolled-back", "prometheus-config")], report
    assert "monitoring/prometheus-1 did not load it within 6 s" in detail(report), report
    assert "prometheus-0" not in detail(report), report
    assert report.found == DRIFTED, report
    assert "for: 50m" in replicas.stack.rules()
    assert replicas.waits == (3000, 3000)


def test_a_replica_that_refuses_to_reload_is_named_and_the_other_gets_its_rules_back(replicas: Replicas) -> None:
    replicas.second.away = True
    (replicas.second.folder / RULES).write_text("groups: 7\n")
    report = replicas.stack.run("--apply", MAINTAINER_RECONCILE_WAIT="6s")

    assert done(report) == [("rolled-back", "prometheus-config")], report
    assert "Prometheus monitoring/prometheus-1 refused the new files" in detail(report), report
    assert report.found >= DRIFTED, report
    assert "for: 50m" in replicas.stack.rules()
    assert replicas.waits == (3000, 3000)


def test_a_replica_that_is_not_ready_is_named_and_nothing_is_said_to_be_restored(replicas: Replicas) -> None:
    set_ready(replicas.stack.plane, "prometheus-1", ready=False)
    report = replicas.stack.run("--apply", MAINTAINER_RECONCILE_WAIT="6s")
    set_ready(replicas.stack.plane, "prometheus-1", ready=True)

    assert done(report) == [("rolled-back", "prometheus-config")], report
    assert "The pod monitoring/prometheus-1 of Prometheus is not ready" in detail(report), report
    assert "for: 50m" in replicas.stack.rules()
    # Who is not asked to reload looks at its files every 30 s, and may have done so before they were put back.
    until(lambda: replicas.waits == (3000, 3000), 60, lambda: f"{replicas.waits}")


def test_a_replica_that_has_not_loaded_what_is_stored_is_named_until_it_has(replicas: Replicas) -> None:
    replicas.stack.run("--apply")
    replicas.second.away = True
    replicas.stack.upgrade({"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "10m"}}}})
    report = replicas.stack.run("--apply", MAINTAINER_RECONCILE_WAIT="6s")

    assert done(report) == [], report
    assert "monitoring/prometheus-1 did not load it within 6 s" in str(report.json["sections"]), report
    assert [gap["check"] for gap in report.gaps] == ["drift/not-loaded"], report  # it may still come
    replicas.second.away = False
    report = replicas.stack.run("--apply")
    assert done(report) == [("reloaded", "prometheus-config")], report
    assert (report.found, replicas.waits) == (set(), (600, 600)), report
