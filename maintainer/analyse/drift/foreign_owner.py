"""The check for objects that drifted and that somebody else keeps."""

from collections.abc import Iterator, Sequence
from functools import partial
from shlex import quote

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.analyse.drift.commands import showing
from maintainer.analyse.drift.owners import ForeignOwner
from maintainer.analyse.drift.rows import as_row
from maintainer.model.message import message
from maintainer.model.report import Finding, divisible

_Owned = tuple[ComparedObject, ForeignOwner]


def drift_foreign_owner(audit: DriftAudit) -> Iterator[Finding]:
    """Objects that are not as deployed, and that Argo CD, Flux, an operator or another owner keeps as they are."""
    by_owner: dict[ForeignOwner, list[_Owned]] = {}
    for compared in audit.objects:
        if compared.owner and compared.differs:
            by_owner.setdefault(compared.owner, []).append((compared, compared.owner))
    for cases in by_owner.values():
        yield divisible(cases, partial(_owned, audit=audit))


def _owned(cases: Sequence[_Owned], *, audit: DriftAudit) -> Finding:
    compared, owner = cases[0]
    name = f"{owner.namespace}/{owner.name}" if owner.namespace else owner.name
    one, any_ = (
        f"-n {quote(owner.namespace)} get {quote(owner.where)} {quote(owner.name)}",
        f"get {quote(owner.where)} -A",
    )
    look = audit.access.kubectl(
        one if owner.namespace else f"{any_} --field-selector metadata.name={quote(owner.name)}"
    )
    return Finding(
        check="drift/foreign-owner",
        severity="warning",
        subjects=tuple(found.desired.id.subject for found, _ in cases),
        cause=f"{owner.where}/{name}",
        summary=message(
            f"drift/foreign-owner/{owner.kind}.summary",
            count=len(cases),
            object=str(compared.desired.id.subject),
            owner=f"{owner.where} {name}",
        ),
        action=message(f"drift/foreign-owner/{owner.kind}.action", owner=name, kind=owner.where),
        evidence={"changes": [as_row(found, change) for found, _ in cases for change in found.changes]},
        reproduce="\n".join((*dict.fromkeys(showing(audit, found) for found, _ in cases), look)),
    )
