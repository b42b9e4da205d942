"""The commands of the store: what they show, and how they move it from a folder into a cluster."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.model.documents import ARCHIVE, LEDGER
from maintainer.model.ledger import ArchiveLine, archive_name, packed
from maintainer.store.directory import DirectoryStore
from maintainer.store.interface import Store
from maintainer.store.memory import Memory
from tests.servers import commands
from tests.servers.commands import Done
from tests.store.entries import entry
from tests.store.in_cluster import InCluster

ENTRIES = (entry("2026-09", result="missed"), entry(minutes=1, report=packed('{"verdict": "ok"}')))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[InCluster]:
    world = InCluster(tmp_path)
    yield world
    world.stop()


@pytest.fixture
def command(world: InCluster, tmp_path: Path) -> Callable[..., Done]:
    """Runs ``maintainer store …`` in a folder with a kubeconfig of the cluster; ``kind`` is that of the store."""

    def call(*words: str, kind: str = "directory") -> Done:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("MAINTAINER_")}
        environ = {**mine, "KUBECONFIG": str(tmp_path / "kubeconfig"), "MAINTAINER_STORE_KIND": kind}
        return commands.command("store", *words, folder=tmp_path, environ=environ)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> DirectoryStore:
    """A folder with two entries and a line of the archive of last month."""
    store = DirectoryStore(str(tmp_path / "reports" / "store"))
    Memory(store, LEDGER, "ledger").add(ENTRIES)
    return store


def ledger(store: Store) -> tuple[object, ...]:
    return Memory(store, LEDGER, "ledger").read().records


def test_the_ledger_is_shown_as_a_table(command: Callable[..., Done], folder: DirectoryStore) -> None:
    done = command("show")

    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["cluster", "job", "period", "result", "when", "verdict", "findings"]
    assert rows[2] == ["production", "monthly", "2026-09", "missed", "2026-11-01", "12:00", "0"]
    assert rows[3] == ["production", "monthly", "2026-10", "done", "2026-11-01", "12:01", "ok", "0"]


def test_an_empty_store_says_so(command: Callable[..., Done]) -> None:
    assert command("show").stdout == "no report is recorded in reports/store\n"


def test_a_store_moves_from_a_folder_into_a_cluster(
    command: Callable[..., Done], folder: DirectoryStore, world: InCluster, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    line = ArchiveLine("production", "accuracy", now, {"compared": 297})
    Memory(folder, ARCHIVE, archive_name(now)).add([line])
    (tmp_path / "export.jsonl").write_text(command("export").stdout, "utf-8")

    for _ in range(2):
        done = command("import", "export.jsonl", kind="configmaps")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("2 entries and 1 lines of the archive are in ConfigMaps maintainer/maintainer-…")
        assert ledger(world.store()) == ENTRIES
        assert Memory(world.store(), ARCHIVE, archive_name(now)).read().records == (line,)


def test_an_import_never_takes_the_place_of_another_entry(
    command: Callable[..., Done], folder: DirectoryStore, world: InCluster, tmp_path: Path
) -> None:
    (tmp_path / "export.jsonl").write_text(command("export").stdout, "utf-8")
    other = entry("2026-10", minutes=5)
    Memory(world.store(), LEDGER, "ledger").add([other])

    done = command("import", "export.jsonl", kind="configmaps")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has other entries for production monthly 2026-10; nothing was imported" in done.stderr
    assert ledger(world.store()) == (other,)


@pytest.mark.parametrize("text", [None, "groups: []\n"])
def test_a_file_that_cannot_be_imported_is_named(
    command: Callable[..., Done], tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "rules.yml").write_text(text, "utf-8")
    done = command("import", "rules.yml")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("maintainer: cannot import rules.yml: ")
    assert not (tmp_path / "reports").exists()


def test_what_cannot_be_read_is_told_and_is_exit_code_3(
    command: Callable[..., Done], folder: DirectoryStore, world: InCluster, tmp_path: Path
) -> None:
    (tmp_path / "reports" / "store" / "ledger.jsonl.gz").write_bytes(b"nonsense")
    shown = command("export")
    assert shown.returncode == 3
    assert "The document ledger in reports/store cannot be read" in shown.stderr

    world.api.forbid("get", "configmaps")
    refused = command("show", kind="configmaps")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "The account of this run may not get configmaps in maintainer" in refused.stderr


def test_an_import_waits_for_no_run_and_says_which_holds_the_lock(
    command: Callable[..., Done], folder: DirectoryStore, tmp_path: Path
) -> None:
    (tmp_path / "export.jsonl").write_text(command("export").stdout, "utf-8")
    with folder.lock("monthly on host-a"):
        done = command("import", "export.jsonl")
    assert done.returncode == 4
    assert "another run holds the lock of reports/store: monthly on host-a" in done.stderr
