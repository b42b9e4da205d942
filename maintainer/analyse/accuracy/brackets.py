"""Compares API and metrics over several brackets: what differs for certain, what moved, what is undecided.

A difference in a single bracket proves nothing, because the controller's cache may be a scrape behind the API. It
counts when two consecutive brackets show it and the Rollout's resourceVersion is the same in all four lists.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import TypeVar

from maintainer.analyse.accuracy.compare import Difference, agrees, compare, explained
from maintainer.analyse.accuracy.overlooked import not_acted_on, of_cache_or_pipeline, only_stale
from maintainer.model.facts import COMPARED, Bracket, Key, Labels, Rollout, Scrape

T = TypeVar("T")

UNDECIDED_SHARE = 0.05
"""The share of the Rollouts that may be moving or unconfirmed before that is a gap."""


@dataclass(frozen=True, slots=True)
class DuplicateTargets:
    """The Rollouts that both of these targets expose in the same bracket."""

    targets: tuple[Labels, Labels]
    keys: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing the Rollouts of a controller with its metrics.

    Each Rollout in scope is in exactly one of ``compared``, ``moving`` (changed during every bracket), ``unconfirmed``
    (differed, but not in two consecutive brackets) and ``unreadable`` (a value is no number, or a target gave no new
    scrape).
    ``listed`` counts the Rollouts of the API, ``outside`` those of another instance id. ``ghosts`` are Rollouts in the
    metrics and not in the API, by target. ``explained`` counts, by reason, Rollouts whose two phases differ as
    upstream's rules allow. ``scrapes`` are those of the last bracket that has any. ``waiting`` are those of
    ``compared`` whose metrics are right and on which the controller has not acted yet. ``open``: another bracket could
    decide more.
    """

    listed: int = 0
    outside: int = 0
    compared: frozenset[Key] = frozenset()
    moving: frozenset[Key] = frozenset()
    unconfirmed: frozenset[Key] = frozenset()
    unreadable: frozenset[Key] = frozenset()
    waiting: frozenset[Key] = frozenset()
    differences: tuple[Difference, ...] = ()
    ghosts: Mapping[Labels, frozenset[Key]] = field(default_factory=dict)
    duplicates: tuple[DuplicateTargets, ...] = ()
    explained: Mapping[str, int] = field(default_factory=dict)
    scrapes: tuple[Scrape, ...] = ()
    open: bool = False

    @property
    def decided(self) -> bool:
        """Whether so few Rollouts moved or are unconfirmed that nothing is missing."""
        total = len(self.compared) + len(self.not_compared)
        return len(self.moving | self.unconfirmed) <= UNDECIDED_SHARE * total

    @property
    def not_compared(self) -> frozenset[Key]:
        """The Rollouts that could not be compared."""
        return self.moving | self.unconfirmed | self.unreadable


@dataclass(frozen=True, slots=True)
class _Observed:
    """A Rollout in a bracket: its resourceVersion, "" if that changed, and its differences by check and target."""

    version: str
    differences: Mapping[tuple[str, Labels], Difference]
    unreadable: bool = False

    @property
    def clean(self) -> bool:
        """Whether it was compared and nothing differed."""
        return bool(self.version) and not self.differences and not self.unreadable

    @property
    def waits(self) -> bool:
        """Whether nothing differed but that the controller has not acted on the Rollout yet."""
        return bool(self.differences) and only_stale(self.differences.values())


def judge_brackets(brackets: Sequence[Bracket], instance_id: str, *, patient: bool = True) -> Comparison:
    """Compare the Rollouts of this instance id over the brackets, oldest first.

    Where it is not ``patient``, another bracket is not wanted for a few Rollouts that only moved.
    """
    scraped = [bracket for bracket in brackets if bracket.scrapes]
    listed: dict[Key, Rollout] = {}
    for bracket in brackets:
        listed.update(bracket.before)
    scope = {key for key, rollout in listed.items() if rollout.instance_id == instance_id}
    comparison = Comparison(listed=len(listed), outside=len(listed) - len(scope))
    if not scraped:
        return comparison
    scope &= set[Key]().union(*(bracket.before for bracket in scraped))
    agreeing = [_agreeing(bracket) for bracket in scraped]
    scope -= _gone(brackets[-1], scope - agreeing[-1] if brackets[-1].scrapes else scope)
    comparison = _share_out(comparison, scraped, scope=scope, agreeing=set[Key]().union(*agreeing))
    comparison = _with_last_scrapes(comparison, scraped, agreeing=agreeing[-1])
    return replace(comparison, open=comparison.open or not comparison.decided or (patient and bool(comparison.moving)))


def _with_last_scrapes(comparison: Comparison, brackets: Sequence[Bracket], *, agreeing: set[Key]) -> Comparison:
    """Add what the last two brackets show of targets; ``agreeing`` are the Rollouts without difference in the last."""
    last = brackets[-1]
    ghosts, open_ghosts = _confirmed([_ghosts(bracket) for bracket in brackets[-2:]])
    duplicates, open_duplicates = _confirmed([_duplicates(bracket) for bracket in brackets[-2:]])
    return replace(
        comparison,
        ghosts=ghosts,
        duplicates=tuple(DuplicateTargets(pair, keys) for pair, keys in sorted(duplicates.items())),
        explained=_explained(last, comparison.compared - agreeing),
        scrapes=last.scrapes,
        open=bool(comparison.unconfirmed | comparison.unreadable | comparison.waiting)
        or open_ghosts
        or open_duplicates,
    )


