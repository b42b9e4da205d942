"""Takes the secrets out of a document before it is rendered: each format then has to show it as it is."""

from collections.abc import Callable
from typing import Any

from maintainer.render.document import Document

_OURS = frozenset({
    "check", "doc", "end", "fingerprint", "generatedAt", "job", "kind", "language", "period", "schema", "severity",
    "start", "state", "times", "tone", "verdict", "version",
})  # fmt: skip
"""Keys whose values are words and times of this program: a password may be like one of them."""


def without_secrets(document: Document, hide: Callable[[str], str]) -> Document:
    """The document with ``hide`` applied to all of its texts but those that only this program writes."""
    return {key: value if key in _OURS else _hidden(value, hide) for key, value in document.items()}


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    match value:
        case str():
            return hide(value)
        case dict():
            return without_secrets(value, hide)
        case list() | tuple():
            return [_hidden(item, hide) for item in value]
        case _:
            return value
