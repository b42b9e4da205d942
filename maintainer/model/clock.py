"""Time as an argument."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """What a function that waits is given: ``now`` in seconds from anywhere, and ``sleep``."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
