"""The report's table of queries about Rollouts: whether each can return something, did, and shows the right number."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.not_checked import NOT_CHECKED
from maintainer.analyse.queries.panel_values import PanelValue
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.model.message import Message, Param, message
from maintainer.model.queries import Query, Remark
from maintainer.model.report import Finding
from maintainer.model.sections import Cell, Chip, Table

_WORST = ("error", "warning", "neutral", "ok")


def query_table(audit: QueryAudit) -> Iterator[Table]:
    """A table with a row for each rule and each panel."""
    rows = _rows(audit)
    if not rows:
        return
    columns = ("name", "kind", "can", "did", "right")
    yield Table(
        title=message("queries/title"),
        columns=tuple(message(f"queries/{column}") for column in columns),
        rows=tuple(_row(asks, name, audit, planned=planned) for (asks, name), planned in rows.items()),
        lead=message("queries/lead", count=len(rows), others=len(audit.loaded.queries) - len(audit.planned)),
    )


def query_figures(audit: QueryAudit, findings: Iterable[Finding] = ()) -> Mapping[str, int]:
    """The numbers of panels and of alerts about Rollouts and of those without a fault; left out if not known.

    ``findings`` are those of the pipeline: an alert that reaches nobody has a fault, and one that is not loaded counts.
    """
    faulty = {one.name for finding in findings for one in finding.subjects if one.kind == "alert"}
    panels = _fine(audit, "panel") if audit.loaded.dashboards is not None else None
    alerts = _fine(audit, "alert", faulty=faulty) if audit.loaded.rules is not None else None
    return {
        **({"panels.faultless": sum(panels), "panels.asked": len(panels)} if panels is not None else {}),
        **({"alerts.able": sum(alerts), "alerts.asked": len(alerts)} if alerts is not None else {}),
    }


def _rows(audit: QueryAudit) -> Mapping[tuple[str, str], Sequence[PlannedQuery]]:
    """The planned queries by kind and name."""
    rows: dict[tuple[str, str], list[PlannedQuery]] = {}
    for planned_query in audit.planned:
        rows.setdefault((planned_query.query.asks, planned_query.query.name), []).append(planned_query)
    return rows


def _fine(audit: QueryAudit, kind: str, *, faulty: Collection[str] = ()) -> list[bool]:
    """For each row of a kind, and each name that is ``faulty`` for another reason, whether it is fine."""
    rows = {
        name: _row(asks, name, audit, planned=planned) for (asks, name), planned in _rows(audit).items() if asks == kind
    }
    fine = {name: all(cell.tone == "ok" for cell in row if isinstance(cell, Chip)) for name, row in rows.items()}
    return list((fine | dict.fromkeys(faulty, False)).values())


def _row(asks: str, name: str, audit: QueryAudit, *, planned: Sequence[PlannedQuery]) -> tuple[Cell, ...]:
    queries = {planned_query.query for planned_query in planned}
    can = _worst([_can(remark) for remark in audit.remarks if remark.query in queries] or [_chip("can", "yes", "ok")])
    did = _worst([_did(planned_query, audit) for planned_query in planned])
    numbers = [value for value in audit.numbers if value.query in queries]
    return name, message(f"queries/kind.{asks}"), can, did, _right(numbers)


def _can(remark: Remark) -> Chip:
    if remark.check == NOT_CHECKED:
        return _chip("can", "unknown", "neutral")
    if remark.severity == "error" or remark.check == "query/deprecated":
        return Chip(message(f"queries/can.{remark.check}"), "error" if remark.severity == "error" else "warning")
    return _chip("can", "partly", "warning") if remark.severity == "warning" else _chip("can", "perhaps", "neutral")


def _did(planned_query: PlannedQuery, audit: QueryAudit) -> Chip:
    results, query = audit.results, planned_query.query
    if _failed(query, audit) or planned_query.run in results.errors:
        return _chip("did", "error", "error")
    if planned_query.pushed:
        return _chip("did", "pushed", "error")
    if any(results.matched.get(selector) is False for selector in planned_query.selectors):
        return _chip("did", "no-data", "warning")
    if planned_query.run in results.sizes:
        size = results.sizes[planned_query.run]
        return Chip(message("queries/did.series" if size else "queries/did.empty", count=size), "ok")
    evaluated = query.asks in {"alert", "record"}
    return _chip("did", "evaluated", "ok") if evaluated else _chip("did", "not-run", "neutral")


def _failed(query: Query, audit: QueryAudit) -> bool:
    return any(rule.query == query and rule.health == "err" for rule in audit.loaded.rules or ())


def _right(numbers: Sequence[PanelValue]) -> Cell:
    if not numbers:
        return message("queries/right.unknown")
    if wrong := sum(len(value.wrong) for value in numbers):
        return Chip(message("queries/right.wrong", shown=_sides(numbers), count=wrong), "error")
    return Chip(message("queries/right.yes", shown=_sides(numbers)), "ok")


def _sides(numbers: Sequence[PanelValue]) -> Message:
    """For each query of a panel what it counts, its number and the API's."""
    return reduce(lambda before, side: message("queries/sides", before=before, side=side), map(_side, numbers))


def _side(value: PanelValue) -> Message:
    if value.shown is None:
        return message("queries/side.each", count=value.compared)
    shown: Param = value.shown
    if value.counted:
        shown = message("queries/side.counted", counted=value.counted, shown=value.shown)
    if value.low == value.high:
        return message("queries/side.one", shown=shown, api=value.low)
    return message("queries/side.between", shown=shown, low=value.low, high=value.high)


def _chip(column: str, state: str, tone: str) -> Chip:
    return Chip(message(f"queries/{column}.{state}"), tone)  # type: ignore[arg-type]


def _worst(chips: Sequence[Chip]) -> Chip:
    return min(chips, key=lambda chip: _WORST.index(chip.tone))
