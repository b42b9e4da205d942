"""``maintainer init``: what it writes, says and refuses, as a real command against a simulated API."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from maintainer.sandbox.api import TOKEN, ApiServer, kubeconfig
from maintainer.sandbox.store import Store
from maintainer.settings import Settings, load
from tests.servers.commands import Done, command

COMMAND = str(Path(sys.executable).with_name("maintainer"))


@pytest.fixture
def api() -> Iterator[ApiServer]:
    """A cluster with a controller in an unusual place, and a Prometheus."""
    api = ApiServer(Store()).start()
    labels = {"app.kubernetes.io/name": "argo-rollouts"}
    metrics = {"clusterIP": "10.0.0.1", "ports": [{"name": "metrics", "port": 8090}], "selector": labels}
    prometheus = {"clusterIP": "10.0.0.2", "ports": [{"name": "web", "port": 9090}]}
    pod = {"metadata": {"namespace": "rollouts", "name": "pod", "labels": labels}, "spec": {}, "status": {}}
    api.store.put("pods", pod)
    api.store.put("services", {"metadata": {"namespace": "rollouts", "name": "the-metrics"}, "spec": metrics})
    put_prometheus(api, "monitoring", prometheus)
    yield api
    api.stop()


def put_prometheus(api: ApiServer, namespace: str, spec: Mapping[str, object]) -> None:
    metadata = {"namespace": namespace, "name": "prometheus", "labels": {"app.kubernetes.io/name": "prometheus"}}
    api.store.put("services", {"metadata": metadata, "spec": spec})


def init(folder: Path, *words: str, **environ: str) -> Done:
    """The command in a folder, with these variables only."""
    whole = {"PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "Europe/Berlin", **environ}
    return command("init", *words, folder=folder, environ=whole)


def access(api: ApiServer, folder: Path, **others: object) -> str:
    """The path of a kubeconfig with a second context."""
    document = yaml.safe_load(kubeconfig(api.url))
    document["contexts"].append({"name": "staging", "context": {"cluster": "sandbox", "user": "sandbox"}})
    file = folder / "access"
    file.write_text(yaml.safe_dump({**document, **others}), "utf-8")
    return str(file)


def settings(folder: Path, name: str = "maintainer.yaml") -> Settings:
    return load(str(folder / name), {}, {})


def test_what_is_found_is_written_and_the_next_commands_are_said(api: ApiServer, tmp_path: Path) -> None:
    done = init(tmp_path, KUBECONFIG=access(api, tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "maintainer.yaml is written. To try it, and to run the first audit:\n"
        "  maintainer doctor\n  maintainer run monthly\n"
    )
    written = settings(tmp_path)
    assert (written.cluster.context, written.cluster.kubeconfig) == ("sandbox", "")
    assert (written.controller.namespace, written.controller.service) == ("rollouts", "the-metrics")
    assert written.prometheus.service == "monitoring/prometheus:9090"
    assert written.schedule.time_zone == "Europe/Berlin"
    assert "# Other contexts of the kubeconfig: staging." in (tmp_path / "maintainer.yaml").read_text("utf-8")


def test_a_file_that_is_there_is_not_overwritten_and_the_cluster_not_asked(api: ApiServer, tmp_path: Path) -> None:
    (tmp_path / "maintainer.yaml").write_text("failOn: error\n")
    done = init(tmp_path, KUBECONFIG=access(api, tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("maintainer: maintainer.yaml is there already, and is not overwritten")
    assert (tmp_path / "maintainer.yaml").read_text() == "failOn: error\n"
    assert not api.requests


def test_of_two_at_once_one_writes_the_file(tmp_path: Path) -> None:
    whole = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    both = [subprocess.Popen([COMMAND, "init"], cwd=tmp_path, env=whole, stderr=subprocess.DEVNULL) for _ in range(2)]

    assert sorted(process.wait(120) for process in both) == [2, 3]
    assert settings(tmp_path).cluster.context == ""


def test_without_a_cluster_the_defaults_are_written_and_what_is_missing_is_said(tmp_path: Path) -> None:
    done = init(tmp_path)

    assert done.returncode == 3
    assert done.stdout.startswith("maintainer.yaml is written.")
    assert "there is no usable kubeconfig" in done.stderr
    usual = Settings()
    assert settings(tmp_path) == usual.model_copy(update={"schedule": settings(tmp_path).schedule})


def test_a_cluster_that_refuses_is_said_with_what_is_missing(api: ApiServer, tmp_path: Path) -> None:
    api.forbid("list", "services")
    done = init(tmp_path, KUBECONFIG=access(api, tmp_path))

    assert done.returncode == 3
    assert "services" in done.stderr
    assert settings(tmp_path).controller.namespace == "rollouts"
    assert settings(tmp_path).prometheus.service == ""


def test_of_several_prometheus_none_is_chosen_and_that_is_said(api: ApiServer, tmp_path: Path) -> None:
    put_prometheus(api, "central", {"clusterIP": "10.0.0.3", "ports": [{"port": 80}]})
    done = init(tmp_path, KUBECONFIG=access(api, tmp_path))

    assert done.returncode == 0
    assert "central/prometheus:80, monitoring/prometheus:9090" in done.stderr
    text = (tmp_path / "maintainer.yaml").read_text("utf-8")
    assert settings(tmp_path).prometheus.service == ""
    (tmp_path / "taken.yaml").write_text(text.replace("#service: central", "service: central"), "utf-8")
    assert settings(tmp_path, "taken.yaml").prometheus.service == "central/prometheus:80"


def test_the_file_can_have_another_name_which_the_next_commands_name(api: ApiServer, tmp_path: Path) -> None:
    done = init(tmp_path, "--output", "my file.yaml", "--kubeconfig", access(api, tmp_path), "--context", "staging")

    assert done.returncode == 0
    assert "  maintainer doctor --config 'my file.yaml'\n" in done.stdout
    cluster = settings(tmp_path, "my file.yaml").cluster
    assert (cluster.context, cluster.kubeconfig) == ("staging", str(tmp_path / "access"))


def test_the_file_of_the_environment_is_the_one_that_the_other_commands_read(tmp_path: Path) -> None:
    done = init(tmp_path, MAINTAINER_CONFIG="other.yaml")

    assert done.stdout.startswith("other.yaml is written.")
    assert "--config" not in done.stdout
    assert settings(tmp_path, "other.yaml").cluster.context == ""


@pytest.mark.parametrize(("rule", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), ("XYZ-9:13", "")])
def test_the_time_zone_is_written_only_where_it_is_sure(rule: str, zone: str, tmp_path: Path) -> None:
    written = yaml.safe_load(init(tmp_path, "-o", "-", TZ=rule).stdout)

    assert written["schedule"] == ({"timeZone": zone} if zone else None)


def test_the_file_can_be_printed(tmp_path: Path) -> None:
    done = init(tmp_path, "-o", "-")

    assert done.returncode == 3
    assert yaml.safe_load(done.stdout)["schedule"] == {"timeZone": "Europe/Berlin"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--context", "none"], "none"),
        (["--kubeconfig", "nowhere"], "there is no nowhere"),
        (["-o", "-", "--colour"], "there is no option --colour"),
    ],
    ids="".join,
)
def test_what_was_named_and_is_not_there_is_an_error_and_writes_nothing(
    words: list[str], said: str, api: ApiServer, tmp_path: Path
) -> None:
    environ = {"KUBECONFIG": access(api, tmp_path)} if "--context" in words else {}
    done = init(tmp_path, *words, **environ)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (tmp_path / "maintainer.yaml").exists()


def test_a_kubeconfig_without_a_current_context_offers_its_contexts(api: ApiServer, tmp_path: Path) -> None:
    done = init(tmp_path, KUBECONFIG=access(api, tmp_path, **{"current-context": ""}))

    assert done.returncode == 3
    text = (tmp_path / "maintainer.yaml").read_text("utf-8")
    assert "  #context: sandbox " in text
    assert "Choose one of its contexts: sandbox, staging." in text


def test_a_file_that_cannot_be_written_is_exit_code_4(tmp_path: Path) -> None:
    done = init(tmp_path, "-o", "no/such/folder.yaml")

    assert (done.returncode, done.stdout) == (4, "")
    assert "cannot write no/such/folder.yaml (No such file or directory)" in done.stderr


def test_no_secret_of_the_kubeconfig_is_written_whoever_quotes_it(api: ApiServer, tmp_path: Path) -> None:
    put_prometheus(api, TOKEN, {"clusterIP": "10.0.0.3", "ports": [{"port": 80}]})
    done = init(tmp_path, KUBECONFIG=access(api, tmp_path))

    for text in (done.stdout, done.stderr, (tmp_path / "maintainer.yaml").read_text("utf-8")):
        assert TOKEN not in text
    assert settings(tmp_path).prometheus.service == ""
