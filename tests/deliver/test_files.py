"""Reports are written whole or not at all, and nothing else is left behind."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from maintainer.deliver.files import save_traceback, write, write_new
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


def test_a_new_file_takes_the_place_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("there", "dangling"):
        with pytest.raises(FileExistsError):
            write_new(str(tmp_path / name), "new")

    assert (tmp_path / "there").read_text() == "old"
    assert not (tmp_path / "nowhere").exists()


def test_of_many_that_write_a_new_file_at_once_one_does(tmp_path: Path) -> None:
    file, start = tmp_path / "maintainer.yaml", Barrier(8)

    def write_it(number: int) -> int | None:
        start.wait()
        try:
            write_new(str(file), f"{number}" * 10_000)
        except FileExistsError:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        wrote = [number for number in pool.map(write_it, range(8)) if number is not None]

    assert len(wrote) == 1
    assert file.read_text() == f"{wrote[0]}" * 10_000


def test_on_a_full_disk_no_new_file_is_left(tmp_path: Path) -> None:
    with full_disk(100), pytest.raises(DeliveryFailed, match=r"cannot write .*new\.yaml"):
        write_new(str(tmp_path / "new.yaml"), "x" * 1_000)
    assert not (tmp_path / "new.yaml").exists()


@pytest.mark.parametrize("name", ["none/new.yaml", "a\0b", "x" * 300])
def test_a_new_file_that_cannot_be_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="cannot write"):
        write_new(str(tmp_path / name), "text")
