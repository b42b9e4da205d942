"""Judges brackets: what differs for certain, what moved, and what could not be judged.

One difference proves nothing, because the controller's cache may lag a scrape behind the API. It counts when two
brackets in a row show it while the Rollout's resourceVersion stayed the same from the first list to the last.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import TypeVar

from maintainer.analyse.compare import Difference, compare, explained, gauges
from maintainer.analyse.phases import metric_phase
from maintainer.model.facts import Bracket, Key, Labels, Reading, Rollout, Series

W = TypeVar("W")

TRIES = 3


@dataclass(frozen=True, slots=True)
class Twice:
    """Rollouts that two live targets expose at the same time."""

    targets: tuple[Labels, Labels]
    keys: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome for the Rollouts of one controller.

    ``compared``, ``moving``, ``unconfirmed`` and ``unreadable`` share out the Rollouts in scope; ``outside`` belong to
    another instance id. ``ghosts`` are by target; ``readings`` are the last bracket's; ``explained`` counts Rollouts
    whose API phase reads differently for a known reason.
    """

    listed: int = 0
    outside: int = 0
    compared: frozenset[Key] = frozenset()
    moving: frozenset[Key] = frozenset()
    unconfirmed: frozenset[Key] = frozenset()
    unreadable: frozenset[Key] = frozenset()
    differences: tuple[Difference, ...] = ()
    ghosts: Mapping[Labels, frozenset[Key]] = field(default_factory=dict)
    twice: tuple[Twice, ...] = ()
    explained: Mapping[str, int] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    open: bool = False

    @property
    def unjudged(self) -> frozenset[Key]:
        """The Rollouts that nothing can be said of."""
        return self.moving | self.unconfirmed | self.unreadable


@dataclass(frozen=True, slots=True)
class _Look:
    """One Rollout in one bracket: its version while it stood still (else ``""``) and what differed."""

    version: str
    differences: Mapping[tuple[str, Labels], Difference]
    unreadable: bool = False

    @property
    def clean(self) -> bool:
        """Compared, and everything equal."""
        return bool(self.version) and not self.differences and not self.unreadable


def judge(brackets: Sequence[Bracket], instance_id: str) -> Judged:
    """What can be said after these brackets; ``open`` says that another one could say more."""
    looked = [bracket for bracket in brackets if bracket.readings]
    everybody = {key: rollout for bracket in brackets for key, rollout in bracket.before.items()}
    scope = {key for key, rollout in everybody.items() if rollout.instance_id == instance_id}
    judged = Judged(listed=len(everybody), outside=len(everybody) - len(scope))
    if not looked:
        return judged
    # A Rollout that is gone from the newest lists is nobody's concern any more.
    scope &= looked[-1].before.keys() & looked[-1].after.keys()
    judged = _share_out(judged, looked, scope)
    ghosts, open_ghosts = _lasting([_ghosts(bracket) for bracket in looked[-2:]])
    twice, open_twice = _lasting([_twice(bracket) for bracket in looked[-2:]])
    last = looked[-1]
    return replace(
        judged,
        ghosts=ghosts,
        twice=tuple(Twice(pair, keys) for pair, keys in sorted(twice.items())),
        explained=_explained(last, judged.compared),
        readings=last.readings,
        open=bool(judged.unjudged) or open_ghosts or open_twice,
    )


def settled(brackets: Sequence[Bracket], instance_id: str) -> bool:
    """Whether another bracket could tell nothing more."""
    return not judge(brackets, instance_id).open


def _share_out(judged: Judged, brackets: Sequence[Bracket], scope: set[Key]) -> Judged:
    shares: dict[str, set[Key]] = {name: set() for name in ("compared", "moving", "unconfirmed", "unreadable")}
    differences: list[Difference] = []
    for key in sorted(scope):
        share, proven = _outcome(brackets, key)
        shares[share].add(key)
        differences += proven
    return replace(
        judged,
        compared=frozenset(shares["compared"]),
        moving=frozenset(shares["moving"]),
        unconfirmed=frozenset(shares["unconfirmed"]),
        unreadable=frozenset(shares["unreadable"]),
        differences=tuple(differences),
    )


def _outcome(brackets: Sequence[Bracket], key: Key) -> tuple[str, Sequence[Difference]]:
    """The share that a Rollout belongs to and what differs for certain. One clean look settles it."""
    looks: list[_Look] = []
    for bracket in brackets:
        looks.append(_look(bracket, key))
        if looks[-1].clean:
            return "compared", ()
    proven = _proven(looks) or _never_right(brackets, key)
    if proven:
        return "compared", proven
    quiet = [look for look in looks if look.version]
    if not quiet:
        return "moving", ()
    return ("unreadable" if quiet[-1].unreadable else "unconfirmed"), ()


