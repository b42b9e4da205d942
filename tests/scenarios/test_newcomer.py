"""A newcomer's path, as real commands: an empty folder and a kubeconfig, and what each command says to type next."""

import json
from pathlib import Path

from maintainer.sandbox.world import World
from maintainer.settings import load
from tests.scenarios.runs import typed
from tests.scenarios.small_worlds import ROLLOUTS


def test_a_newcomer_has_the_first_report_after_the_commands_that_init_prints(healthy: World, tmp_path: Path) -> None:
    environ = {"KUBECONFIG": str(healthy.kubeconfig), "TZ": "Asia/Tokyo"}
    begun = typed("maintainer init", tmp_path, environ)
    doctor, run = [line.strip() for line in begun.stdout.splitlines()[1:]]
    audited = typed(run, tmp_path, environ)

    assert (begun.returncode, begun.stderr) == (0, "")
    assert doctor == "maintainer doctor"
    settings = load(str(tmp_path / "maintainer.yaml"), {}, {})
    assert settings.cluster.context == "sandbox"
    assert settings.prometheus.service == "monitoring/prometheus:9090"
    assert audited.returncode == 0, audited.stderr
    (report,) = (tmp_path / "reports" / "out").glob("*.json")
    written = json.loads(report.read_text("utf-8"))
    assert written["gaps"] == []
    assert written["figures"]["rollouts.compared"] == len(ROLLOUTS)
    assert written["period"]["timeZone"] == "Asia/Tokyo"


def test_a_newcomer_without_a_cluster_is_told_at_each_step_what_is_missing(tmp_path: Path) -> None:
    begun = typed("maintainer init", tmp_path, {})
    _, run = [line.strip() for line in begun.stdout.splitlines()[1:]]
    audited = typed(run, tmp_path, {})

    assert (begun.returncode, audited.returncode) == (3, 3)
    assert "there is no usable kubeconfig" in begun.stderr
    assert "there is no usable kubeconfig" in audited.stdout
