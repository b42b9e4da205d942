"""Values as a report may show them: without secrets, and without the text around them of a :class:`SourceText`."""

import re
from collections.abc import Mapping

from maintainer.model.drift import Path
from maintainer.model.report import Json
from maintainer.model.secret_text import HIDDEN

_NAMES = r"(?:password|secret|token|credentials|api_?key|service_key|routing_key|api_url|webhook_?url)"
_SECRET = re.compile(rf"{_NAMES}$", re.IGNORECASE)
_GIVEN = re.compile(rf"""({_NAMES}["']?[ \t]*[:=][ \t]*)(?:"[^"\n]*"|'[^'\n]*'|[^\s,}}\]]+)""", re.IGNORECASE)
"""A name of a secret in a text, and the value that it is given."""
_IN_URL = re.compile(r"(?<=://)[^@/\s\"']+(?=@)|(?<=://hooks\.slack\.com/)[^\s\"']+")
_QUERIES = ("expr", "query")
"""Fields in whose texts such a name is a label."""


def plain_path(path: Path) -> Path:
    """A path whose steps are plain texts."""
    return tuple(step if isinstance(step, int) else str(step) for step in path)


def plain(value: Json, field: str | int = "") -> Json:
    """The same value, of plain mappings, lists and texts, with ``<secret>`` for what its ``field`` names as one."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner, name) for name, inner in value.items()}
    if isinstance(value, str):
        return HIDDEN if value and _SECRET.search(str(field)) else _without_secrets(value, given=field not in _QUERIES)
    return [plain(inner, field) for inner in value] if isinstance(value, (list, tuple)) else value


def _without_secrets(text: str, *, given: bool) -> str:
    """The text without secrets in URLs and, if they may be ``given`` in it, behind their names."""
    hidden = _IN_URL.sub(HIDDEN, str(text))
    return _GIVEN.sub(lambda found: found[1] + HIDDEN, hidden) if given else hidden
