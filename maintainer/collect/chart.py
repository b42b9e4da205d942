"""Reads a Helm chart: its files as texts, and where it stands in its repository."""

import os
from collections.abc import Iterator
from pathlib import Path

from maintainer.clients.local_file import read_file
from maintainer.errors import ConfigError
from maintainer.model.chart import Chart

MOST_BYTES, MOST_FILES = 4 << 20, 5000
"""What a chart may have: Helm takes no larger file, and no known chart has as many files."""


def chart_of(folder: str) -> Chart:
    """The chart in a folder. Raises ``ConfigError`` if there is none, and for a file that cannot be read."""
    top = Path(folder).resolve()
    if not (top / "Chart.yaml").is_file():
        raise ConfigError(f"--chart {folder} is no chart: it has no file Chart.yaml")
    texts = {path.relative_to(top).as_posix(): text for path in _files(top) if (text := _text(path)) is not None}
    return Chart(folder, _prefix(top), texts)


def _files(top: Path) -> Iterator[Path]:
    """All files but hidden ones; links to folders are not followed."""
    count = 0
    for place, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            count += 1
            if count > MOST_FILES:
                raise ConfigError(f"--chart {top}: it has more than {MOST_FILES:,} files")
            yield Path(place) / name


def _text(path: Path) -> str | None:
    """The text of a file; ``None`` for one that is no text."""
    try:
        return read_file(str(path), MOST_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _prefix(top: Path) -> str:
    """The chart as seen from the top of the git repository around it; without one, from the current folder."""
    around = next((folder for folder in (top, *top.parents) if (folder / ".git").exists()), Path.cwd())
    inside = Path(os.path.relpath(top, around)).as_posix()
    return "" if inside == "." else f"{inside}/"
