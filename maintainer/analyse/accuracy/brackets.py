"""Judges brackets: what differs for certain, what moved, and what could not be judged.

One difference proves nothing, because the controller's cache may lag a scrape behind the API. It counts when two
brackets in a row show it while the Rollout's resourceVersion stayed the same from the first list to the last.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import TypeVar

from maintainer.analyse.accuracy.compare import Difference, agrees, compare, explained
from maintainer.model.facts import COMPARED, Bracket, Key, Labels, Rollout, Scrape

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class DuplicateTargets:
    """Rollouts that two live targets expose at the same time."""

    targets: tuple[Labels, Labels]
    keys: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome for the Rollouts of one controller.

    ``compared``, ``moving``, ``unconfirmed`` and ``unreadable`` share out the Rollouts in scope; ``outside`` belong to
    another instance id. ``ghosts`` are by target; ``scrapes`` are the last bracket's; ``explained`` counts Rollouts
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
    twice: tuple[DuplicateTargets, ...] = ()
    explained: Mapping[str, int] = field(default_factory=dict)
    scrapes: tuple[Scrape, ...] = ()
    open: bool = False

    @property
    def unjudged(self) -> frozenset[Key]:
        """The Rollouts that nothing can be said of."""
        return self.moving | self.unconfirmed | self.unreadable


@dataclass(frozen=True, slots=True)
class _Observed:
    """One Rollout in one bracket: its version while it stood still (else ``""``) and what differed."""

    version: str
    differences: Mapping[tuple[str, Labels], Difference]
    unreadable: bool = False

    @property
    def clean(self) -> bool:
        """Compared, and everything equal."""
        return bool(self.version) and not self.differences and not self.unreadable


def judge_brackets(brackets: Sequence[Bracket], instance_id: str) -> Comparison:
    """What can be said after these brackets; ``open`` says that another one could say more."""
    looked = [bracket for bracket in brackets if bracket.scrapes]
    everybody: dict[Key, Rollout] = {}
    for bracket in brackets:
        everybody.update(bracket.before)
    scope = {key for key, rollout in everybody.items() if rollout.instance_id == instance_id}
    comparison = Comparison(listed=len(everybody), outside=len(everybody) - len(scope))
    if not looked:
        return comparison
    scope &= set[Key]().union(*(bracket.before for bracket in looked))
    agreeing = [_agreeing(bracket) for bracket in looked]
    scope -= _gone(brackets[-1], scope - agreeing[-1] if brackets[-1].scrapes else scope)
    comparison = _share_out(comparison, looked, scope, agreeing=set[Key]().union(*agreeing))
    ghosts, open_ghosts = _lasting([_ghosts(bracket) for bracket in looked[-2:]])
    twice, open_twice = _lasting([_twice(bracket) for bracket in looked[-2:]])
    last = looked[-1]
    return replace(
        comparison,
        ghosts=ghosts,
        twice=tuple(DuplicateTargets(pair, keys) for pair, keys in sorted(twice.items())),
        explained=_explained(last, comparison.compared - agreeing[-1]),
        scrapes=last.scrapes,
        open=bool(comparison.unjudged) or open_ghosts or open_twice,
    )


def _agreeing(bracket: Bracket) -> set[Key]:
    """The Rollouts that stood still and that every target with them shows as they are."""
    agreeing: set[Key] = set()
    others: set[Key] = set()
    for scrape in bracket.scrapes:
        others |= scrape.unreadable
        # Most of a fleet is alike and shares its series, so that few pairs are different ones.
        known: dict[tuple[object, int], bool] = {}
        for key, rollout in bracket.before.items():
            series = scrape.series.get(key)
            if series is None:
                continue
            pair = rollout[COMPARED], id(series)
            same = known.get(pair)
            if same is None:
                same = known[pair] = agrees(rollout, series)
            if same and bracket.after.get(key) == rollout.resource_version:
                agreeing.add(key)
            else:
                others.add(key)
    return agreeing - others


def _gone(bracket: Bracket, keys: set[Key]) -> set[Key]:
    """Which of these one of the two lists of a bracket should have and has not."""
    lacking = keys.difference(bracket.before) | keys.difference(bracket.after)
    return {key for key in lacking if bracket.covers(key)}


def _share_out(
    comparison: Comparison, brackets: Sequence[Bracket], scope: set[Key], *, agreeing: set[Key]
) -> Comparison:
    """Where each Rollout belongs. One look in which it agrees settles it."""
    shares: dict[str, set[Key]] = {name: set() for name in ("compared", "moving", "unconfirmed", "unreadable")}
    shares["compared"] = scope & agreeing
    differences: list[Difference] = []
    for key in sorted(scope - agreeing):
        share, proven = _outcome(brackets, key)
        shares[share].add(key)
        differences += proven
    return replace(
        comparison,
        compared=frozenset(shares["compared"]),
        moving=frozenset(shares["moving"]),
        unconfirmed=frozenset(shares["unconfirmed"]),
        unreadable=frozenset(shares["unreadable"]),
        differences=tuple(differences),
    )


def _outcome(brackets: Sequence[Bracket], key: Key) -> tuple[str, Sequence[Difference]]:
    """The share that a Rollout belongs to and what differs for certain. One clean look settles it."""
    looks: list[_Observed] = []
    for bracket in brackets:
        looks.append(_observed(bracket, key))
        if looks[-1].clean:
            return "compared", ()
    if proven := _proven(looks):
        return "compared", proven
    quiet = [look for look in looks if look.version]
    if not quiet:
        return "moving", ()
    return ("unreadable" if quiet[-1].unreadable else "unconfirmed"), ()


def _observed(bracket: Bracket, key: Key) -> _Observed:
    if not bracket.still(key):
        return _Observed("", {})
    version = bracket.before[key].resource_version
    having = [scrape for scrape in bracket.scrapes if key in scrape.series]
    if any(key in scrape.unreadable for scrape in bracket.scrapes) or (bracket.stale and not having):
        return _Observed(version, {}, unreadable=True)
    if not having:
        missing = Difference("coverage/missing", "whole", key, (), "present", None)
        return _Observed(version, {(missing.check, missing.target): missing})
    rollout = bracket.before[key]
    found = (one for scrape in having for one in compare(rollout, scrape.series[key], scrape))
    return _Observed(version, {(one.check, one.target): one for one in found})


def _proven(looks: Sequence[_Observed]) -> list[Difference]:
    """What two looks in a row showed at one and the same version, as the later one saw it."""
    proven: dict[tuple[str, Labels], Difference] = {}
    for earlier, later in pairwise(looks):
        if later.version and earlier.version == later.version:
            proven |= {what: one for what, one in later.differences.items() if what in earlier.differences}
    return list(proven.values())


def _ghosts(bracket: Bracket) -> dict[Labels, frozenset[Key]]:
    found = {}
    for scrape in bracket.scrapes:
        unlisted = set(scrape.series).difference(bracket.before)
        found[scrape.target] = frozenset(key for key in unlisted if bracket.covers(key) and key not in bracket.after)
    return {target: keys for target, keys in found.items() if keys}


def _twice(bracket: Bracket) -> dict[tuple[Labels, Labels], frozenset[Key]]:
    found = {
        (one.target, other.target): frozenset(one.series.keys() & other.series.keys())
        for one, other in combinations(bracket.scrapes, 2)
    }
    return {pair: keys for pair, keys in found.items() if keys}


def _lasting(seen: Sequence[Mapping[W, frozenset[Key]]]) -> tuple[dict[W, frozenset[Key]], bool]:
    """What the last two brackets both saw, and whether the last one saw something that nothing confirms yet."""
    *earlier, last = seen
    before = earlier[-1] if earlier else {}
    lasting = {where: both for where, keys in last.items() if (both := keys & before.get(where, frozenset()))}
    return lasting, any(keys != lasting.get(where) for where, keys in last.items())


def _explained(bracket: Bracket, keys: frozenset[Key]) -> Mapping[str, int]:
    """How many of these Rollouts read differently for which reason."""
    rows = {
        key: found.row
        for scrape in bracket.scrapes
        for key in keys & scrape.series.keys()
        if bracket.still(key) and (found := explained(bracket.before[key], scrape.series[key]))
    }
    return dict(sorted(Counter(rows.values()).items()))
