"""What shows a piece of advice with the episodes on record, to anybody who has promtool."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.presence import at_evaluations, replayed
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.record import RuleRecord
from maintainer.analyse.alerts.remedies import GUARD, changed_presences
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.threshold_remedy import own_left_sides, threshold_presences
from maintainer.analyse.alerts.thresholds import Threshold, threshold, written
from maintainer.model.alert_advice import Advice, Input, Proof, Tested
from maintainer.model.alerts import AlertRule, Run
from maintainer.model.outcomes import ShortRun

if TYPE_CHECKING:
    from maintainer.model.facts import Key

CONDITION = "recorded_condition"
"""The series of a test that is 1 where the expression of the rule was true, and 0 elsewhere."""

LEFT_SIDE = "recorded_left_side"
"""The series of a test that has the values that the rule compares with its threshold."""

_DESIRED, _AVAILABLE = GUARD.split(" > ")


def proof_of(advice: Advice, record: RuleRecord, short: Sequence[ShortRun]) -> Proof:
    """The present and the advised rule over the recorded condition, with the episodes of both."""
    if advice.kind == "threshold":
        return _of_thresholds(advice, record)
    present = recorded_presences(record.rule, record.episodes)
    before = replace(advice.rule, expr=f"{CONDITION} == 1")
    after = replace(advice.advised, expr=advice.advised.expr.replace(advice.rule.expr, before.expr))
    changed = changed_presences(advice.kind, record, short)
    inputs = [*_conditions(present)]
    if advice.kind == "guard":
        one = present[0].runs[0].first
        inputs += _pods((run, at_evaluations(Run(run.first, run.last), one, record.rule.interval)) for run in short)
    end = record.time.last + 1
    return Proof(
        Tested(before, replayed(advice.rule, present, end)),
        Tested(after, replayed(advice.advised, changed, end)),
        tuple(inputs),
    )


def _of_thresholds(advice: Advice, record: RuleRecord) -> Proof:
    """The same over the recorded values of the left side; where they were not kept, the comparison is not true."""
    sides, end = own_left_sides(record), record.time.last + 1
    operator, upwards = sides[0].operator, sides[0].operator.startswith(">")

    def tested(rule: AlertRule) -> Tested:
        found = threshold(rule.expr)
        value = found.value if isinstance(found, Threshold) else 0.0
        named = replace(rule, expr=f"{LEFT_SIDE} {operator} {written(value)}")
        return Tested(named, replayed(rule, threshold_presences(record, value), end))

    inputs = tuple(
        Input(LEFT_SIDE, side.labels, side.values, min(side.low, 0) - 1 if upwards else max(side.high, 0) + 1)
        for side in sides
    )
    return Proof(tested(advice.rule), tested(advice.advised), inputs)


def _conditions(presences: Iterable[Presence]) -> Iterator[Input]:
    for labels, runs in presences:
        yield Input(CONDITION, labels, tuple((run.first, run.last, 1.0) for run in runs))


def _pods(short: Iterable[tuple[ShortRun, Run | None]]) -> Iterator[Input]:
    """The pods of the Rollouts that had too few at some evaluations: at these 0 are there, and 1 is wanted always."""
    times: dict[Key, list[tuple[int, int, float]]] = defaultdict(list)
    for run, at in short:
        if at:
            times[run.subject].append((at.first, at.last, 0.0))
    for (namespace, name), values in sorted(times.items()):
        labels = (("name", name), ("namespace", namespace))
        yield Input(_DESIRED, labels, (), 1.0)
        yield Input(_AVAILABLE, labels, tuple(sorted(values)), 1.0)
