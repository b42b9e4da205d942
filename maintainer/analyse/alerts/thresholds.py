"""The number that an alert's expression is compared with, and the expression without it.

What the left side was decides for any other number whether the alert would have been there. The parser's tree has no
positions, so the text is changed where the comparison stands, and parsed again to see that nothing else has changed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import promql_parser as parser

from maintainer.analyse.promql.lexical import COMMENT, parseable
from maintainer.analyse.promql.size import too_large
from maintainer.analyse.promql.tokens import Span, scan
from maintainer.analyse.promql.tree_nodes import nodes
from maintainer.analyse.promql.value_range import COMPARISONS, TURNED, calculated
from maintainer.model.source_text import Edit, spliced

Refused = Literal[
    "rejected", "no-comparison", "bool", "equality", "no-number", "nested", "or", "absent", "top", "alerts"
]
"""Why an expression has no threshold that can be tried: it is not parsed; it is not compared; it is compared with
``bool``, by ``==`` or ``!=``, with no number, or twice; ``or`` lets in what was not compared; ``absent`` and ``topk``
and their like say something about other series; it reads ALERTS, which another threshold would have changed."""

_TOP = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_ALERTS = frozenset(("ALERTS", "ALERTS_FOR_STATE"))
_CONSTANT = re.compile(
    rf"(?P<blank>\s+|{COMMENT})|(?P<open>\()|(?P<close>\))|(?P<sign>[-+*/%^])"
    r"|(?P<number>\.?\d(?:[eE][-+](?=\d)|[\w.])*|(?i:inf|nan)\b)"
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison with a number: ``operator`` as it is with the number on the right, which stands ``at`` this place.

    ``left`` is the whole expression without the comparison: it has the values that are compared.
    """

    operator: str
    value: float
    left: str
    at: Span


@dataclass(frozen=True, slots=True)
class _Compared:
    """The comparison that decides about an alert, and the types of the nodes that it stands in as their left side."""

    node: Any
    path: tuple[type, ...]


def threshold(expr: str) -> Threshold | Refused:
    """The threshold of an alert's expression, or why it has none that can be tried."""
    tree = _parsed(expr)
    if tree is None:
        return "rejected"
    compared = _compared(tree)
    if isinstance(compared, str):
        return compared
    names = {name for selector in scan(expr).selectors for name in selector.names}
    if names & _ALERTS:
        return "alerts"
    return next(_about_other_series(tree), None) or _threshold(expr, compared)


def with_threshold(expr: str, found: Threshold, value: float) -> str | None:
    """The expression with another number, the rest of its text as it was; ``None`` if that cannot be done."""
    changed = spliced(expr, [Edit(*found.at, written(value))])
    again = threshold(changed)
    if isinstance(again, str):
        return None
    same = again.operator == found.operator and _form(again.left) == _form(found.left)
    return changed if same and again.value == value else None


def written(value: float) -> str:
    """A number as it is written in PromQL."""
    return f"{value:.0f}" if value % 1 == 0 and abs(value) < 1e15 else repr(value)


def _parsed(expr: str) -> Any:
    text = parseable(expr)
    if too_large(text):
        return None
    try:
        return parser.parse(text)
    except ValueError:
        return None


def _form(expr: str) -> str:
    tree = _parsed(expr)
    return "" if tree is None else str(tree.prettify())


def _compared(tree: Any) -> _Compared | Refused:
    """The comparison on which it depends whether there is a result, if it is compared with a number."""
    path: list[type] = []
    node = tree
    while (step := _inside(node)) is not None:
        path.append(type(node))
        node = step
    if type(node) is not parser.BinaryExpr or str(node.op) not in COMPARISONS:
        return "or" if type(node) is parser.BinaryExpr and str(node.op) == "or" else "no-comparison"
    if node.modifier is not None and node.modifier.return_bool:
        return "bool"
    if str(node.op) in {"==", "!="}:
        return "equality"
    sides = [_constant(node.lhs), _constant(node.rhs)]
    if sides.count(None) != 1:
        return "no-number"
    return "nested" if _is_comparison(node.lhs if sides[0] is None else node.rhs) else _Compared(node, tuple(path))


