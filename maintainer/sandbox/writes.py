"""What the API server makes of a write: server-side applies, preconditions, and limits of ConfigMaps."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from maintainer.sandbox.resources import RESOURCES, Target
from maintainer.sandbox.statuses import Refusal, bad_request, not_found
from maintainer.sandbox.store import Object, Store

APPLY = "application/apply-patch+yaml"
MOST_BYTES = 1024 * 1024
"""The most bytes of the data of a ConfigMap."""

_NAMESPACES = next(row for row in RESOURCES if row.plural == "namespaces")


def applied(store: Store, wanted: Target, *, query: Mapping[str, str], body: bytes) -> Object:
    """The object after a server-side apply, made if it does not exist.

    Only for fields that nobody else owns: there are no field managers here, and so no conflicts of theirs.
    """
    resource, key = wanted.resource, (wanted.namespace or "", wanted.name or "")
    if not query.get("fieldManager"):
        raise _invalid('PatchOptions.meta.k8s.io ""', "fieldManager: Required value: is required for apply patch")
    try:
        sent = yaml.safe_load(body)
        kind, name = (sent["apiVersion"], sent["kind"]), sent["metadata"].get("name")
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise bad_request(f"error decoding YAML: {error}") from error
    if kind != (resource.api_version, resource.kind):
        raise bad_request(f"invalid object type: {kind[0]}, Kind={kind[1]}")
    if name != wanted.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({wanted.name})")
    before = store.get(resource.plural, key)
    if before is None and resource.namespaced:
        _require_namespace(store, wanted)
    merged = _merged(before or {}, sent)
    return before if before is not None and merged == before else merged


def _require_namespace(store: Store, wanted: Target) -> None:
    """Raise ``Refusal`` if there is no namespace for the object."""
    if store.get("namespaces", ("", wanted.namespace or "")) is None:
        raise not_found(Target(_NAMESPACES, "", wanted.namespace))


def check_change(wanted: Target, before: Object, after: Object) -> None:
    """Raise ``Refusal`` if a patch expects another version of the object, or makes an object that is not valid."""
    expected = after["metadata"].get("resourceVersion")
    if expected and expected != before["metadata"]["resourceVersion"]:
        said = "the object has been modified; please apply your changes to the latest version and try again"
        raise _conflict(wanted.resource.qualified, wanted, said)
    if wanted.resource.plural == "configmaps":
        _check_config_map(wanted, after)
    number = (after.get("spec") or {}).get("leaseDurationSeconds")
    if wanted.resource.plural == "leases" and number is not None and number <= 0:
        raise _invalid(_named(wanted), f"spec.leaseDurationSeconds: Invalid value: {number}: must be greater than 0")


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


def _merged(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **before,
        **{
            key: _merged(before.get(key) or {}, value) if isinstance(value, Mapping) else value
            for key, value in sent.items()
        },
    }
