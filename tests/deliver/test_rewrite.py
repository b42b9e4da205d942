"""A correction changes a file's content and nothing else of it; what fails leaves the file as it was."""

import os
import re
import stat
from pathlib import Path

import pytest

from maintainer.deliver.rewrite import check, rewrite
from maintainer.errors import DeliveryFailed
from tests.deliver.full_disk import full_disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a.yml").write_text("before")
    return tmp_path / "a.yml"


@pytest.mark.parametrize("after", ["after", "as long", "something longer", ""])
def test_the_file_has_the_new_text_and_its_byte_order_mark(path: Path, after: str) -> None:
    path.write_bytes("\ufeffbefore é\r\n".encode())
    rewrite(str(path), "before é\r\n", after)
    assert path.read_text() == f"\ufeff{after}"


def test_owner_mode_links_and_attributes_stay(path: Path, tmp_path: Path) -> None:
    (tmp_path / "hard.yml").hardlink_to(path)
    (tmp_path / "soft.yml").symlink_to("a.yml")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 4711, 4712)
    before = path.stat()
    rewrite(str(tmp_path / "soft.yml"), "before", "after")
    after = path.stat()
    assert (after.st_ino, after.st_mode, after.st_uid, after.st_gid, after.st_nlink) == (
        before.st_ino, before.st_mode, before.st_uid, before.st_gid, 2,
    )  # fmt: skip
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (tmp_path / "soft.yml").is_symlink()
    assert {file.read_text() for file in tmp_path.iterdir()} == {"after"}
    assert len(list(tmp_path.iterdir())) == 3


def test_a_second_name_of_a_file_that_is_written_already_is_no_error(path: Path, tmp_path: Path) -> None:
    (tmp_path / "hard.yml").hardlink_to(path)
    for name in ("a.yml", "hard.yml"):
        rewrite(str(tmp_path / name), "before", "after")
    assert path.read_text() == "after"


@pytest.mark.parametrize("size", [0, 3, 6, 10])
@pytest.mark.parametrize("after", ["longer than before", "aftera", "short"])
def test_on_a_full_disk_the_file_stays_as_it_was_and_nothing_is_left(
    path: Path, tmp_path: Path, size: int, after: str
) -> None:
    with full_disk(size):
        if size >= len(after):
            rewrite(str(path), "before", after)
            return
        with pytest.raises(DeliveryFailed, match=f"cannot write the correction to {re.escape(str(path))}: File too"):
            rewrite(str(path), "before", after)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_file_is_refused_also_for_the_superuser(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(DeliveryFailed, match=r"it is read-only|Permission denied"):
        check(str(path), "before")
    with pytest.raises(DeliveryFailed, match=r"it is read-only|Permission denied"):
        rewrite(str(path), "before", "after")
    assert path.read_text() == "before"


def test_a_file_that_somebody_else_changed_meanwhile_is_left_alone(path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="changed by another program"):
        rewrite(str(path), "ours", "fixed")
    assert path.read_text() == "before"


def test_what_is_gone_or_is_no_file_any_more_is_said(path: Path, tmp_path: Path) -> None:
    path.unlink()
    with pytest.raises(DeliveryFailed, match="No such file"):
        rewrite(str(path), "before", "after")
    os.mkfifo(path)
    with pytest.raises(DeliveryFailed, match="it is not a file"):
        rewrite(str(path), "before", "after")
    with pytest.raises(DeliveryFailed, match="Is a directory"):
        rewrite(str(tmp_path), "before", "after")
