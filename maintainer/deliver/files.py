"""Writes reports to a folder, and leaves nothing else there, also where that fails."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import NamedTemporaryFile, mkdtemp
from traceback import format_exception
from typing import IO

from maintainer.errors import DeliveryFailed


def write(directory: str, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text to the file of this name in the directory, and return the paths.

    If that fails, the texts are saved in a temporary folder and :class:`DeliveryFailed` names the saved files, or says
    that there is no such folder either.
    """
    try:
        return write_unsaved(directory, texts)
    except DeliveryFailed as error:
        raise DeliveryFailed(f"{error}. {_saved(texts)}") from error


def write_unsaved(directory: str, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text to the file of this name in the directory, and return the paths.

    Raises :class:`DeliveryFailed`, and saves nothing elsewhere.
    """
    try:
        return _write_all(Path(directory), texts)
    except (OSError, ValueError) as error:  # a path may hold what no file system knows
        why = getattr(error, "strerror", None) or error
        raise DeliveryFailed(f"cannot write the report to {directory} ({why}); give another --output DIR") from error


def names_in(directory: str) -> tuple[str, ...]:
    """The names of the files in a directory, without links. Raises ``OSError``."""
    with os.scandir(directory) as entries:
        return tuple(sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False)))


def contents_of(directory: str, names: Iterable[str], *, limit: int) -> dict[str, bytes]:
    """The contents of files of a directory by name; what cannot be read, or is longer than ``limit``, is left out."""
    found: dict[str, bytes] = {}
    for name in names:
        with suppress(OSError), (Path(directory) / name).open("rb") as file:
            content = file.read(limit + 1)
            found |= {name: content} if len(content) <= limit else {}
    return found


def remove_files(directory: str, names: Iterable[str]) -> None:
    """Remove files of a directory, also where another run removes them at the same time. Raises ``OSError``."""
    for name in names:
        (Path(directory) / name).unlink(missing_ok=True)


def write_over(directory: str, name: str, text: str, *, ours: str) -> bool:
    """Write a file of a directory, unless a file of this name is there that does not have ``ours`` in it.

    Returns whether it is written. Raises ``OSError``.
    """
    path = Path(directory) / name
    if os.path.lexists(path) and (not path.is_file() or ours.encode() not in path.read_bytes()):
        return False
    _write_all(Path(directory), {name: text})
    return True


def _saved(texts: Mapping[str, str]) -> str:
    """Save the texts in a temporary folder, and say where they are."""
    try:
        folder = Path(mkdtemp(prefix="maintainer-"))
        with _undone(lambda: rmtree(folder)):
            return f"It is saved: {', '.join(map(str, _write_all(folder, texts)))}"
    except OSError:
        return "It is not saved, because no folder for temporary files can be written"


def save_traceback(error: Exception, hide: Callable[[str], str]) -> str:
    """Save the traceback of a fault, without the values of variables; the path of the file, "" if there is none.

    ``hide`` takes the secrets out of it.
    """
    details = hide("".join(format_exception(error))).encode("utf-8", "replace")
    try:
        with _temporary_file(prefix="maintainer-", suffix=".txt") as file:
            file.write(details)
    except OSError:
        return ""
    return file.name


def write_new(path: str, text: str) -> None:
    """Write a file that is not there yet, whatever else writes at the same time.

    Raises ``FileExistsError``, and :class:`DeliveryFailed` if it cannot be written; nothing is left there then.
    """
    file = Path(path)
    try:
        with file.open("xb") as new, _undone(file.unlink):
            new.write(text.encode())
            new.flush()
    except FileExistsError:
        raise
    except (OSError, ValueError) as error:  # a path may hold what no file system knows
        why = getattr(error, "strerror", None) or error
        raise DeliveryFailed(f"cannot write {path} ({why})") from error


def replace_file(path: Path, content: bytes, *, mode: int) -> Path:
    """Write a file so that it is never there in part: a complete temporary file takes its place.

    ``mode`` are the permissions of the file. Raises ``OSError``.
    """
    with _temporary_file(prefix=".maintainer-", folder=path.parent) as file:
        file.write(content)
        file.flush()
        Path(file.name).chmod(mode)
        return Path(file.name).replace(path)


@contextmanager
def _temporary_file(*, prefix: str, suffix: str = "", folder: Path | None = None) -> Iterator[IO[bytes]]:
    """A new file, which stays if all of it could be written."""
    with (
        NamedTemporaryFile("wb", dir=folder, prefix=prefix, suffix=suffix, delete=False) as file,
        _undone(lambda: Path(file.name).unlink()),
    ):
        yield file
        file.flush()


@contextmanager
def _undone(undo: Callable[[], None]) -> Iterator[None]:
    """Undo what was begun if it cannot be ended, or is interrupted."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            undo()
        raise


def _write_all(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    # The umask can only be read by setting it.
    umask = os.umask(0)
    os.umask(umask)
    return tuple(replace_file(folder / name, text.encode(), mode=0o666 & ~umask) for name, text in texts.items())
