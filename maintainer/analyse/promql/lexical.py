"""Strings, blanks and Grafana's variables in the text of a query.

Variables are replaced by text of the same length, so that the parser accepts the query and no position changes.
"""

import re
import sys

STRING = r"""(?:"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|`[^`]*+`)"""
"""A string with its quotes, as a regular expression without groups. It gives no character back: none fits later."""

LITERAL = r"""(?:"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'?|`[^`]*+`?)"""
"""A string, or the rest of the line where it has no end: so that this is looked for once, and not at each quote."""

COMMENT = r"\#[^\r\n]*+"
"""A comment, which ends with its line, as a regular expression without groups that ``re.VERBOSE`` may hold."""

BLANK = rf"\s*+(?:{COMMENT}[\r\n]\s*+)*+"
"""White space and comments between tokens, as a regular expression without groups that ``re.VERBOSE`` may hold."""

VARIABLE = re.compile(r"\$\{\w[^{}]*+\}|\$\w++|\[\[\w[^\[\]]*+\]\]|\{\{[^{}]*+\}\}", re.ASCII)
"""A variable in any of Grafana's three syntaxes, or in that of templates, as in ``{{args.name}}`` of an analysis."""

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NAME_CHARACTER = re.compile(r"[\w:]", re.ASCII)
_BEFORE_PARENTHESIS = re.compile(rf"{BLANK}\(", re.VERBOSE)
_BEFORE_BRACKET = re.compile(rf"{BLANK}[\[{{]", re.VERBOSE)
_PIECE = re.compile(rf"{COMMENT}|(?P<string>{LITERAL})|(?P<variable>{VARIABLE.pattern})", re.ASCII)
_OFFSET = re.compile(rf"\boffset{BLANK}-?\s*$", re.IGNORECASE | re.VERBOSE)
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*$", re.IGNORECASE)
_BRACKETS = "[]{}()"
_NEAR = 60
"""Characters before a variable, or before the bracket that it is in, that tell what may stand there."""
_HARMLESS = re.compile(rf"""([=!])~(?="(?:[\w\s:/,-]++|\.[*+?]?|\||{VARIABLE.pattern})*+")""", re.ASCII)
_LABEL_VALUES = re.compile(r"\s*label_values\s*\((?P<promql>.+),\s*(?P<label>\w+)\s*\)\s*", re.DOTALL | re.ASCII)
_QUERY_RESULT = re.compile(r"\s*query_result\s*\((?P<promql>.+)\)\s*", re.DOTALL)


def unquoted(written: str) -> str:
    """The value of a quoted string. Escapes are those of Go; there are none between backticks."""
    inside = written[1:-1]
    return inside if "\\" not in inside or written[0] == "`" else _ESCAPE.sub(_character, inside)


def quoted(value: str, quote: str) -> str:
    """A value between quotes of this kind, or between double quotes where it has a backtick in it."""
    if quote == "`" and "`" not in value:
        return f"`{value}`"
    quote = '"' if quote == "`" else quote
    escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")
    return f"{quote}{escaped}{quote}"


def parseable(text: str) -> str:
    """The query without variables, in text of the same length: the parser accepts it if the query is valid.

    A variable becomes a duration, a number or a name, whichever may stand there; in strings it stays. Of a dashboard's
    ``label_values(metric, label)`` and ``query_result(query)`` only metric and query are left. A string with
    backslashes between backticks, which the parser misreads, becomes another one.
    """
    if "label_values" in text or "query_result" in text:
        text = _without_dashboard_function(text)
    if "`" not in text and "$" not in text and "[[" not in text and "{{" not in text:
        return text
    before, end = _Before(), 0
    for piece in _PIECE.finditer(text):
        kind, written = piece.lastgroup, piece[0]
        if kind == "variable":
            before.add(text[end : piece.start()])
            before.add(_stand_in(piece, before))
            end = piece.end()
        elif kind == "string" and written[0] == "`" and "\\" in written:
            before.add(f"{text[end : piece.start()]}`{'x' * (len(written) - 2)}`")
            end = piece.end()
    return "".join((*before.pieces, text[end:]))


def without_regexes(text: str) -> str:
    """The text with ``=`` for ``=~`` before every regular expression that is certainly valid, and of the same length.

    The parser compiles regular expressions, which takes most of its time.
    """
    return _HARMLESS.sub(_plain_operator, text) if '~"' in text else text


def numbers_unknown(text: str, replaced: str) -> bool:
    """Whether a variable stands where a number may stand, so that nothing is known of comparisons with it."""
    return text != replaced and any(replaced[variable.start()] == "1" for variable in VARIABLE.finditer(text))


def label_values_label(text: str) -> tuple[str, tuple[int, int]] | None:
    """The label of ``label_values(metric, label)`` and where it stands; ``None`` for any other query."""
    call = _LABEL_VALUES.fullmatch(text)
    return (call["label"], call.span("label")) if call else None


def _character(escape: re.Match[str]) -> str:
    *hexadecimal, octal, letter = escape.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    code = int(octal, 8) if octal else int(next(filter(None, hexadecimal)), 16)
    return chr(code) if code <= sys.maxunicode else "\ufffd"


def _without_dashboard_function(text: str) -> str:
    call = _LABEL_VALUES.fullmatch(text) or _QUERY_RESULT.fullmatch(text)
    if call is None:
        return text
    start, end = call.span("promql")
    return " " * start + text[start:end] + " " * (len(text) - end)


def _plain_operator(operator: re.Match[str]) -> str:
    return "= " if operator[1] == "=" else "!="


class _Before:
    """The text before a variable, already without variables, and the brackets that it stands in."""

    __slots__ = ("_last", "_size", "near", "opened", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.near = self.opened = ""
        self._size = 0
        self._last: dict[str, int] = {}

    def add(self, piece: str) -> None:
        """Add a piece of the text. What is ``near``, and what stood before what was ``opened``, is kept."""
        size, last = self._size, self._last
        for bracket in _BRACKETS:
            if bracket in piece:
                last[bracket] = size + piece.rindex(bracket)
                if bracket == "(":
                    self.opened = (self.near + piece[: piece.rindex("(")])[-_NEAR:]
        self.pieces.append(piece)
        self.near = (self.near + piece)[-_NEAR:]
        self._size = size + len(piece)

    def within(self, opening: str, closing: str) -> bool:
        """Whether what follows stands between brackets of this kind."""
        return self._last.get(opening, -1) > self._last.get(closing, -1)


def _stand_in(variable: re.Match[str], before: _Before) -> str:
    """What replaces a variable."""
    text, length = variable.string, len(variable[0])
    after = variable.end()
    if before.within("[", "]") or _OFFSET.search(before.near):
        unit = after < len(text) and text[after].isalpha()
        return "1".rjust(length, "0") if unit else "5m".ljust(length)
    beside = before.near[-1:] + text[after : after + 1]
    if _NAME_CHARACTER.search(beside) or _BEFORE_BRACKET.match(text, after) or _in_label_list(before):
        return "v" * length
    if _BEFORE_PARENTHESIS.match(text, after):
        return "sum".ljust(length) if length > 2 else "v" * length
    return "1".ljust(length)


def _in_label_list(before: _Before) -> bool:
    return before.within("{", "}") or (before.within("(", ")") and _GROUPING.search(before.opened) is not None)
