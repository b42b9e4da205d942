"""The nodes of a parsed query."""

from collections.abc import Iterator
from typing import Any

import promql_parser as parser


def nodes(tree: Any) -> Iterator[Any]:
    """A tree's nodes; of an operator with two sides first those of the left one, as in the text."""
    if type(tree) is parser.BinaryExpr:
        yield from nodes(tree.lhs)
        yield tree
        yield from nodes(tree.rhs)
        return
    yield tree
    parts = (getattr(tree, "param", None), getattr(tree, "expr", None), *(getattr(tree, "args", None) or ()))
    for part in parts:
        if part is not None:
            yield from nodes(part)
