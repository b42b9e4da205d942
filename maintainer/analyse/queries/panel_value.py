"""The check whether panels show the numbers that follow from the API."""

from collections.abc import Iterator, Sequence
from functools import partial

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.panel_values import PanelValue
from maintainer.analyse.reproduce import Access
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, Json, Subject, divisible

SHOWN = 20
"""The most Rollouts that the evidence lists for a panel."""


def panel_value(audit: QueryAudit) -> Iterator[Finding]:
    """Panels whose number is wrong for a Rollout."""
    wrong = [value for value in audit.numbers if value.wrong]
    if wrong:
        yield divisible(wrong, partial(_of_panels, access=audit.access))


def _of_panels(wrong: Sequence[PanelValue], *, access: Access) -> Finding:
    first = wrong[0]
    share = first.wrong[0]
    return Finding(
        check="panel/value",
        severity="error",
        subjects=tuple(dict.fromkeys(Subject(value.query.asks, "", value.query.name) for value in wrong)),
        cause="value",
        summary=message(
            "panel/value/value.summary",
            count=len({value.query.name for value in wrong}),
            panel=first.query.name,
            rollout="/".join(share.group[:2]),
            metric=_said(share.metric),
            api=_said(share.api),
        ),
        action=message("panel/value/value.action"),
        evidence=_evidence(wrong),
        reproduce=access.ask("query", query=first.promql),
    )


def panel_value_gaps(audit: QueryAudit) -> Iterator[Gap]:
    """A target gave no new scrape, so the panels' numbers are older than the API's."""
    if audit.stale:
        yield Gap("panel/value", "passing", message("gap/stale-target"))


def _evidence(wrong: Sequence[PanelValue]) -> dict[str, Json]:
    panels: list[Json] = [
        {"panel": value.query.name, "query": value.query.text, "wrong": len(value.wrong), "of": value.compared}
        for value in wrong
    ]
    return {"panels": panels, "rollouts": [row for value in wrong for row in _rows(value)]}


def _rows(value: PanelValue) -> list[Json]:
    return [
        {
            "panel": value.query.name,
            "rollout": "/".join(share.group[:2]),
            "shown": _number(share.metric),
            "api": _number(share.api),
            "cause": share.because or "query",
        }
        for share in value.wrong[:SHOWN]
    ]


def _said(value: float | None) -> str | Message:
    return message("panel/value/nothing") if value is None else _number(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
