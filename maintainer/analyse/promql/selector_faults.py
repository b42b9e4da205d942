"""The faults of a selector, whatever stands around it in the query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from maintainer.analyse.promql.contract_series import ContractSeries, certain_test, exposed, surely_selects
from maintainer.analyse.promql.corrections import rewritten
from maintainer.analyse.promql.suggestions import MISTAKEN_LABELS, intended_label, unknown_metric
from maintainer.analyse.promql.tokens import Matcher, Selector, Span
from maintainer.model.contract import Label, Release
from maintainer.model.matchers import ValueTest
from maintainer.model.message import Message, message

Effect = Literal["never", "always", "chosen", "grouping", "whole", "none"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the text of a query, at the place ``about``.

    ``effect``: the selector ``never`` matches, or never once a value is ``chosen`` for its variable; the matcher
    ``always`` matches; the ``grouping`` tells nothing apart; the ``whole`` query returns nothing; or ``none``.
    ``right`` should replace what stands at ``wrong``; "" where that is not certain.
    """

    check: str
    about: Span
    why: Message
    effect: Effect
    wrong: Span = (0, 0)
    right: str = ""


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """The series that queries can read: those of recording rules, by name, and those of a controller of ``version``."""

    recorded: Mapping[str, ContractSeries]
    version: Release | None

    def series(self, name: str) -> ContractSeries | None:
        """The series of this name; ``None`` if nothing is known of it."""
        return self.recorded.get(name) or exposed(self.version).get(name)


