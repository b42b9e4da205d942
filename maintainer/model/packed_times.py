"""Times as the archive keeps them: each time once, as the difference to the one before, and everywhere else its place.

The times of a day repeat: a scrape gives all Rollouts the same. As differences in order they compress to little.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TypeVar

T = TypeVar("T")


class PackedTimes:
    """The times that a line needs, and where each stands among them."""

    def __init__(self, times: Iterable[int]) -> None:
        ordered = sorted(set(times))
        self.differences = [*ordered[:1], *(later - earlier for earlier, later in pairwise(ordered))]
        self._places = {time: place for place, time in enumerate(ordered)}

    def place(self, time: int) -> int:
        """Where the time stands."""
        return self._places[time]

    def run(self, first: int, last: int) -> tuple[int, int]:
        """Where a run begins, and how many times it goes on."""
        return self._places[first], self._places[last] - self._places[first]


class UnpackedTimes:
    """The times of a line by their places. Raises ``LookupError`` for a place that is not there."""

    def __init__(self, differences: Sequence[int]) -> None:
        self._times = list(accumulate(differences))

    def at(self, place: int) -> int:
        """The time at a place."""
        return item(self._times, place)

    def run(self, place: int, length: int) -> tuple[int, int]:
        """The first and the last time of a run."""
        return self.at(place), self.at(place + length)


def item(items: Sequence[T], place: int) -> T:
    """The item at a place; a negative place is not there."""
    if place < 0:
        raise LookupError(f"there is no place {place}")
    return items[place]


def columns(rows: Iterable[Sequence[int]], width: int) -> list[list[int]]:
    """The rows column by column, which compresses better."""
    found = [list(column) for column in zip(*rows, strict=True)]
    return found or [[] for _ in range(width)]
