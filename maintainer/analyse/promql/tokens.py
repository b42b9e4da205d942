"""Where the selectors, comparisons and groupings stand in the text of a query.

The parser's tree has no positions. A scan finds them in the order of the tree, so that one place of the text can be
changed and the rest stays as it is.
"""

import re
from typing import NamedTuple

from maintainer.analyse.promql.lexical import BLANK, COMMENT, LITERAL, STRING, VARIABLE, unquoted
from maintainer.model.source_text import Edit

Span = tuple[int, int]
"""From the first character to before the last, as indexes."""

_TOKEN = re.compile(
    rf"""
    (?=[bwoigBWOIG])
    (?P<kind>(?i:by|without|on|ignoring|group_left|group_right)){BLANK}\((?P<labels>(?:[^()\#]++|{COMMENT})*+)\)
  | (?P<name>[A-Za-z_:][\w:]*)
    (?:{BLANK}(?:(?P<called>(?=\(|(?i:by|without)\b))|(?P<braces>\{{(?:[^{{}}"'`\#]++|{COMMENT}|{STRING})*+\}})))?
  | {COMMENT} | {LITERAL} | \[[^\[\]]*+\] | (?<![\w:])\.?[0-9][\w.]*
  | (?P<nameless>\{{(?:[^{{}}"'`\#]++|{COMMENT}|{STRING})*+\}})
  | (?P<compare>==|!=|>=|<=|>|<)
    """,
    re.VERBOSE | re.ASCII,
)
_MATCHER = re.compile(
    rf"""
    {COMMENT}
  | (?P<label>[A-Za-z_]\w*+|{STRING}){BLANK}(?P<op>=~|!~|!=|=){BLANK}(?P<value>{STRING})
  | (?P<metric>{STRING})
  | (?P<or>(?i:or)\b)
  | \w++ | {LITERAL}
    """,
    re.VERBOSE | re.ASCII,
)
_LABEL = re.compile(rf"{COMMENT}|(?P<label>[A-Za-z_]\w*)|(?P<quoted>{STRING})|{LITERAL}", re.ASCII)
_PLAIN_NAMES = re.compile(r"[A-Za-z_:][\w:]*(?:\|[A-Za-z_:][\w:]*)*", re.ASCII)
_KEYWORDS = frozenset(
    [
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "offset",
        "bool",
        "and",
        "or",
        "unless",
        "atan2",
        "inf",
        "nan",
    ]
)
_SELECTOR_TOKENS = frozenset(("braces", "nameless"))


class Matcher(NamedTuple):
    """A label matcher, and where its label and its value, quotes included, stand.

    ``variable``: the value has one of Grafana's variables in it and is not known.
    """

    label: str
    op: str
    value: str
    label_at: Span
    value_at: Span
    variable: bool

    @property
    def at(self) -> Span:
        """Where the whole matcher stands."""
        return self.label_at[0], self.value_at[1]

    @property
    def regex(self) -> bool:
        """Whether it is ``=~`` or ``!~``."""
        return self.op[-1] == "~"

    @property
    def negative(self) -> bool:
        """Whether it is ``!=`` or ``!~``."""
        return self.op[0] == "!"


class Regex(NamedTuple):
    """A regular expression of a matcher, also of one on the metric's name. ``operator_at`` is where its ``=~`` begins.

    ``variable``: it has one of Grafana's variables in it and is not known.
    """

    value: str
    operator: str
    operator_at: int
    variable: bool

    @property
    def as_plain(self) -> Edit:
        """The edit that makes it a plain value, in text of the same length."""
        return Edit(self.operator_at, self.operator_at + 2, "= " if self.operator == "=~" else "!=")


class Selector(NamedTuple):
    """A selector and where it stands.

    ``names`` are the metrics that it selects, none where it may be any or is not known. ``name_at`` is where the name
    stands, without quotes, ``inside`` is between the braces. ``original`` is the query with Grafana's variables,
    ``text`` the same without them. ``pattern`` is a regular expression for the name that is no plain list, "" if none.
    """

    names: tuple[str, ...]
    name_at: Span
    at: Span
    inside: Span
    text: str
    original: str
    pattern: str = ""

    @property
    def written(self) -> list[tuple[str, str, str, str, str]]:
        """Label, operator and quoted value of each matcher; two more fields are for a metric's name and for ``or``."""
        return _MATCHER.findall(self.text, *self.inside)

    @property
    def regexes(self) -> list[Regex]:
        """The regular expressions of its matchers."""
        tokens = [token for token in _MATCHER.finditer(self.text, *self.inside) if token["op"] in {"=~", "!~"}]
        written = [self.original[slice(*token.span("value"))] for token in tokens]
        return [
            Regex(unquoted(value), token["op"], token.start("op"), VARIABLE.search(value) is not None)
            for token, value in zip(tokens, written, strict=True)
        ]

    @property
    def alternatives(self) -> tuple[tuple[Matcher, ...], ...]:
        """Its matchers. ``or`` between matchers, an extension of some engines, makes several lists of them."""
        groups: list[list[Matcher]] = [[]]
        for token in _MATCHER.finditer(self.text, *self.inside):
            if token.lastgroup == "or":
                groups.append([])
            elif token.lastgroup == "value":
                groups[-1].append(_matcher(token, self.original))
        return tuple(tuple(matcher for matcher in group if matcher.label != "__name__") for group in groups)


