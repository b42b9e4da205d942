"""A query as it is understood: its tree, its places, what is wrong with each of its selectors."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import promql_parser as parser

from maintainer.analyse.promql.evaluate import evaluate
from maintainer.analyse.promql.lexical import numbers_unknown, parseable, without_regexes
from maintainer.analyse.promql.selector_faults import Fault, KnownSeries, selector_faults
from maintainer.analyse.promql.tokens import Scan, Selector, scan
from maintainer.analyse.promql.value_range import ANYTHING, Trace, ValueRange

_OURS = re.compile("rollout|analysis_|experiment_|notification|clientset_k8s|leader_election_|rest_client_")
_NAME = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)


class ParsedQuery(NamedTuple):
    """A query that reads the controller's metrics, or means to.

    ``replaced`` is its text without Grafana's variables. ``faults`` are the faults of each selector, ``None`` for
    other people's. ``tree`` is ``None`` where the parser rejected it, with what it ``said``; of its matchers only the
    labels are to be relied on.
    """

    text: str
    replaced: str
    found: Scan
    faults: tuple[tuple[Fault, ...] | None, ...]
    tree: Any = None
    said: str = ""


def parse_query(text: str, known: KnownSeries) -> ParsedQuery | None:
    """Understand a query; ``None`` if it is none of our business."""
    if not _OURS.search(text.lower()) and known.recorded.keys().isdisjoint(_NAME.findall(text)):
        return None
    replaced = parseable(text)
    found = scan(replaced, text)
    faults = tuple([selector_faults(selector, text, known) for selector in found.selectors])
    if all(one is None for one in faults):
        return None
    try:
        return ParsedQuery(text, replaced, found, faults, parser.parse(without_regexes(replaced)))
    except ValueError as error:
        return ParsedQuery(text, replaced, found, faults, said=str(error))


def query_range(parsed: ParsedQuery, known: KnownSeries, *, alive: bool = False) -> tuple[ValueRange, Trace]:
    """What the query can return, and what was met on the way; ``alive``: as if every selector matched something.

    Raises IndexError if tree and text disagree, RecursionError if the tree is too deep.
    """
    pairs = enumerate(zip(parsed.found.selectors, parsed.faults, strict=True))
    outcomes = [_of_selector(number, one, () if alive and wrong else wrong, known) for number, (one, wrong) in pairs]
    return evaluate(parsed.tree, outcomes, numbers=not numbers_unknown(parsed.text, parsed.replaced))


def _of_selector(number: int, selector: Selector, wrong: Sequence[Fault] | None, known: KnownSeries) -> ValueRange:
    if wrong and any(one.effect == "never" for one in wrong):
        return ValueRange(never=True, dead=(number,))
    series = known.series(selector.names[0]) if wrong is not None and len(selector.names) == 1 else None
    if series is None:
        return ANYTHING
    low, high = series.values
    states = (number,) if series.state else ()
    return ValueRange(low=low, high=high, states=states, bare=states)
