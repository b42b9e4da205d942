"""What is wrong with one selector, whatever stands around it."""

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
    """One thing that is wrong in a query's text; ``about`` is where it stands.

    ``effect`` is what it does: the selector ``never`` matches, the matcher ``always`` does, it never matches once a
    value is ``chosen`` for a variable, a ``grouping`` tells nothing apart, the ``whole`` query gives nothing, or
    ``none``. ``right`` belongs in place of what stands at ``wrong``; "" where
    that is not certain.
    """

    check: str
    about: Span
    why: Message
    effect: Effect
    wrong: Span = (0, 0)
    right: str = ""


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """Against what is judged: the series that recording rules make, by name, and the controller's version."""

    recorded: Mapping[str, ContractSeries]
    version: Release | None

    def series(self, name: str) -> ContractSeries | None:
        """What the series of this name look like; ``None`` if nobody knows."""
        return self.recorded.get(name) or exposed(self.version).get(name)


def selector_faults(selector: Selector, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    """What is wrong with a selector; of several names or alternatives, what is wrong with all of them.

    ``None`` for other people's selectors.
    """
    faults = [_of_name(selector, name, text, known) for name in selector.names]
    if len(faults) == 1:
        return faults[0]
    mine = [each for each in faults if each is not None]
    if not mine:
        return None
    common = set.intersection(*({(one.check, one.about) for one in each or ()} for each in faults))
    return tuple(one for one in mine[0] if (one.check, one.about) in common)


def _of_name(selector: Selector, name: str, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    series = known.series(name)
    if series is None:
        return _unknown(selector, name, known.version)
    if series.never:
        why = message("query/dead-selector.record", metric=name)
        return (Fault("query/dead-selector", selector.name_at, why, "never"),)
    if _unsuspicious(selector, series):
        return _deprecated(selector, series)
    groups = [tuple(_of_matchers(group, series, text, known.version)) for group in selector.alternatives]
    everywhere = len(groups) == 1 or all(any(one.effect == "never" for one in group) for group in groups)
    found = tuple(one for group in groups for one in group) if everywhere else ()
    return (*found, *_deprecated(selector, series))


def _unsuspicious(selector: Selector, series: ContractSeries) -> bool:
    """Whether nothing can be wrong with the matchers, as with most: the common cases, told cheaply."""
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


def _unknown(selector: Selector, name: str, version: Release | None) -> tuple[Fault, ...] | None:
    found = unknown_metric(selector, name, version)
    if found is None:
        return None
    right = found.meant if len(selector.names) == 1 else ""
    return (Fault("query/unknown-metric", selector.name_at, found.why, "never", selector.name_at, right),)


def _deprecated(selector: Selector, series: ContractSeries) -> tuple[Fault, ...]:
    if not series.deprecated or not series.family:
        return ()
    why = message("query/deprecated.family", metric=series.name, right=series.family.replaced_by)
    return (Fault("query/deprecated", selector.name_at, why, "none", selector.name_at),)


def _of_matchers(
    group: Sequence[Matcher], series: ContractSeries, text: str, version: Release | None
) -> Iterator[Fault]:
    labels = {matcher.label for matcher in group}
    found = [one for matcher in group for one in _of_matcher(matcher, series, text, version)]
    for one in found:
        taken = one.check == "query/unknown-label" and one.right in labels
        yield replace(one, right="") if taken else one
    if len(labels) < len(group):
        wrong = {one.about for one in found}
        yield from _contradictions([matcher for matcher in group if matcher.at not in wrong], series, text)


def _of_matcher(matcher: Matcher, series: ContractSeries, text: str, version: Release | None) -> Iterator[Fault]:
    label = _label(matcher.label, series)
    if label is None:
        yield from _no_label(matcher, series, version)
    elif label.values is None:
        if matcher.value == "" and not label.optional and not matcher.negative:
            why = message("query/dead-selector.empty", metric=series.name, label=matcher.label)
            yield Fault("query/dead-selector", matcher.at, why, "never")
    elif passes := certain_test(matcher):
        left = [value for value in _universe(label) if passes(value)]
        everything = matcher.negative and len(left) == len(_universe(label)) and passes("")
        if everything or not left:
            yield _of_values(matcher, series, text, label.values)


def _of_values(matcher: Matcher, series: ContractSeries, text: str, values: tuple[str, ...]) -> Fault:
    """A matcher that passes nothing through, or, if it is a negative one for an impossible value, everything."""
    impossible = [value for value in values if not value.endswith(".0")]
    written = text[slice(*matcher.at)]
    shown = {"metric": series.name, "matcher": written, "label": matcher.label, "values": ", ".join(impossible)}
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
    """What a label can hold: an own one, or an own one that Prometheus renamed for one of the target's."""
    own = series.labels.get(name)
    if own is None and name.startswith("exported_"):
        renamed = series.labels.get(name.removeprefix("exported_"))
        return renamed and Label(renamed.values, optional=True)
    return own


def _no_label(matcher: Matcher, series: ContractSeries, version: Release | None) -> Iterator[Fault]:
    since, right = series.later.get(matcher.label), intended_label(matcher.label, series, version)
    passes = certain_test(matcher) if since or right is not None else None
    if (right is None and not since) or (passes and passes("") and not matcher.negative):
        return
    everything = matcher.negative and (passes is None or passes(""))
    effect: Effect = "always" if everything else "chosen" if matcher.variable and matcher.regex else "never"
    why = no_label(series.name, matcher.label, right or "")
    if since:
        named = {"metric": series.name, "label": matcher.label, "since": "v" + ".".join(map(str, since))}
        why = message("query/unknown-label.since", **named)
    yield Fault("query/unknown-label", matcher.at, why, effect, matcher.label_at, right or "")


def no_label(metric: str, label: str, right: str) -> Message:
    """Why a label is wrong, and the one that is meant if there is one."""
    kind = "near" if right else "none"
    return message(f"query/unknown-label.{kind}", metric=metric, label=label, right=right)


def _contradictions(group: Sequence[Matcher], series: ContractSeries, text: str) -> Iterator[Fault]:
    """Matchers on one label of which each is possible and all together are not."""
    for label in dict.fromkeys(matcher.label for matcher in group):
        same = [(matcher, passes) for matcher in group if matcher.label == label and (passes := certain_test(matcher))]
        left = _candidates(same, _label(label, series))
        before = ""
        for matcher, passes in same:
            remaining = [value for value in left if passes(value)]
            if left and not remaining:
                written = text[slice(*matcher.at)]
                why = message("query/dead-selector.contradiction", matcher=written, other=before)
                yield Fault("query/dead-selector", matcher.at, why, "never")
                break
            if len(remaining) < len(left) or not before:
                before = text[slice(*matcher.at)]
            left = remaining


def _candidates(same: Sequence[tuple[Matcher, ValueTest]], label: Label | None) -> list[str]:
    if label is not None and label.values is not None:
        return list(_universe(label))
    return [matcher.value for matcher, _ in same if matcher.op == "="]


def _universe(label: Label) -> tuple[str, ...]:
    return (*(label.values or ()), *(("",) if label.optional else ()))
