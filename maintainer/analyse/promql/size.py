"""How deep and how large a query is, by its text: before a parser builds a tree that takes memory with its square."""

import re

from maintainer.analyse.promql.lexical import COMMENT, LITERAL, STRING
from maintainer.model.message import Message, message

DEEPEST = 200
"""Operators, commas and brackets that may stand one within another. Known queries have about a dozen."""

MOST = 2_000
"""Operators, commas and brackets that a query may have in all."""

SMALL = DEEPEST
"""Characters of a query that cannot be too large."""

_TOKEN = re.compile(
    rf"""
    {COMMENT} | {LITERAL} | \{{(?:[^{{}}"'`\#]++|{COMMENT}|{STRING})*+\}}
  | (?P<open>\() | (?P<close>\))
  | (?P<operator>==|!=|>=|<=|[-+*/%^<>,\[]|\b(?i:and|or|unless|atan2)\b)
    """,
    re.VERBOSE | re.ASCII,
)


def too_large(text: str) -> Message | None:
    """Why a query is not parsed; ``None`` for one whose tree is small enough."""
    if len(text) <= SMALL:
        return None
    depth, parts = size(text)
    if depth <= DEEPEST and parts <= MOST:
        return None
    return message("query/not-checked.large", depth=depth, deepest=DEEPEST, parts=parts, most=MOST)


def size(text: str) -> tuple[int, int]:
    """How many operators, commas and brackets stand one within another at most, and how many there are.

    A chain such as ``a + b + c`` counts as deep as it is long: that is how it is parsed.
    """
    parts = 0
    chains, inner = [0], [0]  # Of each open parenthesis: the operators so far, and the deepest one in it.
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        parts += kind in {"open", "operator"}
        if kind == "open":
            chains.append(0)
            inner.append(0)
        elif kind == "operator":
            chains[-1] += 1
        elif kind == "close" and len(chains) > 1:
            _close(chains, inner)
    while len(chains) > 1:
        _close(chains, inner)
    return chains[0] + inner[0], parts


def _close(chains: list[int], inner: list[int]) -> None:
    depth = chains.pop() + inner.pop() + 1
    inner[-1] = max(inner[-1], depth)
