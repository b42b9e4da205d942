"""Objects that are being deployed at the moment: what differs in them is no drift, and is left to their deployer."""

from maintainer.analyse.drift.audit import SETTLED, ComparedObject, DriftAudit
from maintainer.analyse.drift.owners import deployer
from maintainer.model.message import Message, message


def being_deployed(compared: ComparedObject, audit: DriftAudit) -> Message | None:
    """Why an object seems to be deployed anew, ``None`` if it does not.

    Manifests in a file may be older than what was deployed since: so says a change that the deployer itself has made.
    """
    release = compared.desired.release
    if release:
        for state in audit.facts.deployed.releases:
            newest = state.newest
            if (newest.namespace, newest.name) == (release.namespace, release.name) and _is_pending(newest.status):
                name = f"{newest.namespace}/{newest.name}"
                return message("gap/release-pending", release=name, revision=newest.revision, status=newest.status)
        return None
    who = deployer(compared.desired, compared.stored) if compared.stored else None
    for change in compared.changes:
        if who and change.manager == who.name and change.time and audit.now - change.time < SETTLED:
            return message("restoring/just-deployed", manager=who.name, minutes=round(SETTLED.total_seconds() / 60))
    return None


def _is_pending(status: str) -> bool:
    return status.startswith("pending")
