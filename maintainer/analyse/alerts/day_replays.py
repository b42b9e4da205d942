"""Replays the rules of a day by what their expressions were, and compares that with the alerts that were recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maintainer.analyse.alerts.agreement import Replay, agreement
from maintainer.analyse.alerts.left_sides import left_side, left_side_presences
from maintainer.analyse.alerts.presences import evaluations
from maintainer.analyse.alerts.replay import replayed_episodes
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.runs import runs_of
from maintainer.analyse.alerts.thresholds import Threshold, threshold
from maintainer.model.alert_archive import HarvestedDay
from maintainer.model.alerts import SECOND, Agreement, AlertRule, Episode, Heartbeat, LeftSide, RawSeries
from maintainer.model.facts import Labels, labels
from maintainer.model.harvest import Replayed, ReplayQuery

MOST_RUNS = 200
"""The most runs of equal values that are kept of the left side of an alert and a day."""
_ALL_RUNS = 1_000_000


def replay_query(rule: AlertRule, heartbeat: Heartbeat) -> ReplayQuery:
    """What is asked to replay a rule: the left side of its comparison with a number, or else its whole expression."""
    found = threshold(rule.expr)
    promql = found.left if isinstance(found, Threshold) else rule.expr
    # Without a sample of its alerts, the times at which a group was evaluated are known to some milliseconds.
    seen = heartbeat.runs[0].first % rule.interval if heartbeat.runs else 0
    return ReplayQuery(rule, promql, seen if rule.phase is None else rule.phase)


def has_threshold(rule: AlertRule) -> bool:
    """Whether left sides of the rule are kept, with which other thresholds can be tried."""
    return isinstance(threshold(rule.expr), Threshold)


def with_replays(day: HarvestedDay, answers: Iterable[Replayed], heartbeats: Mapping[str, Heartbeat]) -> HarvestedDay:
    """The day with the left sides of its rules, and with how well their replays agree with what was recorded.

    Only answers about the whole day give left sides.
    """
    left_sides: list[LeftSide] = []
    agreements: list[Agreement] = []
    for answer in answers:
        rule = answer.rule
        series = [replace(one, labels=_of_alert(one.labels, rule)) for one in answer.series]
        found = threshold(rule.expr)
        if isinstance(found, Threshold) and answer.start < day.start:
            left_sides += _left_sides(rule, found, series, day)
        beat = heartbeats.get(rule.group, Heartbeat())
        agreements.append(_agreement(answer, _presences(rule, series), _recorded(day, rule), beat))
    return replace(day, left_sides=tuple(left_sides), agreement=tuple(agreements))


def _left_sides(
    rule: AlertRule, found: Threshold, series: Iterable[RawSeries], day: HarvestedDay
) -> Iterable[LeftSide]:
    """What is kept of the left sides, of the day itself: the hour before it is kept with the day before."""
    for one in series:
        own = [(at, value) for at, value in zip(one.times, one.values, strict=True) if at >= day.start]
        of_day = RawSeries(one.labels, [at for at, _ in own], [value for _, value in own])
        side = left_side(rule, found, of_day, most=MOST_RUNS)
        if side.values or side.maxima:
            yield side


def _presences(rule: AlertRule, series: Sequence[RawSeries]) -> tuple[Presence, ...]:
    """Where the expression was true."""
    found = threshold(rule.expr)
    if isinstance(found, Threshold):
        sides = [left_side(rule, found, one, most=_ALL_RUNS) for one in series]
        return left_side_presences(sides, found.value)
    return tuple(Presence(one.labels, runs_of(one.times, rule.interval)) for one in series if one.times)


def _agreement(
    answer: Replayed, presences: Iterable[Presence], recorded: Sequence[Episode], heartbeat: Heartbeat
) -> Agreement:
    """The agreement on all that began after the first evaluation: what was there before may have begun any time."""
    rule, first = answer.rule, answer.start + SECOND
    replayed = replayed_episodes(rule, presences, evaluations(rule, heartbeat, end=answer.end, episodes=recorded))
    replay = Replay(
        rule,
        answer.start,
        answer.end,
        [episode for episode in recorded if episode.active_at > first and not episode.cut_start],
        [episode for episode in replayed if episode.active_at > first],
    )
    return agreement(replay, heartbeat)


def _recorded(day: HarvestedDay, rule: AlertRule) -> tuple[Episode, ...]:
    own = (episode for episode in day.episodes if episode.rule == rule.version)
    templates = _templates(rule)
    return tuple(
        replace(episode, labels=tuple(pair for pair in episode.labels if pair[0] not in templates)) for episode in own
    )


def _of_alert(own: Labels, rule: AlertRule) -> Labels:
    """The labels of the alert that a series of its expression is. What a template makes of them is not known."""
    templates = _templates(rule)
    known = {**dict(own), **dict(rule.labels)}
    return labels({name: value for name, value in known.items() if name != "__name__" and name not in templates})


def _templates(rule: AlertRule) -> frozenset[str]:
    return frozenset(name for name, value in rule.labels if "{{" in value)
