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


def putting_back(audit: DriftAudit, *objects: ComparedObject) -> str:
    """The commands that deploy objects again: those of their Helm releases, or of the files that hold them."""
    files: dict[str, dict[str, None]] = {}
    for compared in objects:
        command, file = _putting_back(audit, compared)
        files.setdefault(command, {}).update(dict.fromkeys([file] if file else []))
    return "; ".join(" ".join((command, *(f"-f {quote(file)}" for file in of))) for command, of in files.items())


def _putting_back(audit: DriftAudit, compared: ComparedObject) -> tuple[str, str]:
    """The command for one object, and the file that is to be given to it, "" for none."""
    release, metadata = compared.desired.release, metadata_of(compared.stored, "annotations")
    name = release.name if release else str(metadata.get(RELEASE, ""))
    namespace = release.namespace if release else str(metadata.get(RELEASE_NAMESPACE, ""))
    owner = deployer(compared.desired, compared.stored) if compared.stored else None
    applied = owner.operation if owner else release.applied if release else "Update"
    if name:
        revisions = helm(audit, "history", namespace=namespace, name=name)
        revision = str(release.revision) if release else f'"$({revisions} -o json | {_DEPLOYED})"'
        rollback = helm(audit, "rollback", namespace=namespace, name=name)
        return f"{rollback} {revision}" + (" --force-conflicts" if applied == "Apply" else ""), ""
    if owner and applied == "Apply":
        as_owner = f"apply --server-side --force-conflicts --field-manager={quote(owner.name)}"
        return audit.access.kubectl(as_owner), compared.desired.origin
    return audit.access.kubectl("apply"), compared.desired.origin


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
