"""The faults of a query as a whole: of its selectors where they stand, its comparisons and its groupings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from maintainer.analyse.promql.conflict_faults import conflict_fault, query_conflicts
from maintainer.analyse.promql.faults import Effect, Fault
from maintainer.analyse.promql.groupings import grouping_faults
from maintainer.analyse.promql.label_sets import Conflict
from maintainer.analyse.promql.lexical import BLANK, COMMENT, LITERAL, label_values_label
from maintainer.analyse.promql.matcher_faults import why_no_label
from maintainer.analyse.promql.parsed_query import ParsedQuery, query_range
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.tokens import Matcher, Selector, Span
from maintainer.analyse.promql.value_range import ANYTHING, ComparisonFault, Trace, ValueRange
from maintainer.model.contract import emitted_by
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks

_CHANGE = re.compile(r"\b(?:i?rate|increase|i?delta|deriv|changes|resets)\b")
_PRESENCE = re.compile(r"(?:==|>=)\s*1(?![\w.])|(?:>|!=)\s*0(?![\w.])")
_PLAIN = r"(?:[-+]\s*+)?(?<![\w.])(?:[0-9.][\w.]*+(?:(?<=[eE])[-+]\d+)?|(?i:inf|nan))"
_NUMBER = rf"(?:{_PLAIN}|\(\s*{_PLAIN}\s*\))"
_TO_NUMBER = re.compile(rf"(?:==|!=|>=|<=|>|<){BLANK}{_NUMBER}", re.VERBOSE)
_FROM_NUMBER = re.compile(rf"{_NUMBER}{BLANK}$", re.VERBOSE)
_EMPTY_TRACE = Trace()
_NOTHING = ValueRange(never=True, dead=(0,))
# What may make something of nothing, or takes a value for a time.
_REVIVING = re.compile(r"\bor\b|absent|scalar|vector|time", re.IGNORECASE)
_TO_VECTOR = re.compile(
    r"(?:(?<=[a-z_}])|(?<=[a-z_}] ))(?:==|!=|>=?|<=?)\s*(?!(?:inf|nan|bool)\b)[a-z_]", re.IGNORECASE
)
_STRINGS = re.compile(rf"{COMMENT}|{LITERAL}")
# A comparison of what rises from 0 without a limit with a positive number is true of some values only.
_ABOVE = re.compile(r"(?:>=?)\s*(?:[1-9]\d*(?:\.\d+)?|0?\.\d*[1-9])\s*(?:$|\))")
_LIMITED = re.compile(r"_info|_phase|_type|absent|\bcount|group|vector|time|scalar|present|[-+*/^%]|bool")


class QueryFaults(NamedTuple):
    """The faults of a query, each with the number of its selector or -1, what the query can return, and its trace."""

    faults: tuple[tuple[int, Fault], ...]
    result: ValueRange
    trace: Trace


def query_faults(parsed: ParsedQuery, asks: Asks, known: KnownSeries) -> QueryFaults:
    """The faults of a query that the parser accepts, in the order of the text.

    Raises IndexError if tree and scan differ in their selectors, RecursionError if the tree is too deep.
    """
    conflicts = query_conflicts(parsed, known)
    result, trace = _evaluated(parsed, asks, known, conflicts)
    faults: list[tuple[int, Fault]] = []
    if parsed.scan.groupings:
        explained = {label for conflict in conflicts for label in conflict.labels}
        found = grouping_faults(parsed.tree, parsed.replaced, parsed.scan, known)
        faults += ((-1, fault) for fault in found if parsed.text[slice(*fault.about)] not in explained)
    if any(parsed.faults) or trace.present or trace.constant:
        faults += _selector_faults(parsed, result, trace, known)
    if trace.compared:
        faults += ((-1, _comparison_fault(parsed, compared)) for compared in trace.compared)
    if conflicts:
        faults += ((-1, conflict_fault(parsed, conflict)) for conflict in conflicts)
    if "label_values" in parsed.text:
        faults += ((-1, fault) for fault in _label_values_faults(parsed, known))
    if len(faults) > 1:
        faults.sort(key=lambda pair: (pair[1].about, pair[1].check))
    return QueryFaults(tuple(faults), result, trace)


def _evaluated(
    parsed: ParsedQuery, asks: Asks, known: KnownSeries, conflicts: Sequence[Conflict]
) -> tuple[ValueRange, Trace]:
    """What the query can return, and its trace. Not worked out where no fault can depend on it: then anything."""
    if not (conflicts or _range_matters(parsed, known)):
        return ANYTHING, _EMPTY_TRACE
    if not conflicts and _surely_dead(parsed, known):
        return _NOTHING, _EMPTY_TRACE
    fruitless = frozenset(conflict.number for conflict in conflicts)
    result, trace = query_range(parsed, known, fruitless=fruitless)
    if (known.recorded or _compares(parsed.text, parsed.scan.comparisons, known)) and any(
        fault.effect == "never" for faults in parsed.faults for fault in faults or ()
    ):
        alive, other = query_range(parsed, known, alive=True, fruitless=fruitless)
        other.switched.update(alive.bare if asks == "alert" else ())
        # A comparison that is never true only because a selector never matches is no fault of its own.
        trace = replace(trace, compared=other.compared, switched=other.switched)
    trace.present.update(number for number in trace.listed if _phases(parsed.scan.selectors[number]))
    if asks == "alert":
        trace.present.update(result.states)
        trace.switched.update(result.bare)
    return result, trace


def _surely_dead(parsed: ParsedQuery, known: KnownSeries) -> bool:
    """Whether the query returns nothing because its only selector never matches; ``False`` says nothing."""
    faults = parsed.faults[0] if len(parsed.faults) == 1 else ()
    return (
        bool(faults)
        and all(fault.effect == "never" for fault in faults or ())
        and not (_compares(parsed.text, parsed.scan.comparisons, known) or _REVIVING.search(parsed.text))
    )


def _range_matters(parsed: ParsedQuery, known: KnownSeries) -> bool:
    """Whether a fault can depend on what the query returns: not if it has no fault and only checks for presence."""
    return any(parsed.faults) or range_matters_without_faults(parsed.text, parsed.scan.comparisons, known)


def range_matters_without_faults(text: str, comparisons: Sequence[Span], known: KnownSeries) -> bool:
    """Whether what a query returns would matter if its selectors had no faults."""
    return _compares(text, comparisons, known) or ("_info" in text and _calls_change(text))


def _calls_change(text: str) -> bool:
    # Most texts have none of these, which is seen faster than with the regular expression.
    rates = "rate" in text or "increase" in text or "delta" in text or "deriv" in text
    return (rates or "changes" in text or "resets" in text) and _CHANGE.search(text) is not None


def _compares(text: str, comparisons: Sequence[Span], known: KnownSeries) -> bool:
    """Whether it reads a family of zeros and ones, or has a comparison that may be decided by the range of values.

    That is none that only checks for presence (``> 0``), none of two vectors, and none of what rises without a limit
    with a positive number (``> 5``).
    """
    if "_phase" in text:
        return True
    if not comparisons:
        return False
    if all(_PRESENCE.match(text, start) for start, _ in comparisons):
        return "vector" in text
    if not known.recorded and all(_TO_VECTOR.match(text, start) for start, _ in comparisons):
        return False
    above = all(_ABOVE.match(text, start) for start, _ in comparisons)
    return bool(known.recorded) or not above or _LIMITED.search(_STRINGS.sub("", text)) is not None


def _selector_faults(
    parsed: ParsedQuery, result: ValueRange, trace: Trace, known: KnownSeries
) -> Iterator[tuple[int, Fault]]:
    for number, faults in enumerate(parsed.faults):
        selector = parsed.scan.selectors[number]
        right = _replacement(selector, known) if number in trace.switched else ""
        for fault in faults or ():
            yield number, _in_context(fault, right, parsed, number=number, trace=trace)
        if number in trace.present:
            why = message("query/always-true.state", metric=selector.names[0])
            yield number, Fault("query/always-true", selector.name_at, why, "always", selector.name_at, right)
        if number in trace.constant and faults is not None:
            metric, function = parsed.text[slice(*selector.name_at)], trace.constant[number]
            why = message("query/dead-selector.constant", metric=metric, function=function)
            effect: Effect = "never" if result.never else "constant-zero"
            yield number, Fault("query/dead-selector", selector.name_at, why, effect)


def _in_context(fault: Fault, right: str, parsed: ParsedQuery, *, number: int, trace: Trace) -> Fault:
    """A selector's fault where it stands: one that never matches makes ``absent`` always true."""
    if fault.check == "query/deprecated":
        return replace(fault, right=right)
    if number in trace.inverted and fault.check == "query/dead-selector":
        return replace(fault, check="query/always-true", why=message("query/always-true.absent", why=fault.why))
    if number in trace.dated and fault.right:
        # No metric of the controller holds a time, so that with another part of the selector the query is as wrong.
        metric = parsed.text[slice(*fault.about)]
        time = message("query/unknown-metric.time", metric=metric, right=fault.right)
        return replace(fault, why=time if fault.check == "query/unknown-metric" else fault.why, right="")
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
    after, before = _TO_NUMBER.match(text, start), _FROM_NUMBER.search(text, 0, start)
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
        right = known.intended(label, series)
        if right is not None:
            why = why_no_label(series.name, label, right)
            yield Fault("query/unknown-label", at, why, "whole", at, right)
