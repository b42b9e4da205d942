"""The table of everything that is asked about Rollouts: can it be answered, was it, is the number right."""

from collections.abc import Iterator, Mapping, Sequence

from maintainer.analyse.asking import Question
from maintainer.analyse.audit import Audit
from maintainer.analyse.dashboards import about_rollouts
from maintainer.analyse.gaps import unseen
from maintainer.analyse.numbers import Number
from maintainer.analyse.selectors import SEVERITY
from maintainer.model.message import Message, message
from maintainer.model.queries import Query, Remark
from maintainer.model.report import Gap
from maintainer.model.sections import Cell, Chip, Table

NOT_CHECKED = "query/not-checked"
_WORST = ("error", "warning", "neutral", "ok")


def answered_table(audit: Audit) -> Iterator[Table]:
    """One row for each rule and each panel."""
    rows = _rows(audit)
    if not rows:
        return
    columns = ("name", "kind", "can", "did", "right")
    yield Table(
        title=message("queries/title"),
        columns=tuple(message(f"queries/{column}") for column in columns),
        rows=tuple(_row(asks, name, audit, of=found) for (asks, name), found in rows.items()),
        lead=message("queries/lead", count=len(rows), others=len(audit.asked.queries) - len(audit.questions)),
    )


def asked_figures(audit: Audit) -> Mapping[str, int]:
    """How many panels and alerts there are about Rollouts, and how many of them are fine; none if it is not known."""
    panels = _fine(audit, "panel") if audit.asked.dashboards is not None else None
    alerts = _fine(audit, "alert") if audit.asked.rules is not None else None
    return {
        **({"panels.faultless": sum(panels), "panels.asked": len(panels)} if panels is not None else {}),
        **({"alerts.able": sum(alerts), "alerts.asked": len(alerts)} if alerts is not None else {}),
    }


def asked_gaps(audit: Audit) -> Iterator[Gap]:
    """What keeps queries from being judged: a source, a target without a new scrape, a query itself."""
    yield from unseen((*audit.asked.unseen, *audit.answers.unseen))
    if audit.stale:
        yield Gap("panel/value", "passing", message("gap/stale-target"))
    yield from query_not_checked(audit)


def query_not_checked(audit: Audit) -> Iterator[Gap]:
    """Queries about Rollouts that could not be taken apart, run, or read at all; each is a gap with its reason."""
    for remark in audit.remarks:
        if remark.check == NOT_CHECKED:
            yield _gap(remark.query.name, remark.why)
    for question in audit.questions:
        if question.why_not:
            yield _gap(question.query.name, question.why_not)
    for dashboard in about_rollouts(audit.asked, audit.questions):
        for one in dashboard.found.unchecked:
            yield _gap(one.name or dashboard.source, one.reason)
    if audit.plan.dropped:
        yield Gap(NOT_CHECKED, "permanent", message("gap/too-many-queries", count=audit.plan.dropped))


def _rows(audit: Audit) -> Mapping[tuple[str, str], Sequence[Question]]:
    rows: dict[tuple[str, str], list[Question]] = {}
    for question in audit.questions:
        rows.setdefault((question.query.asks, question.query.name), []).append(question)
    return rows


def _fine(audit: Audit, kind: str) -> list[bool]:
    """Of each row of a kind, whether nothing in it speaks against it."""
    rows = (_row(asks, name, audit, of=of) for (asks, name), of in _rows(audit).items() if asks == kind)
    return [all(cell.tone == "ok" for cell in row if isinstance(cell, Chip)) for row in rows]


def _gap(name: str, why: Message) -> Gap:
    return Gap(NOT_CHECKED, "permanent", message("gap/not-checked", name=name, why=why))


def _row(asks: str, name: str, audit: Audit, *, of: Sequence[Question]) -> tuple[Cell, ...]:
    queries = {one.query for one in of}
    can = _worst([_can(one) for one in audit.remarks if one.query in queries] or [_chip("can", "yes", "ok")])
    did = _worst([_did(one, audit) for one in of])
    numbers = [one for one in audit.numbers if one.query in queries]
    return name, message(f"queries/kind.{asks}"), can, did, _right(numbers)


def _can(remark: Remark) -> Chip:
    if remark.check == NOT_CHECKED:
        return _chip("can", "unknown", "neutral")
    severity = SEVERITY[remark.check]
    return Chip(message(f"queries/can.{remark.check}"), "error" if severity == "error" else "warning")


def _did(question: Question, audit: Audit) -> Chip:
    answers, query = audit.answers, question.query
    if _failed(query, audit) or question.run in answers.errors:
        return _chip("did", "error", "error")
    if question.pushed:
        return _chip("did", "pushed", "error")
    if any(answers.matched.get(one) is False for one in question.selectors):
        return _chip("did", "no-data", "warning")
    if question.run in answers.sizes:
        size = answers.sizes[question.run]
        return Chip(message("queries/did.series" if size else "queries/did.empty", count=size), "ok")
    evaluated = query.asks in {"alert", "record"}
    return _chip("did", "evaluated", "ok") if evaluated else _chip("did", "not-run", "neutral")


def _failed(query: Query, audit: Audit) -> bool:
    return any(rule.query == query and rule.health == "err" for rule in audit.asked.rules or ())


def _right(numbers: Sequence[Number]) -> Cell:
    if not numbers:
        return message("queries/right.unknown")
    if wrong := sum(len(one.wrong) for one in numbers):
        return Chip(message("queries/right.wrong", shown=_sides(numbers), count=wrong), "error")
    return Chip(message("queries/right.yes", shown=_sides(numbers)), "ok")


def _sides(numbers: Sequence[Number]) -> tuple[Message, ...]:
    """The numbers of a panel beside the API's."""
    return tuple(_side(one) for one in numbers)


def _side(one: Number) -> Message:
    if one.shown is None:
        return message("queries/side.each", count=one.judged)
    if one.low == one.high:
        return message("queries/side.one", shown=one.shown, api=one.low)
    return message("queries/side.between", shown=one.shown, low=one.low, high=one.high)


def _chip(column: str, state: str, tone: str) -> Chip:
    return Chip(message(f"queries/{column}.{state}"), tone)  # type: ignore[arg-type]


def _worst(chips: Sequence[Chip]) -> Chip:
    return min(chips, key=lambda chip: _WORST.index(chip.tone))
