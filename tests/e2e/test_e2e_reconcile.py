"""``maintainer run reconcile`` on a real API server, with releases of Helm 4 and a real Prometheus."""

from collections.abc import Iterator

import helm_python
import pytest

from tests.e2e.plane import api_server
from tests.e2e.reconciled import Deployed, deployed, done

SLOWER = "s/for: 5m/for: 50m/"
LATER = {"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "10m"}}}}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane, deployed(plane) as made:
        yield made


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
