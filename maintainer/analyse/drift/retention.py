"""Whether restoring a retention makes Prometheus delete data."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from maintainer.analyse.drift.scalars import measure
from maintainer.analyse.drift.values import document
from maintainer.model.drift import Change, Content
from maintainer.model.report import Json

_FLAG = "--storage.tsdb.retention"
_RETENTION = "storage", "tsdb", "retention"
_DEFAULT_TIME = Decimal(15 * 86400)
"""The seconds for which Prometheus keeps its data if nothing limits that."""
_OPERATORS_TIME = Decimal(86400)
"""The same of a Prometheus object of the operator."""
_BLOCK = re.compile(r"\bretention[ \t]*:")
_LIMIT = re.compile(r"\b(time|size|percentage)[ \t]*:[ \t]*[\"']?([^\s\"'#,}]+)")
_NEAR = 200
"""The characters after the name of the block in which its limits stand."""


def unread_retention(key: str, desired: str, live: str) -> Change | None:
    """The change of the retention in a configuration that is no valid YAML any more, as far as its text shows it.

    ``None`` if it is valid, or has the limits that were deployed. ``desired`` and ``live`` are the texts of the file.
    """
    wanted = document(key, desired)
    if not (isinstance(wanted, Mapping) and "scrape_configs" in wanted) or document(key, live) is not None:
        return None
    before, after = _in_text(desired), _in_text(live)
    return None if before == after else Change("changed", _RETENTION, before or None, after or None, key=key)


def _in_text(text: str) -> Content:
    """The limits in the text of a file, whether that is valid or not."""
    block = _BLOCK.search(text)
    return dict(_LIMIT.findall(text, block.end(), block.end() + _NEAR)) if block else {}


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
