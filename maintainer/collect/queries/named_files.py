"""The files that the paths of a command name, and what of the folders among them cannot be read."""

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maintainer.errors import ConfigError

SUFFIXES = (".yml", ".yaml", ".json")

_Identity = tuple[int, int]
"""Device and inode, which are the same for all paths to a folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that was named, with all that is below it but hidden files and folders.

    ``files`` are in the order of their names. ``linked`` are links to folders: they may lead anywhere, so they are not
    followed. ``walked`` tells the folders that were read, ``unreadable`` says which could not be.
    """

    path: str
    files: tuple[str, ...]
    linked: tuple[str, ...]
    walked: tuple[_Identity | None, ...]
    unreadable: tuple[ConfigError, ...]


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """All ``files`` that are named, also those of the ``folders``, each once; ``linked`` are folders left unread."""

    files: tuple[str, ...]
    folders: tuple[Folder, ...]
    linked: tuple[str, ...]


def named_files(paths: Sequence[str]) -> NamedFiles:
    """What the paths name; ``-`` and what is not there are taken for files. Raises :class:`ConfigError` for ""."""
    if "" in paths:
        raise ConfigError('"" names no file; if a variable of the shell is empty, set it (. is the current folder)')
    folders = {path: _folder(path) for path in paths if os.path.isdir(path)}
    files = (file for path in paths for file in (folders[path].files if path in folders else (path,)))
    walked = {identity for folder in folders.values() for identity in folder.walked}
    linked = (link for folder in folders.values() for link in folder.linked if _identity(link) not in walked)
    return NamedFiles(_each_once(files), tuple(folders.values()), _each_once(linked))


def has_document_suffix(file: str) -> bool:
    """Whether a file is YAML or JSON by its name, in small or capital letters."""
    return file.lower().endswith(SUFFIXES)


def _each_once(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths without those that lead to the same place as one before."""
    first: dict[str, str] = {}
    for path in paths:
        first.setdefault(os.path.realpath(path), path)
    return tuple(first.values())


def _folder(root: str) -> Folder:
    """Walks without recursion, because folders may be nested thousands deep."""
    files: list[str] = []
    linked: list[str] = []
    walked: list[_Identity | None] = []
    unreadable: list[ConfigError] = []
    stack = [root]
    while stack:
        folder = stack.pop()
        try:
            entries = _visible_entries(folder)
        except OSError as error:
            unreadable.append(ConfigError(f"cannot read the folder {folder}: {error.strerror}"))
            continue
        walked.append(_identity(folder))
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        links = [entry.path for entry in entries if entry.is_symlink() and os.path.isdir(entry.path)]
        others = {*folders, *links}
        files += (entry.path for entry in entries if entry.path not in others and _is_to_be_read(entry))
        linked += links
        stack += reversed(folders)
    return Folder(root, tuple(files), tuple(linked), tuple(walked), tuple(unreadable))


def _identity(folder: str) -> _Identity | None:
    """``None`` if the folder is not there any more."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _visible_entries(folder: str) -> list["os.DirEntry[str]"]:
    """What is in a folder, in the order of the names."""
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)


def _is_to_be_read(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a file, or may be: of YAML, JSON and what cannot be looked at, reading says what is wrong."""
    if has_document_suffix(entry.name):
        return True
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True
