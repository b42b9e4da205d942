"""Where in a PromQL text its selectors, comparisons and groupings stand.

The parser knows what a query means but not where; this finds the places, in the order in which the parser's tree has
them, so that one can be rewritten without touching the rest.
"""

import re
from typing import NamedTuple

from maintainer.analyse.promql.lexical import BLANK, STRING, VARIABLE, unquoted

Span = tuple[int, int]

_TOKEN = re.compile(
    rf"""
    \#[^\n]* | {STRING} | \[[^\]]*\] | (?<![\w:])\.?[0-9][\w.]*
  | (?=[bwoigBWOIG])
    (?P<kind>(?i:by|without|on|ignoring|group_left|group_right)){BLANK}\((?P<labels>(?:[^()\#]|\#[^\n]*)*)\)
  | (?P<name>[A-Za-z_:][\w:]*)
    (?:{BLANK}(?:(?P<called>(?=\(|(?i:by|without)\b))|(?P<braces>\{{(?:[^{{}}"'`\#]|\#[^\n]*|{STRING})*\}})))?
  | (?P<nameless>\{{(?:[^{{}}"'`\#]|\#[^\n]*|{STRING})*\}})
  | (?P<compare>==|!=|>=|<=|>|<)
    """,
    re.VERBOSE | re.ASCII,
)
_MATCHER = re.compile(
    rf"""
    \#[^\n]*
  | (?P<label>[A-Za-z_]\w*|{STRING}){BLANK}(?P<op>=~|!~|!=|=){BLANK}(?P<value>{STRING})
  | (?P<metric>{STRING})
  | (?P<or>(?i:or)\b)
    """,
    re.VERBOSE | re.ASCII,
)
_LABEL = re.compile(rf"\#[^\n]*|(?P<label>[A-Za-z_]\w*)|(?P<quoted>{STRING})", re.ASCII)
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


_SELECTING = frozenset(("braces", "nameless"))


class Matcher(NamedTuple):
    """One matcher: what it says, and where its label, its value (quotes included) and all of it stand.

    ``variable``: the value has a variable of Grafana in it, so nobody knows it.
    """

    label: str
    op: str
    value: str
    label_at: Span
    value_at: Span
    variable: bool

    @property
    def at(self) -> Span:
        """Where the matcher stands, from its label to its value."""
        return self.label_at[0], self.value_at[1]

    @property
    def regex(self) -> bool:
        """Whether it is ``=~`` or ``!~``."""
        return self.op[-1] == "~"

    @property
    def negative(self) -> bool:
        """Whether it is ``!=`` or ``!~``."""
        return self.op[0] == "!"


class Selector(NamedTuple):
    """One selector: the metrics that it may select, none if any or unknown, and where it stands.

    ``name_at`` is where the name stands, without quotes, ``inside`` what stands between the braces. ``text`` is the
    text without variables, ``original`` with them.
    """

    names: tuple[str, ...]
    name_at: Span
    at: Span
    inside: Span
    text: str
    original: str

    @property
    def written(self) -> list[tuple[str, str, str, str, str]]:
        """Label, operator and quoted value of each matcher; then a metric's name in quotes, or an ``or``."""
        return _MATCHER.findall(self.text, *self.inside)

    @property
    def alternatives(self) -> tuple[tuple[Matcher, ...], ...]:
        """Its matchers; more than one list of them only where ``or`` joins them, an extension of some engines."""
        groups: list[list[Matcher]] = [[]]
        for found in _MATCHER.finditer(self.text, *self.inside):
            if found.lastgroup == "or":
                groups.append([])
            elif found.lastgroup == "value":
                groups[-1].append(_matcher(found, self.original))
        return tuple(tuple(one for one in group if one.label != "__name__") for group in groups)


class Grouping(NamedTuple):
    """A ``by``, ``without``, ``on`` or ``ignoring``, and where in ``text`` its labels stand, without parentheses."""

    kind: str
    text: str
    labels_at: Span

    @property
    def labels(self) -> tuple[tuple[str, Span], ...]:
        """Its labels, each with its place."""
        found = [one for one in _LABEL.finditer(self.text, *self.labels_at) if one.lastgroup]
        return tuple((one[0] if one["label"] else unquoted(one[0]), one.span()) for one in found)


class Scan(NamedTuple):
    """What stands where in a query, each in the order of the text. ``comparisons`` are the operators' places."""

    selectors: tuple[Selector, ...]
    comparisons: tuple[Span, ...]
    groupings: tuple[Grouping, ...]


def scan(text: str, original: str = "") -> Scan:
    """Find the places in a text that the parser accepts; in any other it finds something or nothing.

    ``original`` is the text before variables were replaced: what has a variable in it there is not known.
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
        elif kind in _SELECTING or (kind == "name" and token["name"].lower() not in _KEYWORDS):
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
    """A selector whose name stands between its braces, if it has one."""
    at, inside = token.span(), _inside(token.span())
    for found in _MATCHER.finditer(token.string, *inside):
        if found.lastgroup == "or":
            break
        if found.lastgroup == "metric":
            name_at = _inside(found.span())
            return Selector((unquoted(found[0]),), name_at, at, inside, token.string, original)
        if found["label"] == "__name__":
            matcher = _matcher(found, original)
            return Selector(_named(matcher), _inside(matcher.value_at), at, inside, token.string, original)
    return Selector((), (at[0], at[0]), at, inside, token.string, original)


def _matcher(found: re.Match[str], original: str) -> Matcher:
    label, operator, _ = found.groups()[:3]
    value_at = start, end = found.span("value")
    written = original[start:end]
    variable = ("$" in written or "[[" in written) and VARIABLE.search(written) is not None
    label = label if label[0] not in "\"'`" else unquoted(label)
    return Matcher(label, operator, unquoted(written), found.span("label"), value_at, variable)


def _named(matcher: Matcher) -> tuple[str, ...]:
    if matcher.variable or matcher.negative or not _PLAIN_NAMES.fullmatch(matcher.value):
        return ()
    return tuple(matcher.value.split("|")) if matcher.regex else (matcher.value,)


def _inside(span: Span) -> Span:
    return span[0] + 1, span[1] - 1


def grouping(token: re.Match[str]) -> Grouping:
    """A grouping by its match, whose groups are ``kind`` and ``labels``."""
    return Grouping(token["kind"].lower(), token.string, token.span("labels"))
