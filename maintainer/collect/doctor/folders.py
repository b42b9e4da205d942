"""Whether a folder can be written, without writing anything."""

import os
from pathlib import Path


def blocked_by(folder: str) -> str:
    """The path that keeps a folder from being written, or from being made; "" if none does."""
    path = Path(folder).absolute()
    nearest = next(part for part in (path, *path.parents) if part.exists())
    usable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return "" if usable else str(nearest)
