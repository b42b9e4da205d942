"""Writes reports to a folder, and replaces files."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from traceback import format_exception

from maintainer.errors import DeliveryFailed


def write(directory: str, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text to the file of this name in the directory, and return the paths.

    If that fails, the texts are saved in a temporary folder and :class:`DeliveryFailed` names the saved files, or says
    that there is no such folder either.
    """
    try:
        return _write_all(Path(directory), texts)
    except (OSError, ValueError) as error:  # a path may hold what no file system knows
        why = getattr(error, "strerror", None) or error
        problem = f"cannot write the report to {directory} ({why}); give another --output DIR"
        raise DeliveryFailed(f"{problem}. {_saved(texts)}") from error


def _saved(texts: Mapping[str, str]) -> str:
    """Save the texts in a temporary folder, and say where they are."""
    try:
        return f"It is saved: {', '.join(map(str, _write_all(Path(mkdtemp(prefix='maintainer-')), texts)))}"
    except OSError:
        return "It is not saved, because no folder for temporary files can be written"


def save_traceback(error: Exception, hide: Callable[[str], str]) -> str:
    """Save the traceback of a fault, without the values of variables; the path of the file, "" if there is none.

    ``hide`` takes the secrets out of it.
    """
    try:
        with NamedTemporaryFile("w", prefix="maintainer-", suffix=".txt", delete=False, encoding="utf-8") as file:
            file.write(hide("".join(format_exception(error))).encode("utf-8", "replace").decode())
    except OSError:
        return ""
    return file.name


def replace_file(path: Path, content: bytes, *, mode: int) -> Path:
    """Write a file so that it is never there in part: a complete temporary file takes its place.

    ``mode`` are the permissions of the file. Raises ``OSError``.
    """
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(content)
    Path(file.name).chmod(mode)
    return Path(file.name).replace(path)


def _write_all(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    # The umask can only be read by setting it.
    umask = os.umask(0)
    os.umask(umask)
    return tuple(replace_file(folder / name, text.encode(), mode=0o666 & ~umask) for name, text in texts.items())
