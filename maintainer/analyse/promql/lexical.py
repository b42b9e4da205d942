"""Strings, blanks and Grafana's variables in the text of a query.

Variables are replaced so that the parser understands the query and every place stays where it is.
"""

import re

STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
"""A string with its quotes, as a regular expression without groups."""

BLANK = r"(?:\s|\#[^\n]*\n)*"
"""What may stand between two words: blanks and comments; no groups either, and fit for ``re.VERBOSE``."""

VARIABLE = re.compile(r"\$\{\w[^}]*\}|\$\w+|\[\[\w[^\]]*\]\]", re.ASCII)
"""A variable in one of Grafana's three spellings."""

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WORD = re.compile(r"[\w:]", re.ASCII)
_CALLED = re.compile(rf"{BLANK}\(", re.VERBOSE)
_SELECTING = re.compile(rf"{BLANK}[\[{{]", re.VERBOSE)
_PIECE = re.compile(rf"\#[^\n]*|(?P<string>{STRING})|(?P<variable>{VARIABLE.pattern})", re.ASCII)
_OFFSET = re.compile(rf"\boffset{BLANK}-?\s*$", re.IGNORECASE | re.VERBOSE)
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*$", re.IGNORECASE)
_HARMLESS = re.compile(rf"""([=!])~(?="(?:[\w\s:/,-]|\.[*+?]?|\||{VARIABLE.pattern})*")""", re.ASCII)
_OF_LABEL = re.compile(r"\s*label_values\s*\((?P<metric>.+),\s*(?P<label>\w+)\s*\)\s*", re.DOTALL | re.ASCII)
_OF_QUERY = re.compile(r"\s*query_result\s*\((?P<query>.+)\)\s*", re.DOTALL)


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


def parseable(text: str) -> str:
    """The query as text of the same length that the parser accepts if it accepts the query at all.

    A variable becomes a duration, a number or a name, by where it stands; in strings it stays. Of a dashboard's
    ``label_values(metric, label)`` and ``query_result(query)`` the metric and the query stay. A string that the parser
    misreads (backslashes between backticks) becomes another one.
    """
    if "label_values" in text or "query_result" in text:
        text = _dashboard(text)
    if "`" not in text and "$" not in text and "[[" not in text:
        return text
    done, end = "", 0
    for piece in _PIECE.finditer(text):
        kind, written = piece.lastgroup, piece[0]
        if kind == "variable":
            done += text[end : piece.start()]
            done += _stand_in(piece, done)
            end = piece.end()
        elif kind == "string" and written[0] == "`" and "\\" in written:
            done += f"{text[end : piece.start()]}`{'x' * (len(written) - 2)}`"
            end = piece.end()
    return done + text[end:]


def without_regexes(text: str) -> str:
    """The text with ``=`` for ``=~`` before every regular expression that nobody can reject, and of the same length.

    The parser compiles each, which takes most of its time.
    """
    return _HARMLESS.sub(_plain_operator, text) if '~"' in text else text


def numbers_unknown(text: str, replaced: str) -> bool:
    """Whether a variable stands where a number may stand, so that comparisons of this query cannot be judged."""
    return text != replaced and any(replaced[found.start()] == "1" for found in VARIABLE.finditer(text))


def label_asked(text: str) -> tuple[str, tuple[int, int]] | None:
    """The label of ``label_values(metric, label)`` with its place; ``None`` for anything else."""
    found = _OF_LABEL.fullmatch(text)
    return (found["label"], found.span("label")) if found else None


def _character(escape: re.Match[str]) -> str:
    *hexadecimal, octal, letter = escape.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    return chr(int(octal, 8)) if octal else chr(int(next(filter(None, hexadecimal)), 16))


def _dashboard(text: str) -> str:
    for pattern, group in ((_OF_LABEL, "metric"), (_OF_QUERY, "query")):
        found = pattern.fullmatch(text)
        if found:
            start, end = found.span(group)
            return " " * start + text[start:end] + " " * (len(text) - end)
    return text


def _plain_operator(operator: re.Match[str]) -> str:
    return "= " if operator[1] == "=" else "!="


def _stand_in(variable: re.Match[str], before: str) -> str:
    text, length = variable.string, len(variable[0])
    after = variable.end()
    if before.rfind("[") > before.rfind("]") or _OFFSET.search(before[-60:]):
        unit = after < len(text) and text[after].isalpha()
        return "1".rjust(length, "0") if unit else "5m".ljust(length)
    beside = before[-1:] + text[after : after + 1]
    if _WORD.search(beside) or _SELECTING.match(text, after) or _listed(before):
        return "v" * length
    if _CALLED.match(text, after):
        return "sum".ljust(length) if length > 2 else "v" * length
    return "1".ljust(length)


def _listed(before: str) -> bool:
    return before.rfind("{") > before.rfind("}") or _GROUPING.search(before) is not None
