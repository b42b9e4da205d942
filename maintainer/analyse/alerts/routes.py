"""Which routes of Alertmanager an alert takes, and when these may notify."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from maintainer.analyse.alerts.runs import united
from maintainer.model.alert_routing import Inhibition, Matchers, RouteNode, Routing, Spans, TimeInterval
from maintainer.model.alerts import Episode, Run
from maintainer.model.matchers import value_test

NEVER = 1 << 62
"""Later than any time."""


def routes_of(node: RouteNode, labels: Mapping[str, str]) -> tuple[RouteNode, ...]:
    """The routes that an alert takes from this one on: those of the first child that has it, and of later ones as
    long as each has ``continue``; this one if no child has it.
    """
    if not matches(node.matchers, labels):
        return ()
    found: tuple[RouteNode, ...] = ()
    for child in node.routes:
        of_child = routes_of(child, labels)
        found += of_child
        if of_child and not child.goes_on:
            break
    return found or (node,)


def matches(matchers: Matchers, labels: Mapping[str, str]) -> bool:
    """Whether all matchers match. A label that is not there has the value ""; an expression that is not RE2 none."""
    tests = ((value_test(op, value), labels.get(name, "")) for name, op, value in matchers)
    return all(test is not None and test(value) for test, value in tests)


def labels_of(episode: Episode) -> Mapping[str, str]:
    """The labels by which an alert is routed: those of ALERTS, and its name."""
    return {**dict(episode.labels), "alertname": episode.alert}


def may_notify(node: RouteNode, routing: Routing, at: int) -> bool:
    """Whether a route notifies at a time: not in an interval that mutes it, and only in those in which it is active."""

    def within(names: Iterable[str]) -> bool:
        return any(holds(interval, at) for name in names for interval in routing.intervals.get(name, ()))

    return not within(node.muted) and (not node.active or within(node.active))


def holds(interval: TimeInterval, at: int) -> bool:
    """Whether a time lies in an interval."""
    local = datetime.fromtimestamp(at / 1000, interval.zone)
    minute, last = local.hour * 60 + local.minute, monthrange(local.year, local.month)[1]
    days = tuple((_day(first, last), _day(end, last)) for first, end in interval.days)
    return (
        (not interval.times or any(first <= minute < end for first, end in interval.times))
        and _in(interval.weekdays, local.isoweekday() % 7)
        and _in(days, local.day)
        and _in(interval.months, local.month)
        and _in(interval.years, local.year)
    )


def _day(day: int, last: int) -> int:
    """A day of a month with so many; -1 is the last."""
    return min(max(day if day > 0 else last + day + 1, 1), last)


def _in(spans: Spans, value: int) -> bool:
    return not spans or any(first <= value <= last for first, last in spans)


class Inhibited:
    """When alerts are inhibited by others that fire; of an alert that is not known, nothing is."""

    def __init__(self, rules: Iterable[Inhibition], episodes: Iterable[Episode]) -> None:
        fired = [(labels_of(one), one) for one in episodes if one.fired_at is not None]
        self._rules = [_Rule(rule, fired) for rule in rules]

    def holds(self, episode: Episode, at: int) -> bool:
        """Whether a firing alert inhibits this one at a time."""
        labels = labels_of(episode)
        return any(rule.holds(labels, at) for rule in self._rules)


class _Rule:
    """An inhibition, with the times at which a source of it fires by the values of its equal labels.

    An alert that is source and target is not inhibited by one that is both as well, so by itself neither.
    """

    def __init__(self, rule: Inhibition, fired: Sequence[tuple[Mapping[str, str], Episode]]) -> None:
        self._rule = rule
        every: dict[tuple[str, ...], list[Run]] = defaultdict(list)
        source_only: dict[tuple[str, ...], list[Run]] = defaultdict(list)
        for labels, one in fired:
            if matches(rule.source, labels):
                gone = one.resolved_at if one.resolved_at is not None else NEVER
                run = Run(one.fired_at or 0, gone - 1)
                every[self._key(labels)].append(run)
                if not matches(rule.target, labels):
                    source_only[self._key(labels)].append(run)
        self._every = {key: united(runs) for key, runs in every.items()}
        self._source_only = {key: united(runs) for key, runs in source_only.items()}

    def _key(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self._rule.equal)

    def holds(self, labels: Mapping[str, str], at: int) -> bool:
        if not matches(self._rule.target, labels):
            return False
        times = self._source_only if matches(self._rule.source, labels) else self._every
        return any(run.first <= at <= run.last for run in times.get(self._key(labels), ()))
