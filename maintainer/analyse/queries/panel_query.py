"""Panels whose number can be computed from the API: aggregations over a family of Rollouts' series.

Prometheus is asked for the same aggregation grouped by Rollout. If every Rollout's share is right, the panel is right
for every namespace and Rollout that its reader selects.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import attrgetter, eq, ge, gt, le, lt, ne
from typing import Any

import promql_parser as parser

from maintainer.analyse.accuracy.compare import GAUGE_VALUES
from maintainer.analyse.accuracy.phases import metric_phase
from maintainer.analyse.promql.contract_series import certain_test
from maintainer.analyse.promql.parsed_query import ParsedQuery
from maintainer.analyse.promql.tokens import Matcher
from maintainer.analyse.queries.baseline import Baseline
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.facts import Key, Rollout
from maintainer.model.loaded_queries import Group, Grouped
from maintainer.model.matchers import ValueTest
from maintainer.model.matchers import matcher as matcher_text

_ADDED: frozenset[str] = frozenset(("sum", "count"))
_AGGREGATIONS = _ADDED | {"min", "max", "avg"}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": eq, "!=": ne, ">": gt, "<": lt, ">=": ge, "<=": le,
}  # fmt: skip

_OWN: Mapping[str, Callable[[Rollout], str]] = {"namespace": attrgetter("namespace"), "name": attrgetter("name")}
_VALUES: Mapping[str, Callable[[Rollout], float]] = {INFO: lambda _: 1.0, **GAUGE_VALUES}
"""The value of a Rollout's series, by family."""

Fleet = Mapping[tuple[str, str], tuple[Sequence[Key], Sequence[Rollout]]]
"""Rollouts and their keys by the phase that the metric should show and by strategy, which many of them share."""


@dataclass(frozen=True, slots=True)
class PanelQuery:
    """An aggregation over Rollouts, in PromQL and as it is computed from the API.

    ``grouped`` groups by namespace, name and ``extra`` labels. A Rollout counts if its labels pass the ``tests`` and
    its value in ``family`` the ``threshold``, a comparison operator and a number. ``counted`` says in the words of the
    query what its number counts, such as ``desired`` or ``Progressing``, "" for all Rollouts.
    """

    grouped: Grouped
    operation: str
    family: str
    extra: tuple[str, ...] = ()
    tests: tuple[tuple[str, ValueTest], ...] = ()
    threshold: tuple[str, float] | None = None
    counted: str = ""

    def shares(self, fleet: Fleet) -> tuple[list[Group], list[float]]:
        """The groups of the Rollouts that count, and their shares of the panel's number in the same order."""
        groups: list[Group] = []
        shares: list[float] = []
        for (phase, strategy), (all_keys, rollouts) in fleet.items():
            common = {"phase": phase, "strategy": strategy}
            if not all(test(common[label]) for label, test in self.tests if label in common):
                continue
            keys, values = all_keys, list(map(_VALUES[self.family], rollouts))
            if self.threshold or self._own:
                counts = list(map(self._counts, rollouts, values))
                keys, values = list(compress(all_keys, counts)), list(compress(values, counts))
            extra = tuple(common[label] for label in self.extra)
            groups += [key + extra for key in keys] if extra else keys
            shares += repeat(1.0, len(keys)) if self.operation == "count" else values
        return groups, shares

    @property
    def _own(self) -> list[tuple[str, ValueTest]]:
        return [(label, test) for label, test in self.tests if label in _OWN]

    def _counts(self, rollout: Rollout, value: float) -> bool:
        if self.threshold and not _COMPARISONS[self.threshold[0]](value, self.threshold[1]):
            return False
        return all(test(_OWN[label](rollout)) for label, test in self._own)

    @property
    def added(self) -> bool:
        """Whether the panel's number is the sum of its Rollouts' shares."""
        return self.operation in _ADDED


