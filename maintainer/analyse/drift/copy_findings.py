"""The checks of Grafana's own copies: dashboards that somebody has saved there, and those that it does not have."""

from collections.abc import Iterator, Sequence
from functools import partial
from shlex import quote

from maintainer.analyse.drift.audit import SETTLED, ComparedObject, DriftAudit
from maintainer.analyse.drift.commands import showing
from maintainer.analyse.drift.copies import OtherCopy
from maintainer.analyse.drift.rows import as_row, author, place_of, worst
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Subject, divisible

_Case = tuple[ComparedObject, OtherCopy]


def copies_changed(audit: DriftAudit) -> Iterator[Finding]:
    """Dashboards that Grafana shows in another way than they were deployed."""
    if cases := [case for case in _cases(audit) if case[1].changes]:
        yield divisible(cases, partial(_changed, audit=audit))


def copies_missing(audit: DriftAudit) -> Iterator[Finding]:
    """Dashboards that were deployed and that Grafana does not have."""
    if cases := [case for case in _cases(audit) if not case[1].changes]:
        yield divisible(cases, partial(_missing, audit=audit))


def fresh_copies(audit: DriftAudit) -> Iterator[Gap]:
    """Dashboards whose ConfigMap was written too recently for Grafana to have them by now."""
    for compared in audit.objects:
        if compared.copies and audit.fresh(compared):
            name, minutes = str(compared.desired.id.subject), round(SETTLED.total_seconds() / 60)
            yield Gap("drift/changed", "passing", message("gap/fresh-dashboard", object=name, minutes=minutes))


def _cases(audit: DriftAudit) -> list[_Case]:
    return [(compared, other) for compared in audit.objects if not audit.fresh(compared) for other in compared.copies]


def _changed(cases: Sequence[_Case], *, audit: DriftAudit) -> Finding:
    first, every = cases[0][1], [change for _, other in cases for change in other.changes]
    change = worst(first.changes)
    return Finding(
        check="drift/changed",
        severity=worst(every).severity,
        subjects=_subjects(cases),
        cause="grafana",
        summary=message(
            "drift/changed/grafana.summary",
            count=len(cases),
            uid=first.copy.uid,
            url=first.copy.url,
            place=place_of(change, first.changes),
            author=author(change),
            means=change.means or message("drift/means.other"),
        ),
        action=message(
            "drift/changed/grafana.action",
            command=f"maintainer adopt {quote(f'dashboard/{first.copy.uid}')}",
            back=message(f"drift/copy.{'provisioned' if first.copy.provisioned else 'own'}", page=first.copy.page),
        ),
        evidence={
            "changes": [
                {**as_row(compared, each), "object": other.copy.page}
                for compared, other in cases
                for each in other.changes
            ]
        },
        reproduce=_reproduced(cases, audit),
    )


def _missing(cases: Sequence[_Case], *, audit: DriftAudit) -> Finding:
    compared, first = cases[0]
    holder = str(compared.desired.id.subject)
    parameters = {"uid": first.copy.uid, "url": first.copy.url, "object": holder}
    return Finding(
        check="drift/missing",
        severity="error",
        subjects=_subjects(cases),
        cause="grafana",
        summary=message("drift/missing/grafana.summary", count=len(cases), **parameters),
        action=message("drift/missing/grafana.action", object=holder),
        evidence={"objects": [{"object": other.copy.page, "origin": each.desired.origin} for each, other in cases]},
        reproduce=_reproduced(cases, audit),
    )


def _subjects(cases: Sequence[_Case]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(compared.desired.id.subject for compared, _ in cases))


def _reproduced(cases: Sequence[_Case], audit: DriftAudit) -> str:
    """Commands that show both sides: what the cluster stores and what Grafana has."""
    head = '-H "Authorization: Bearer $GRAFANA_TOKEN"'
    copies = (other.copy for _, other in cases)
    asked = (f"curl -sS {head} {quote(f'{copy.url}/api/dashboards/uid/{copy.uid}')}" for copy in copies)
    return "\n".join(dict.fromkeys((*(showing(audit, compared) for compared, _ in cases), *asked)))
