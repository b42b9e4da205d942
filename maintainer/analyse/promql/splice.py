"""One place of a query rewritten in the original text, and the proof that nothing else changed."""

from collections.abc import Iterator
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.tokens import Span
from maintainer.analyse.promql.variables import label_asked, parseable, without_regexes


def spliced(text: str, tree: Any, at: Span, right: str) -> str:
    """The text of a tree with ``right`` in one place; "" if the parser does not find exactly one place that differs.

    The label of a dashboard's ``label_values(metric, label)`` is in no tree: there, none may differ.
    """
    new = text[: at[0]] + right + text[at[1] :]
    asked = label_asked(text)
    places = 0 if asked and asked[1] == at else 1
    try:
        before, after = list(_shape(tree)), list(_shape(parser.parse(without_regexes(parseable(new)))))
    except ValueError:
        return ""
    differing = [one for one, other in zip(before, after, strict=False) if one != other]
    return new if len(before) == len(after) and len(differing) == places else ""


def _shape(expression: Any) -> Iterator[tuple[str, ...]]:
    """The nodes of a tree from left to right, each with all that is said of it and not of its parts."""
    kind = type(expression)
    if kind in {parser.VectorSelector, parser.MatrixSelector}:
        yield (kind.__name__, str(expression))
    elif kind is parser.BinaryExpr:
        yield from _shape(expression.lhs)
        yield (str(expression.op), *_matching(expression.modifier))
        yield from _shape(expression.rhs)
    elif kind is parser.AggregateExpr:
        yield (str(expression.op), *_grouping(expression.modifier))
        for part in (expression.param, expression.expr):
            yield from () if part is None else _shape(part)
    elif kind is parser.Call:
        yield (expression.func.name, str(len(expression.args)))
        for argument in expression.args:
            yield from _shape(argument)
    elif kind is parser.SubqueryExpr:
        at = expression.at
        yield tuple(map(str, (expression.range, expression.step, expression.offset, at and (at.type, at.at))))
        yield from _shape(expression.expr)
    elif hasattr(expression, "expr"):
        yield (kind.__name__,)
        yield from _shape(expression.expr)
    else:
        yield (kind.__name__, str(expression.val))


def _grouping(modifier: Any) -> tuple[str, ...]:
    return () if modifier is None else (str(modifier.type), *modifier.labels)


def _matching(modifier: Any) -> tuple[str, ...]:
    if modifier is None:
        return ()
    matching = modifier.matching
    said = (str(matching.type), *matching.labels) if matching is not None else ()
    return (str(modifier.card), str(modifier.return_bool), *said, "/", *(modifier.group_labels or ()))
