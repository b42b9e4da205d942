"""Whether restoring a retention makes Prometheus delete data."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from maintainer.analyse.drift.scalars import measure
from maintainer.model.drift import Change
from maintainer.model.report import Json

_FLAG = "--storage.tsdb.retention"
_DEFAULT_TIME = Decimal(15 * 86400)
"""The seconds for which Prometheus keeps its data if nothing limits that."""
_OPERATORS_TIME = Decimal(86400)
"""The same of a Prometheus object of the operator."""


def deletes_data(change: Change) -> bool:
    """Whether a limit gets narrower when this change is taken back, or may do so: not every one can be compared."""
    desired, live = dict(_limits(change.desired, change)), dict(_limits(change.live, change))
    default = _OPERATORS_TIME if change.path == ("spec", "retention") else _DEFAULT_TIME
    return _leaves_default(desired, live) or any(
        _is_narrower(name, desired.get(name), live.get(name), default=default) for name in desired.keys() | live.keys()
    )


def _leaves_default(desired: Mapping[str, str], live: Mapping[str, str]) -> bool:
    """Whether a limit of the size goes, and none of the time is seen: without any limit, the default holds."""
    return "time" not in desired and any(
        name != "time" and measure(limit) != 0 and not measure(desired.get(name, "0")) for name, limit in live.items()
    )


def _limits(value: Json, change: Change) -> Iterator[tuple[str, str]]:
    """The limits in a value, by ``time``, ``size`` or another word."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _limits(inner, Change("changed", (name,), inner, None))
    elif isinstance(value, str) and value.startswith(_FLAG):
        name, _, limit = value.removeprefix(_FLAG).partition("=")
        yield name.removeprefix(".") or "time", limit
    elif value is not None:
        name = str(change.path[-1]) if change.path else ""
        yield {"retention": "time", "retentionSize": "size"}.get(name, name), str(value)


def _is_narrower(name: str, desired: str | None, live: str | None, *, default: Decimal) -> bool:
    wanted, there = (None if text is None else measure(text) for text in (desired, live))
    if (desired is not None and wanted is None) or (live is not None and there is None):
        return True
    if name == "time" and there:
        return (wanted or default) < there
    return bool(wanted) and (not there or (wanted or 0) < there)
