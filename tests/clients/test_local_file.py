"""Reading a file ends, whatever it is: in its bytes, or in why it cannot be read."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.clients.local_file import MIB, read_descriptor, read_file, require_end


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe, as the shell makes one for ``<(…)``."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def why_unread(path: str, most: int = MIB) -> str:
    with pytest.raises(OSError, match=r".") as caught:
        read_file(path, most)
    return str(caught.value.strerror)


def test_a_file_is_read_up_to_the_limit() -> None:
    Path("a").write_bytes(b"12345")
    assert read_file("a", 5) == b"12345"
    assert why_unread("a", 4).startswith("it is larger than ")


def test_a_file_larger_than_memory_is_not_read() -> None:
    with Path("sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert why_unread("sparse") == "it is larger than 1 MiB, the most that is read"


def test_what_is_no_file_is_named_and_not_waited_for() -> None:
    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert why_unread("socket") == "No such device or address"
    assert why_unread("pipe") == "it is a pipe, not a file"
    assert why_unread("folder") == "it is a folder, not a file"
    assert why_unread("/dev/zero") == "it is a device, not a file"
    assert why_unread("loop") == "Too many levels of symbolic links"


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_file_can_have_is_an_error_as_any_other(name: str) -> None:
    assert why_unread(name) == "no file can have this name"


def test_a_pipe_of_the_shell_is_read_to_its_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"groups: []")
    os.close(writing)
    assert read_file(f"/dev/fd/{reading}", MIB) == b"groups: []"


def test_standard_input_that_does_not_end_is_cut_off() -> None:
    endless = os.open("/dev/zero", os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="larger than 1 MiB"):
            read_descriptor(endless, MIB)
    finally:
        os.close(endless)


def test_what_a_library_will_read_must_have_an_end() -> None:
    os.mkfifo("pipe")
    Path("file").touch()
    for path in ("pipe", "/dev/zero"):
        with pytest.raises(OSError, match="not a file"):
            require_end(path)
    for path in ("file", ".", "nowhere", "a\0b", "/dev/stdin"):
        require_end(path)
