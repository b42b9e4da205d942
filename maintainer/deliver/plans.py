"""Writes a plan into a file, and reads it again. Objects may hold secrets, so nobody else may read the file."""

import os
from pathlib import Path

from maintainer.errors import ConfigError, DeliveryFailed

_OWNERS = 0o600


def save_plan(file: str, text: str) -> None:
    """Write the plan into the file. Raises :class:`DeliveryFailed`."""
    new = Path(f"{file}.new")
    try:
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNERS), "w", encoding="utf-8") as opened:
            opened.write(text)
        new.replace(file)
    except OSError as error:
        raise DeliveryFailed(f"cannot write the plan to {file} ({error.strerror}); give another --plan FILE") from error


def read_plan(file: str) -> str:
    """The text of the file. Raises :class:`ConfigError`."""
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ConfigError(f"cannot read the plan {file}: {why}") from error
