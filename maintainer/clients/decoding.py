"""Decodes what servers answer, whatever that is."""

from typing import TypeVar

import msgspec

from maintainer.model.secret_text import bare_urls

T = TypeVar("T")

_EXCERPT, _MESSAGE = 200, 1000
"""The most characters that are shown of a body, and of a message in it."""


class BrokenAnswer(Exception):
    """An answer is not what it should be; the text says why, for a reader."""


def decoded(body: bytes | msgspec.Raw, type_: type[T]) -> T:
    """The JSON as this type. Raises :class:`BrokenAnswer`, also for JSON that is nested deeper than a stack allows."""
    try:
        return msgspec.json.decode(body, type=type_)
    except RecursionError as error:
        raise BrokenAnswer("its JSON is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenAnswer(shortened(str(error))) from error


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
