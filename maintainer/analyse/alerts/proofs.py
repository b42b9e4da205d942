"""What shows a piece of advice with the episodes on record, to anybody who has promtool."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.presence import at_evaluations, replayed
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.remedies import GUARD, RuleRecord, changed_presences
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.model.alert_advice import Advice, Input, Proof, Tested
from maintainer.model.alerts import Run
from maintainer.model.outcomes import ShortRun

if TYPE_CHECKING:
    from maintainer.model.facts import Key

CONDITION = "recorded_condition"
"""The series of a test that is 1 where the expression of the rule was true, and 0 elsewhere."""

_DESIRED, _AVAILABLE = GUARD.split(" > ")


def proof_of(advice: Advice, record: RuleRecord, short: Sequence[ShortRun]) -> Proof:
    """The present and the advised rule over the recorded condition, with the episodes of both."""
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
