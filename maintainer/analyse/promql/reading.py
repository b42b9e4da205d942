"""A query as it is understood: its tree, its places, what is wrong with each of its selectors."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import promql_parser as parser

from maintainer.analyse.promql.judge import Fault, Known, faults
from maintainer.analyse.promql.outcomes import ANYTHING, Outcome, Trace
from maintainer.analyse.promql.tokens import Scan, Selector, scan
from maintainer.analyse.promql.variables import numbers_unknown, parseable, without_regexes
from maintainer.analyse.promql.weighing import weigh

_OURS = re.compile("rollout|analysis_|experiment_|notification|clientset_k8s|leader_election_|rest_client_")
_NAME = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)


class Reading(NamedTuple):
    """A query that reads the controller's metrics, or means to.

    ``replaced`` is its text without Grafana's variables. ``judged`` are the faults of each selector, ``None`` for
    other people's. ``tree`` is ``None`` where the parser rejected it, with what it ``said``; of its matchers only the
    labels are to be relied on.
    """

    text: str
    replaced: str
    found: Scan
    judged: tuple[tuple[Fault, ...] | None, ...]
    tree: Any = None
    said: str = ""


def read(text: str, known: Known) -> Reading | None:
    """Understand a query; ``None`` if it is none of our business."""
    if not _OURS.search(text.lower()) and known.recorded.keys().isdisjoint(_NAME.findall(text)):
        return None
    replaced = parseable(text)
    found = scan(replaced, text)
    judged = tuple([faults(selector, text, known) for selector in found.selectors])
    if all(one is None for one in judged):
        return None
    try:
        return Reading(text, replaced, found, judged, parser.parse(without_regexes(replaced)))
    except ValueError as error:
        return Reading(text, replaced, found, judged, said=str(error))


def outcome(reading: Reading, known: Known, *, alive: bool = False) -> tuple[Outcome, Trace]:
    """What the query can return, and what was met on the way; ``alive``: as if every selector matched something.

    Raises IndexError if tree and text disagree, RecursionError if the tree is too deep.
    """
    pairs = enumerate(zip(reading.found.selectors, reading.judged, strict=True))
    outcomes = [_of_selector(number, one, () if alive and wrong else wrong, known) for number, (one, wrong) in pairs]
    return weigh(reading.tree, outcomes, numbers=not numbers_unknown(reading.text, reading.replaced))


def _of_selector(number: int, selector: Selector, wrong: Sequence[Fault] | None, known: Known) -> Outcome:
    if wrong and any(one.effect == "never" for one in wrong):
        return Outcome(never=True, dead=(number,))
    series = known.series(selector.names[0]) if wrong is not None and len(selector.names) == 1 else None
    if series is None:
        return ANYTHING
    low, high = series.values
    states = (number,) if series.state else ()
    return Outcome(low=low, high=high, states=states, bare=states)
