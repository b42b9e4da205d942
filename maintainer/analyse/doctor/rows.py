"""The table of the rows of doctor, and what each says of the facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from maintainer.analyse.doctor import (
    calendar_row,
    clocks,
    cluster_rows,
    deployed_row,
    prometheus_rows,
    slack_row,
    store_row,
)
from maintainer.analyse.doctor.subject import Subject, Verdict
from maintainer.model.doctor import Row, State
from maintainer.model.message import message


@dataclass(frozen=True, slots=True)
class RowRule:
    """A row: its id, the rows without which it says nothing, and its function.

    The function returns ``None`` where the row is not wanted, such as for a server that the settings do not name.
    """

    id: str
    needs: tuple[str, ...]
    judge: Callable[[Subject], Verdict | None]


ROWS: tuple[RowRule, ...] = (
    RowRule("kubernetes", (), cluster_rows.kubernetes),
    RowRule("permissions", ("kubernetes",), cluster_rows.permissions),
    RowRule("rollouts", ("kubernetes",), cluster_rows.rollouts),
    RowRule("controller", ("rollouts",), cluster_rows.controller),
    RowRule("prometheus", (), prometheus_rows.prometheus),
    RowRule("engine", ("prometheus",), prometheus_rows.engine),
    RowRule("retention", ("prometheus",), prometheus_rows.retention),
    RowRule("impact", (), prometheus_rows.impact),
    RowRule("ruler", (), prometheus_rows.ruler),
    RowRule("alertmanager", (), prometheus_rows.alertmanager),
    RowRule("grafana", (), prometheus_rows.grafana),
    RowRule("deployed", (), deployed_row.deployed),
    RowRule("clocks", (), clocks.clocks),
    RowRule("store", (), store_row.store),
    RowRule("slack", (), slack_row.slack),
    RowRule("calendar", (), calendar_row.calendar),
)
"""In the order of the result. A row that another one needs stands before it."""


def examined(subject: Subject) -> tuple[Row, ...]:
    """All rows. One that needs a broken row is not checked, and names that one, which is the cause."""
    rows: dict[str, Row] = {}
    for rule in ROWS:
        if cause := _cause(rule.needs, rows):
            rows[rule.id] = _not_checked(rule.id, cause)
        elif verdict := rule.judge(subject):
            cause = _cause(verdict.blames, rows)
            rows[rule.id] = _not_checked(rule.id, cause) if cause else replace(verdict.row, id=rule.id)
    return tuple(rows.values())


def _cause(needs: tuple[str, ...], rows: Mapping[str, Row]) -> str:
    """The broken row that is behind the first of these that is not well; "" if there is none."""
    unwell: tuple[State, ...] = ("broken", "not-checked")
    lost = next((rows[need] for need in needs if need in rows and rows[need].state in unwell), None)
    return (lost.because or lost.id) if lost else ""


def _not_checked(id_: str, cause: str) -> Row:
    return Row(id_, "not-checked", message("doctor/not-checked", row=cause), because=cause)
