"""A store in a folder: a file for each document."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from maintainer.errors import SourceUnavailable
from maintainer.store.interface import MOST_ASIDE, Conflict, LockHeld, Stored

_SUFFIX = ".jsonl.gz"


class DirectoryStore:
    """See :class:`maintainer.store.interface.Store`. The folder is made by the first write.

    A file is only ever replaced as a whole, under a lock that the kernel releases when the process ends. So a process
    that is killed leaves the old document or the new one. The version of a document is a hash of its content.
    """

    own = False

    def __init__(self, path: str) -> None:
        self._folder = Path(path)
        self.place = path

    def load(self, name: str) -> Stored | None:
        """The document; ``None`` if it does not exist."""
        with self._reported():
            try:
                content = self._file(name).read_bytes()
            except FileNotFoundError:
                return None
        return Stored(content, sha256(content).hexdigest())

    def save(self, name: str, content: bytes, expected: str | None) -> None:
        """Write the document: a complete temporary file takes its place. Raises :class:`Conflict`."""
        with self._reported(), self._writing(name, expected):
            file = self._file(name)
            for left_by_a_killed_run in self._folder.glob(f".{file.name}.*"):
                left_by_a_killed_run.unlink()
            with NamedTemporaryFile("wb", dir=self._folder, prefix=f".{file.name}.", delete=False) as temporary:
                temporary.write(content)
                temporary.flush()
                os.fsync(temporary.fileno())
            Path(temporary.name).replace(file)
            self._sync()

    def delete(self, name: str, expected: str) -> None:
        """Remove the document. Raises :class:`Conflict`."""
        with self._reported(), self._writing(name, expected):
            self._file(name).unlink()
            self._sync()

    def set_aside(self, name: str, expected: str) -> str:
        """Give the file a second name, which is returned, and which a later write leaves. Raises :class:`Conflict`."""
        file = self._file(name)
        with self._reported(), self._writing(name, expected):
            for number in range(1, MOST_ASIDE + 1):
                aside = self._folder / f"aside-{number}.{file.name}"
                if not aside.exists():
                    aside.hardlink_to(file)
                if aside.samefile(file):
                    return str(aside)
        raise SourceUnavailable("store-asides", permanent=True, place=self.place, count=MOST_ASIDE)

    @contextmanager
    def lock(self, holder: str) -> Iterator[None]:
        """Hold the lock, which ends with this process at the latest. Raises :class:`LockHeld`."""
        with self._reported():
            self._folder.mkdir(parents=True, exist_ok=True)
            file = (self._folder / "lock").open("a+", encoding="utf-8")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise LockHeld(file.read(1000)) from None
            file.truncate(0)
            file.write(holder)
            file.flush()
            yield

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Turn an error of the file system into :class:`SourceUnavailable`."""
        try:
            yield
        except OSError as error:
            detail = error.strerror or str(error)
            raise SourceUnavailable("store-folder", permanent=True, place=str(self._folder), detail=detail) from error

    @contextmanager
    def _writing(self, name: str, expected: str | None) -> Iterator[None]:
        """Keep other writers out, and compare the version."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "write-lock").open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            stored = self.load(name)
            if (stored.version if stored else None) != expected:
                raise Conflict(name)
            yield

    def _sync(self) -> None:
        """Make the new names of files last."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
