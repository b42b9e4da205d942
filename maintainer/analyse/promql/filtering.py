"""Whether a query says something by having no result, as that of an alert does."""

from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.size import too_large
from maintainer.analyse.promql.tokens import scan

_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
"""They let through what they are true of; with ``bool`` they turn everything into 0 or 1."""
_ABSENT = frozenset({"absent", "absent_over_time"})


def condition_problem(promql: str) -> str:
    """Why a query cannot say when something is so: "" if it can, and names the metrics that it reads."""
    text = parseable(promql)
    if too_large(text):
        return "it is too large"
    try:
        tree = parser.parse(text)
        filters = _filters(tree)
    except (ValueError, RecursionError):
        return "it is no PromQL"
    selectors = scan(text).selectors
    if not selectors or not all(selector.names for selector in selectors):
        return "it has to name the metrics that it reads"
    if not filters:
        return "it always has a result; it needs a comparison without bool, such as > 0.01"
    return ""


def _filters(tree: Any) -> bool:
    """Whether a tree may have no result although all series are there that it reads."""
    match tree:
        case parser.BinaryExpr():
            left, right, operator = _filters(tree.lhs), _filters(tree.rhs), str(tree.op)
            if operator == "or":
                return left and right
            compares = operator in _COMPARISONS and not (tree.modifier and tree.modifier.return_bool)
            return left or right or compares or operator == "unless"
        case parser.Call():
            return tree.func.name in _ABSENT or any(map(_filters, tree.args))
        case parser.AggregateExpr() | parser.ParenExpr() | parser.UnaryExpr() | parser.SubqueryExpr():
            return _filters(tree.expr)
        case _:
            return False
