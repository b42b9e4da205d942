"""What a change means for the monitoring, where that is known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from maintainer.analyse.drift.documents import documents
from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.query_faults import query_faults
from maintainer.analyse.promql.recorded import with_recorded
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.model.drift import Change, DesiredObject
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.report import Json, Severity

_ROLES = frozenset(("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"))
_RETENTION = ("arg=--storage.tsdb.retention", "retention")


def known_series(deployed: Sequence[DesiredObject]) -> KnownSeries:
    """The series of a controller of any version, and those of the recording rules that were deployed."""
    records = [
        Query(str(rule.get("expr", "")), "record", str(rule["record"]), Place(desired.origin))
        for desired in deployed
        for rule in documents(desired).rules
        if "record" in rule
    ]
    return with_recorded(KnownSeries({}, None), records)


def with_meaning(change: Change, desired: DesiredObject, *, known: Callable[[], KnownSeries]) -> Change:
    """The change with what it means, and with the severity of that."""
    for severity, means in _meanings(change, desired.id.kind, known=known):
        return replace(change, severity=severity, means=means)
    return change


_Found = Iterator[tuple[Severity, Message]]


def _meanings(change: Change, kind: str, *, known: Callable[[], KnownSeries]) -> _Found:
    """What the change means, with the severity of it: the first is the worst."""
    if change.what == "extra":
        yield "info", message("drift/means.dropped") if change.key else message("drift/means.undeployed")
        return
    yield from _of_query(change, known)
    yield from _of_alert(change)
    yield from _of_job(change)
    yield from _of_panel(change)
    yield from _of_object(change, kind)


def _of_query(change: Change, known: Callable[[], KnownSeries]) -> _Found:
    """A query that can no longer return anything, or always returns something, which it did not as it was deployed."""
    alert = _named(change, "alert")
    if not (alert or "panels" in change.path) or change.path[-1] != "expr" or not isinstance(change.live, str):
        return
    asks: Asks = "alert" if alert else "panel"
    fault = _useless(change.live, asks, known=known())
    if fault and not (isinstance(change.desired, str) and _useless(change.desired, asks, known=known())):
        yield "error", message(f"drift/means.{fault}", name=alert or _named(change, "id") or _named(change, "title"))


def _useless(text: str, asks: Asks, *, known: KnownSeries) -> str:
    """``never-alert`` or ``never-panel`` for a query that returns nothing, ``always-alert`` for one that always does.

    Any other query is "".
    """
    parsed = parse_query(text, known)
    if parsed is None or parsed.why_not:
        return ""
    try:
        found = query_faults(parsed, asks, known)
    except (IndexError, RecursionError):
        return ""
    effects = {fault.effect for _, fault in found.faults}
    if "whole" in effects or (found.result.never and "never" in effects):
        return f"never-{asks}"
    always = asks == "alert" and any(fault.check == "query/always-true" for _, fault in found.faults)
    return "always-alert" if always else ""


def _of_alert(change: Change) -> _Found:
    alert = _named(change, "alert")
    if alert and change.what == "missing":
        yield "error", message("drift/means.no-alert", name=alert)
    elif alert and change.path[-1] == "for":
        values = {"desired": _value(change.desired), "live": _value(change.live)}
        yield "warning", message("drift/means.for", name=alert, **values)
    elif alert and "labels" in change.path:
        yield "warning", message("drift/means.labels", name=alert)


def _of_job(change: Change) -> _Found:
    job = _named(change, "job_name")
    if job and change.what == "missing":
        yield "error", message("drift/means.no-job", name=job)
    elif job and change.path[-1] == "honor_labels":
        yield "error", message("drift/means.honor-labels", name=job)


def _of_panel(change: Change) -> _Found:
    """A panel that is gone, by its title; of one in a row or at the top."""
    if change.what == "missing" and change.path[-2:-1] == ("panels",):
        title = change.desired.get("title") if isinstance(change.desired, Mapping) else None
        yield "warning", message("drift/means.no-panel", name=str(title or change.path[-1]))


def _of_object(change: Change, kind: str) -> _Found:
    if kind == "Service" and change.path[:2] in (("spec", "selector"), ("spec", "ports")):
        yield "error", message("drift/means.service")
    elif kind in _ROLES and change.path[:1] in (("rules",), ("subjects",), ("roleRef",)):
        yield "error", message("drift/means.rights")
    elif any(str(step).startswith(_RETENTION) for step in change.path):
        values = {"desired": _value(change.desired), "live": _value(change.live)}
        yield "warning", message("drift/means.retention", **values)


def _named(change: Change, field: str) -> str:
    """The name of the item with this field in whose parts the change stands, "" if there is none."""
    start = f"{field}="
    return next((str(step)[len(start) :] for step in change.path if str(step).startswith(start)), "")


def _value(value: Json) -> str:
    return "-" if value is None else str(value)
