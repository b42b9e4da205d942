"""Single values that are written differently and mean the same: quantities, durations, sizes, numbers."""

import re
from decimal import Decimal, InvalidOperation

from maintainer.model.duration import seconds
from maintainer.model.report import Json

_NUMBER = re.compile(r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,3})?", re.ASCII)
_UNITS = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal("1e3"), "M": Decimal("1e6"), "G": Decimal("1e9"), "T": Decimal("1e12"), "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40), "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}  # fmt: skip
"""Those of quantities in Kubernetes."""
_SIZES = {unit: Decimal(1024) ** power for power, unit in enumerate(("B", "KB", "MB", "GB", "TB", "PB", "EB"))}
"""Those of sizes in Prometheus, where a KB is 1,024 bytes."""
_FLAG = re.compile(r"(--?[\w.-]+)=(.*)", re.DOTALL)


def same_number(desired: Json, live: Json) -> bool:
    """Whether two values are equal, where a port or another number may be written as a text; ``true`` is no number."""
    if isinstance(desired, bool) or isinstance(live, bool):
        return desired is live
    if isinstance(desired, (int, float)) and isinstance(live, (int, float)):
        return desired == live
    return desired == live or (_text(desired) is not None and same_value(_text(desired) or "", _text(live) or ""))


def same_value(desired: str, live: str) -> bool:
    """Whether two texts are the same quantity, duration or size, such as ``1000m`` and ``1``, or flags with such."""
    if desired == live:
        return True
    flags = _FLAG.fullmatch(desired), _FLAG.fullmatch(live)
    if flags[0] and flags[1]:
        return flags[0][1] == flags[1][1] and same_value(flags[0][2], flags[1][2])
    for measure in (_quantity, _duration, _size):
        values = measure(desired), measure(live)
        if None not in values and values[0] == values[1]:
            return True
    return False


def measure(text: str) -> Decimal | None:
    """A duration in seconds or a size in bytes; ``None`` for another text."""
    seconds_ = _duration(text)
    return _size(text) if seconds_ is None else seconds_


def _text(value: Json) -> str | None:
    return str(value) if isinstance(value, (str, int, float)) else None


def _measured(text: str, units: dict[str, Decimal]) -> Decimal | None:
    number = _NUMBER.match(text)
    factor = units.get(text[number.end() :]) if number else None
    if number is None or factor is None:
        return None
    try:
        return Decimal(number[0]) * factor
    except InvalidOperation:
        return None


def _quantity(text: str) -> Decimal | None:
    return _measured(text, _UNITS)


def _size(text: str) -> Decimal | None:
    return _measured(text, _SIZES)


def _duration(text: str) -> Decimal | None:
    try:
        return Decimal(str(seconds(text)))
    except ValueError:
        return None
