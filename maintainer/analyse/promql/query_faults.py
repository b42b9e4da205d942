"""What is wrong in a query as a whole: its selectors where they stand, its comparisons, its groupings."""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import NamedTuple

from maintainer.analyse.promql.groupings import misplaced
from maintainer.analyse.promql.lexical import BLANK, label_values_label
from maintainer.analyse.promql.parsed_query import ParsedQuery, query_range
from maintainer.analyse.promql.selector_faults import Fault, KnownSeries, no_label
from maintainer.analyse.promql.suggestions import intended_label
from maintainer.analyse.promql.tokens import Matcher, Selector
from maintainer.analyse.promql.value_range import ANYTHING, ComparisonFault, Trace, ValueRange
from maintainer.model.contract import emitted_by
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks

_USUAL = re.compile(r"(?:==|>=)\s*1(?![\w.])|(?:>|!=)\s*0(?![\w.])")
_PLAIN = r"[-+]?\s*(?:[0-9.][\w.]*(?:(?<=[eE])[-+]\d+)?|(?i:inf|nan))"
_NUMBER = rf"(?:{_PLAIN}|\(\s*{_PLAIN}\s*\))"
_TO_NUMBER = re.compile(rf"(?:==|!=|>=|<=|>|<){BLANK}{_NUMBER}", re.VERBOSE)
_FROM_NUMBER = re.compile(rf"{_NUMBER}{BLANK}$", re.VERBOSE)
_NOTHING = Trace()


class QueryFaults(NamedTuple):
    """The faults of a query, each with the number of its selector (-1: of none), and what the query returns."""

    faults: tuple[tuple[int, Fault], ...]
    result: ValueRange
    trace: Trace


def query_faults(parsed: ParsedQuery, asks: Asks, known: KnownSeries) -> QueryFaults:
    """Everything that is wrong in a query that the parser accepts, in the order of the text.

    Raises IndexError if tree and text disagree, RecursionError if the tree is too deep.
    """
    result, trace = _evaluated(parsed, asks, known)
    found: list[tuple[int, Fault]] = []
    if parsed.scan.groupings:
        found += ((-1, fault) for fault in misplaced(parsed.tree, parsed.replaced, parsed.scan, known))
    if any(parsed.faults) or trace.present:
        found += _of_selectors(parsed, trace, known)
    if trace.compared:
        found += ((-1, _of_comparison(parsed, compared)) for compared in trace.compared)
    if "label_values" in parsed.text:
        found += ((-1, fault) for fault in _of_variable(parsed, known))
    if len(found) > 1:
        found.sort(key=lambda pair: (pair[1].about, pair[1].check))
    return QueryFaults(tuple(found), result, trace)


def _evaluated(parsed: ParsedQuery, asks: Asks, known: KnownSeries) -> tuple[ValueRange, Trace]:
    """What the query returns; anything, if nothing that is looked for depends on it."""
    if not _telling(parsed):
        return ANYTHING, _NOTHING
    result, trace = query_range(parsed, known)
    if (known.recorded or _compares(parsed)) and any(
        fault.effect == "never" for wrong in parsed.faults for fault in wrong or ()
    ):
        alive, other = query_range(parsed, known, alive=True)
        other.switched.update(alive.bare if asks == "alert" else ())
        # What is never true only because a selector is dead is no fault of the comparison.
        trace = replace(trace, compared=other.compared, switched=other.switched)
    trace.present.update(number for number in trace.listed if _phases(parsed.scan.selectors[number]))
    if asks == "alert":
        trace.present.update(result.states)
        trace.switched.update(result.bare)
    return result, trace


def _telling(parsed: ParsedQuery) -> bool:
    """Whether it can matter how the query is put together: not where all comparisons ask if something is there."""
    return any(parsed.faults) or _compares(parsed)


def _compares(parsed: ParsedQuery) -> bool:
    """Whether it has a comparison, or a family of zeros and ones, that does more than ask if something is there."""
    if "_phase" in parsed.text:
        return True
    comparisons = parsed.scan.comparisons
    usual = all(_USUAL.match(parsed.text, start) for start, _ in comparisons)
    return bool(comparisons) and not (usual and "vector" not in parsed.text)


def _of_selectors(parsed: ParsedQuery, trace: Trace, known: KnownSeries) -> Iterator[tuple[int, Fault]]:
    for number, wrong in enumerate(parsed.faults):
        selector = parsed.scan.selectors[number]
        right = _replacement(selector, known) if number in trace.switched else ""
        for fault in wrong or ():
            yield number, _placed(fault, right, inverted=number in trace.inverted)
        if number in trace.present:
            why = message("query/always-true.state", metric=selector.names[0])
            yield number, Fault("query/always-true", selector.name_at, why, "always", selector.name_at, right)


def _placed(fault: Fault, right: str, *, inverted: bool) -> Fault:
    """A selector's fault where it stands: dead within ``absent`` is always true."""
    if fault.check == "query/deprecated":
        return replace(fault, right=right)
    if inverted and fault.check == "query/dead-selector":
        return replace(fault, check="query/always-true", why=message("query/always-true.absent", why=fault.why))
    return fault


def _replacement(selector: Selector, known: KnownSeries) -> str:
    """The family that selects the same and has no zeros; "" unless the selector picks phases that both have."""
    series = known.series(selector.names[0])
    right = series.family.replaced_by if series and series.family else ""
    phases = _phases(selector)
    if not right or not emitted_by(right, known.version) or len(phases) != 1 or phases[0].negative:
        return ""
    phase = phases[0]
    named = set(phase.value.split("|") if phase.regex else [phase.value])
    # A run without a phase is Pending in the one family and without the label in the other.
    certain = (
        not phase.variable and all(map(str.isalpha, named)) and (right == "rollout_info" or "Pending" not in named)
    )
    return right if certain else ""


def _phases(selector: Selector) -> list[Matcher]:
    return [one for group in selector.alternatives for one in group if one.label == "phase"]


def _of_comparison(parsed: ParsedQuery, compared: ComparisonFault) -> Fault:
    text = parsed.replaced
    start, end = parsed.scan.comparisons[compared.number]
    after, before = _TO_NUMBER.match(text, start), _FROM_NUMBER.search(text[:start])
    at = after.span() if after else (before.start() if before else start, end)
    check = "query/dead-selector" if compared.never else "query/always-true"
    why = message(f"{check}.comparison", comparison=parsed.text[slice(*at)], values=_range(compared))
    return Fault(check, at, why, "never" if compared.never else "always")


def _range(compared: ComparisonFault) -> Message:
    low, high = compared.low, compared.high
    if low == high:
        return message("query/values.one", value=low)
    if high == inf:
        return message("query/values.least", low=low)
    return message("query/values.between", low=low, high=high)


def _of_variable(parsed: ParsedQuery, known: KnownSeries) -> Iterator[Fault]:
    """The label of a dashboard's ``label_values(metric, label)`` that the metric does not have."""
    asked = label_values_label(parsed.text)
    names = parsed.scan.selectors[0].names if asked else ()
    series = known.series(names[0]) if len(names) == 1 else None
    if asked and series:
        label, at = asked
        right = intended_label(label, series, known.version)
        if right is not None:
            why = no_label(series.name, label, right)
            yield Fault("query/unknown-label", at, why, "whole", at, right)
