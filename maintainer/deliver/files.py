"""Writes reports to a folder."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp

from maintainer.errors import DeliveryFailed


def write(directory: str, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text to the file of its name, whole or not at all; the paths.

    Where that cannot be done they are saved in a temporary folder, which the :class:`DeliveryFailed` then names.
    """
    try:
        return _write_all(Path(directory), texts)
    except OSError as error:
        saved = _write_all(Path(mkdtemp(prefix="maintainer-")), texts)
        told = f"cannot write the report to {directory} ({error.strerror}); give another --output DIR"
        raise DeliveryFailed(f"{told}. It is saved: {', '.join(map(str, saved))}") from error


def _write_all(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_write(folder / name, text) for name, text in texts.items())


def _write(path: Path, text: str) -> Path:
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(text)
    # A temporary file is for its owner only; a report is for whoever may read the folder.
    umask = os.umask(0)
    os.umask(umask)
    Path(file.name).chmod(0o666 & ~umask)
    return Path(file.name).replace(path)
