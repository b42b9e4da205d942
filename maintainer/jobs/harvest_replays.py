"""The replays of a harvest: which rules are replayed on a day, and over how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from maintainer.analyse.alerts.day_replays import has_threshold, replay_query, with_replays
from maintainer.analyse.alerts.evaluations import heartbeats
from maintainer.analyse.queries.reading import evaluation_samples
from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.replays import read_replay
from maintainer.collect.sources import SourceReader
from maintainer.model.alert_archive import HarvestedDay
from maintainer.model.alerts import HOUR, AlertRule, Heartbeat
from maintainer.model.guard import Guard
from maintainer.model.harvest import DaySamples, PlannedDay, ReplayQuery


@dataclass(frozen=True, slots=True)
class Replaying:
    """How the rules of a day are replayed. The whole run may read ``most`` samples, what it has read included.

    ``same_server``: the server that is read evaluates the rules itself.
    """

    reader: Reader
    guard: Guard
    most: int
    same_server: bool


def replayed_rules(rules: Sequence[AlertRule], *, newest: bool) -> tuple[AlertRule, ...]:
    """The rules that are replayed on a day: all on the newest, and before it those whose left sides are kept."""
    return tuple(rule for rule in rules if rule.interval and (newest or has_threshold(rule)))


def replayed(day: HarvestedDay, read: DaySamples, replaying: Replaying, *, newest: bool) -> HarvestedDay:
    """The day with the replays of its rules.

    Each may read an equal share of what is left. One that would read more is replayed over the last hours of the day,
    and then has no left side; one of which even an hour is too much is not replayed.
    """
    beats = heartbeats(read, day.rules, same_server=replaying.same_server)
    rules = replayed_rules(day.rules, newest=newest)
    series = max(len(read.series.get("replicas", ())) // 2, 1)
    ask = SourceReader(replaying.guard)
    answers = []
    for number, rule in enumerate(rules):
        query = replay_query(rule, beats.get(rule.group, Heartbeat()))
        most = (replaying.most - replaying.reader.prometheus.cost.samples) // (len(rules) - number)
        start = _start(query, read.day, series=series, most=most)
        if start is not None:
            answers.append(ask("replay", partial(read_replay, replaying.reader, query, start=start, end=read.day.end)))
    return with_replays(day, [answer for answer in answers if answer], beats)


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
