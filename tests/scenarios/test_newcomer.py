"""A newcomer's path, as real commands: an empty folder and a kubeconfig, and what each command says to type next."""

import json
from pathlib import Path

import pytest

from maintainer.sandbox.world import World
from maintainer.settings import load
from tests.render.valid import valid_json
from tests.scenarios.runs import typed
from tests.scenarios.small_worlds import ROLLOUTS
from tests.scenarios.stacks import having
from tests.scenarios.test_bad_access import OTHER

pytestmark = pytest.mark.extended

OWN = "service: monitoring/prometheus"
"""What a newcomer writes in the place of the line that is offered."""


def test_a_newcomer_has_the_first_report_after_the_commands_that_init_prints(healthy: World, tmp_path: Path) -> None:
    environ = {"KUBECONFIG": str(healthy.kubeconfig), "TZ": "Asia/Tokyo"}
    begun = typed("maintainer init", tmp_path, environ)
    doctor, run = [line.strip() for line in begun.stdout.splitlines()[1:]]
    examined, audited = typed(doctor, tmp_path, environ), typed(run, tmp_path, environ)

    assert (begun.returncode, begun.stderr) == (0, "")
    assert (doctor, run) == ("maintainer doctor", "maintainer run monthly")
    assert examined.returncode == 0, examined.stdout
    assert "broken" not in examined.stdout
    settings = load(str(tmp_path / "maintainer.yaml"), {}, {})
    assert settings.cluster.context == "sandbox"
    assert settings.prometheus.service == "monitoring/prometheus:9090"
    assert audited.returncode == 0, audited.stderr
    (report,) = (tmp_path / "reports" / "out").glob("*.json")
    written = json.loads(valid_json(report.read_text("utf-8")))
    assert written["gaps"] == []
    assert written["figures"]["rollouts.compared"] == len(ROLLOUTS)
    assert written["period"]["timeZone"] == "Asia/Tokyo"


def test_a_newcomer_without_a_cluster_is_told_at_each_step_what_is_missing(tmp_path: Path) -> None:
    begun = typed("maintainer init", tmp_path, {})
    examined, audited = (typed(line.strip(), tmp_path, {}) for line in begun.stdout.splitlines()[1:])

    assert (begun.returncode, examined.returncode, audited.returncode) == (3, 3, 3)
    for said in (begun.stderr, examined.stdout, audited.stdout):
        assert "there is no usable kubeconfig" in " ".join(said.lower().split()), said


def test_a_newcomer_with_two_prometheus_has_the_report_after_a_line_of_the_file_is_taken(
    healthy: World, tmp_path: Path
) -> None:
    environ = {"KUBECONFIG": str(healthy.kubeconfig)}
    with having(healthy, "services", OTHER):
        begun = typed("maintainer init", tmp_path, environ)
        file = tmp_path / "maintainer.yaml"
        file.write_text(file.read_text("utf-8").replace("#service: central/prometheus-k8s", OWN), "utf-8")
        audited = typed("maintainer run monthly", tmp_path, environ)

    assert begun.returncode == 0
    assert "central/prometheus-k8s:9090, monitoring/prometheus:9090" in begun.stderr
    assert audited.returncode == 0, audited.stderr
