"""Writes reports to a folder."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from maintainer.errors import DeliveryFailed


def write(directory: str, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text to the file of its name, whole or not at all; the paths. Raises :class:`DeliveryFailed`."""
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_write(folder / name, text) for name, text in texts.items())
    except OSError as error:
        raise DeliveryFailed(f"cannot write the report to {folder}: {error.strerror}; give --output DIR") from error


def _write(path: Path, text: str) -> Path:
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(text)
    # A temporary file is for its owner only; a report is for whoever may read the folder.
    umask = os.umask(0)
    os.umask(umask)
    Path(file.name).chmod(0o666 & ~umask)
    return Path(file.name).replace(path)