def selector_faults(selector: Selector, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    """The faults of a selector; of one with several names or alternatives, those that all of these have.

    ``None`` for a selector of other metrics than the controller's.
    """
    by_name = [_name_faults(selector, name, text, known) for name in selector.names]
    if len(by_name) == 1:
        return by_name[0]
    of_controller = [faults for faults in by_name if faults is not None]
    if not of_controller:
        return None
    common = set.intersection(*({(fault.check, fault.about) for fault in faults or ()} for faults in by_name))
    return tuple(fault for fault in of_controller[0] if (fault.check, fault.about) in common)


def _name_faults(selector: Selector, name: str, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    series = known.series(name)
    if series is None:
        return _unknown_name_faults(selector, name, known.version)
    if series.never:
        why = message("query/dead-selector.record", metric=name)
        return (Fault("query/dead-selector", selector.name_at, why, "never"),)
    if _surely_possible(selector, series):
        return _deprecation(selector, series)
    groups = [tuple(_group_faults(group, series, text, known.version)) for group in selector.alternatives]
    dead = len(groups) == 1 or all(any(fault.effect == "never" for fault in group) for group in groups)
    faults = tuple(fault for group in groups for fault in group) if dead else ()
    return (*faults, *_deprecation(selector, series))


def _surely_possible(selector: Selector, series: ContractSeries) -> bool:
    """Whether nothing is wrong with the matchers, as with most. A cheap test: ``False`` says nothing."""
    seen: set[str] = set()
    for name, operator, value, _, _ in selector.written:
        label = series.labels.get(name)
        if name in seen or not name.isidentifier() or "\\" in value:
            return False
        seen.add(name)
        if label is None:
            if name in MISTAKEN_LABELS or name in series.later or name.startswith("exported_"):
                return False
        elif len(value) == 2 or (label.values is not None and not surely_selects(operator, value[1:-1], label.values)):
            return False
    return True


def _unknown_name_faults(selector: Selector, name: str, version: Release | None) -> tuple[Fault, ...] | None:
    unknown = unknown_metric(selector, name, version)
    if unknown is None:
        return None
    right = unknown.intended if len(selector.names) == 1 else ""
    return (Fault("query/unknown-metric", selector.name_at, unknown.why, "never", selector.name_at, right),)


def _deprecation(selector: Selector, series: ContractSeries) -> tuple[Fault, ...]:
    if not series.deprecated or not series.family:
        return ()
    why = message("query/deprecated.family", metric=series.name, right=series.family.replaced_by)
    return (Fault("query/deprecated", selector.name_at, why, "none", selector.name_at),)


def _group_faults(
    group: Sequence[Matcher], series: ContractSeries, text: str, version: Release | None
) -> Iterator[Fault]:
    """The faults of matchers that must all match, each by itself and then together."""
    labels = {matcher.label for matcher in group}
    faults = [fault for matcher in group for fault in _matcher_faults(matcher, series, text, version)]
    for fault in faults:
        taken = fault.check == "query/unknown-label" and fault.right in labels
        yield replace(fault, right="") if taken else fault
    if len(labels) < len(group):
        wrong = {fault.about for fault in faults}
        yield from _contradictions([matcher for matcher in group if matcher.at not in wrong], series, text)


def _matcher_faults(matcher: Matcher, series: ContractSeries, text: str, version: Release | None) -> Iterator[Fault]:
    label = _label(matcher.label, series)
    if label is None:
        yield from _missing_label_faults(matcher, series, version)
    elif label.values is None:
        if matcher.value == "" and not label.optional and not matcher.negative:
            why = message("query/dead-selector.empty", metric=series.name, label=matcher.label)
            yield Fault("query/dead-selector", matcher.at, why, "never")
    elif passes := certain_test(matcher):
        left = [value for value in _possible_values(label) if passes(value)]
        everything = matcher.negative and len(left) == len(_possible_values(label)) and passes("")
        if everything or not left:
            yield _value_fault(matcher, series, text, label.values)


def _value_fault(matcher: Matcher, series: ContractSeries, text: str, values: tuple[str, ...]) -> Fault:
    """The fault of a matcher that lets no possible value through, or of a negative one that lets all through."""
    possible = [value for value in values if not value.endswith(".0")]
    written = text[slice(*matcher.at)]
    shown = {"metric": series.name, "matcher": written, "label": matcher.label, "values": ", ".join(possible)}
    right = rewritten(matcher, text, values)
    wrong = matcher.label_at[1], matcher.value_at[1]
    passes = certain_test(matcher)
    if matcher.negative and passes and passes(values[0]):
        why = message("query/always-true.value", **shown)
        return Fault("query/always-true", matcher.at, why, "always", wrong, right)
    kind = "excluded" if matcher.negative else "value"
    why = message(f"query/dead-selector.{kind}", **shown)
    return Fault("query/dead-selector", matcher.at, why, "never", wrong, "" if matcher.negative else right)


def _label(name: str, series: ContractSeries) -> Label | None:
    """A label of the series by its name, or by the name that Prometheus gives it where the target has the label too."""
    own = series.labels.get(name)
    if own is None and name.startswith("exported_"):
        renamed = series.labels.get(name.removeprefix("exported_"))
        return renamed and Label(renamed.values, optional=True)
    return own


def _missing_label_faults(matcher: Matcher, series: ContractSeries, version: Release | None) -> Iterator[Fault]:
    since, right = series.later.get(matcher.label), intended_label(matcher.label, series, version)
    passes = certain_test(matcher) if since or right is not None else None
    if (right is None and not since) or (passes and passes("") and not matcher.negative):
        return
    everything = matcher.negative and (passes is None or passes(""))
    effect: Effect = "always" if everything else "chosen" if matcher.variable and matcher.regex else "never"
    why = why_no_label(series.name, matcher.label, right or "")
    if since:
        named = {"metric": series.name, "label": matcher.label, "since": "v" + ".".join(map(str, since))}
        why = message("query/unknown-label.since", **named)
    yield Fault("query/unknown-label", matcher.at, why, effect, matcher.label_at, right or "")


def why_no_label(metric: str, label: str, right: str) -> Message:
    """Why a label is wrong: the metric does not have it. ``right`` is the one that is meant, "" for none."""
    kind = "near" if right else "none"
    return message(f"query/unknown-label.{kind}", metric=metric, label=label, right=right)


def _contradictions(group: Sequence[Matcher], series: ContractSeries, text: str) -> Iterator[Fault]:
    """A fault where a label has several matchers that each let something through, and together nothing."""
    for label in dict.fromkeys(matcher.label for matcher in group):
        same = [(matcher, passes) for matcher in group if matcher.label == label and (passes := certain_test(matcher))]
        left = _candidates(same, _label(label, series))
        earlier = ""
        for matcher, passes in same:
            remaining = [value for value in left if passes(value)]
            if left and not remaining:
                written = text[slice(*matcher.at)]
                why = message("query/dead-selector.contradiction", matcher=written, other=earlier)
                yield Fault("query/dead-selector", matcher.at, why, "never")
                break
            if len(remaining) < len(left) or not earlier:
                earlier = text[slice(*matcher.at)]
            left = remaining


def _candidates(same: Sequence[tuple[Matcher, ValueTest]], label: Label | None) -> list[str]:
    if label is not None and label.values is not None:
        return list(_possible_values(label))
    return [matcher.value for matcher, _ in same if matcher.op == "="]


def _possible_values(label: Label) -> tuple[str, ...]:
    """The values of a label of which they are known, "" among them where a series may lack it."""
    return (*(label.values or ()), *(("",) if label.optional else ()))
