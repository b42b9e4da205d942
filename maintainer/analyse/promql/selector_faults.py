"""The faults of a selector, whatever stands around it in the query."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from maintainer.analyse.promql.contract_series import ContractSeries, certain_test, exposed, surely_selects
from maintainer.analyse.promql.faults import Fault
from maintainer.analyse.promql.matcher_faults import known_label, matcher_faults, possible_values
from maintainer.analyse.promql.suggestions import FOREIGN_LABELS, MISTAKEN_LABELS, intended_grouping, unknown_metric
from maintainer.analyse.promql.tokens import Matcher, Selector, Span
from maintainer.model.contract import Label, Release, families
from maintainer.model.matchers import ValueTest, value_test
from maintainer.model.message import message
from maintainer.model.pipeline import StoredHistograms


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """The series that queries can read: those of recording rules, by name, and those of a controller of ``version``.

    ``added`` are labels that targets or relabelling are known to add: each series may have them. ``histograms`` is how
    Prometheus stores those of the controller, ``None`` if that is not known.
    """

    recorded: Mapping[str, ContractSeries]
    version: Release | None
    added: frozenset[str] = frozenset()
    histograms: StoredHistograms | None = None

    def series(self, name: str) -> ContractSeries | None:
        """The series of this name; ``None`` if nothing is known of it."""
        return self.recorded.get(name) or exposed(self.version).get(name)

    def intended(self, label: str, series: ContractSeries) -> str | None:
        """The label that is meant by one in a grouping that the series never have, "" for none.

        ``None`` if they may have it.
        """
        return None if self.adds(label, series) else intended_grouping(label, series, self.version)

    def adds(self, label: str, series: ContractSeries) -> bool:
        """Whether the series are known to have a label that is not the controller's."""
        return label in self.added and label not in series.labels


_LITERAL = re.compile(r"\w+(?![?*{])", re.ASCII)
_OWN_START = re.compile(
    "rollout_(?:[ip]|reconcile|events)|analysis_(?:run|template)_|argo_?rollouts?_|controller_clientset|rollout_?$"
)
_DOUBTFUL_LABELS = MISTAKEN_LABELS.keys() | FOREIGN_LABELS.keys()


