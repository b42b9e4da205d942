"""What the API server makes of a write: server-side applies, preconditions, and limits of ConfigMaps."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from maintainer.sandbox import managed
from maintainer.sandbox.resources import RESOURCES, Target
from maintainer.sandbox.statuses import Refusal, bad_request, not_found
from maintainer.sandbox.store import Object, Store

APPLY = "application/apply-patch+yaml"
MOST_BYTES = 1024 * 1024
"""The most bytes of the data of a ConfigMap."""

_NAMESPACES = next(row for row in RESOURCES if row.plural == "namespaces")


@dataclass(frozen=True, slots=True)
class Write:
    """What a request wants to be written, as whom."""

    query: Mapping[str, str]
    body: bytes
    media_type: str = "application/json"
    agent: str = ""

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be stored."""
        return self.query.get("dryRun") == "All"

    @property
    def manager(self) -> str:
        """The field manager: by default the first word of the client's name."""
        return self.query.get("fieldManager") or self.agent.partition("/")[0] or "unknown"


def applied(store: Store, wanted: Target, write: Write) -> Object:
    """The object after a server-side apply, made if it does not exist."""
    if not write.query.get("fieldManager"):
        raise _invalid('PatchOptions.meta.k8s.io ""', "fieldManager: Required value: is required for apply patch")
    sent = _sent(wanted, write.body)
    if sent["metadata"].get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    before = store.get(wanted.resource.plural, (wanted.namespace or "", wanted.name or ""))
    if before is None:
        _require_namespace(store, wanted)
        if uid := sent["metadata"].get("uid"):
            raise _conflict(
                wanted.resource.qualified,
                wanted,
                f"uid mismatch: the provided object specified uid {uid}, and no existing object was found",
            )
        if not write.dry_run:
            sent = {**sent, "metadata": {k: v for k, v in sent["metadata"].items() if k != "resourceVersion"}}
    force = write.query.get("force") in ("1", "true")
    made = with_defaults(managed.applied(before, sent, write.manager, force=force))
    if before is not None:
        check_change(wanted, before, made)
        made = _versioned(made, before)
    return made


def changed(wanted: Target, before: Object, made: Object, write: Write) -> Object:
    """The patched object as it is stored, with who owns what."""
    check_change(wanted, before, made)
    entries = made["metadata"].get("managedFields")
    if entries == [{}]:  # the way to take all entries away
        metadata = {name: value for name, value in made["metadata"].items() if name != "managedFields"}
        return {**made, "metadata": metadata}
    return _versioned(managed.updated(before, with_defaults(made), write.manager), before)


def created(store: Store, wanted: Target, write: Write) -> Object:
    """The object that a POST makes."""
    sent = _sent(wanted, write.body)
    named = Target(wanted.resource, wanted.namespace, sent["metadata"].get("name", ""))
    _require_namespace(store, named)
    if store.get(named.resource.plural, (named.namespace or "", named.name or "")) is not None:
        raise Refusal(409, "AlreadyExists", f'{named.resource.qualified} "{named.name}" already exists', details={})
    made = with_defaults(sent)
    check_content(named, made)
    return managed.updated(None, made, write.manager)


def _sent(wanted: Target, body: bytes) -> dict[str, Any]:
    """The object in a body. Raises ``Refusal`` if it is none of the resource, or has another name than the URL."""
    resource = wanted.resource
    try:
        sent: dict[str, Any] = yaml.safe_load(body)
        kind, name = (sent["apiVersion"], sent["kind"]), sent["metadata"].get("name")
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise bad_request(f"error decoding YAML: {error}") from error
    if kind != (resource.api_version, resource.kind):
        raise bad_request(f"invalid object type: {kind[0]}, Kind={kind[1]}")
    if wanted.name is not None and name != wanted.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({wanted.name})")
    namespace = {"namespace": wanted.namespace} if wanted.namespace else {}
    return {**sent, "metadata": {**sent["metadata"], **namespace}}


def _versioned(made: Object, before: Object) -> Object:
    """The object with the version that it had: if it is the same then, it is not stored again."""
    return {**made, "metadata": {**made["metadata"], "resourceVersion": before["metadata"]["resourceVersion"]}}


def _require_namespace(store: Store, wanted: Target) -> None:
    """Raise ``Refusal`` if there is no namespace for the object."""
    if wanted.resource.namespaced and store.get("namespaces", ("", wanted.namespace or "")) is None:
        raise not_found(Target(_NAMESPACES, "", wanted.namespace))


