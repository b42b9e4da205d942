"""Runs of reconcile on several days: what drifts again and again is told, with who edits it each time."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maintainer.model.clock import Clock
from maintainer.reporting import Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.store import Store
from maintainer.schedule import run_by_hand
from maintainer.settings import load
from tests.analyse.drift.builders import config_map, managed
from tests.servers.scripted import Scripted, success

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
TITLE = "What drifted in more than one run"


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    yield api
    api.stop()


def reconciled(api: ApiServer, folder: Path, value: str, *, days_ago: int) -> Outcome:
    """A recorded run on a day on which the ConfigMap has this value, written by kubectl-edit."""
    (folder / "kubeconfig").write_text(kubeconfig(api.url), "utf-8")
    (folder / "manifests").mkdir(exist_ok=True)
    (folder / "manifests" / "all.json").write_text(json.dumps(config_map({"a.txt": "deployed"})), "utf-8")
    now = NOW - timedelta(days=days_ago)
    live = config_map({"a.txt": value})
    live["metadata"] |= {
        "managedFields": [managed("kubectl-edit", "Update", now - timedelta(hours=1), ("data", "a.txt"))]
    }
    api.store.put("configmaps", live)
    with Scripted(success({})) as prometheus:
        flags = {
            "cluster.kubeconfig": str(folder / "kubeconfig"),
            "prometheus.url": prometheus.url,
            "desired.paths": str(folder / "manifests"),
            "desired.helmReleases": "",
            "store.kind": "directory",
            "store.path": str(folder / "store"),
            "reports.directory": str(folder / "reports"),
        }
        settings = load("", {}, flags)
        machine = Machine(Clock(time.monotonic, time.sleep), now, "test", str(folder / "kubeconfig"))
        return run(run_by_hand("reconcile", now, settings.schedule), settings.recording(record=True), machine)


def again(outcome: Outcome) -> list[Any]:
    """The rows about what drifts again and again."""
    return [row for section in outcome.document["sections"] if section["title"] == TITLE for row in section["rows"]]


def test_an_object_that_is_edited_every_few_days_is_told_with_its_editor(api: ApiServer, tmp_path: Path) -> None:
    first = reconciled(api, tmp_path, "edited", days_ago=3)
    assert [finding["check"] for finding in first.document["findings"]] == ["drift/changed"]
    assert again(first) == []
    assert again(reconciled(api, tmp_path, "deployed", days_ago=2)) == []

    last = reconciled(api, tmp_path, "edited", days_ago=0)

    assert again(last) == [
        ["ConfigMap/monitoring/prometheus-config", "in 2 of the last 3 runs", "always kubectl-edit", "2026-11-27"]
    ]
    assert [name for name, text in last.texts.items() if TITLE not in text] == []
