"""The monthly audit of a real fleet behind a real controller and a real Prometheus."""

from collections.abc import Iterator

import pytest
from churn import EVERY, changing
from fleets import STATES, begin
from plane import control_plane
from product import allow, audit_inside, audit_outside
from sites import QUICK, Site, site

REFUSED = {("accuracy/meaning", "Rollout/refused/no-replica-set")}
"""What is really wrong with the fleet: the API calls Progressing what the metric calls Error."""
RUNS = 20


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
    phases = {(one["metric"]["name"], one["metric"]["phase"]) for one in shown}
    assert phases == {(name, state.phase) for name, state in STATES.items()}


def test_a_fleet_at_rest_has_nothing_wrong_inside_and_outside(fleet: Site) -> None:
    for look in (audit_inside, audit_outside):
        report = look(fleet.plane)
        assert (report.code, report.found, report.gaps) == (0, REFUSED, []), report
        assert report.json["figures"]["rollouts.compared"] == report.json["figures"]["rollouts.listed"], report


def test_a_fleet_in_motion_has_nothing_wrong_either(fleet: Site) -> None:
    with changing(fleet.plane.kube, seed=7) as churn:
        for run in range(RUNS):
            report = audit_inside(fleet.plane)
            assert (report.code, report.found, report.gaps) == (0, REFUSED, []), f"run {run}: {report}"
            assert report.json["figures"]["rollouts.compared"] > 0.95 * report.json["figures"]["rollouts.listed"], (
                report
            )
        assert churn.rate > 0.8 / EVERY
