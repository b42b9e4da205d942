"""How sure a share of few cases is: the interval of Wilson, at 95 percent."""

from math import sqrt

Z = 1.959963984540054
"""The quantile of the normal distribution that 97.5 percent lie below."""


def wilson(count: int, of: int) -> tuple[float, float]:
    """The lowest and highest share, from 0 to 1, that ``count`` of ``of`` cases leave likely; of no case, any."""
    if of <= 0:
        return 0.0, 1.0
    share, scale = count / of, 1 + Z * Z / of
    centre = (share + Z * Z / (2 * of)) / scale
    half = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
