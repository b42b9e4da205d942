"""Strings and blanks as PromQL writes them."""

import re

STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
"""A string with its quotes, as a regular expression without groups."""

BLANK = r"(?:\s|\#[^\n]*\n)*"
"""What may stand between two words: blanks and comments; no groups either, and fit for ``re.VERBOSE``."""

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unquoted(written: str) -> str:
    """What a string means: escapes are resolved as Go does, between backticks there are none."""
    inside = written[1:-1]
    return inside if "\\" not in inside or written[0] == "`" else _ESCAPE.sub(_character, inside)


def quoted(value: str, quote: str) -> str:
    """A value as it is written between these quotes; between double ones if backticks cannot hold it."""
    if quote == "`" and "`" not in value:
        return f"`{value}`"
    quote = '"' if quote == "`" else quote
    escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")
    return f"{quote}{escaped}{quote}"


def _character(escape: re.Match[str]) -> str:
    *hexadecimal, octal, letter = escape.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    return chr(int(octal, 8)) if octal else chr(int(next(filter(None, hexadecimal)), 16))
