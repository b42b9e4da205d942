"""Least squares in few columns, by Gram and Schmidt."""

from collections.abc import Sequence
from math import sqrt

Vector = Sequence[float]

_NOTHING = 1e-9


def orthonormal(columns: Sequence[Vector], basis: Sequence[Vector] = ()) -> list[Vector]:
    """A basis of what the columns add to the basis; columns that add nothing are left out."""
    added: list[Vector] = []
    for column in columns:
        rest = without(column, [*basis, *added])
        size = sqrt(dot(rest, rest))
        if size > _NOTHING:
            added.append([value / size for value in rest])
    return added


def without(vector: Vector, basis: Sequence[Vector]) -> Vector:
    """What is left of the vector when the orthonormal basis has explained its part."""
    for direction in basis:
        share = dot(vector, direction)
        vector = [value - share * part for value, part in zip(vector, direction, strict=True)]
    return vector


def coefficients(columns: Sequence[Vector], values: Vector) -> tuple[float, ...]:
    """The multiples of the columns whose sum is nearest to the values; 0 for a column that the others explain."""
    found: list[float] = []
    for place, column in enumerate(columns):
        alone = without(column, orthonormal([*columns[:place], *columns[place + 1 :]]))
        size = dot(alone, alone)
        found.append(dot(alone, values) / size if size > _NOTHING**2 else 0.0)
    return tuple(found)


def dot(one: Vector, other: Vector) -> float:
    """The sum of the products."""
    return sum(map(float.__mul__, one, other))
