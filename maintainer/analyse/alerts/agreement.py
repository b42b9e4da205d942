"""How well a replay of a rule agrees with what was recorded of it: the measure of how far its advice can be trusted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from maintainer.model.alerts import (
    DAY,
    MINUTE,
    SECOND,
    Agreement,
    AlertRule,
    Because,
    Disagreement,
    Episode,
    Heartbeat,
)

Trust = Literal["calibrated", "approximate", "none", "unknown"]
"""How far advice can be trusted; ``unknown``: there was no episode to compare."""

CALIBRATED = 0.95
APPROXIMATE = 0.8
"""The shares of episodes that agree from which on advice is given without reserve, and at all."""

_RESTORED = 10 * MINUTE
"""How long after a start an alert that Prometheus has restored may still differ: its grace period."""
WEEK = 7 * DAY
_MONDAY = 4 * DAY
"""1970 began on a Thursday."""


class Compared(NamedTuple):
    """How many episodes agree strictly, and leniently as well, of how many there are."""

    alike: int
    leniently: int
    all: int

    @property
    def trust(self) -> Trust:
        """What the strict share allows to be said."""
        if not self.all:
            return "unknown"
        share = self.alike / self.all
        return "calibrated" if share >= CALIBRATED else "approximate" if share >= APPROXIMATE else "none"


@dataclass(frozen=True, slots=True)
class Replay:
    """A rule's episodes as they were recorded and as a replay has them, for the time ``[start, end)``."""

    rule: AlertRule
    start: int
    end: int
    recorded: Sequence[Episode]
    replayed: Sequence[Episode]


class _Pair(NamedTuple):
    """An episode of the replay with that of the record that it is most likely about; one of them may be missing."""

    replayed: Episode | None
    recorded: Episode | None

    @property
    def sides(self) -> tuple[Episode, ...]:
        """Those that there are, the recorded one first."""
        return tuple(side for side in (self.recorded, self.replayed) if side is not None)


def agreement(replay: Replay, heartbeat: Heartbeat) -> Agreement:
    """The agreement of a replay with the record; ``day`` is the start of the time that was compared."""
    pairs = list(_pairs(replay))
    offsets = [(pair, _offset(pair, replay)) for pair in pairs]
    alike = [pair for pair, offset in offsets if offset is not None and offset <= 1]
    nearly = [pair for pair, offset in offsets if offset is not None and 1 < offset <= 2]
    starts = Counter(
        round((_start(pair.replayed) - _start(pair.recorded)) / replay.rule.interval)
        for pair in (*alike, *nearly)
        if pair.replayed and pair.recorded
    )
    return Agreement(
        replay.rule.version,
        replay.start,
        len(alike),
        len(nearly),
        sum(pair.recorded is None for pair in pairs),
        sum(pair.replayed is None for pair in pairs),
        tuple(sorted(starts.items())),
        tuple(_disagreement(pair, replay, heartbeat) for pair, offset in offsets if offset is None or offset > 1),
    )


def compared(agreements: Iterable[Agreement]) -> Compared:
    """All of them together. An episode that starts or ends elsewhere is one of both sides, and counts once."""
    alike = leniently = every = 0
    for found in agreements:
        alike += found.alike
        leniently += found.alike + found.nearly
        apart = sum(other.found_in == "both" for other in found.disagreements) - found.nearly
        every += found.alike + found.nearly + found.only_replayed + found.only_recorded + apart
    return Compared(alike, leniently, every)


def by_week(agreements: Iterable[Agreement]) -> Mapping[tuple[str, int], Compared]:
    """The agreement of each rule version and week, by the time at which the week begins: Monday, UTC."""
    weeks: dict[tuple[str, int], list[Agreement]] = {}
    for found in agreements:
        week = found.day - (found.day - _MONDAY) % WEEK
        weeks.setdefault((found.rule, week), []).append(found)
    return {key: compared(of_week) for key, of_week in sorted(weeks.items(), key=lambda item: item[0][::-1])}


