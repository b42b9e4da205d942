"""Rules that never had an alert, and why: they cannot fire, nothing came near, or nobody knows.

A rule with a selector that never matches is repaired and replayed over what became of the Rollouts. It is never
proposed for deletion: what it was meant to tell did happen, or may.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import promql_parser as parser

from maintainer.analyse.alerts.evidence import SEEN
from maintainer.analyse.alerts.replay import replayed_episodes
from maintainer.analyse.alerts.replay_types import Evaluations, Presence
from maintainer.analyse.alerts.trouble import Trouble
from maintainer.analyse.alerts.verdicts import caught
from maintainer.analyse.promql.corrected import JudgedQuery, corrected_query, judged_query
from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.tokens import Matcher, Selector, scan
from maintainer.model.alerts import DAY, HOUR, AlertHistory, AlertRule, Episode, Run
from maintainer.model.facts import Labels
from maintainer.model.matchers import value_test
from maintainer.model.message import Message, message
from maintainer.model.outcomes import PhaseRun

Silence = Literal["dead", "unreachable", "unknown", "quiet"]

OLD = 7 * DAY
"""Of a rule that was loaded for less than this, nothing is known yet."""

FEWEST_TROUBLES = 3
"""So much trouble must have been there for a value that never came near its threshold to say something."""

_ALWAYS_TRUE_OF_ONE = r"(?:==\s*(?:bool\s+)?1|>=\s*1|>\s*0|!=\s*0)?"
_PRESENT = re.compile(
    rf"\s*(?:(?:sum|max|count|min|group)\s*(?P<before>by\s*\([^)]*\))?\s*\(\s*)?X\s*\)?\s*(?P<after>by\s*\([^)]*\))?\s*"
    rf"{_ALWAYS_TRUE_OF_ONE}\s*"
)
"""An expression that has a result for each group of series that its only selector ``X`` matches."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A rule whose selector was repaired: its expression, and what it would have done.

    ``episodes`` is ``None`` if the expression cannot be replayed over phases. ``told`` is the trouble that it would
    have told somebody of.
    """

    expr: str
    episodes: tuple[Episode, ...] | None = None
    told: tuple[Trouble, ...] = ()

    @property
    def pages(self) -> int:
        """How often it would have fired."""
        return sum(episode.fired_at is not None for episode in self.episodes or ())


@dataclass(frozen=True, slots=True)
class SilentRule:
    """A rule without an alert, and why it had none."""

    rule: AlertRule
    silence: Silence
    why: Message
    repaired: Repaired | None = None


def silent_rules(history: AlertHistory, found: Sequence[Trouble]) -> tuple[SilentRule, ...]:
    """The rules of which no alert is known, not even a pending one, by name; ``found`` is all trouble of the time."""
    present = {episode.rule for episode in history.episodes}
    rules = (rule for version, rule in history.rules.items() if version not in present)
    hours = _evaluated_hours(history)
    return tuple(
        _silent(rule, history, hours, found) for rule in sorted(rules, key=lambda rule: (rule.name, rule.version))
    )


def _silent(
    rule: AlertRule, history: AlertHistory, hours: Mapping[str, frozenset[int]], found: Sequence[Trouble]
) -> SilentRule:
    loaded = history.loaded.get(rule.version)
    known = hours.get(rule.group, hours.get("", frozenset()))
    evaluated = sum(loaded.first <= hour < loaded.last for hour in known) if loaded else 0
    if not evaluated:
        return SilentRule(rule, "unknown", message("silent/not-evaluated"))
    judged = _judged(rule.expr)
    if judged and judged.found.result.never:
        return _cannot_fire(rule, judged, history, found)
    if evaluated * HOUR < OLD:
        return SilentRule(rule, "unknown", message("silent/new", days=round(evaluated * HOUR / DAY, 1)))
    return _headroom(rule, history, found, days=evaluated * HOUR // DAY)


def _judged(expr: str) -> JudgedQuery | None:
    known = KnownSeries({}, None)
    parsed = parse_query(expr, known)
    return judged_query(parsed, "alert", known) if parsed and parsed.tree is not None else None


def _cannot_fire(rule: AlertRule, judged: JudgedQuery, history: AlertHistory, found: Sequence[Trouble]) -> SilentRule:
    never = [fault for fault in judged.faults if fault.effect == "never"]
    why = never[0].why if never else message("silent/never")
    if why.id == "query/dead-selector.comparison":
        return SilentRule(rule, "unreachable", why)
    corrected = corrected_query(judged, KnownSeries({}, None))
    if corrected is None:
        return SilentRule(rule, "dead", why)
    episodes = replayed_over_phases(replace(rule, expr=corrected.text), history)
    told = tuple(trouble for trouble in found if any(caught(trouble.incident, one) for one in episodes or ()))
    return SilentRule(rule, "dead", why, Repaired(corrected.text, episodes, told))


def replayed_over_phases(rule: AlertRule, history: AlertHistory) -> tuple[Episode, ...] | None:
    """The episodes that a rule over the phases of Rollouts would have had; ``None`` if it reads something else."""
    expr = parseable(rule.expr)
    selectors = scan(expr, rule.expr).selectors
    if len(selectors) != 1 or selectors[0].names != ("rollout_info",) or len(selectors[0].alternatives) != 1:
        return None
    start, end = selectors[0].at
    shape = _PRESENT.fullmatch(f"{expr[:start]}X{expr[end:]}")
    if shape is None:
        return None
    grouping = shape["before"] or shape["after"]
    kept = frozenset(re.findall(r"\w+", grouping.partition("(")[2])) if grouping else None
    if kept is None and "(" in expr[:start]:
        kept = frozenset()
    runs = [run for run in history.outcomes.phases if _matches(selectors[0], run)]
    if not _names_a_phase(selectors[0]):
        return None
    evaluations = Evaluations(end=history.end)
    return replayed_episodes(rule, _presences(runs, kept, rule), evaluations)


def _names_a_phase(selector: Selector) -> bool:
    """Whether it does not match the phase Completed, of which the outcomes keep nothing."""
    tests = [value_test(one.op, one.value) for one in selector.alternatives[0] if one.label == "phase"]
    return any(test is not None and not test("Completed") for test in tests)


def _matches(selector: Selector, run: PhaseRun) -> bool:
    namespace, name = run.subject
    labels = {"phase": run.phase, "namespace": namespace, "exported_namespace": namespace, "name": name}
    return all(_lets_through(matcher, labels) for matcher in selector.alternatives[0])


def _lets_through(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    """Whether a matcher lets the labels through; of a label that is not kept, nothing is known, and it does."""
    test = value_test(matcher.op, matcher.value)
    return test is None or matcher.label not in labels or test(labels[matcher.label])


def _presences(runs: Iterable[PhaseRun], kept: frozenset[str] | None, rule: AlertRule) -> Iterator[Presence]:
    """When the expression was true, at the evaluations of the rule, by the labels that its result keeps."""
    by_labels: dict[Labels, list[Run]] = defaultdict(list)
    phase, interval = rule.phase or 0, rule.interval
    for run in runs:
        labels = _labels(run, kept)
        first = -(-(run.first - phase) // interval) * interval + phase
        last = (run.last - phase) // interval * interval + phase
        if first <= last:
            by_labels[labels].append(Run(first, last))
    for labels, found in sorted(by_labels.items()):
        yield Presence((*labels, *rule.labels), tuple(_joined(found, interval)))


def _labels(run: PhaseRun, kept: frozenset[str] | None) -> Labels:
    """The labels of a Rollout that an aggregation keeps; without one, all."""
    named = zip(("name", "namespace"), reversed(run.subject), strict=True)
    return tuple(pair for pair in named if kept is None or not kept.isdisjoint({pair[0], f"exported_{pair[0]}"}))


def _joined(runs: Iterable[Run], interval: int) -> Iterator[Run]:
    last: Run | None = None
    for run in sorted(runs):
        if last and run.first <= last.last + interval:
            last = Run(last.first, max(last.last, run.last))
            continue
        if last:
            yield last
        last = run
    if last:
        yield last


def _headroom(rule: AlertRule, history: AlertHistory, found: Sequence[Trouble], *, days: int) -> SilentRule:
    """A rule that can fire: whether its value ever came near the threshold, as far as that is kept.

    Values below half the threshold are not kept, so a rule with a threshold and no values never came near it.
    """
    quiet = SilentRule(rule, "quiet", message("silent/quiet", days=days))
    unread = any(gap.reason.id == "harvest/unread.left_sides" for gap in history.missing)
    near = any(side.rule == rule.version and (side.values or side.maxima) for side in history.left_sides)
    if near or unread or not _has_threshold(rule.expr) or len(found) < FEWEST_TROUBLES:
        return quiet
    return SilentRule(rule, "unreachable", message("silent/far", days=days, count=len(found)))


def _has_threshold(expr: str) -> bool:
    """Whether the expression compares something with a number of which there is a half."""
    try:
        tree: Any = parser.parse(expr)
    except ValueError:
        return False
    limit = getattr(tree, "rhs", None)
    ordered = str(getattr(tree, "op", "")) in {">", ">=", "<", "<="}
    return ordered and isinstance(limit, parser.NumberLiteral) and bool(limit.val)


def _evaluated_hours(history: AlertHistory) -> Mapping[str, frozenset[int]]:
    """By group, the hours of which most evaluations were seen."""
    hours: dict[str, set[int]] = defaultdict(set)
    for hour in history.coverage:
        hours[hour.group].update([hour.start] if hour.evaluated >= SEEN else [])
    return {group: frozenset(seen) for group, seen in hours.items()}
