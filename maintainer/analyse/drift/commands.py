"""The commands that show what drifted, and that put it back without this program."""

from shlex import quote

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.analyse.drift.owners import RELEASE, RELEASE_NAMESPACE, deployer, metadata_of
from maintainer.model.drift import ObjectId

_DEPLOYED = "jq -r '[.[] | select(.status == \"deployed\")][-1].revision'"


def showing(audit: DriftAudit, compared: ComparedObject) -> str:
    """A command that shows the object with who wrote which field, or that it does not exist."""
    id_ = compared.desired.id
    if compared.stored is None:
        return audit.access.kubectl(f"{_resource(id_)} --ignore-not-found")
    return audit.access.kubectl(f"{_resource(id_)} -o yaml --show-managed-fields")


def putting_back(audit: DriftAudit, compared: ComparedObject) -> str:
    """The command that deploys the object again: that of its Helm release, or of the file that holds it."""
    release, metadata = compared.desired.release, metadata_of(compared.stored, "annotations")
    name = release.name if release else str(metadata.get(RELEASE, ""))
    namespace = release.namespace if release else str(metadata.get(RELEASE_NAMESPACE, ""))
    owner = deployer(compared.desired, compared.stored) if compared.stored else None
    applied = owner.operation if owner else release.applied if release else "Update"
    if name:
        revisions = helm(audit, "history", namespace=namespace, name=name)
        revision = str(release.revision) if release else f'"$({revisions} -o json | {_DEPLOYED})"'
        rollback = helm(audit, "rollback", namespace=namespace, name=name)
        return f"{rollback} {revision}" + (" --force-conflicts" if applied == "Apply" else "")
    file = f"-f {quote(compared.desired.origin)}"
    if owner and applied == "Apply":
        return audit.access.kubectl(f"apply --server-side --force-conflicts --field-manager={quote(owner.name)} {file}")
    return audit.access.kubectl(f"apply {file}")


def helm(audit: DriftAudit, command: str, *, namespace: str, name: str) -> str:
    """A command of helm about a release, for the same API server as kubectl's."""
    access = audit.access
    options = {"--kubeconfig": access.kubeconfig, "--kube-context": access.context, "--kube-as-user": access.user}
    given = "".join(f" {option} {quote(value)}" for option, value in options.items() if value)
    return f"helm{given} {command} --namespace {quote(namespace)} {quote(name)}"


def _resource(id_: ObjectId) -> str:
    """The arguments of kubectl that name an object."""
    group = id_.api_version.rpartition("/")[0]
    kind = id_.kind.lower() + (f".{group}" if group else "")
    return (f"-n {quote(id_.namespace)} " if id_.namespace else "") + f"get {quote(kind)} {quote(id_.name)}"