def by_rule(agreements: Iterable[Agreement]) -> Mapping[str, Compared]:
    """The agreement of each rule version."""
    rules: dict[str, list[Agreement]] = {}
    for found in agreements:
        rules.setdefault(found.rule, []).append(found)
    return {rule: compared(of_rule) for rule, of_rule in sorted(rules.items())}


def _start(episode: Episode) -> int:
    return episode.active_at if episode.fired_at is None else episode.fired_at


def _pairs(replay: Replay) -> Iterator[_Pair]:
    """The episodes of both sides that were there at the same time, each with one at most; then those of one side."""
    recorded: dict[tuple[tuple[str, str], ...], list[Episode]] = {}
    for episode in sorted(replay.recorded, key=lambda episode: episode.active_at):
        recorded.setdefault(episode.labels, []).append(episode)
    slack = 2 * replay.rule.interval
    for episode in sorted(replay.replayed, key=lambda episode: episode.active_at):
        candidates = [
            other
            for other in recorded.get(episode.labels, ())
            if other.active_at <= episode.last + slack and episode.active_at <= other.last + slack
        ]
        if candidates:
            nearest = min(candidates, key=lambda other: _distance(episode, other))
            recorded[episode.labels].remove(nearest)
            yield _Pair(episode, nearest)
        else:
            yield _Pair(episode, None)
    yield from (_Pair(None, episode) for of_labels in recorded.values() for episode in of_labels)


def _distance(one: Episode, other: Episode) -> int:
    return abs(one.active_at - other.active_at) + abs(one.last - other.last)


def _offset(pair: _Pair, replay: Replay) -> int | None:
    """By how many evaluations start and end differ at most; ``None`` if one side has no such episode.

    An end that is not known, or a start before what was read, is not compared.
    """
    one, other = pair
    if one is None or other is None or (one.fired_at is None) is not (other.fired_at is None):
        return None
    differences = [] if one.cut_start or other.cut_start else [abs(_start(one) - _start(other))]
    if one.resolved_at is not None and other.resolved_at is not None:
        differences.append(abs(one.resolved_at - other.resolved_at))
    elif one.end == other.end:
        differences.append(abs(one.last - other.last))
    # ActiveAt is recorded in whole seconds.
    return max((-(-max(0, apart - SECOND) // replay.rule.interval) for apart in differences), default=0)


def _disagreement(pair: _Pair, replay: Replay, heartbeat: Heartbeat) -> Disagreement:
    episode = pair.sides[0]
    found_in: Literal["replayed", "recorded", "both"] = (
        "replayed" if pair.recorded is None else "recorded" if pair.replayed is None else "both"
    )
    because: Because = next((cause for cause, likely in _causes(pair, replay, heartbeat) if likely), "unknown")
    return Disagreement(found_in, episode.labels, episode.active_at, because)


def _causes(pair: _Pair, replay: Replay, heartbeat: Heartbeat) -> Iterator[tuple[Because, bool]]:
    """What may have made the difference: what is known to have happened comes before what is only possible."""
    rule, around = replay.rule, 3 * replay.rule.interval
    first, last = min(side.active_at for side in pair.sides), max(side.last for side in pair.sides)
    yield "edge", first < replay.start + around or last >= replay.end - around
    yield "restart", any(first - rule.hold - _RESTORED <= start <= last + around for start in heartbeat.starts)
    seen = any(run.first <= first - around and last + around <= run.last for run in heartbeat.runs)
    yield "not-evaluated", not seen or any(len(side.runs) > 1 for side in pair.sides)
    yield "value-label", any("$value" in value or ".Value" in value for _, value in rule.labels)
    yield "keep-firing", rule.keep > 0
    yield "phase", rule.phase is None
    yield "late-samples", _by_one_evaluation(pair, rule)


def _by_one_evaluation(pair: _Pair, rule: AlertRule) -> bool:
    """Whether one evaluation more or less explains what differs: it was there for one, or missed firing by one."""
    one, other = pair.sides[0], pair.sides[-1]
    if one is other:
        return one.last - one.active_at < 2 * rule.interval
    return max(abs(one.active_at - other.active_at), abs(one.last - other.last)) <= 2 * rule.interval + SECOND
