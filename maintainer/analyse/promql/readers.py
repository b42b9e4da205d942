"""Which metrics are read by which queries. What may be read counts as read: a metric that is dropped is lost."""

import re
from collections.abc import Iterable, Iterator, Mapping

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.tokens import Selector, scan
from maintainer.model.matchers import value_test
from maintainer.model.queries import Query

_WORD = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)


def readers(
    queries: Iterable[Query], metrics: Iterable[str], *, target: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]]:
    """The names of the queries that read each metric, or may; ``target`` are labels that all their series have."""
    wanted = tuple(metrics)
    found: dict[str, dict[str, None]] = {metric: {} for metric in wanted}
    for query in queries:
        for metric in _read(query.text, wanted, target):
            found[metric][query.name] = None
    return {metric: tuple(names) for metric, names in found.items()}


def _read(text: str, metrics: tuple[str, ...], target: Mapping[str, str]) -> Iterator[str]:
    named = set(_WORD.findall(text))
    nameless = [selector for selector in scan(parseable(text), text).selectors if not selector.names]
    for metric in metrics:
        if metric in named or any(_may_select(selector, metric, target) for selector in nameless):
            yield metric


def _may_select(selector: Selector, metric: str, target: Mapping[str, str]) -> bool:
    if selector.pattern and (test := value_test("=~", selector.pattern)):
        return test(metric)
    # A name that is written is that of a variable, or of no metric here.
    return any(
        not any(
            _excludes(matcher.op, matcher.value, target.get(matcher.label)) for matcher in group if not matcher.variable
        )
        for group in selector.alternatives
    )


def _excludes(op: str, value: str, known: str | None) -> bool:
    if known is None:
        return False
    test = value_test(op, value)
    return test is not None and not test(known)
