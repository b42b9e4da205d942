"""After a run the folder of reports has a page about them, and no more reports than are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from maintainer.errors import DeliveryFailed
from maintainer.model.guard import unguarded
from maintainer.model.message import Message, message
from maintainer.render.words import load
from maintainer.report_folder import tidied
from maintainer.settings_results import ReportSettings

NEWEST = "monthly-a-2026-11-01.html"
OLD = ("monthly-a-2026-09-01.html", "monthly-a-2026-09-01.json", "monthly-a-2026-10-01.html")
T = TypeVar("T")
OTHERS = ("monthly-b-2026-01-01.html", "notes.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (NEWEST, *OLD, *OTHERS):
        (tmp_path / name).write_text("{}", "utf-8")
    return tmp_path


def tidy(folder: Path, *written: str, keep: int = 2) -> tuple[Message, ...]:
    settings = ReportSettings(directory=str(folder), keep=keep)
    return tidied(written, settings, load("en"), guard=unguarded)


def test_older_reports_are_removed_in_all_formats_and_the_rest_is_linked(folder: Path) -> None:
    assert tidy(folder, NEWEST) == ()

    left = sorted(file.name for file in folder.iterdir())
    assert left == sorted(["index.html", NEWEST, OLD[2], *OTHERS])
    page = (folder / "index.html").read_text("utf-8")
    assert [name for name in (*OLD, NEWEST, *OTHERS) if f'href="{name}"' in page] == [OLD[2], NEWEST, OTHERS[0]]


def test_the_page_is_written_anew_by_each_run(folder: Path) -> None:
    tidy(folder, NEWEST)
    (folder / "monthly-a-2026-12-01.md").write_text("", "utf-8")
    tidy(folder, "monthly-a-2026-12-01.md")

    assert 'href="monthly-a-2026-12-01.md"' in (folder / "index.html").read_text("utf-8")


def test_a_report_that_another_run_adds_meanwhile_is_in_the_page(folder: Path) -> None:
    other = folder / "monthly-c-2026-11-01.html"

    def slowly(step: Callable[[], T]) -> T:
        made = step()
        other.touch()
        return made

    tidied([NEWEST], ReportSettings(directory=str(folder)), load("en"), guard=slowly)
    assert f'href="{other.name}"' in (folder / "index.html").read_text("utf-8")


@pytest.mark.parametrize("foreign", ["file", "folder", "link"])
def test_a_page_of_somebody_else_stays_and_is_told(folder: Path, foreign: str) -> None:
    index = folder / "index.html"
    if foreign == "folder":
        index.mkdir()
    elif foreign == "link":
        index.symlink_to(folder / "notes.txt")
    else:
        index.write_text("mine", "utf-8")

    assert tidy(folder, NEWEST) == (message("report/index.foreign", name="index.html", folder=str(folder)),)
    assert foreign != "file" or index.read_text("utf-8") == "mine"
    assert (folder / "notes.txt").read_text("utf-8") == "{}"


def test_what_is_named_like_a_report_and_is_none_stays(folder: Path) -> None:
    (folder / "monthly-a-2020-01-01.html").mkdir()
    (folder / "monthly-a-2020-01-02.json").symlink_to(folder / "notes.txt")
    tidy(folder, NEWEST)

    assert (folder / "monthly-a-2020-01-01.html").is_dir()
    assert (folder / "monthly-a-2020-01-02.json").is_symlink()


def test_a_run_without_a_report_leaves_the_folder_alone(tmp_path: Path) -> None:
    assert tidy(tmp_path / "missing") == ()


def test_a_folder_that_cannot_be_read_is_a_failed_delivery(tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match=r"the other reports there could not be put in order \(No such file"):
        tidy(tmp_path / "missing", NEWEST)
