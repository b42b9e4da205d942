"""Whether restoring a retention makes Prometheus delete data."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from maintainer.analyse.drift.scalars import measure
from maintainer.model.drift import Change
from maintainer.model.report import Json

_FLAG = "--storage.tsdb.retention"
_DEFAULT_TIME = Decimal(15 * 86400)
"""The seconds for which Prometheus keeps its data if nothing limits that."""


def deletes_data(change: Change) -> bool:
    """Whether a limit gets narrower when this change is taken back, or may do so: not every one can be compared."""
    desired, live = dict(_limits(change.desired, change)), dict(_limits(change.live, change))
    return any(_is_narrower(name, desired.get(name), live.get(name)) for name in desired.keys() | live.keys())


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


def _is_narrower(name: str, desired: str | None, live: str | None) -> bool:
    wanted, there = (None if text is None else measure(text) for text in (desired, live))
    if (desired is not None and wanted is None) or (live is not None and there is None):
        return True
    if name == "time" and there:
        return (wanted or _DEFAULT_TIME) < there
    return bool(wanted) and (not there or (wanted or 0) < there)
