"""Durations as Prometheus writes them: ``30s``, ``1h30m``, ``500ms``."""

import re
from math import ceil

_UNITS = {"y": 31536000.0, "w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LONGEST = 2**63 / 1e9
"""In seconds: Prometheus holds a duration as nanoseconds in a signed 64-bit integer."""
_PART = re.compile(r"(?<![0-9])([0-9]+)(ms|[ywdhms])")
_WHOLE = re.compile(r"([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?")


def seconds(text: str) -> float:
    """The seconds of a duration.

    Raises ``ValueError`` if Prometheus would refuse it: units go from the largest to the smallest, each at most once.
    """
    if text == "0":
        return 0.0
    if not text or not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration; write it as Prometheus does, such as 30s or 1h30m")
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if total >= _LONGEST:
        raise ValueError(f"{text!r} is a longer duration than Prometheus can count")
    return total


def duration(value: float) -> str:
    """Seconds as a duration in PromQL, rounded up to whole milliseconds, so that a range is never too short."""
    milliseconds = ceil(round(value * 1000, 6))
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def written(value: float) -> str:
    """Seconds as a person writes a duration in a rule, to the millisecond: ``12m``, ``1h30m``, ``0s``."""
    left, parts = round(value * 1000), []
    for unit, size in _UNITS.items():
        if unit not in "yw":
            count, left = divmod(left, round(size * 1000))
            parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"
