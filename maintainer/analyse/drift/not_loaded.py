"""The check whether each Prometheus has loaded what is stored as it was deployed."""

from collections.abc import Iterator, Sequence
from functools import partial

from maintainer.analyse.drift.audit import SETTLED, ComparedObject, DriftAudit
from maintainer.analyse.drift.commands import showing
from maintainer.analyse.drift.loaded import NotLoaded
from maintainer.analyse.drift.rows import shown
from maintainer.model.drift import LoadedConfiguration
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, divisible

CHECK = "drift/not-loaded"
_Case = tuple[ComparedObject, list[NotLoaded]]


def drift_not_loaded(audit: DriftAudit) -> Iterator[Finding]:
    """Configuration, rules or retention that are stored as deployed, and that a server does not use."""
    for idle in (False, True):
        cases = [
            (compared, lacks)
            for compared in audit.objects
            if (lacks := [lack for lack in compared.not_loaded if lack.idle is idle]) and not audit.fresh(compared)
        ]
        if cases:
            yield divisible(cases, partial(_not_loaded, audit=audit, idle=idle))


def drift_not_loaded_gaps(audit: DriftAudit) -> Iterator[Gap]:
    """Objects that were written too recently to be loaded by now."""
    for compared in audit.objects:
        if compared.not_loaded and audit.fresh(compared):
            minutes = round(SETTLED.total_seconds() / 60)
            name = str(compared.desired.id.subject)
            yield Gap(CHECK, "passing", message("gap/fresh-rules", object=name, minutes=minutes))


def _not_loaded(cases: Sequence[_Case], *, audit: DriftAudit, idle: bool) -> Finding:
    every = [(compared, lack) for compared, lacks in cases for lack in lacks]
    (first, lack), names = every[0], {lack.server for _, lack in every}
    servers = [server for server in audit.facts.loaded if server.name in names]
    reload = "; ".join(audit.access.post(f"{server.server}/-/reload") for server in servers)
    shows = _shows([lack for _, lack in every], idle=idle)
    kind = "job" if idle else "stored"
    return Finding(
        check=CHECK,
        severity="error",
        subjects=tuple(compared.desired.id.subject for compared, _ in cases),
        cause=kind,
        summary=message(
            f"{CHECK}/{kind}.summary",
            count=len(cases),
            object=str(first.desired.id.subject),
            place=lack.place,
            where=_where(servers),
        ),
        action=message(f"{CHECK}/{kind}.action", command=reload),
        evidence={
            "lacking": [
                {
                    "server": lack.server,
                    "object": str(compared.desired.id.subject),
                    "place": lack.place,
                    "desired": shown(lack.desired),
                    "running": shown(lack.loaded),
                }
                for compared, lack in every
            ]
        },
        reproduce="\n".join((
            *dict.fromkeys(showing(audit, compared) for compared, _ in cases),
            *(audit.access.fetch(f"{server.server}/api/v1/{what}") for server in servers for what in shows),
        )),
    )  # fmt: skip


def _where(servers: Sequence[LoadedConfiguration]) -> Message:
    """Which Prometheus it is: a pod, where several are behind its Service, or a URL."""
    kind = "pod" if servers[0].pod else "url"
    return message(f"{CHECK}/where.{kind}", count=len(servers), names=", ".join(server.name for server in servers))


def _shows(lacks: Sequence[NotLoaded], *, idle: bool) -> list[str]:
    """The parts of the API that show what is lacking."""
    if idle:
        return ["scrape_pools"]
    heads = {str(lack.path[0]) for lack in lacks}
    shows = {"rules": "groups" in heads, "status/flags": any(head.startswith("--") for head in heads)}
    config = any(head != "groups" and not head.startswith("--") for head in heads)
    return [name for name, needed in {**shows, "status/config": config}.items() if needed]