def selector_faults(selector: Selector, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    """The faults of a selector; of one with several names or alternatives, those that all of these have.

    ``None`` for a selector of other metrics than the controller's.
    """
    if selector.pattern:
        return _pattern_faults(selector, text, known)
    if len(selector.names) == 1:
        return _name_faults(selector, selector.names[0], text, known)
    return _common_faults([_name_faults(selector, name, text, known) for name in selector.names])


def _common_faults(by_name: Sequence[tuple[Fault, ...] | None]) -> tuple[Fault, ...] | None:
    """The faults at places where all names have one; where these differ, that of a value and not of a label."""
    of_controller = [faults for faults in by_name if faults is not None]
    if not of_controller:
        return None
    dead = [{fault.about for fault in faults or () if fault.effect == "never"} for faults in by_name]
    alike = [{(fault.about, fault.check) for fault in faults or ()} for faults in by_name]
    places, common = set.intersection(*dead), set.intersection(*alike)
    chosen: dict[Span, Fault] = {}
    for fault in (fault for faults in of_controller for fault in faults):
        before = chosen.get(fault.about)
        better = before is None or (before.check, fault.check) == ("query/unknown-label", "query/dead-selector")
        if better and ((fault.about, fault.check) in common or (fault.effect == "never" and fault.about in places)):
            chosen[fault.about] = fault
    return tuple(chosen.values())


def _pattern_faults(selector: Selector, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    """The faults of a selector whose name is a regular expression that is certainly about the controller's metrics."""
    passes = _pattern_test(selector.pattern)
    if passes is None or any(map(passes, known.recorded)):
        return None
    names = _names_like(selector.pattern, known.version)
    if not names:
        why = message("query/unknown-metric.pattern", pattern=selector.pattern)
        return (Fault("query/unknown-metric", selector.name_at, why, "never"),)
    by_name = [_name_faults(selector, name, text, known) for name in names]
    # Of the metrics that a pattern selects, a deprecated one is not asked for by its name.
    return _common_faults([tuple(fault for fault in faults or () if fault.effect != "none") for faults in by_name])


@cache
def _names_like(pattern: str, version: Release | None) -> tuple[str, ...]:
    """The controller's series that a regular expression selects."""
    passes = _pattern_test(pattern)
    return tuple(name for name in exposed(version) if passes and passes(name))


def _pattern_test(pattern: str) -> ValueTest | None:
    """Which names a regular expression selects; ``None`` if it may be about other programs' metrics."""
    start = _LITERAL.match(pattern)
    ours = start is not None and _OWN_START.match(start[0])
    return value_test("=~", pattern) if ours else None


def _name_faults(selector: Selector, name: str, text: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    series = known.series(name)
    if series is None:
        return _unknown_name_faults(selector, name, known)
    if series.never:
        why = message("query/dead-selector.record", metric=name)
        return (Fault("query/dead-selector", selector.name_at, why, "never"),)
    if known.histograms and not known.histograms.classic and series.family and series.family.kind == "histogram":
        why = message("query/unknown-metric.native", metric=name, histogram=series.family.name)
        return (Fault("query/unknown-metric", selector.name_at, why, "never"),)
    if _surely_possible(selector, series):
        return _deprecation(selector, series)
    groups = [tuple(_group_faults(group, series, text, known)) for group in selector.alternatives]
    dead = len(groups) == 1 or all(any(fault.effect == "never" for fault in group) for group in groups)
    faults = tuple(fault for group in groups for fault in group) if dead else ()
    return (*faults, *_deprecation(selector, series))


def _surely_possible(selector: Selector, series: ContractSeries) -> bool:
    """Whether nothing is wrong with the matchers, as with most. A cheap test: ``False`` says nothing."""
    seen: set[str] = set()
    labels = series.labels
    for name, operator, value, _, _ in selector.written:
        if name in seen or not name.isidentifier() or "\\" in value:
            return False
        seen.add(name)
        label = labels.get(name)
        if label is None:
            if name in _DOUBTFUL_LABELS or name in series.later or name.startswith(("exported_", "label_")):
                return False
        elif len(value) == 2 or label.generated:
            return False
        else:
            known = label.values or label.usual
            if known and not surely_selects(operator, value[1:-1], known):
                return False
    return True


def _unknown_name_faults(selector: Selector, name: str, known: KnownSeries) -> tuple[Fault, ...] | None:
    unknown = unknown_metric(selector, name, known.version)
    if unknown is None:
        return None
    if unknown.native:
        return _own_name_faults(selector, name, stored=known.histograms)
    right = unknown.intended if len(selector.names) == 1 else ""
    return (Fault("query/unknown-metric", selector.name_at, unknown.why, "never", selector.name_at, right),)


def _own_name_faults(selector: Selector, histogram: str, *, stored: StoredHistograms | None) -> tuple[Fault, ...]:
    """The fault of a selector that reads a histogram by its own name, which only a native one has."""
    series = ", ".join(families()[histogram].series)
    if stored is None:
        why = message("query/unknown-metric.histogram", metric=histogram, series=series)
        return (Fault("query/unknown-metric", selector.name_at, why, "native", severity="info"),)
    if stored.native:
        return ()
    why = message("query/unknown-metric.classic", metric=histogram, series=series)
    return (Fault("query/unknown-metric", selector.name_at, why, "never"),)


def _deprecation(selector: Selector, series: ContractSeries) -> tuple[Fault, ...]:
    if not series.deprecated or not series.family:
        return ()
    why = message("query/deprecated.family", metric=series.name, right=series.family.replaced_by)
    return (Fault("query/deprecated", selector.name_at, why, "none", selector.name_at, severity="warning"),)


def _group_faults(group: Sequence[Matcher], series: ContractSeries, text: str, known: KnownSeries) -> Iterator[Fault]:
    """The faults of matchers that must all match, each by itself and then together."""
    labels = {matcher.label for matcher in group}
    judged = [matcher for matcher in group if not known.adds(matcher.label, series)]
    faults = [fault for matcher in judged for fault in matcher_faults(matcher, series, text, known.version)]
    for fault in faults:
        taken = fault.check == "query/unknown-label" and fault.right in labels
        yield replace(fault, right="") if taken else fault
    if len(labels) < len(group):
        wrong = {fault.about for fault in faults}
        yield from _contradictions([matcher for matcher in group if matcher.at not in wrong], series, text)


def _contradictions(group: Sequence[Matcher], series: ContractSeries, text: str) -> Iterator[Fault]:
    """A fault where a label has several matchers that each let something through, and together nothing."""
    for label in dict.fromkeys(matcher.label for matcher in group):
        same = [(matcher, passes) for matcher in group if matcher.label == label and (passes := certain_test(matcher))]
        left = _candidates(same, known_label(label, series))
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
        return list(possible_values(label))
    return [matcher.value for matcher, _ in same if matcher.op == "="]
