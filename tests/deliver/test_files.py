"""Reports are written whole or not at all, and nothing else is left behind."""

import tempfile
from pathlib import Path

import pytest

from maintainer.deliver.files import save_traceback, write
from maintainer.errors import DeliveryFailed
from tests.deliver.full_disk import full_disk


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_on_a_full_disk_no_temporary_file_is_left_and_an_old_report_stays(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.md").write_text("old")
    with full_disk(100), pytest.raises(DeliveryFailed, match="It is not saved"):
        write(str(tmp_path / "out"), {"a.md": "x" * 1_000})
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["a.md"]
    assert (tmp_path / "out" / "a.md").read_text() == "old"
    assert list(temporary.iterdir()) == []


def test_a_traceback_that_does_not_fit_leaves_no_file(temporary: Path) -> None:
    with full_disk(1):
        assert save_traceback(ValueError("x" * 1_000), str) == ""
    assert list(temporary.iterdir()) == []


def test_a_report_with_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    [written] = write(str(tmp_path / "out"), {"a" * 250 + ".md": "report"})
    assert written.read_text() == "report"