def _inside(node: Any) -> Any:
    """What decides about a node's result: the left side of ``and`` and ``unless`` has the values of both."""
    if type(node) is parser.ParenExpr:
        return node.expr
    return node.lhs if type(node) is parser.BinaryExpr and str(node.op) in {"and", "unless"} else None


def _is_comparison(node: Any) -> bool:
    while type(node) is parser.ParenExpr:
        node = node.expr
    return type(node) is parser.BinaryExpr and str(node.op) in COMPARISONS


def _constant(node: Any) -> float | None:
    """The value of an expression of numbers only; ``None`` for any other."""
    kind = type(node)
    if kind is parser.NumberLiteral:
        return float(node.val)
    if kind is parser.ParenExpr:
        return _constant(node.expr)
    if kind is parser.UnaryExpr:
        inner = _constant(node.expr)
        return None if inner is None else -inner
    if kind is not parser.BinaryExpr:
        return None
    left, right = _constant(node.lhs), _constant(node.rhs)
    if left is None or right is None:
        return None
    low, high = calculated(str(node.op), (left, left), (right, right))
    return low if low == high else None


def _about_other_series(tree: Any) -> Iterator[Refused]:
    for node in nodes(tree):
        if type(node) is parser.Call and node.func.name in {"absent", "absent_over_time"}:
            yield "absent"
        if type(node) is parser.AggregateExpr and str(node.op) in _TOP:
            yield "top"


def _threshold(expr: str, compared: _Compared) -> Threshold | Refused:
    node = compared.node
    value, number_first = _constant(node.rhs), False
    operand, operator = node.lhs, str(node.op)
    if value is None:
        value, number_first = _constant(node.lhs), True
        operand, operator = node.rhs, TURNED[operator]
    before = sum(_is_comparison(inner) for inner in nodes(node.lhs) if type(inner) is parser.BinaryExpr)
    comparisons = scan(expr).comparisons
    if value is None or before >= len(comparisons):
        return "rejected"
    start, end = comparisons[before]
    at = _number_before(expr, start) if number_first else _number_after(expr, end)
    blank = len(expr[:start]) - len(expr[:start].rstrip(" \t"))
    cut = Edit(at[0], len(expr) - len(expr[end:].lstrip(" \t")), "") if number_first else Edit(start - blank, at[1], "")
    left = spliced(expr, [cut]).strip()
    kept = _parsed(left)
    for kind in compared.path:
        kept = _inside(kept) if type(kept) is kind else None
    if kept is None or kept.prettify() != operand.prettify():
        return "rejected"
    return Threshold(operator, value, left, at)


def _number_after(expr: str, end: int) -> Span:
    """Where the expression of numbers after a place stands."""
    depth, start, stop, at = 0, -1, end, end
    while (token := _CONSTANT.match(expr, at)) and (token.lastgroup != "close" or depth):
        at = token.end()
        depth += {"open": 1, "close": -1}.get(token.lastgroup or "", 0)
        if token.lastgroup != "blank":
            start = token.start() if start < 0 else start
            stop = at if token.lastgroup in {"number", "close"} else stop
    return max(start, end), stop


def _number_before(expr: str, start: int) -> Span:
    """Where the expression of numbers before a place stands, at which the text begins but for parentheses."""
    tokens = [token for token in _CONSTANT.finditer(expr, 0, start) if token.lastgroup != "blank"]
    unclosed = sum({"open": 1, "close": -1}.get(token.lastgroup or "", 0) for token in tokens)
    own = tokens[unclosed:]
    return (own[0].start(), own[-1].end()) if own else (start, start)
