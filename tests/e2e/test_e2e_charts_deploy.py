"""The guide's order of deployment, on an empty cluster and where Argo Rollouts' own install.yaml came first."""

from collections.abc import Iterator

import helm_python
import pytest

from tests.e2e.plane import Plane, control_plane
from tests.e2e.releases import MONITORING, SERVICE, install
from tests.e2e.sites import QUICK, SERVICE_KIND, Site, prepare

METRICS = "argo-rollouts", "argo-rollouts-metrics"
UP = 'up{job="argo-rollouts"} == 1'


@pytest.fixture
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with control_plane(tmp_path_factory.mktemp("plane")) as made:
        yield made


@pytest.fixture
def deployed(plane: Plane) -> Iterator[Site]:
    made = Site(plane, {**QUICK, "maintainer": {"enabled": True}})
    yield made
    made.stop()


def test_the_guides_order_works_twice_in_a_row(deployed: Site) -> None:
    prepare(deployed.plane)
    for _ in range(2):
        deployed.install()
    service = deployed.plane.kube.get(SERVICE_KIND, *METRICS)
    assert service["metadata"]["annotations"]["meta.helm.sh/release-name"] == SERVICE[0]
    cron_job = deployed.plane.kube.get(("batch/v1", "CronJob"), "maintainer", "maintainer")
    assert cron_job["metadata"]["annotations"]["meta.helm.sh/release-name"] == MONITORING[0]
    deployed.start_controller()
    deployed.start_prometheus()
    deployed.wait_for(UP)
    deployed.start_alertmanager()
    deployed.wait_for('up{job="alertmanager"} == 1')
    # Again, with all programs running.
    deployed.install()
    deployed.mount("prometheus-config")
    deployed.reload()
    deployed.wait_for(UP)


def test_a_service_of_argo_rollouts_own_is_left_alone_and_scraped(deployed: Site) -> None:
    prepare(deployed.plane, upstreams_service=True)
    before = deployed.plane.kube.get(SERVICE_KIND, *METRICS)
    for _ in range(2):
        said = install(deployed.plane, "argo-rollouts", SERVICE)
        assert "LEFT ALONE" in str(said["notes"]), said
        install(deployed.plane, "monitoring", MONITORING, QUICK)
    assert deployed.plane.kube.get(SERVICE_KIND, *METRICS) == before
    with pytest.raises(helm_python.HelmError, match="invalid ownership metadata"):
        install(deployed.plane, "argo-rollouts", SERVICE, {"metricsService": {"create": True}})
    deployed.start_controller()
    deployed.start_prometheus()
    deployed.wait_for(UP)
