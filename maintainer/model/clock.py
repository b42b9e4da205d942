"""A clock that is passed as an argument, so that tests need not wait."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` returns seconds from any starting point, and ``sleep`` waits for a number of seconds."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