def by_state(rollouts: Iterable[Rollout]) -> Fleet:
    """The Rollouts by phase and strategy."""
    fleet: dict[tuple[str, str], tuple[list[Key], list[Rollout]]] = {}
    for rollout in rollouts:
        keys, alike = fleet.setdefault((metric_phase(rollout), rollout.strategy), ([], []))
        keys.append(rollout.key)
        alike.append(rollout)
    return fleet


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of ``operation by (labels) (family{…} comparison number)``."""

    operation: str
    labels: tuple[str, ...]
    threshold: tuple[str, float] | None


def panel_query(parsed: ParsedQuery, baseline: Baseline) -> PanelQuery | None:
    """The query as an aggregation over Rollouts; ``None`` if it is none, or if the API does not have its labels."""
    shape = _shape(parsed.tree)
    selector = parsed.scan.selectors[0]
    if shape is None or len(parsed.scan.selectors) > 1 or len(selector.alternatives) > 1:
        return None
    if len(selector.names) != 1 or selector.names[0] not in {INFO, *GAUGES}:
        return None
    family, extra = selector.names[0], []
    for label in shape.labels:
        own = _api_label(label, baseline)
        if own is None or (own in {"phase", "strategy"} and family != INFO):
            return None
        extra += [own] if own in {"phase", "strategy"} else []
    kept, tests = _matchers(selector.alternatives[0], parsed.text, baseline)
    if tests is None or (family != INFO and any(label in {"phase", "strategy"} for label, _ in tests)):
        return None
    by = (baseline.namespace_label, "name", *extra)
    inner = f"{family}{{{','.join((*kept, *baseline.matchers))}}}"
    if shape.threshold:
        inner = f"{inner} {shape.threshold[0]} {shape.threshold[1]:g}"
    grouped = Grouped(f"{shape.operation} by ({', '.join(by)}) ({inner})", by)
    counted = _counted(family, selector.alternatives[0])
    return PanelQuery(grouped, shape.operation, family, tuple(extra), tests, shape.threshold, counted)


def _counted(family: str, group: Sequence[Matcher]) -> str:
    phases = (matcher.value for matcher in group if (matcher.label, matcher.op in {"=", "=~"}) == ("phase", True))
    return next(phases, "").replace("|", " | ") if family == INFO else family.removeprefix(f"{INFO}_replicas_")


def _shape(tree: Any) -> _Shape | None:
    """The parts of an aggregation, with or without ``or vector(0)`` behind it; ``None`` for any other tree."""
    tree = _without_parentheses(tree)
    if isinstance(tree, parser.BinaryExpr) and str(tree.op) == "or" and _is_vector(_without_parentheses(tree.rhs)):
        tree = _without_parentheses(tree.lhs)
    if not isinstance(tree, parser.AggregateExpr) or str(tree.op) not in _AGGREGATIONS or tree.param is not None:
        return None
    if tree.modifier is not None and tree.modifier.type != parser.AggModifierType.By:
        return None
    labels = tuple(tree.modifier.labels) if tree.modifier is not None else ()
    inner, threshold = _without_parentheses(tree.expr), None
    if isinstance(inner, parser.BinaryExpr) and str(inner.op) in _COMPARISONS:
        if (inner.modifier and inner.modifier.return_bool) or not isinstance(inner.rhs, parser.NumberLiteral):
            return None
        threshold, inner = (str(inner.op), float(inner.rhs.val)), _without_parentheses(inner.lhs)
    if not isinstance(inner, parser.VectorSelector) or inner.offset is not None or inner.at is not None:
        return None
    return _Shape(str(tree.op), labels, threshold)


def _without_parentheses(tree: Any) -> Any:
    while isinstance(tree, parser.ParenExpr):
        tree = tree.expr
    return tree


def _is_vector(tree: Any) -> bool:
    return isinstance(tree, parser.Call) and tree.func.name == "vector"


def _matchers(
    group: Sequence[Matcher], text: str, baseline: Baseline
) -> tuple[list[str], tuple[tuple[str, ValueTest], ...] | None]:
    """The matchers to ask with, and the tests that they make of a Rollout; ``None`` for these if they are not known.

    A matcher with a variable for namespace or name is left out: the groups stand for all its values.
    """
    kept: list[str] = []
    tests: list[tuple[str, ValueTest]] = []
    for matcher in group:
        label = _api_label(matcher.label, baseline)
        if label is None:
            other = _other_matcher(matcher, text, baseline)
            if other is None:
                return kept, None
            kept += [other] if other else []
        elif not (matcher.variable and label in {"namespace", "name"} and not matcher.negative):
            passes = certain_test(matcher)
            if passes is None:
                return kept, None
            tests.append((label, passes))
            kept.append(text[slice(*matcher.at)])
    return kept, tuple(tests)


def _other_matcher(matcher: Matcher, text: str, baseline: Baseline) -> str | None:
    """A matcher to ask with on a label that the API does not have; "" to leave it out, ``None`` if not known."""
    if matcher.variable:
        value = baseline.example.get(matcher.label)
        return None if matcher.negative or value is None else matcher_text(matcher.label, value)
    if _set_by_controller(matcher.label):
        return None
    if baseline.elsewhere(matcher.label):
        return None if baseline.external is None else ""
    return text[slice(*matcher.at)]


def _api_label(label: str, baseline: Baseline) -> str | None:
    """What a label of the metrics holds, of namespace, name, phase and strategy; ``None`` for any other label."""
    if baseline.holds_namespace(label):
        return "namespace"
    return label if label in {"name", "phase", "strategy"} else None


def _set_by_controller(label: str) -> bool:
    """Whether the controller may set the label to something that the API does not have."""
    return label.removeprefix("exported_") in {"namespace", "name", "phase", "strategy", "traffic_router"}
