"""Sizes as Prometheus writes them: ``45GB`` and ``45GiB`` are both 45 x 2^30 bytes. Kubernetes writes ``45Gi``."""

import math
import re

UNITS = ("B", "KB", "MB", "GB", "TB", "PB", "EB")
MIB, GIB = 2**20, 2**30
_SIZE = re.compile(r"(?:\d{1,18}(?:\.\d{1,9})?(?:B|[KMGTPE]i?B))+", re.ASCII)
_PART = re.compile(r"(?<![\d.])(\d{1,18}(?:\.\d{1,9})?)(B|[KMGTPE]i?B)", re.ASCII)
_QUANTITY = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)([KMGTPE]i|[kMGTPE]?)", re.ASCII)
_LARGEST = 2**63


def size_bytes(text: str) -> int:
    """The bytes of a size in Prometheus' notation, such as ``45GB``, ``1.5GB`` or ``45GB500MB``; ``0`` is 0.

    Raises ``ValueError`` if Prometheus would refuse it, as it does a quantity of Kubernetes.
    """
    if text == "0":
        return 0
    parts = _PART.findall(text) if _SIZE.fullmatch(text) else []
    total = sum(float(number) * _power(unit) for number, unit in parts)
    if not parts or total >= _LARGEST:
        raise ValueError(f"{text!r} is no size; write it as Prometheus does, such as 45GB, which is 45 x 2^30 bytes")
    return round(total)


def quantity_bytes(text: str) -> int:
    """The bytes of a quantity of Kubernetes, such as ``50Gi`` or ``50G``. Raises ``ValueError`` for other texts."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no size of a volume; write it as Kubernetes does, such as 50Gi")
    number, unit = found.groups()
    power = " KMGTPE".index(unit[:1].upper() or " ")
    base = 1024.0 if unit.endswith("i") else 1000.0
    return round(float(number) * math.pow(base, power))


def size_text(size: float) -> str:
    """A size in Prometheus' notation that is no larger: a whole number of the largest unit of which there are ten.

    A number of bytes that is a whole number of a larger unit is written in that one.
    """
    whole = int(size)
    for power in reversed(range(len(UNITS))):
        unit = 1024**power
        if whole >= unit and (whole % unit == 0 or whole >= 10 * unit):
            return f"{whole // unit}{UNITS[power]}"
    return "0B"


def quantity_text(size: float) -> str:
    """A size as Kubernetes writes it, that is no smaller: whole Gi, and below one whole Mi."""
    unit, name = (GIB, "Gi") if size >= GIB else (MIB, "Mi")
    return f"{math.ceil(size / unit)}{name}"


def round_size(size: float) -> int:
    """The next larger size that a person would choose: whole GiB, and below one in steps of 64 MiB."""
    step = GIB if size > GIB else 64 * MIB
    return max(1, math.ceil(size / step - 1e-9)) * step


def _power(unit: str) -> int:
    return 1 << 10 * UNITS.index(unit.replace("i", ""))
