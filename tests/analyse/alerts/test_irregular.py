"""Where evaluations fail and Prometheus starts anew, a replay is what is read of what Prometheus writes."""

from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.analyse.alerts.joined import joined
from maintainer.analyse.alerts.presences import evaluations, recorded_presences
from maintainer.analyse.alerts.replay import replay
from maintainer.analyse.alerts.replay_types import Replayed, Timing
from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import MINUTE, AlertRule, Episode, Heartbeat, RawSeries, ReadEpisodes, Run
from maintainer.sandbox.alert_machine import RuleWorld, Simulated

SHORT = st.sampled_from((0, 1, 90, 120, 300))
"""Shorter than the grace period: Prometheus gives an alert no older ActiveAt then."""
DURATIONS = st.sampled_from((0, 1, 90, 120, 300, 600, 660, 900, 1500))
KEPT = st.sampled_from((0, 60, 150, 600))
COUNT = 90


@st.composite
def worlds(draw: st.DrawFn) -> RuleWorld:
    """Ninety evaluations, the last five of which take place."""
    lengths = draw(st.lists(st.integers(1, 30), min_size=1, max_size=12))
    true: set[int] = set()
    at = draw(st.integers(0, 8))
    for number, length in enumerate(lengths):
        true |= set(range(at, at + length)) if number % 2 == 0 else set()
        at += length if number % 2 == 0 else 1 + length % 7
    skipped: set[int] = set()
    for first in draw(st.lists(st.integers(1, COUNT - 12), max_size=4)):
        skipped |= set(range(first, first + draw(st.integers(1, 5))))
    outages: list[tuple[int, int]] = []
    for down in sorted(draw(st.sets(st.integers(1, COUNT - 30), max_size=2))):
        up = down + draw(st.integers(1, 12))
        if not outages or down > outages[-1][1] + 4:
            outages.append((down, up))
    near = {number for outage in outages for number in range(outage[0] - 1, outage[1] + 5)}
    return RuleWorld(COUNT, frozenset(true & set(range(COUNT))), frozenset(skipped - near), tuple(outages))


END = COUNT * MINUTE
OVERLAP = 18 * MINUTE
"""Longer than an outage, as the hour that is read again is longer than Prometheus may be away."""


def rule_with(hold: int, keep: int) -> AlertRule:
    return AlertRule("Alert", "g", "rules.yml", "a", hold * 1000, keep * 1000, MINUTE, phase=0)


def timing_of(rule: AlertRule) -> Timing:
    return Timing(rule.hold, rule.keep, rule.interval)


def heartbeat(world: RuleWorld) -> Heartbeat:
    """What is known of the evaluations."""
    starts = tuple(up * MINUTE - 1 for _, up in world.outages)
    return Heartbeat(runs_of((number * MINUTE for number in world.evaluated), MINUTE), starts)


def true_in(world: RuleWorld) -> tuple[Run, ...]:
    """Where the expression was true."""
    return runs_of((number * MINUTE for number in world.evaluated if number in world.present), MINUTE)


def alerts_of(written: Simulated) -> list[RawSeries]:
    return [
        RawSeries((("__name__", "ALERTS"), ("alertname", "Alert"), ("alertstate", state)), times, [])
        for state, times in (("firing", written.firing), ("pending", written.pending))
        if times
    ]


def states_of(written: Simulated) -> list[RawSeries]:
    values = [float(value) for _, value in written.states]
    return [RawSeries((("__name__", "ALERTS_FOR_STATE"),), [at for at, _ in written.states], values)] if values else []


def read_of(world: RuleWorld, rule: AlertRule, time: Run) -> ReadEpisodes:
    """What a read of a time shows of what Prometheus wrote, with the heartbeat of that time."""
    written = Simulated(world, rule).run()
    inside = [[within(series, time) for series in of_name] for of_name in (alerts_of(written), states_of(written))]
    seen = [at * MINUTE for at in world.evaluated if time.first <= at * MINUTE < time.last]
    starts = tuple(start for start in heartbeat(world).starts if time.first <= start < time.last)
    beat = Heartbeat(runs_of(seen, MINUTE), starts)
    return episodes(rule, ReadSamples(time.first, time.last, *inside), beat)


def within(series: RawSeries, time: Run) -> RawSeries:
    begin, end = bisect_left(series.times, time.first), bisect_left(series.times, time.last)
    return RawSeries(series.labels, series.times[begin:end], series.values[begin:end])


def without_the_unwritten(world: RuleWorld) -> RuleWorld:
    """The same without what was true in nothing but the two evaluations after a start: no record has it."""
    unseen: set[int] = set()
    for _, up in world.outages:
        unseen |= {up, up + 1} if up + 2 not in world.present else {up} if up + 1 not in world.present else set()
    return replace(world, present=world.present - unseen)


def of_record(found: Episode) -> Replayed:
    return Replayed(found.active_at, found.fired_at, found.last, found.resolved_at, found.end, found.restarts)


@given(worlds(), DURATIONS, KEPT)
def test_a_replay_is_what_is_read_of_the_record(world: RuleWorld, hold: int, keep: int) -> None:
    rule = rule_with(hold, keep)
    read = read_of(world, rule, Run(0, END)).episodes
    replayed = replay(true_in(world), timing_of(rule), evaluations(rule, heartbeat(world), end=END))
    assert replayed == [of_record(found) for found in read]


@given(worlds().map(without_the_unwritten), SHORT, DURATIONS, KEPT)
def test_a_record_replayed_with_other_durations_is_their_record(
    world: RuleWorld, before: int, hold: int, keep: int
) -> None:
    recorded, other = rule_with(before, 0), rule_with(hold, keep)
    read = read_of(world, recorded, Run(0, END)).episodes
    evaluated = evaluations(recorded, heartbeat(world), end=END, episodes=read)
    found = [
        replayed
        for presence in recorded_presences(recorded, read)
        for replayed in replay(presence.runs, timing_of(other), evaluated)
    ]
    assert found == [of_record(episode) for episode in read_of(world, other, Run(0, END)).episodes]


@given(worlds(), DURATIONS, KEPT, st.lists(st.integers(20, COUNT - 1), max_size=3), st.randoms())
def test_reads_that_overlap_join_to_what_one_read_shows(
    world: RuleWorld, hold: int, keep: int, cuts: list[int], random: Random
) -> None:
    rule = rule_with(hold, keep)
    bounds = [0, *(cut * MINUTE for cut in sorted(cuts)), END]
    reads = [read_of(world, rule, Run(max(0, begin - OVERLAP), end)) for begin, end in pairwise(bounds) if begin < end]
    random.shuffle(reads)
    rules = {rule.version: rule}
    whole = joined(reads, rules)
    assert whole == read_of(world, rule, Run(0, END))
    assert joined([whole, *reads, whole], rules) == whole
    assert joined([joined(reads[:1], rules), *reads], rules) == whole
