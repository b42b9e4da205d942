"""The image, run as a pod runs it: read-only, as its own user, without a folder that it can write to."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from maintainer.sandbox.world import Plan, World
from tests.e2e.containers import Container, found, inspected
from tests.e2e.processes import ACCOUNT, until
from tests.helm.manifests import CRONJOB

USER = "65532"
INSTALLERS = ("pip", "pip3*", "uv", "uvx", "ensurepip", "pip-*.whl", "cc", "gcc*", "c++", "g++*", "ld", "as", "make")
COMMANDS = {
    ("--help",): 0,
    ("explain", "accuracy/phase"): 0,
    ("completion", "bash"): 0,
    ("lint", "/rules.yml", "--fail-on", "never"): 0,
    ("lint", "/rules.yml", "--fix"): 4,
    ("schedule",): 0,
    ("store", "show"): 0,
    ("store", "export"): 0,
    ("store", "import", "/rules.yml"): 2,
    ("run", "monthly"): 4,
    ("run", "due"): 4,
    ("init",): 4,
    ("doctor",): 3,
}
"""The exit code of each command that can neither reach a cluster nor write a file."""
RULES = """\
groups: [{name: a, rules: [{alert: B, expr: 'rollout_info{phase="Degraded"} > 0'}]}]
"""
IMPORT_ALL = """\
import importlib, pkgutil, maintainer
for module in pkgutil.walk_packages(maintainer.__path__, "maintainer."):
    if not module.name.startswith(("maintainer.sandbox", "maintainer.commands.demo", "maintainer.__main__")):
        importlib.import_module(module.name)
"""
"""Imports all but what needs the extra ``demo``."""


YOUNG = '[{check: "storage/*", subject: "", reason: the Prometheus of the world has just started}]'
OF_HISTORY = {"coverage/unwatched"}
"""What is found only where Prometheus has run for longer."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World.start(Plan(faults=True)) as running:
        running.store.put("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "maintainer"}})
        yield running


@pytest.fixture
def pod(world: World, tmp_path: Path) -> Container:
    """A pod of the CronJob in this world: its ServiceAccount's files and its settings."""
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(world.api.token)
    (account / "ca.crt").write_text(world.api.authority)
    (account / "namespace").write_text("maintainer")
    address = urlsplit(world.api.url)
    return Container(
        {str(ACCOUNT): account, "/etc/maintainer/maintainer.yaml": CRONJOB / "base" / "maintainer.yaml"},
        {
            "KUBERNETES_SERVICE_HOST": str(address.hostname),
            "KUBERNETES_SERVICE_PORT": str(address.port),
            "MAINTAINER_CONFIG": "/etc/maintainer/maintainer.yaml",
            "MAINTAINER_PROMETHEUS_URL": world.prometheus,
            "MAINTAINER_ALERTMANAGER_URL": world.alertmanager,
            "MAINTAINER_ACCEPT": YOUNG,
        },
    )


def test_nothing_in_the_image_installs_compiles_or_gives_the_rights_of_another_user() -> None:
    named = [word for name in INSTALLERS for word in ("-name", name, "-o")]
    places = ("(", "-path", "*/bin/*", "-o", "-path", "*/python3*/*", "-o", "-path", "*/python-wheels/*", ")")
    assert found("(", *named, "-false", ")", *places) == []
    assert found("-type", "f", "-perm", "/6000") == []
    assert found("-type", "f", "-perm", "-2") == []


def test_it_runs_as_a_user_of_its_own_who_is_not_root() -> None:
    assert inspected()["User"] == f"{USER}:{USER}"
    assert Container().run("-u", program="id").stdout.strip() == USER


def test_all_its_bytecode_is_there_because_it_cannot_be_kept_later() -> None:
    sources = found("-path", "*/site-packages/*", "-name", "*.py")
    compiled = {re.sub(r"__pycache__/(.*)\.cpython-\d+\.pyc", r"\1.py", path) for path in found("-name", "*.pyc")}
    assert set(sources) <= compiled
    assert len(sources) > 1000


def test_all_modules_find_what_they_import() -> None:
    ended = Container().run("-Werror", "-c", IMPORT_ALL, program="python")
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(("command", "code"), COMMANDS.items(), ids=map(" ".join, COMMANDS))
def test_a_command_that_can_write_nothing_ends_in_sentences(
    command: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES)
    ended = Container({"/rules.yml": rules}).run(*command)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert code or not ended.stderr
    assert all(line.startswith("maintainer: ") for line in ended.stderr.splitlines()), ended.stderr


def test_it_shows_its_version() -> None:
    assert re.fullmatch(r"maintainer \d+\.\d+\.\d+\n", Container().run("--version").stdout)


def test_the_demo_says_what_it_lacks() -> None:
    ended = Container().run("demo")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "maintainer: maintainer demo needs trustme: pip install 'maintainer[demo]'\n"


def test_a_time_zone_needs_no_files_of_the_system() -> None:
    ended = Container(environment={"PYTHONTZPATH": ""}).run("run", "monthly", "--output", "-", "--format", "json")
    assert json.loads(ended.stdout)["period"]["timeZone"] == "Asia/Seoul"


def printed(text: str) -> dict[str, Any]:
    """The reports that follow each other in a text, by their job."""
    reports, decoder = {}, json.JSONDecoder()
    while text := text.lstrip():
        report, end = decoder.raw_decode(text)
        reports[report["job"]], text = report, text[end:]
    return reports


def test_what_is_due_is_run_in_a_pod_and_is_done_then(pod: Container, world: World) -> None:
    ended = pod.run("run", "due", "--output", "-", "--format", "json")
    assert ended.returncode == 0, ended.stderr
    report = printed(ended.stdout)["monthly"]
    assert report["gaps"] == []
    assert {finding["check"] for finding in report["findings"]} >= {check for check, _ in world.expected} - OF_HISTORY
    assert "monthly" in pod.run("store", "show").stdout

    again = pod.run("run", "due", "--output", "-", "--format", "json")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing is due" in again.stderr.lower()


def test_the_cronjob_writes_its_reports_where_its_pod_can_write(pod: Container, world: World) -> None:
    if world.store.get("configmaps", ("maintainer", "maintainer-ledger")):
        world.store.delete("configmaps", ("maintainer", "maintainer-ledger"))
    job = yaml.safe_load((CRONJOB / "base" / "cronjob.yaml").read_text())
    spec = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container], empty = spec["containers"], {volume["name"] for volume in spec["volumes"] if "emptyDir" in volume}
    folders = tuple(mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] in empty)

    ended = replace(pod, empty=folders).run(*container["args"])
    assert ended.returncode == 0, ended.stderr
    assert len(re.findall(r"^/reports/monthly-.*\.(?:html|json|md)$", ended.stdout, re.MULTILINE)) == 3


