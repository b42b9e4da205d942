"""The checks of what the cluster stores: objects that are gone, that were changed, and what was added to them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.analyse.drift.commands import putting_back, showing
from maintainer.analyse.drift.copy_findings import copies_changed, copies_missing, fresh_copies
from maintainer.analyse.drift.rows import as_row, author, place_of, worst
from maintainer.model.drift import Change
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, Json, Severity, divisible

_Case = tuple[ComparedObject, tuple[Change, ...]]


def drift_missing(audit: DriftAudit) -> Iterator[Finding]:
    """Objects that were deployed and are not in the cluster, and alerts, jobs, panels, keys or rules that are gone."""
    gone = [compared for compared in audit.objects if compared.stored is None]
    if gone:
        yield divisible(gone, partial(_gone, audit=audit))
    yield from _by_meaning(audit, "missing", _missing)
    yield from copies_missing(audit)


def drift_changed(audit: DriftAudit) -> Iterator[Finding]:
    """Fields that have another value than the one that was deployed."""
    yield from _by_meaning(audit, "changed", _changed)
    yield from copies_changed(audit)


def drift_changed_gaps(audit: DriftAudit) -> Iterator[Gap]:
    """Dashboards that Grafana need not have by now."""
    yield from fresh_copies(audit)


def drift_extra(audit: DriftAudit) -> Iterator[Finding]:
    """Alerts, jobs, panels, keys or rules that were not deployed."""
    cases = _cases(audit, "extra")
    if cases:
        yield divisible(cases, partial(_extra, audit=audit))


def _cases(audit: DriftAudit, what: str) -> list[_Case]:
    """The objects with such changes. Those of a foreign owner are of another check."""
    found = (
        (compared, tuple(change for change in compared.changes if change.what == what))
        for compared in audit.objects
        if not (compared.owner and compared.differs)
    )
    return [(compared, of_kind) for compared, of_kind in found if of_kind]


def _by_meaning(audit: DriftAudit, what: str, make: Callable[..., Finding]) -> Iterator[Finding]:
    """A finding for all objects whose worst change means the same."""
    cases: dict[str, list[_Case]] = {}
    for compared, found in _cases(audit, what):
        means = worst(found).means
        cases.setdefault(means.id.rpartition(".")[2] if means else "field", []).append((compared, found))
    for cause, alike in cases.items():
        yield divisible(alike, partial(make, audit=audit, cause=cause))


def _gone(gone: Sequence[ComparedObject], *, audit: DriftAudit) -> Finding:
    first = gone[0]
    parameters = {"object": str(first.desired.id.subject), "origin": first.desired.origin}
    return Finding(
        check="drift/missing",
        severity="error",
        subjects=tuple(compared.desired.id.subject for compared in gone),
        cause="object",
        summary=message("drift/missing/object.summary", count=len(gone), **parameters),
        action=message(
            "drift/missing/object.action",
            count=len(gone),
            object=parameters["object"],
            command=putting_back(audit, *gone),
        ),
        evidence={"objects": [_deployed(compared) for compared in gone]},
        reproduce="\n".join(dict.fromkeys(showing(audit, compared) for compared in gone)),
    )


def _missing(cases: Sequence[_Case], *, audit: DriftAudit, cause: str) -> Finding:
    summary = _said("drift/missing/item.summary", cases)
    return _finding("drift/missing", cases, audit=audit, said=(summary, _put_back(cases, audit)), cause=cause)


def _changed(cases: Sequence[_Case], *, audit: DriftAudit, cause: str) -> Finding:
    summary = _said("drift/changed/field.summary", cases)
    return _finding("drift/changed", cases, audit=audit, said=(summary, _put_back(cases, audit)), cause=cause)


def _extra(cases: Sequence[_Case], *, audit: DriftAudit) -> Finding:
    summary = _said("drift/extra/item.summary", cases)
    return _finding("drift/extra", cases, audit=audit, said=(summary, message("drift/extra/item.action")), cause="item")


def _finding(
    check: str, cases: Sequence[_Case], *, audit: DriftAudit, said: tuple[Message, Message], cause: str
) -> Finding:
    severity: Severity = worst([change for _, found in cases for change in found]).severity
    return Finding(
        check=check,
        severity=severity,
        subjects=tuple(compared.desired.id.subject for compared, _ in cases),
        cause=cause,
        summary=said[0],
        action=said[1],
        evidence={"changes": [as_row(compared, change) for compared, found in cases for change in found]},
        reproduce="\n".join(dict.fromkeys(showing(audit, compared) for compared, _ in cases)),
    )


def _said(sentence: str, cases: Sequence[_Case]) -> Message:
    """What the finding says: of the first object and its worst change, what that means, and how many there are."""
    compared, found = cases[0]
    change = worst(found)
    return message(
        sentence,
        count=len(cases),
        object=str(compared.desired.id.subject),
        place=place_of(change, found),
        author=author(change),
        means=change.means or message("drift/means.other"),
    )


def _put_back(cases: Sequence[_Case], audit: DriftAudit) -> Message:
    objects = [compared for compared, _ in cases]
    name = str(objects[0].desired.id.subject)
    command = putting_back(audit, *objects)
    return message("drift/changed/field.action", count=len(objects), object=name, command=command)


def _deployed(compared: ComparedObject) -> dict[str, Json]:
    return {"object": str(compared.desired.id.subject), "origin": compared.desired.origin}
