"""The check for Helm releases whose newest revision was not deployed."""

from collections.abc import Iterator

from maintainer.analyse.drift.audit import DriftAudit
from maintainer.analyse.drift.commands import helm
from maintainer.model.drift import ReleaseState
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Subject

CHECK = "drift/release"


def drift_release(audit: DriftAudit) -> Iterator[Finding]:
    """Helm says of the newest revision that it failed, so that the cluster is between two revisions."""
    for state in audit.facts.deployed.releases:
        if state.newest.status == "failed":
            yield _failed(state, audit)


def drift_release_gaps(audit: DriftAudit) -> Iterator[Gap]:
    """Releases that Helm is about to change, or was when it was interrupted."""
    for state in audit.facts.deployed.releases:
        newest = state.newest
        if newest.status.startswith("pending"):
            name = f"{newest.namespace}/{newest.name}"
            why = message("gap/release-pending", release=name, revision=newest.revision, status=newest.status)
            yield Gap(CHECK, "passing", why)


def _failed(state: ReleaseState, audit: DriftAudit) -> Finding:
    newest = state.newest
    conflict = "conflict" in newest.error.lower()
    cause = "conflict" if conflict else "failed"
    before = state.deployed.revision if state.deployed else 0
    return Finding(
        check=CHECK,
        severity="error",
        subjects=(Subject("Release", newest.namespace, newest.name),),
        cause=cause,
        summary=message(
            f"{CHECK}/failed.summary",
            release=f"{newest.namespace}/{newest.name}",
            revision=newest.revision,
            error=newest.error or message("drift/release/no-error"),
        ),
        action=message(f"{CHECK}/{cause}.action", release=f"{newest.namespace}/{newest.name}"),
        evidence={"revision": newest.revision, "deployedRevision": before, "error": newest.error},
        reproduce=helm(audit, "history", namespace=newest.namespace, name=newest.name),
    )