def test_a_report_that_cannot_be_kept_is_said_to_be_lost(pod: Container) -> None:
    ended = pod.run("run", "monthly")
    assert ended.returncode == 4
    [said] = [json.loads(line) for line in ended.stderr.splitlines() if "cannot write" in line]
    assert said["event"] == (
        "cannot write the report to /reports (Read-only file system); give another --output DIR. "
        "It is not saved, because no folder for temporary files can be written"
    )
    assert "Traceback" not in ended.stderr
    assert "accuracy/phase" in ended.stdout


def holder(world: World) -> str:
    """Who holds the lock that keeps two runs apart, "" if nobody does."""
    lease = world.store.get("leases", ("maintainer", "maintainer")) or {"spec": {}}
    return str(lease["spec"].get("holderIdentity") or "")


def test_sigterm_ends_a_run_at_once_and_leaves_no_lock(pod: Container, world: World) -> None:
    command = pod.command("run", "monthly", "--record", "--output", "-", "--format", "json")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        until(lambda: holder(world), 60, lambda: "the run holds no lock")
        running.terminate()
        printed, said = running.communicate(timeout=20)
    assert (running.returncode, printed) == (130, "")
    assert "Traceback" not in said
    assert holder(world) == ""


def test_sigterm_ends_the_served_calendar_within_the_time_of_kubernetes(pod: Container, world: World) -> None:
    with subprocess.Popen(pod.command("serve", "--listen", "127.0.0.1:8080"), stderr=subprocess.PIPE) as running:
        until(lambda: answers("http://127.0.0.1:8080/readyz"), 60, lambda: "it is not ready")
        running.terminate()
        _, said = running.communicate(timeout=30)
    assert (running.returncode, b"Traceback" in said) == (0, False), said
    assert holder(world) == ""


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except OSError:
        return False
