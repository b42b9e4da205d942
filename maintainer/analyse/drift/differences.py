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


def differences(
    desired: Json, live: Json, how: Comparison, *, path: Path = (), steps: Steps = ()
) -> Iterator[Difference]:
    """The differences of two trees, each as deep in them as it can be said.

    Raises RecursionError if they are nested too deeply.
    """
    if how.quick and desired == live:
        return
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        yield from _of_mappings(desired, live, how, path, steps)
    elif _is_list(desired) and _is_list(live):
        yield from _of_lists(desired, live, how, path, steps)  # type: ignore[arg-type] # both are lists, see above
    elif not how.same(path, desired, live):
        yield Difference("changed", path, desired, live, steps)


def _of_mappings(
    desired: Mapping[str, Json], live: Mapping[str, Json], how: Comparison, path: Path, steps: Steps
) -> Iterator[Difference]:
    for key, value in desired.items():
        inner, below = (*path, key), (*steps, key)
        if key in live:
            yield from differences(value, live[key], how, path=inner, steps=below)
        elif how.lacks(below, value):
            yield Difference("changed", inner, value, None, below)
    for key, value in live.items():
        if key not in desired and how.adds((*steps, key), value):
            yield Difference("changed", (*path, key), None, value, (*steps, key))


def _of_lists(
    desired: Sequence[Json], live: Sequence[Json], how: Comparison, path: Path, steps: Steps
) -> Iterator[Difference]:
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    named = pairs(field, desired, live) if desired or live else None
    if named is None:
        yield from _of_ordered(desired, live, how, path, steps)
        return
    for pair in named:
        inner = (*path, pair.step)
        if pair.side == "both":
            yield from differences(pair.desired, pair.live, how, path=inner, steps=(*steps, pair.live))
        else:
            what: What = "missing" if pair.side == "desired" else "extra"
            item = pair.desired if pair.side == "desired" else pair.live
            yield Difference(what, inner, pair.desired, pair.live, (*steps, item))


def _of_ordered(
    desired: Sequence[Json], live: Sequence[Json], how: Comparison, path: Path, steps: Steps
) -> Iterator[Difference]:
    """The differences of lists without names. What begins and ends both is left out if one has more items."""
    if path and path[-1] in SETS:
        if sorted(map(str, desired)) != sorted(map(str, live)):
            yield Difference("changed", path, desired, live, steps)
        return
    begin, end = _common(desired, live) if len(desired) != len(live) else (0, 0)
    wanted, there = desired[begin : len(desired) - end], live[begin : len(live) - end]
    both = min(len(wanted), len(there))
    for index in range(both):
        inner = (*path, begin + index)
        yield from differences(wanted[index], there[index], how, path=inner, steps=(*steps, there[index]))
    for index, item in enumerate(wanted[both:], begin + both):
        yield Difference("changed", (*path, index), item, None, steps)
    for index, item in enumerate(there[both:], begin + both):
        yield Difference("changed", (*path, index), None, item, steps)


def _common(desired: Sequence[Json], live: Sequence[Json]) -> tuple[int, int]:
    """How many items begin both lists, and how many others end both."""
    shorter = min(len(desired), len(live))
    begin = next((index for index in range(shorter) if desired[index] != live[index]), shorter)
    rest = shorter - begin
    return begin, next((index for index in range(rest) if desired[-1 - index] != live[-1 - index]), rest)


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
