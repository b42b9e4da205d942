"""How much a query makes Prometheus read: how many samples of each series that its selectors have."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.size import too_large
from maintainer.analyse.promql.tokens import Selector, scan
from maintainer.model.loaded_queries import Reading
from maintainer.model.matchers import matcher, value_test

INTERVAL = 15.0
"""Seconds that are taken for the time between two samples, and between two evaluations where a subquery says none."""

_FOREIGN = "up"
"""A metric that every Prometheus has: a pattern that it passes is for all metrics."""


def readings(tree: Any, selectors: Sequence[Selector]) -> tuple[Reading, ...]:
    """What each selector of a query reads; ``selectors`` are those of its text, in the same order.

    Raises RecursionError if the tree is too deep, IndexError if it has other selectors than the text.
    """
    times = list(_times(tree, 1.0))
    if len(times) != len(selectors):
        raise IndexError("the tree has other selectors than the text")
    return tuple(Reading(_counted(selector), samples) for selector, samples in zip(selectors, times, strict=True))


def _counted(selector: Selector) -> str:
    """A selector of all series of the same metrics; "" if these may be any metrics."""
    if selector.names:
        return selector.names[0] if len(selector.names) == 1 else _matching("|".join(map(re.escape, selector.names)))
    passes = value_test("=~", selector.pattern) if selector.pattern else None
    return "" if passes is None or passes(_FOREIGN) else _matching(selector.pattern)


def _matching(pattern: str) -> str:
    """A selector of the metrics with such names."""
    return "{" + matcher("__name__", pattern, op="=~") + "}"


def _times(tree: Any, evaluations: float) -> Iterator[float]:
    """The samples of a series for each selector of a tree that is evaluated so many times, from left to right."""
    match tree:
        case parser.VectorSelector():
            yield evaluations
        case parser.MatrixSelector(range=timedelta() as length):
            yield evaluations * max(length.total_seconds() / INTERVAL, 1.0)
        case parser.SubqueryExpr(range=timedelta() as length, step=step):
            between = INTERVAL if step is None else max(step.total_seconds(), 0.001)
            yield from _times(tree.expr, evaluations * max(length.total_seconds() / between, 1.0))
        case parser.BinaryExpr():
            yield from _times(tree.lhs, evaluations)
            yield from _times(tree.rhs, evaluations)
        case parser.AggregateExpr():
            if tree.param is not None:
                yield from _times(tree.param, evaluations)
            yield from _times(tree.expr, evaluations)
        case parser.Call():
            for argument in tree.args:
                yield from _times(argument, evaluations)
        case parser.ParenExpr() | parser.UnaryExpr():
            yield from _times(tree.expr, evaluations)
        case _:  # a number or a string
            return


def selector_readings(promql: str) -> tuple[Reading, ...]:
    """What an evaluation of a valid query reads, by the selectors as they stand in it."""
    text = parseable(promql)
    selectors = scan(text).selectors
    return tuple(
        Reading(promql[slice(*selector.at)], read.samples)
        for selector, read in zip(selectors, readings(parser.parse(text), selectors), strict=True)
    )


def evaluation_samples(promql: str) -> float | None:
    """About how many samples of each series an evaluation of a query reads; ``None`` if it cannot be parsed."""
    text = parseable(promql)
    if too_large(text):
        return None
    try:
        return sum(reading.samples for reading in readings(parser.parse(text), scan(promql).selectors))
    except (ValueError, IndexError, RecursionError):
        return None