class Grouping(NamedTuple):
    """A ``by``, ``without``, ``on`` or ``ignoring``; ``labels_at`` is between its parentheses."""

    kind: str
    text: str
    labels_at: Span

    @property
    def labels(self) -> tuple[tuple[str, Span], ...]:
        """Its labels, each with where it stands."""
        labels = [label for label in _LABEL.finditer(self.text, *self.labels_at) if label.lastgroup]
        return tuple((label[0] if label["label"] else unquoted(label[0]), label.span()) for label in labels)


class Scan(NamedTuple):
    """The parts of a query in the order of its text. ``comparisons`` is where the comparison operators stand."""

    selectors: tuple[Selector, ...]
    comparisons: tuple[Span, ...]
    groupings: tuple[Grouping, ...]


def scan(text: str, original: str = "") -> Scan:
    """Scan a text that the parser accepts; of any other, what is found means nothing.

    ``original`` is the text before variables were replaced: a name or value with a variable in it is not known.
    """
    original = original or text
    selectors: list[Selector] = []
    comparisons: list[Span] = []
    groupings: list[Grouping] = []
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "compare":
            comparisons.append(token.span())
        elif kind == "labels":
            groupings.append(grouping(token))
        elif kind in _SELECTOR_TOKENS or (kind == "name" and token["name"].lower() not in _KEYWORDS):
            selectors.append(_selector(token, original))
    return Scan(tuple(selectors), tuple(comparisons), tuple(groupings))


def _selector(token: re.Match[str], original: str) -> Selector:
    at, name = token.span(), token["name"]
    if not name:
        return _nameless(token, original)
    name_at = token.span("name")
    names = (name,) if original.startswith(name, name_at[0]) else ()
    inside = _inside(token.span("braces")) if token.lastgroup == "braces" else (at[1], at[1])
    return Selector(names, name_at, at, inside, token.string, original)


def _nameless(token: re.Match[str], original: str) -> Selector:
    """A selector without a name before its braces; it may have one between them."""
    at, inside = token.span(), _inside(token.span())
    for part in _MATCHER.finditer(token.string, *inside):
        if part.lastgroup == "or":
            break
        if part.lastgroup == "metric":
            name_at = _inside(part.span())
            return Selector((unquoted(part[0]),), name_at, at, inside, token.string, original)
        if part["label"] == "__name__":
            matcher = _matcher(part, original)
            names = _metric_names(matcher)
            pattern = matcher.value if matcher.op == "=~" and not (names or matcher.variable) else ""
            return Selector(names, _inside(matcher.value_at), at, inside, token.string, original, pattern)
    return Selector((), (at[0], at[0]), at, inside, token.string, original)


def _matcher(token: re.Match[str], original: str) -> Matcher:
    label, operator, _ = token.groups()[:3]
    value_at = start, end = token.span("value")
    written = original[start:end]
    variable = VARIABLE.search(written) is not None
    label = label if label[0] not in "\"'`" else unquoted(label)
    return Matcher(label, operator, unquoted(written), token.span("label"), value_at, variable)


def _metric_names(matcher: Matcher) -> tuple[str, ...]:
    """The metrics that a matcher on ``__name__`` selects; none where that is not certain."""
    if matcher.variable or matcher.negative or not _PLAIN_NAMES.fullmatch(matcher.value):
        return ()
    return tuple(matcher.value.split("|")) if matcher.regex else (matcher.value,)


def _inside(span: Span) -> Span:
    return span[0] + 1, span[1] - 1


def grouping(token: re.Match[str]) -> Grouping:
    """The grouping of a match with the groups ``kind`` and ``labels``."""
    return Grouping(token["kind"].lower(), token.string, token.span("labels"))
