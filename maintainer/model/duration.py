"""Durations as Prometheus writes them: ``30s``, ``1h30m``, ``500ms``."""

import re

_UNITS = {"y": 31536000.0, "w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+)(ms|[ywdhms])")
_WHOLE = re.compile(r"(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?")


def seconds(text: str) -> float:
    """Seconds of a duration; ``ValueError`` where Prometheus would refuse it (units fall, each at most once)."""
    if text == "0":
        return 0.0
    if not text or not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration; write it as Prometheus does, such as 30s or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def duration(value: float) -> str:
    """A duration that PromQL accepts, in whole milliseconds, rounded up: a range must never be too short."""
    milliseconds = -int(-value * 1000 // 1)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
