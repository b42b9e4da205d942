"""One place of a query rewritten in the original text, and the proof that nothing else changed."""

from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.tokens import Span
from maintainer.analyse.promql.variables import label_asked, parseable, without_regexes

_SELECTORS = {parser.VectorSelector, parser.MatrixSelector}


def spliced(text: str, tree: Any, at: Span, right: str) -> str:
    """The text of a tree with ``right`` in one place; "" if the parser does not find exactly one place that differs.

    The label of a dashboard's ``label_values(metric, label)`` is in no tree: there, none may differ.
    """
    new = text[: at[0]] + right + text[at[1] :]
    asked = label_asked(text)
    places = 0 if asked and asked[1] == at else 1
    try:
        before, after = _shape(tree, []), _shape(parser.parse(without_regexes(parseable(new))), [])
    except ValueError:
        return ""
    differing = [one for one, other in zip(before, after, strict=False) if one != other]
    return new if len(before) == len(after) and len(differing) == places else ""


def _shape(expression: Any, nodes: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The nodes of a tree from left to right, each with what is said of it and not of its parts, in a list."""
    kind = type(expression)
    if kind in _SELECTORS:
        nodes.append((kind.__name__, str(expression)))
    elif kind is parser.BinaryExpr:
        _shape(expression.lhs, nodes)
        nodes.append((str(expression.op), *_matching(expression.modifier)))
        _shape(expression.rhs, nodes)
    elif kind is parser.AggregateExpr:
        nodes.append((str(expression.op), *_grouping(expression.modifier)))
        for part in (expression.param, expression.expr):
            if part is not None:
                _shape(part, nodes)
    elif kind is parser.Call:
        arguments = expression.args
        nodes.append((expression.func.name, str(len(arguments))))
        for argument in arguments:
            _shape(argument, nodes)
    elif kind is parser.SubqueryExpr:
        at = expression.at
        nodes.append(tuple(map(str, (expression.range, expression.step, expression.offset, at and (at.type, at.at)))))
        _shape(expression.expr, nodes)
    elif hasattr(expression, "expr"):
        nodes.append((kind.__name__,))
        _shape(expression.expr, nodes)
    else:
        nodes.append((kind.__name__, str(expression.val)))
    return nodes


def _grouping(modifier: Any) -> tuple[str, ...]:
    return () if modifier is None else (str(modifier.type), *modifier.labels)


def _matching(modifier: Any) -> tuple[str, ...]:
    if modifier is None:
        return ()
    matching = modifier.matching
    said = (str(matching.type), *matching.labels) if matching is not None else ()
    return (str(modifier.card), str(modifier.return_bool), *said, "/", *(modifier.group_labels or ()))
