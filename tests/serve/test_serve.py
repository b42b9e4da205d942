"""`maintainer serve` as a process: its pages, its log, and its end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry
from maintainer.store.directory import DirectoryStore
from maintainer.store.interface import Store
from maintainer.store.memory import Memory
from tests.store.in_cluster import InCluster

pytestmark = pytest.mark.extended

COMMAND = str(Path(sys.executable).with_name("maintainer"))
REFUSED = "http://127.0.0.1:1"


class Served:
    """A running command: its log, and its pages."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log
        self.port = int(str(self.event(r"listening on http://127\.0\.0\.1:(\d+)")[1]))

    def log(self) -> list[dict[str, Any]]:
        whole = self._log.read_text("utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def event(self, pattern: str) -> re.Match[str]:
        """The first event that matches, as soon as it is in the log."""
        for _ in range(300):
            if found := next(filter(None, (re.search(pattern, line["event"]) for line in self.log())), None):
                return found
            assert self.process.poll() is None, self._log.read_text("utf-8")
            time.sleep(0.1)
        raise AssertionError(f"no {pattern} in {self._log.read_text('utf-8')}")

    def page(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def metrics(self, awaited: str) -> str:
        """The page of metrics, as soon as it has a text."""
        for _ in range(300):
            if awaited in (text := self.page("/metrics")[1]):
                return text
            time.sleep(0.1)
        raise AssertionError(f"no {awaited} in {text}")

    def ended(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """The exit code after a signal, and the seconds until then."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(60), time.monotonic() - began


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the command in a folder with a kubeconfig; the settings are variables of its environment."""
    with ExitStack() as started:

        def call(**variables: str) -> Served:
            mine = {name: value for name, value in os.environ.items() if not name.startswith("MAINTAINER_")}
            environ = {
                **mine,
                "KUBECONFIG": str(tmp_path / "kubeconfig"),
                "MAINTAINER_SERVE_LISTEN": "127.0.0.1:0",
                "MAINTAINER_PROMETHEUS_URL": REFUSED,
                "MAINTAINER_LOG_FORMAT": "json",
                **variables,
            }
            with (tmp_path / "log").open("w", encoding="utf-8") as log:
                process = subprocess.Popen([COMMAND, "serve"], cwd=tmp_path, env=environ, stderr=log, text=True)
            started.enter_context(process)
            started.callback(process.kill)
            return Served(process, tmp_path / "log")

        yield call


@pytest.fixture
def world(tmp_path: Path) -> Iterator[InCluster]:
    world = InCluster(tmp_path)
    yield world
    world.stop()


def entries_of(store: Store) -> tuple[Entry, ...]:
    return Memory(store, LEDGER, "ledger").read().records


def entries(folder: Path) -> tuple[Entry, ...]:
    return entries_of(DirectoryStore(str(folder / "reports" / "store")))


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes every connection, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_what_is_due_is_run_at_the_start_and_its_pages_tell_of_it(
    serve: Serve, world: InCluster, tmp_path: Path
) -> None:
    served = serve()
    served.event("running monthly for .*: done")
    result = served.event(r"monthly of .*: findings: 1, gaps: (\d+), exit code: 3")
    text = served.metrics("maintainer_last_run_exit_code 3.0")

    assert f'maintainer_gaps{{job="monthly"}} {result[1]}.0' in text
    assert 'maintainer_next_due_timestamp_seconds{job="monthly"}' in text
    assert (served.page("/healthz"), served.page("/readyz")) == ((200, "ok\n"), (200, "ok\n"))
    assert [entry.result for entry in entries(tmp_path) if entry.job == "monthly"] == ["incomplete"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_ends_at_once_and_in_order(serve: Serve, world: InCluster, number: int) -> None:
    served = serve()
    served.metrics("maintainer_last_run_exit_code")

    code, seconds = served.ended(number)
    assert (code, served.log()[-1]["event"]) == (0, "ended: what is due then is run at the next start")
    assert seconds < 9


def test_a_run_that_waits_for_the_lock_ends_at_once(serve: Serve, world: InCluster, tmp_path: Path) -> None:
    with DirectoryStore(str(tmp_path / "reports" / "store")).lock("another"):
        served = serve(MAINTAINER_STORE_WAIT_LOCK="5m")
        time.sleep(2)
        code, seconds = served.ended()

    assert (code, len(served.log())) == (0, 2)
    assert seconds < 9


def test_a_run_whose_request_hangs_ends_within_20_seconds_and_leaves_no_lock(
    serve: Serve, world: InCluster, silent: str
) -> None:
    served = serve(MAINTAINER_PROMETHEUS_URL=silent, MAINTAINER_STORE_KIND="configmaps")
    served.event("running reconcile")
    while not any(method == "POST" or "leases" in path for method, path in world.api.requests):
        time.sleep(0.1)
    time.sleep(2)

    code, seconds = served.ended()
    assert code == 0
    assert 9 < seconds < 20
    assert not entries_of(world.store())
    with world.store().lock("the next run"):
        pass


def test_a_run_that_another_one_holds_off_is_told_and_tried_again(
    serve: Serve, world: InCluster, tmp_path: Path
) -> None:
    with DirectoryStore(str(tmp_path / "reports" / "store")).lock("another run"):
        served = serve()
        served.event("what is due was not run, which is tried again in 5 minutes: another run holds the lock")
        assert "maintainer_gaps{" not in served.metrics("maintainer_last_run_exit_code 4.0")
        assert served.page("/readyz")[0] == 200


def test_a_store_that_cannot_be_read_is_told_and_the_process_lives(
    serve: Serve, world: InCluster, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    served = serve(MAINTAINER_STORE_KIND="directory", MAINTAINER_STORE_PATH="file")

    served.event("the ledger was not read, which is tried again in 5 minutes: .*Not a directory")
    served.metrics("maintainer_last_run_exit_code 3.0")
    assert (served.page("/readyz")[0], served.page("/healthz")[0]) == (503, 200)
    assert served.process.poll() is None


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("MAINTAINER_SERVE_LISTEN", "8080", "write it as 0.0.0.0:8080"),
        ("MAINTAINER_SERVE_LISTEN", "127.0.0.1:99999", "write it as 0.0.0.0:8080"),
        ("MAINTAINER_SERVE_LISTEN", "192.0.2.1:8080", "cannot listen on 192.0.2.1:8080"),
        ("MAINTAINER_REPORTS_DIRECTORY", "-", "give --output DIR"),
        ("MAINTAINER_CHECKS", "accuracy/*", "leave out the setting checks"),
    ],
)
def test_settings_that_cannot_be_served_are_refused(tmp_path: Path, variable: str, value: str, said: str) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), variable: value}
    done = subprocess.run(
        [COMMAND, "serve"], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, said in done.stderr, done.stdout) == (2, True, "")
