"""Times and sizes as findings and tables show them."""

from collections.abc import Sequence

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.options import Option, limits_text
from maintainer.model.byte_size import GIB, MIB
from maintainer.model.message import Message, message
from maintainer.model.storage import Retention


def in_days(time: float) -> float:
    """Seconds as days, to a tenth; less than a day to a hundredth."""
    days = time / DAY
    return round(days, 1 if days >= 1 else 2)


def in_gib(size: float) -> float:
    """Bytes as GiB, to a tenth; less than a GiB to a thousandth."""
    gib = size / GIB
    return round(gib, 1 if gib >= 1 else 3)


def in_mib(size: float) -> float:
    """Bytes as MiB, to a tenth."""
    return round(size / MIB, 1)


def said(limits: Retention | None) -> str | Message:
    """Limits in the words of Prometheus."""
    if limits is None:
        return message("retention/unknown")
    return limits_text(limits) or message("retention/no-limit")


def option_name(choice: Option, options: Sequence[Option]) -> Message:
    """An option by its limits; the first of the options are the present ones."""
    present = choice == options[0]
    return message("storage/option.present" if present else "storage/option.option", option=said(choice.limits))
