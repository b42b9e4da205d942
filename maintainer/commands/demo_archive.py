"""The days of a demo that Prometheus no longer has: what harvests have kept of them, made by the harvest's own code."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from maintainer.analyse.alerts.day_replays import replay_query, with_replays
from maintainer.analyse.alerts.evaluations import heartbeats
from maintainer.analyse.alerts.harvested_day import harvested_day
from maintainer.collect.alerts.selectors import EVALUATED, STARTED
from maintainer.model.alert_archive import HarvestedDay
from maintainer.model.alerts import HOUR, MINUTE, AlertRule, Heartbeat, RawSeries
from maintainer.model.contract import AVAILABLE, DESIRED, INFO
from maintainer.model.harvest import EVENTS, DaySamples, PlannedDay, Replayed
from maintainer.sandbox.alert_past import AlertPast
from maintainer.sandbox.past_samples import PastSamples

GRIDS = {"replicas": MINUTE, "events": MINUTE}


def harvested_before(
    past: AlertPast, rules: Sequence[AlertRule], midnights: Sequence[datetime]
) -> Iterator[HarvestedDay]:
    """What a harvest on each of these days has kept of it, with the replays of all rules."""
    for start, end in pairwise(round(midnight.timestamp()) * 1000 for midnight in midnights):
        read = _read(past.samples, PlannedDay(start, end, grids=GRIDS))
        day = harvested_day(read, rules, same_server=True)
        beats = heartbeats(read, day.rules, same_server=True)
        answers = [_answered(past, rule, beats, read.day) for rule in day.rules]
        yield with_replays(day, answers, beats)


def _read(samples: PastSamples, day: PlannedDay) -> DaySamples:
    """What the requests of a harvest return of a day."""
    began = [
        RawSeries(series.labels, series.times[::5], series.values[::5])
        for series in samples.stepped(day.begin - HOUR, day.end, STARTED)
    ]
    events = samples.stepped(day.begin, day.end, "rollout_events_total")
    series = {
        "alerts": tuple(samples.between(day.begin, day.end, "ALERTS", "ALERTS_FOR_STATE")),
        "phases": tuple(samples.between(day.begin, day.end, INFO)),
        "replicas": tuple(samples.stepped(day.begin, day.end, AVAILABLE, DESIRED)),
        "events": tuple(one for one in events if dict(one.labels)["reason"] in EVENTS),
        "heartbeat": tuple(samples.between(day.begin, day.end, EVALUATED)),
        "starts": tuple(began),
    }
    return DaySamples(day, {name: found for name, found in series.items() if found})


def _answered(past: AlertPast, rule: AlertRule, beats: Mapping[str, Heartbeat], day: PlannedDay) -> Replayed:
    """What the query that replays a rule returns."""
    query = replay_query(rule, beats.get(rule.group, Heartbeat()))
    first = day.begin + (query.phase - day.begin) % rule.interval
    return Replayed(rule, first, day.end, past.values(rule.name, first, day.end))