def _look(bracket: Bracket, key: Key) -> _Look:
    if not bracket.still(key):
        return _Look("", {})
    version = bracket.before[key].resource_version
    having = [reading for reading in bracket.readings if key in reading.series]
    if any(key in reading.unreadable for reading in having) or (bracket.stale and not having):
        return _Look(version, {}, unreadable=True)
    if not having:
        missing = Difference("coverage/missing", "whole", key, (), "present", None)
        return _Look(version, {(missing.check, missing.target): missing})
    rollout = bracket.before[key]
    found = (one for reading in having for one in compare(rollout, reading.series[key], reading))
    return _Look(version, {(one.check, one.target): one for one in found})


def _proven(looks: Sequence[_Look]) -> list[Difference]:
    """What two looks in a row showed at one and the same version, as the later one saw it."""
    proven: dict[tuple[str, Labels], Difference] = {}
    for earlier, later in pairwise(looks):
        if later.version and earlier.version == later.version:
            proven |= {what: one for what, one in later.differences.items() if what in earlier.differences}
    return list(proven.values())


def _never_right(brackets: Sequence[Bracket], key: Key) -> list[Difference]:
    """What can be said of a Rollout that changed in every bracket.

    It may pass through states between two lists that nobody saw, so a value that is in neither list proves nothing by
    itself. A series that held one value over every scrape of every bracket, and equals none of the states that the API
    showed before, between and after, does: the metric does not follow.
    """
    if len(brackets) < TRIES or any(key not in bracket.before or bracket.still(key) for bracket in brackets):
        return []
    states = [bracket.before[key] for bracket in brackets]
    found: list[Difference] = []
    for target in {reading.target for bracket in brackets for reading in bracket.readings}:
        seen = [_steady(bracket, key, target) for bracket in brackets]
        if all(series is not None and series == seen[0] for series in seen) and seen[0] is not None:
            found += _frozen(key, states, seen[0], target)
    return found


def _steady(bracket: Bracket, key: Key, target: Labels) -> Series | None:
    reading = next((one for one in bracket.readings if one.target == target), None)
    return reading.series[key] if reading and key in reading.steady and key not in reading.unreadable else None


def _frozen(key: Key, states: Sequence[Rollout], series: Series, target: Labels) -> Iterator[Difference]:
    phases = sorted({metric_phase(state) for state in states})
    shown = sorted({phase for _, phase in series.infos})
    if not set(shown) & set(phases):
        yield Difference("accuracy/phase", "frozen", key, target, phases, ", ".join(shown))
    wanted = [gauges(state) for state in states]
    wrong = [name for name, value in series.gauges.items() if all(value != one[name] for one in wanted)]
    if wrong:
        api = {name: sorted({one[name] for one in wanted}) for name in wrong}
        yield Difference("accuracy/replicas", "frozen", key, target, api, {name: series.gauges[name] for name in wrong})


def _ghosts(bracket: Bracket) -> dict[Labels, frozenset[Key]]:
    known = bracket.before.keys() | bracket.after.keys()
    found = {
        reading.target: frozenset(key for key in reading.series if bracket.covers(key) and key not in known)
        for reading in bracket.readings
    }
    return {target: keys for target, keys in found.items() if keys}


def _twice(bracket: Bracket) -> dict[tuple[Labels, Labels], frozenset[Key]]:
    found = {
        (one.target, other.target): frozenset(one.series.keys() & other.series.keys())
        for one, other in combinations(bracket.readings, 2)
    }
    return {pair: keys for pair, keys in found.items() if keys}


def _lasting(seen: Sequence[Mapping[W, frozenset[Key]]]) -> tuple[dict[W, frozenset[Key]], bool]:
    """What the last two brackets both saw, and whether the last one saw something that nothing confirms yet."""
    *earlier, last = seen
    before = earlier[-1] if earlier else {}
    lasting = {where: both for where, keys in last.items() if (both := keys & before.get(where, frozenset()))}
    return lasting, any(keys != lasting.get(where) for where, keys in last.items())


def _explained(bracket: Bracket, compared: frozenset[Key]) -> Mapping[str, int]:
    rows = {
        key: found.row
        for reading in bracket.readings
        for key, series in reading.series.items()
        if key in compared and bracket.still(key) and (found := explained(bracket.before[key], series))
    }
    return dict(sorted(Counter(rows.values()).items()))
