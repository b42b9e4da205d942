"""Values and paths without the text around them that a :class:`SourceText` keeps."""

from collections.abc import Mapping

from maintainer.model.drift import Path
from maintainer.model.report import Json


def plain_path(path: Path) -> Path:
    """A path whose steps are plain texts."""
    return tuple(step if isinstance(step, int) else str(step) for step in path)


def plain(value: Json) -> Json:
    """The same value, of plain mappings, lists and texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, str):
        return str(value)
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
