"""Which files the paths of a command name, in folders of every kind."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from maintainer.collect.queries.named_files import NamedFiles, named_files
from maintainer.errors import ConfigError


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@contextmanager
def nested(name: str, *, times: int) -> Iterator[None]:
    """Folders of this name in each other, and a file in the last. They end before pytest has to remove them."""
    with ExitStack() as stack:
        for _ in range(times):
            os.mkdir(name)
            stack.callback(os.rmdir, name)
            os.chdir(name)
            stack.callback(os.chdir, "..")
        Path("deep.yml").touch()
        stack.callback(os.unlink, "deep.yml")
        for _ in range(times):
            os.chdir("..")
        for _ in range(times):
            stack.callback(os.chdir, name)
        yield


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_folder_is_walked_without_what_is_hidden_and_each_file_is_read_once(tmp_path: Path) -> None:
    made(tmp_path, "b.yml", "a/z.json", "a/y.yaml", "a/x.txt", ".git/w.yml", ".hidden.yml")
    (tmp_path / "a" / "same.yml").symlink_to(tmp_path / "b.yml")
    assert named_files(["a/../b.yml", "."]).files == ("a/../b.yml", "./a/x.txt", "./a/y.yaml", "./a/z.json")


def test_a_hidden_folder_is_read_where_it_is_named(tmp_path: Path) -> None:
    made(tmp_path, ".ci/rules.yml", ".ci/.more/rules.yml")
    assert named_files([".ci", ".ci/.more"]).files == (".ci/rules.yml", ".ci/.more/rules.yml")


def test_a_linked_folder_is_read_where_it_is_named(tmp_path: Path) -> None:
    made(tmp_path, "shared/rules.yml")
    (tmp_path / "link").symlink_to("shared")
    assert named_files(["link"]) == named_files(["link", "link"])
    assert named_files(["link"]).files == ("link/rules.yml",)


def test_a_link_to_a_folder_elsewhere_is_said_and_not_followed(tmp_path: Path) -> None:
    made(tmp_path, "shared/rules.yml", "a/b.yml")
    (tmp_path / "a" / "link").symlink_to("../shared")
    assert (named_files(["a"]).files, named_files(["a"]).linked) == (("a/b.yml",), ("a/link",))
    assert named_files(["a", "shared"]).linked == ()


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    made(tmp_path, "a/b/c.yml")
    (tmp_path / "a" / "b" / "up").symlink_to("../..")
    (tmp_path / "a" / "self").symlink_to("self")
    (tmp_path / "a" / "self.yml").symlink_to("self.yml")
    assert named_files(["."]).linked == ()
    assert named_files(["a"]).files == ("a/self", "a/self.yml", "a/b/c.yml")


def test_a_folder_nested_thousands_deep_is_read() -> None:
    with nested("d", times=1_050):
        assert named_files(["d"]).files == ("d/" * 1_050 + "deep.yml",)


def test_a_folder_that_cannot_be_read_is_said_beside_the_others(tmp_path: Path) -> None:
    made(tmp_path, "a/rules.yml")
    with nested("d" * 250, times=20):
        named = named_files(["."])
    assert named.files == ("./a/rules.yml",)
    [error] = [str(error) for folder in named.folders for error in folder.unreadable]
    assert error.startswith("cannot read the folder ./ddd")
    assert error.endswith("File name too long")


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ConfigError, match='"" names no file'):
        named_files(["a.yml", ""])


@pytest.mark.parametrize("name", ["-", "nowhere.yml", "a" * 300, "\udcff.yml"])
def test_what_is_not_there_is_taken_for_a_file(name: str) -> None:
    assert named_files([name]) == NamedFiles((name,), (), ())


def test_capital_suffixes_and_what_cannot_be_looked_at_are_files(tmp_path: Path) -> None:
    made(tmp_path, "A.YAML", "B.Yml", "C.JSON")
    os.mkfifo("pipe.yml")
    os.mkfifo("pipe")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "gone.yml").symlink_to("nowhere")
    assert named_files(["."]).files == ("./A.YAML", "./B.Yml", "./C.JSON", "./gone.yml", "./pipe.yml")
