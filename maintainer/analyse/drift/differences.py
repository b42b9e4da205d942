"""In what two trees of mappings and lists differ: the walk that the comparisons of objects and of documents share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from maintainer.analyse.drift.identities import SETS, pairs
from maintainer.model.drift import Path
from maintainer.model.report import Json

What = Literal["missing", "changed", "extra"]
Steps = tuple[Json, ...]
"""The way to a value in the live tree: the names of fields, and items of lists themselves."""


class Difference(NamedTuple):
    """A place where two trees differ; ``steps`` is the same place as ``path``."""

    what: What
    path: Path
    desired: Json
    live: Json
    steps: Steps


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two trees are compared.

    ``same`` says whether two values that are neither both mappings nor both lists are equal. ``lacks`` says whether a
    declared field that the live tree has not is a difference, ``adds`` whether one that only the live tree has is.
    ``quick``: two values that are equal for Python are not looked into.
    """

    same: Callable[[Path, Json, Json], bool]
    lacks: Callable[[Steps, Json], bool]
    adds: Callable[[Steps, Json], bool]
    quick: bool = True


class Place(NamedTuple):
    """A place in both trees; ``steps`` is the same place as ``path``."""

    path: Path = ()
    steps: Steps = ()

    def below(self, step: str | int, way: Json) -> "Place":
        """The place of a field or an item in it."""
        return Place((*self.path, step), (*self.steps, way))

    def differs(self, what: What, desired: Json, live: Json) -> Difference:
        """A difference at the place."""
        return Difference(what, self.path, desired, live, self.steps)


_TOP = Place()


def differences(desired: Json, live: Json, *, how: Comparison, at: Place = _TOP) -> Iterator[Difference]:
    """The differences of two trees, each as deep in them as it can be said.

    Raises RecursionError if they are nested too deeply.
    """
    if how.quick and desired == live:
        return
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        yield from _of_mappings(desired, live, how=how, at=at)
    elif _is_list(desired) and _is_list(live):
        yield from _of_lists(desired, live, how=how, at=at)  # type: ignore[arg-type] # both are lists, see above
    elif not how.same(at.path, desired, live):
        yield at.differs("changed", desired, live)


def _of_mappings(
    desired: Mapping[str, Json], live: Mapping[str, Json], *, how: Comparison, at: Place
) -> Iterator[Difference]:
    for key, value in desired.items():
        inner = at.below(key, key)
        if key in live:
            yield from differences(value, live[key], how=how, at=inner)
        elif how.lacks(inner.steps, value):
            yield inner.differs("changed", value, None)
    for key, value in live.items():
        if key not in desired and how.adds((*at.steps, key), value):
            yield at.below(key, key).differs("changed", None, value)


def _of_lists(desired: Sequence[Json], live: Sequence[Json], *, how: Comparison, at: Place) -> Iterator[Difference]:
    field = next((step for step in reversed(at.path) if isinstance(step, str)), "")
    named = pairs(field, desired, live) if desired or live else None
    if named is None:
        yield from _of_ordered(desired, live, how=how, at=at)
        return
    for step, wanted, there, side in named:
        if side == "both":
            yield from differences(wanted, there, how=how, at=at.below(step, there))
        elif side == "desired":
            yield at.below(step, wanted).differs("missing", wanted, None)
        else:
            yield at.below(step, there).differs("extra", None, there)


def _of_ordered(desired: Sequence[Json], live: Sequence[Json], *, how: Comparison, at: Place) -> Iterator[Difference]:
    """The differences of lists without names. What begins and ends both is left out if one has more items."""
    if at.path and at.path[-1] in SETS:
        if sorted(map(str, desired)) != sorted(map(str, live)):
            yield at.differs("changed", desired, live)
        return
    begin, end = _common(desired, live) if len(desired) != len(live) else (0, 0)
    wanted, there = desired[begin : len(desired) - end], live[begin : len(live) - end]
    both = min(len(wanted), len(there))
    for index in range(both):
        yield from differences(wanted[index], there[index], how=how, at=at.below(begin + index, there[index]))
    # No manager owns an item of such a list by itself, so the way ends at the list.
    rest = [*((item, None) for item in wanted[both:]), *((None, item) for item in there[both:])]
    for index, (item, other) in enumerate(rest, begin + both):
        yield Difference("changed", (*at.path, index), item, other, at.steps)


def _common(desired: Sequence[Json], live: Sequence[Json]) -> tuple[int, int]:
    """How many items begin both lists, and how many others end both."""
    shorter = min(len(desired), len(live))
    begin = next((index for index in range(shorter) if desired[index] != live[index]), shorter)
    rest = shorter - begin
    return begin, next((index for index in range(rest) if desired[-1 - index] != live[-1 - index]), rest)


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
