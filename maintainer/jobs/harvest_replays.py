"""The replays of a harvest: which rules are replayed on a day, and over how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from maintainer.analyse.alerts.day_replays import has_threshold, replay_query, with_replays
from maintainer.analyse.alerts.evaluations import heartbeats
from maintainer.analyse.queries.reading import evaluation_samples
from maintainer.collect.alerts.planning import log_not_replayed
from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.replays import read_replay
from maintainer.collect.sources import attempt
from maintainer.model.alert_archive import HarvestedDay
from maintainer.model.alerts import HOUR, AlertRule, Heartbeat
from maintainer.model.guard import Guard
from maintainer.model.harvest import DaySamples, PlannedDay, Replayed, ReplayQuery, Unreplayed


@dataclass(frozen=True, slots=True)
class Replaying:
    """How the rules of a day are replayed: they read at most ``most`` samples, which ``others`` share with them.

    ``same_server``: the server that is read evaluates the rules itself.
    """

    reader: Reader
    guard: Guard
    most: int
    others: int
    same_server: bool


def replayed_rules(rules: Sequence[AlertRule], *, newest: bool) -> tuple[AlertRule, ...]:
    """The rules that are replayed on a day: all on the newest, and before it those whose left sides are kept."""
    return tuple(rule for rule in rules if rule.interval and (newest or has_threshold(rule)))


def replayed(
    day: HarvestedDay, read: DaySamples, replaying: Replaying, *, newest: bool
) -> tuple[HarvestedDay, tuple[Unreplayed, ...]]:
    """The day with the replays of its rules, and the rules whose replay has failed.

    Each may read an equal share. One that would read more is replayed over the last hours of the day, and then has no
    left side. One of which even an hour is too much is not replayed: nothing is known then of its agreement.
    """
    beats = heartbeats(read, day.rules, same_server=replaying.same_server)
    rules = replayed_rules(day.rules, newest=newest)
    series = max(len(read.series.get("replicas", ())) // 2, 1)
    most = replaying.most // max(len(rules) + replaying.others, 1)
    answers: list[Replayed] = []
    failed: list[Unreplayed] = []
    for rule in rules:
        query = replay_query(rule, beats.get(rule.group, Heartbeat()))
        start = _start(query, read.day, series=series, most=most)
        if start is None:
            log_not_replayed(rule.name)
            continue
        ask = partial(read_replay, replaying.reader, query, start=start, end=read.day.end)
        answer, why = attempt("replay", ask, replaying.guard)
        answers += [answer] if answer else []
        failed += [Unreplayed(rule.name, fact.reason) for fact in why]
    return with_replays(day, answers, beats), tuple(failed)


def _start(query: ReplayQuery, day: PlannedDay, *, series: int, most: int) -> int | None:
    """From when on a rule is replayed so that it reads at most so many samples; ``None`` if that is never.

    A selector is taken to have as many series as there are Rollouts.
    """
    samples = evaluation_samples(query.promql)
    if samples is None:
        return None
    of_hour = max(samples, 1.0) * series * HOUR / query.rule.interval
    hours = int(most / of_hour)
    if hours * HOUR >= day.end - day.begin:
        return day.begin
    return day.end - hours * HOUR if hours else None
