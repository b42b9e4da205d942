"""The queries of rules: Prometheus' own files, and the manifests that hold the same groups."""

from collections.abc import Iterator

from maintainer.collect.queries.documents import Tree
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.source_text import SourceText

_KINDS: tuple[Asks, ...] = ("alert", "record")


def rules(body: dict[str, Tree], file: str) -> Iterator[Query]:
    """The query of each rule of each group."""
    for group in mappings(body.get("groups")):
        for rule in mappings(group.get("rules")):
            expr = rule.get("expr")
            asks = next((kind for kind in _KINDS if rule.get(kind)), None)
            if asks and isinstance(expr, SourceText) and expr.strip():
                yield Query(expr, asks, f"{rule[asks]}", Place(file, expr.line))


def mappings(node: Tree | None) -> Iterator[dict[str, Tree]]:
    """The mappings of a list, or of the values of a mapping; none where there is neither."""
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(one, dict):
            yield one
