"""What a rule is at each of its evaluations, walked one by one as Prometheus does: the oracle of replays."""

from collections.abc import Collection, Iterator
from itertools import groupby

from maintainer.model.alerts import AlertRule


def firing(rule: AlertRule, true: Collection[int]) -> Iterator[tuple[int, int]]:
    """The first and the last evaluation of each time that an alert fires, if its expression is ``true`` at these.

    All are numbers of evaluations.
    """
    states = [*_states(rule, true)]
    for state, group in groupby(enumerate(states), key=lambda one: one[1]):
        steps = [step for step, _ in group]
        if state:
            yield steps[0], steps[-1]


def _states(rule: AlertRule, true: Collection[int]) -> Iterator[bool]:
    """Whether the alert fires, at each evaluation from 0 until nothing can happen any more."""
    active, fires, missed_since = None, False, None
    for step in range(max(true, default=0) + (rule.hold + rule.keep) // rule.interval + 3):
        at = step * rule.interval
        if step in true:
            active = at if active is None else active
            missed_since = None
            fires = fires or at - active >= rule.hold
        elif fires and rule.keep:
            missed_since = at if missed_since is None else missed_since
            if at - missed_since >= rule.keep:
                active, fires, missed_since = None, False, None
        else:
            active, fires = None, False
        yield fires
