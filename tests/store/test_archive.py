from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maintainer.model.ledger import ArchiveLine
from maintainer.store.archive import append, read_archive
from maintainer.store.directory import DirectoryStore
from tests.store.entries import NOW


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(str(tmp_path))


def line(at: datetime, compared: int = 297) -> ArchiveLine:
    return ArchiveLine("production", "accuracy", at, {"compared": compared})


def test_lines_are_kept_by_month_in_the_order_of_their_times(store: DirectoryStore, tmp_path: Path) -> None:
    lines = tuple(line(NOW - timedelta(days=days)) for days in range(40))
    for each in lines:
        assert append(store, [each], NOW, keep=15) == ()

    assert read_archive(store, NOW, keep=15) == (tuple(reversed(lines)), ())
    assert sorted(file.name for file in tmp_path.glob("*.gz")) == [
        "archive-2026-09.jsonl.gz",
        "archive-2026-10.jsonl.gz",
        "archive-2026-11.jsonl.gz",
    ]


def test_a_line_is_appended_once_and_never_changed(store: DirectoryStore) -> None:
    append(store, [line(NOW)], NOW, keep=15)
    append(store, [line(NOW, compared=1), line(NOW + timedelta(days=1))], NOW, keep=15)

    assert [each.data["compared"] for each in read_archive(store, NOW, keep=15)[0]] == [297, 297]


def test_months_that_are_too_old_are_removed_when_a_month_begins(store: DirectoryStore, tmp_path: Path) -> None:
    old = datetime(2025, 8, 31, 23, tzinfo=UTC)
    append(store, [line(old), line(old + timedelta(days=1))], old, keep=15)

    append(store, [line(NOW)], NOW, keep=15)
    assert sorted(file.name for file in tmp_path.glob("*.gz")) == [
        "archive-2025-09.jsonl.gz",
        "archive-2026-11.jsonl.gz",
    ]


def test_a_damaged_month_is_told_and_the_others_are_read(store: DirectoryStore, tmp_path: Path) -> None:
    append(store, [line(NOW), line(NOW - timedelta(days=10))], NOW, keep=15)
    (tmp_path / "archive-2026-10.jsonl.gz").write_bytes(b"nonsense")

    lines, problems = read_archive(store, NOW, keep=15)
    assert (lines, [problem.name for problem in problems]) == ((line(NOW),), ["archive-2026-10"])
    assert [problem.name for problem in append(store, [line(NOW - timedelta(days=10))], NOW, keep=15)] == [
        "archive-2026-10"
    ]
