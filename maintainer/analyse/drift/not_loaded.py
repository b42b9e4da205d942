"""The check whether each Prometheus has loaded what is stored as it was deployed."""

from collections.abc import Iterator, Sequence
from functools import partial

from maintainer.analyse.drift.audit import SETTLED, ComparedObject, DriftAudit
from maintainer.analyse.drift.commands import showing
from maintainer.analyse.drift.rows import shown
from maintainer.model.drift import LoadedConfiguration
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, divisible

CHECK = "drift/not-loaded"


def drift_not_loaded(audit: DriftAudit) -> Iterator[Finding]:
    """Configuration, rules or retention that are stored as deployed, and that a server does not use."""
    overdue = [compared for compared in audit.objects if compared.not_loaded and not audit.fresh(compared)]
    if overdue:
        yield divisible(overdue, partial(_not_loaded, audit=audit))


def drift_not_loaded_gaps(audit: DriftAudit) -> Iterator[Gap]:
    """Objects that were written too recently to be loaded by now."""
    for compared in audit.objects:
        if compared.not_loaded and audit.fresh(compared):
            minutes = round(SETTLED.total_seconds() / 60)
            name = str(compared.desired.id.subject)
            yield Gap(CHECK, "passing", message("gap/fresh-rules", object=name, minutes=minutes))


def _not_loaded(overdue: Sequence[ComparedObject], *, audit: DriftAudit) -> Finding:
    first, names = overdue[0], {lack.server for compared in overdue for lack in compared.not_loaded}
    servers = [server for server in audit.facts.loaded if server.name in names]
    reload = "; ".join(audit.access.post(f"{server.server}/-/reload") for server in servers)
    return Finding(
        check=CHECK,
        severity="error",
        subjects=tuple(compared.desired.id.subject for compared in overdue),
        cause="stored",
        summary=message(
            f"{CHECK}/stored.summary",
            count=len(overdue),
            object=str(first.desired.id.subject),
            place=first.not_loaded[0].place,
            where=_where(servers),
        ),
        action=message(f"{CHECK}/stored.action", command=reload),
        evidence={
            "lacking": [
                {
                    "server": lack.server,
                    "object": str(compared.desired.id.subject),
                    "place": lack.place,
                    "desired": shown(lack.desired),
                    "running": shown(lack.loaded),
                }
                for compared in overdue
                for lack in compared.not_loaded
            ]
        },
        reproduce="\n".join((
            *dict.fromkeys(showing(audit, compared) for compared in overdue),
            *(audit.access.fetch(f"{server.server}/api/v1/{what}") for server in servers for what in _shows(overdue)),
        )),
    )  # fmt: skip


def _where(servers: Sequence[LoadedConfiguration]) -> Message:
    """Which Prometheus it is: a pod, where several are behind its Service, or a URL."""
    kind = "pod" if servers[0].pod else "url"
    return message(f"{CHECK}/where.{kind}", count=len(servers), names=", ".join(server.name for server in servers))


def _shows(overdue: Sequence[ComparedObject]) -> list[str]:
    """The parts of the API that show what is lacking."""
    heads = {str(lack.path[0]) for compared in overdue for lack in compared.not_loaded}
    shows = {"rules": "groups" in heads, "status/flags": any(head.startswith("--") for head in heads)}
    config = any(head != "groups" and not head.startswith("--") for head in heads)
    return [name for name, needed in {**shows, "status/config": config}.items() if needed]
