"""Schedules that are taken, made at random, with the times that they mean, and their fires."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from maintainer.triggers import next_fire

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Written:
    """A schedule, and the values of its five fields; weekdays are counted from Monday, which is 0."""

    text: str
    values: tuple[frozenset[int], ...]

    def means(self, wall: datetime) -> bool:
        """Whether a time on the wall is one of the schedule."""
        shown = (wall.minute, wall.hour, wall.day, wall.month, wall.weekday())
        return all(number in values for number, values in zip(shown, self.values, strict=True))


def fires(expression: str, zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """All fires after a time up to another, this one included."""
    fire = next_fire(expression, zone, after)
    while fire and fire <= until:
        yield fire
        fire = next_fire(expression, zone, fire)


def written(random: Random) -> Written:
    """Any schedule of the forms that are taken, with a day that comes."""
    star = ("*", range(7))
    while True:
        day = random.choice([("*", range(1, 32)), _numbers(random, 1, 31)])
        weekday = random.choice([star, _names(random, WEEK, 0)]) if day[0] == "*" else star
        month = random.choice([("*", range(1, 13)), _numbers(random, 1, 12), _names(random, MONTHS, 1)])
        fields = (_numbers(random, 0, 59), _numbers(random, 0, 23), day, month, weekday)
        if min(day[1]) <= max(29 if number == 2 else 30 + (number in {1, 3, 5, 7, 8, 10, 12}) for number in month[1]):
            return Written(" ".join(text for text, _ in fields), tuple(frozenset(values) for _, values in fields))


def _numbers(random: Random, first: int, last: int) -> tuple[str, Sequence[int]]:
    """A field of numbers: a list of numbers, ranges and steps, or all."""
    items: list[str] = []
    values: list[int] = []
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        low, high = sorted(random.sample(range(first, last + 1), 2))
        step = random.randint(1, high - low)
        item, meant = random.choice(
            [
                (str(low), range(low, low + 1)),
                (f"{low:02}", range(low, low + 1)),
                (f"{low}-{high}", range(low, high + 1)),
                (f"{low}-{high}/{step}", range(low, high + 1, step)),
                (f"*/{step}", range(first, last + 1, step)),
            ]
        )
        items.append(item)
        values += meant
    return random.choice([("*", range(first, last + 1)), (",".join(items), values), (",".join(items), values)])


def _names(random: Random, names: Sequence[str], first: int) -> tuple[str, Sequence[int]]:
    """A field of names: a list of names and ranges. A range does not end on a Sunday."""
    low, high = sorted(random.sample(range(len(names) - (names is WEEK)), 2))
    alone = random.randrange(len(names))
    item, meant = random.choice(
        [
            (names[alone], [alone]),
            (f"{names[low]}-{names[high]}", range(low, high + 1)),
            (f"{names[alone]},{names[low]}-{names[high]}", [alone, *range(low, high + 1)]),
        ]
    )
    return item, [first + number for number in meant]
