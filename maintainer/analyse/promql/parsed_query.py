"""A parsed query: its tree, where its parts stand, and the faults of its selectors."""

import re
from collections.abc import Container, Iterable, Sequence
from typing import Any, NamedTuple

import promql_parser as parser

from maintainer.analyse.promql.evaluate import evaluate
from maintainer.analyse.promql.faults import Fault
from maintainer.analyse.promql.lexical import numbers_unknown, parseable, without_regexes
from maintainer.analyse.promql.selector_faults import KnownSeries, selector_faults
from maintainer.analyse.promql.size import SMALL, too_large
from maintainer.analyse.promql.tokens import Regex, Scan, Selector, scan
from maintainer.analyse.promql.value_range import ANYTHING, Trace, ValueRange
from maintainer.model.matchers import value_test
from maintainer.model.message import Message, message
from maintainer.model.source_text import spliced

# Also a name with a wrong letter anywhere has a part of these.
CONTROLLER_METRIC = re.compile(
    "roll|out_(?:info|phase|reconcile|event|create)|analysis|is_(?:run|template)_|experiment_|notification|clientset"
    "|_k8s_re|leader_election_|rest_client_"
)
"""What stands in every text that names a metric of the controller; others may hold it too."""

_NAME = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)
_MOST_SHOWN = 100


class ParsedQuery(NamedTuple):
    """A query that reads the controller's metrics, or is meant to.

    ``replaced`` is its text without Grafana's variables. ``faults`` has the faults of each selector, ``None`` for a
    selector of other metrics. ``tree`` is ``None`` where the query cannot be judged, for the reason ``why_not``, and
    in :attr:`without_tree`. The values of matchers in the tree are not those of the query, see :func:`without_regexes`.
    """

    text: str
    replaced: str
    scan: Scan
    faults: tuple[tuple[Fault, ...] | None, ...]
    tree: Any = None
    why_not: Message | None = None

    @property
    def without_tree(self) -> "ParsedQuery":
        """The same to be kept: trees take much memory."""
        return ParsedQuery(self.text, self.replaced, self.scan, self.faults)


def parse_query(text: str, known: KnownSeries) -> ParsedQuery | None:
    """Parse a query; ``None`` if it reads no metric of the controller."""
    ours = "rollout" in text or CONTROLLER_METRIC.search(text.lower())
    if not ours and known.recorded.keys().isdisjoint(_NAME.findall(text)):
        return None
    replaced = parseable(text)
    scanned = scan(replaced, text)
    faults = tuple([selector_faults(selector, text, known) for selector in scanned.selectors])
    if faults.count(None) == len(faults):
        return None
    plain = without_regexes(replaced)
    if "~" in plain or len(plain) > SMALL:
        regexes = [regex for selector in scanned.selectors for regex in selector.regexes]
        if why_not := too_large(plain) or _unreadable(regexes):
            return ParsedQuery(text, replaced, scanned, faults, why_not=why_not)
        plain = spliced(plain, [regex.as_plain for regex in regexes])
    try:
        return ParsedQuery(text, replaced, scanned, faults, parser.parse(plain))
    except ValueError as error:
        why_not = message("query/not-checked.rejected", said=f"{error}")
        return ParsedQuery(text, replaced, scanned, faults, why_not=why_not)


def _unreadable(regexes: Iterable[Regex]) -> Message | None:
    """Why a query with these regular expressions is not judged; the parser, which knows others, is not asked."""
    for regex in regexes:
        value = regex.value
        if not regex.variable and value_test("=~", value) is None:
            shown = value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}…"
            return message("query/not-checked.regex", regex=shown)
    return None


def query_range(
    parsed: ParsedQuery, known: KnownSeries, *, alive: bool = False, fruitless: Container[int] = ()
) -> tuple[ValueRange, Trace]:
    """What the query can return, and notes on its parts; ``alive``: as if every selector matched something.

    ``fruitless`` are the operators and functions that :func:`label_conflicts` is about.
    Raises IndexError if tree and scan differ in their selectors, RecursionError if the tree is too deep.
    """
    pairs = enumerate(zip(parsed.scan.selectors, parsed.faults, strict=True))
    outcomes = [
        _selector_range(number, selector, () if alive and faults else faults, known)
        for number, (selector, faults) in pairs
    ]
    numbers = not numbers_unknown(parsed.text, parsed.replaced)
    return evaluate(parsed.tree, outcomes, numbers=numbers, fruitless=fruitless)


def _selector_range(number: int, selector: Selector, faults: Sequence[Fault] | None, known: KnownSeries) -> ValueRange:
    if faults and any(fault.effect == "never" for fault in faults):
        return ValueRange(never=True, dead=(number,))
    series = known.series(selector.names[0]) if faults is not None and len(selector.names) == 1 else None
    if series is None:
        return ANYTHING
    low, high = series.values
    states = (number,) if series.state else ()
    return ValueRange(low=low, high=high, states=states, bare=states)
