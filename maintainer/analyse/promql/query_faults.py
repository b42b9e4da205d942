"""The faults of a query as a whole: of its selectors where they stand, its comparisons and its groupings."""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import NamedTuple

from maintainer.analyse.promql.groupings import grouping_faults
from maintainer.analyse.promql.lexical import BLANK, label_values_label
from maintainer.analyse.promql.parsed_query import ParsedQuery, query_range
from maintainer.analyse.promql.selector_faults import Fault, KnownSeries, why_no_label
from maintainer.analyse.promql.suggestions import intended_label
from maintainer.analyse.promql.tokens import Matcher, Selector
from maintainer.analyse.promql.value_range import ANYTHING, ComparisonFault, Trace, ValueRange
from maintainer.model.contract import emitted_by
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks

_PRESENCE = re.compile(r"(?:==|>=)\s*1(?![\w.])|(?:>|!=)\s*0(?![\w.])")
_PLAIN = r"[-+]?\s*(?:[0-9.][\w.]*(?:(?<=[eE])[-+]\d+)?|(?i:inf|nan))"
_NUMBER = rf"(?:{_PLAIN}|\(\s*{_PLAIN}\s*\))"
_TO_NUMBER = re.compile(rf"(?:==|!=|>=|<=|>|<){BLANK}{_NUMBER}", re.VERBOSE)
_FROM_NUMBER = re.compile(rf"{_NUMBER}{BLANK}$", re.VERBOSE)
_EMPTY_TRACE = Trace()


class QueryFaults(NamedTuple):
    """The faults of a query, each with the number of its selector or -1, what the query can return, and its trace."""

    faults: tuple[tuple[int, Fault], ...]
    result: ValueRange
    trace: Trace


def query_faults(parsed: ParsedQuery, asks: Asks, known: KnownSeries) -> QueryFaults:
    """The faults of a query that the parser accepts, in the order of the text.

    Raises IndexError if tree and scan differ in their selectors, RecursionError if the tree is too deep.
    """
    result, trace = _evaluated(parsed, asks, known)
    faults: list[tuple[int, Fault]] = []
    if parsed.scan.groupings:
        faults += ((-1, fault) for fault in grouping_faults(parsed.tree, parsed.replaced, parsed.scan, known))
    if any(parsed.faults) or trace.present:
        faults += _selector_faults(parsed, trace, known)
    if trace.compared:
        faults += ((-1, _comparison_fault(parsed, compared)) for compared in trace.compared)
    if "label_values" in parsed.text:
        faults += ((-1, fault) for fault in _label_values_faults(parsed, known))
    if len(faults) > 1:
        faults.sort(key=lambda pair: (pair[1].about, pair[1].check))
    return QueryFaults(tuple(faults), result, trace)


def _evaluated(parsed: ParsedQuery, asks: Asks, known: KnownSeries) -> tuple[ValueRange, Trace]:
    """What the query can return, and its trace. Not worked out where no fault can depend on it: then anything."""
    if not _range_matters(parsed):
        return ANYTHING, _EMPTY_TRACE
    result, trace = query_range(parsed, known)
    if (known.recorded or _compares(parsed)) and any(
        fault.effect == "never" for faults in parsed.faults for fault in faults or ()
    ):
        alive, other = query_range(parsed, known, alive=True)
        other.switched.update(alive.bare if asks == "alert" else ())
        # A comparison that is never true only because a selector never matches is no fault of its own.
        trace = replace(trace, compared=other.compared, switched=other.switched)
    trace.present.update(number for number in trace.listed if _phases(parsed.scan.selectors[number]))
    if asks == "alert":
        trace.present.update(result.states)
        trace.switched.update(result.bare)
    return result, trace


def _range_matters(parsed: ParsedQuery) -> bool:
    """Whether a fault can depend on what the query returns: not if it has no fault and only checks for presence."""
    return any(parsed.faults) or _compares(parsed)


def _compares(parsed: ParsedQuery) -> bool:
    """Whether it reads a family of zeros and ones, or has a comparison that is no check for presence (``> 0``)."""
    if "_phase" in parsed.text:
        return True
    comparisons = parsed.scan.comparisons
    presence = all(_PRESENCE.match(parsed.text, start) for start, _ in comparisons)
    return bool(comparisons) and not (presence and "vector" not in parsed.text)


def _selector_faults(parsed: ParsedQuery, trace: Trace, known: KnownSeries) -> Iterator[tuple[int, Fault]]:
    for number, faults in enumerate(parsed.faults):
        selector = parsed.scan.selectors[number]
        right = _replacement(selector, known) if number in trace.switched else ""
        for fault in faults or ():
            yield number, _in_context(fault, right, inverted=number in trace.inverted)
        if number in trace.present:
            why = message("query/always-true.state", metric=selector.names[0])
            yield number, Fault("query/always-true", selector.name_at, why, "always", selector.name_at, right)


def _in_context(fault: Fault, right: str, *, inverted: bool) -> Fault:
    """A selector's fault where it stands: one that never matches makes ``absent`` always true."""
    if fault.check == "query/deprecated":
        return replace(fault, right=right)
    if inverted and fault.check == "query/dead-selector":
        return replace(fault, check="query/always-true", why=message("query/always-true.absent", why=fault.why))
    return fault


def _replacement(selector: Selector, known: KnownSeries) -> str:
    """The family without zeros that can replace the selector's; "" unless it selects phases that both families have."""
    series = known.series(selector.names[0])
    right = series.family.replaced_by if series and series.family else ""
    phases = _phases(selector)
    if not right or not emitted_by(right, known.version) or len(phases) != 1 or phases[0].negative:
        return ""
    phase = phases[0]
    named = set(phase.value.split("|") if phase.regex else [phase.value])
    # A run without a phase is Pending in the family with zeros, and lacks the label in the other.
    certain = (
        not phase.variable and all(map(str.isalpha, named)) and (right == "rollout_info" or "Pending" not in named)
    )
    return right if certain else ""


def _phases(selector: Selector) -> list[Matcher]:
    return [matcher for group in selector.alternatives for matcher in group if matcher.label == "phase"]


def _comparison_fault(parsed: ParsedQuery, compared: ComparisonFault) -> Fault:
    text = parsed.replaced
    start, end = parsed.scan.comparisons[compared.number]
    after, before = _TO_NUMBER.match(text, start), _FROM_NUMBER.search(text[:start])
    at = after.span() if after else (before.start() if before else start, end)
    check = "query/dead-selector" if compared.never else "query/always-true"
    why = message(f"{check}.comparison", comparison=parsed.text[slice(*at)], values=_range_in_words(compared))
    return Fault(check, at, why, "never" if compared.never else "always")


def _range_in_words(compared: ComparisonFault) -> Message:
    low, high = compared.low, compared.high
    if low == high:
        return message("query/values.one", value=low)
    if high == inf:
        return message("query/values.least", low=low)
    return message("query/values.between", low=low, high=high)


def _label_values_faults(parsed: ParsedQuery, known: KnownSeries) -> Iterator[Fault]:
    """The fault of ``label_values(metric, label)`` in a dashboard's variable if the metric does not have the label."""
    argument = label_values_label(parsed.text)
    names = parsed.scan.selectors[0].names if argument else ()
    series = known.series(names[0]) if len(names) == 1 else None
    if argument and series:
        label, at = argument
        right = intended_label(label, series, known.version)
        if right is not None:
            why = why_no_label(series.name, label, right)
            yield Fault("query/unknown-label", at, why, "whole", at, right)
