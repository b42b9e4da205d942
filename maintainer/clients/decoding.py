"""Decodes what servers answer, whatever that is."""

import re
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

from maintainer.model.secret_text import bare_urls

T = TypeVar("T")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone. One without a zone cannot be compared, and may be one that this machine cannot convert."""

_EXCERPT, _MESSAGE = 200, 1000
"""The most characters that are shown of a body, and of a message in it."""

_DEEPEST = 100
"""Levels of JSON that are read. Nothing that is used lies deeper, and a stack allows for some hundred."""
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""A string that is not closed goes to the end, so that no text is read more than once."""


class BrokenAnswer(Exception):
    """An answer is not what it should be; the text says why, for a reader."""


def decoded(body: bytes | msgspec.Raw, type_: type[T]) -> T:
    """The JSON as this type; what is nested deeper than a stack allows is ``null``. Raises :class:`BrokenAnswer`."""
    try:
        try:
            return msgspec.json.decode(body, type=type_)
        except RecursionError:
            return msgspec.json.decode(_shallow(bytes(body)), type=type_)
    except RecursionError as error:
        raise BrokenAnswer("its JSON is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenAnswer(shortened(str(error))) from error


def _shallow(body: bytes) -> bytes:
    """The JSON with ``null`` in the place of each value that is nested deeper than :data:`_DEEPEST`."""
    kept: list[bytes] = []
    depth = since = 0
    for token in _STRING_OR_BRACKET.finditer(body):
        if token[0] in {b"[", b"{"}:
            depth += 1
            if depth == _DEEPEST + 1:
                kept += (body[since : token.start()], b"null")
        elif token[0] in {b"]", b"}"}:
            since = token.end() if depth == _DEEPEST + 1 else since
            depth -= 1
    return b"".join((*kept, body[since:]))


def shortened(text: str, length: int = _MESSAGE) -> str:
    """The text on a single line, cut after so many characters.

    URLs are without passwords and tokens. Once they are cut, they cannot be told from other text.
    """
    text = bare_urls(" ".join(text[: 8 * length].split()))
    return text[:length] + "…" if len(text) > length else text


def excerpt(body: bytes) -> str:
    """The beginning of a body on a single line; "nothing" if the body is empty."""
    return shortened(body[:4096].decode("utf-8", "replace"), _EXCERPT) or "nothing"


def excerpt_unless_json(body: bytes, error: BrokenAnswer) -> str:
    """What is wrong with the body of a success, and its beginning, such as that of a page to log in.

    What begins as JSON does is data that was cut off, such as a configuration with its secrets, and is not shown.
    """
    return str(error) if body.lstrip()[:1] in {b"{", b"["} else f"{error}: {excerpt(body)}"