def _agreeing(bracket: Bracket) -> set[Key]:
    """The Rollouts that did not change and that agree with every target that exposes them."""
    agreeing: set[Key] = set()
    others: set[Key] = set()
    for scrape in bracket.scrapes:
        others |= scrape.unreadable
        # Most Rollouts of a fleet have equal fields and share a series object, so few pairs have to be compared.
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
    """Which of these are missing in a list of the bracket, although their namespace was listed."""
    lacking = keys.difference(bracket.before) | keys.difference(bracket.after)
    return {key for key in lacking if bracket.covers(key)}


def _share_out(
    comparison: Comparison, brackets: Sequence[Bracket], *, scope: set[Key], agreeing: set[Key]
) -> Comparison:
    """Put each Rollout of the scope into its share; ``agreeing`` are those without difference in some bracket."""
    shares: dict[str, set[Key]] = {
        name: set() for name in ("compared", "moving", "unconfirmed", "unreadable", "waiting")
    }
    shares["compared"] = scope & agreeing
    differences: list[Difference] = []
    for key in sorted(scope - agreeing):
        share, proven = _outcome(brackets, key)
        shares[share].add(key)
        differences += proven
    return replace(
        comparison,
        compared=frozenset(shares["compared"] | shares["waiting"]),
        waiting=frozenset(shares["waiting"]),
        moving=frozenset(shares["moving"]),
        unconfirmed=frozenset(shares["unconfirmed"]),
        unreadable=frozenset(shares["unreadable"]),
        differences=tuple(differences),
    )


def _outcome(brackets: Sequence[Bracket], key: Key) -> tuple[str, Sequence[Difference]]:
    """The share that a Rollout belongs to, and its confirmed differences: none after a bracket without difference."""
    observed: list[_Observed] = []
    for bracket in brackets:
        observed.append(_observed(bracket, key))
        if observed[-1].clean:
            return "compared", ()
    if proven := _proven(observed):
        return of_cache_or_pipeline(brackets, key, proven)
    if any(state.waits for state in observed):
        return "waiting", ()
    unchanged = [state for state in observed if state.version]
    if not unchanged:
        return "moving", ()
    return ("unreadable" if unchanged[-1].unreadable else "unconfirmed"), ()


def _observed(bracket: Bracket, key: Key) -> _Observed:
    if not bracket.still(key):
        return _Observed("", {})
    rollout = bracket.before[key]
    version = rollout.resource_version
    exposing = [scrape for scrape in bracket.scrapes if key in scrape.series]
    if any(key in scrape.unreadable for scrape in bracket.scrapes) or (bracket.stale and not exposing):
        return _Observed(version, {}, unreadable=True)
    if not exposing:
        missing = Difference("coverage/missing", "whole", key, (), "present", None)
        return _Observed(version, {(missing.check, missing.target): missing})
    differences = [difference for scrape in exposing for difference in compare(rollout, scrape.series[key], scrape)]
    if overlooked := not_acted_on(rollout, exposing):
        differences.append(overlooked)
    return _Observed(version, {(difference.check, difference.target): difference for difference in differences})


def _proven(observed: Sequence[_Observed]) -> list[Difference]:
    """The differences of two consecutive brackets at the same resourceVersion, with the later bracket's values."""
    proven: dict[tuple[str, Labels], Difference] = {}
    for earlier, later in pairwise(observed):
        if later.version and earlier.version == later.version:
            proven |= {
                where: difference for where, difference in later.differences.items() if where in earlier.differences
            }
    return list(proven.values())


def _ghosts(bracket: Bracket) -> dict[Labels, frozenset[Key]]:
    ghosts = {}
    for scrape in bracket.scrapes:
        unlisted = set(scrape.series).difference(bracket.before)
        ghosts[scrape.target] = frozenset(key for key in unlisted if bracket.covers(key) and key not in bracket.after)
    return {target: keys for target, keys in ghosts.items() if keys}


def _duplicates(bracket: Bracket) -> dict[tuple[Labels, Labels], frozenset[Key]]:
    common = {
        (first.target, second.target): frozenset(first.series.keys() & second.series.keys())
        for first, second in combinations(bracket.scrapes, 2)
    }
    return {pair: keys for pair, keys in common.items() if keys}


def _confirmed(by_bracket: Sequence[Mapping[T, frozenset[Key]]]) -> tuple[dict[T, frozenset[Key]], bool]:
    """What the last two brackets have in common, and whether the last bracket has more than that."""
    *earlier, last = by_bracket
    previous = earlier[-1] if earlier else {}
    confirmed = {target: both for target, keys in last.items() if (both := keys & previous.get(target, frozenset()))}
    return confirmed, any(keys != confirmed.get(target) for target, keys in last.items())


def _explained(bracket: Bracket, keys: frozenset[Key]) -> Mapping[str, int]:
    """How many of these Rollouts have a phase that differs from the API's for a known reason, by reason."""
    rows = {
        key: why.row
        for scrape in bracket.scrapes
        for key in keys & scrape.series.keys()
        if bracket.still(key) and (why := explained(bracket.before[key], scrape.series[key]))
    }
    return dict(sorted(Counter(rows.values()).items()))