def check_change(wanted: Target, before: Object, after: Object) -> None:
    """Raise ``Refusal`` if a patch expects another version of the object, or makes an object that is not valid."""
    expected = after["metadata"].get("resourceVersion")
    if expected and expected != before["metadata"]["resourceVersion"]:
        said = "the object has been modified; please apply your changes to the latest version and try again"
        raise _conflict(wanted.resource.qualified, wanted, said)
    uid = after["metadata"].get("uid")
    if uid and uid != before["metadata"]["uid"]:
        raise _invalid(_named(wanted), f'metadata.uid: Invalid value: "{uid}": field is immutable')
    check_content(wanted, after, before)
    number = (after.get("spec") or {}).get("leaseDurationSeconds")
    if wanted.resource.plural == "leases" and number is not None and number <= 0:
        raise _invalid(_named(wanted), f"spec.leaseDurationSeconds: Invalid value: {number}: must be greater than 0")


def check_content(wanted: Target, after: Object, before: Object | None = None) -> None:
    """Raise ``Refusal`` if an object is not valid, or has another value in a field that cannot be changed."""
    if wanted.resource.plural == "configmaps":
        _check_config_map(wanted, after)
        if before and before.get("immutable") and before.get("data") != after.get("data"):
            raise _invalid(_named(wanted), "data: Forbidden: field is immutable when `immutable` is set")
    if wanted.resource.plural == "services":
        names: list[str] = []
        for index, port in enumerate((after.get("spec") or {}).get("ports") or ()):
            if port.get("name") and port["name"] in names:
                raise _invalid(_named(wanted), f'spec.ports[{index}].name: Duplicate value: "{port["name"]}"')
            names.append(port.get("name", ""))
    if before and before.get("roleRef") != after.get("roleRef"):
        role = ",".join(f'"{name[0].upper()}{name[1:]}":"{value}"' for name, value in sorted(after["roleRef"].items()))
        said = f"roleRef: Invalid value: {{{role.replace('ApiGroup', 'APIGroup')}}}: cannot change roleRef"
        raise _invalid(_named(wanted), said)


def with_defaults(item: Object) -> Object:
    """A Service with what the API server sets in it, a ConfigMap without empty data; any other object as it is."""
    item = {name: value for name, value in item.items() if value or name not in {"binaryData", "data"}}
    if item.get("kind") != "Service":
        return item
    spec = item.get("spec") or {}
    ports = [{"protocol": "TCP", "targetPort": port.get("port"), **port} for port in spec.get("ports") or ()]
    defaults = {"internalTrafficPolicy": "Cluster", "sessionAffinity": "None", "type": "ClusterIP"}
    return {**item, "spec": {**defaults, **spec, **({"ports": ports} if ports else {})}}


def check_deletion(wanted: Target, item: Object, body: bytes) -> None:
    """Raise ``Refusal`` if the preconditions in the body of a deletion do not hold."""
    try:
        options = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
    except msgspec.DecodeError as error:
        raise bad_request(f"the DeleteOptions cannot be decoded: {error}") from error
    expected = (options.get("preconditions") or {}).get("resourceVersion")
    version = item["metadata"]["resourceVersion"]
    if expected and expected != version:
        raise _conflict(
            wanted.resource.kind,
            wanted,
            f"the ResourceVersion in the precondition ({expected}) does not match the ResourceVersion in record "
            f"({version}). The object might have been modified",
        )


def _check_config_map(wanted: Target, item: Object) -> None:
    try:
        sizes = [len(base64.b64decode(value, validate=True)) for value in (item.get("binaryData") or {}).values()]
    except binascii.Error as error:
        raise bad_request(f"illegal base64 data: {error}") from error
    if sum(sizes) + sum(len(value.encode()) for value in (item.get("data") or {}).values()) > MOST_BYTES:
        raise _invalid(_named(wanted), f"[]: Too long: may not be more than {MOST_BYTES} bytes")


def _conflict(kind: str, wanted: Target, said: str) -> Refusal:
    return Refusal(409, "Conflict", f'Operation cannot be fulfilled on {kind} "{wanted.name}": {said}', details={})


def _invalid(what: str, said: str) -> Refusal:
    return Refusal(422, "Invalid", f"{what} is invalid: {said}", details={})


def _named(wanted: Target) -> str:
    """The kind with its group and the name: ``Lease.coordination.k8s.io "maintainer"``."""
    kind = ".".join(filter(None, (wanted.resource.kind, wanted.resource.group)))
    return f'{kind} "{wanted.name}"'
