"""Writes objects of any kind as a field manager that is given, after a dry run, and only what has not changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maintainer.clients.api_request import ApiRequest, NoSuchObject, ObjectChanged
from maintainer.clients.cluster import Cluster
from maintainer.clients.whole_objects import as_stored, stored_object
from maintainer.model.drift import Content, ObjectId, StoredObject
from maintainer.model.restoring import OWN_MANAGER, ObjectWrite

_DRY = (("dryRun", "All"),)
_OF_NONE = "1"
"""The version of no object: that of a store before its first write. An apply with it makes an object, or is a 409.

A POST would demand as much, but RBAC cannot allow it by name, and what it makes is not owned as what Helm applies.
"""


class ObjectWrites:
    """Reads and writes the objects of a cluster; ``plural`` knows the plural name of an object's kind.

    All methods raise :class:`SourceUnavailable`.
    """

    def __init__(self, cluster: Cluster, plural: Callable[[ObjectId], str]) -> None:
        self._cluster = cluster
        self._plural = plural

    def read(self, wanted: ObjectId) -> StoredObject | None:
        """The object; ``None`` if it does not exist."""
        return stored_object(self._cluster, wanted, self._plural(wanted))

    def write(
        self, target: ObjectId, request: ObjectWrite, *, version: str, uid: str = "", dry_run: bool = False
    ) -> StoredObject | None:
        """Send a write, and return the object after it, ``None`` if it was deleted.

        ``version`` and ``uid`` are of the object as it was read, "" if it did not exist. ``dry_run`` leaves it as it
        is. Raises :class:`ObjectChanged` if the object is another one now, or somebody else owns what would be applied.
        """
        match request.verb:
            case "disown":
                return self._disown(target, request.manager, version, dry_run=dry_run)
            case "delete":
                if not dry_run:
                    self._cluster.delete(self._resource(target), (target.namespace, target.name), version)
                return None
            case "apply" | "patch" | "create":
                applies = request.verb == "apply"
                known = {"resourceVersion": version or (_OF_NONE if applies else ""), "uid": uid if applies else ""}
                metadata = {
                    **_mapping(request.body.get("metadata")),
                    **{name: own for name, own in known.items() if own},
                }
                return self._send(target, request, {**request.body, "metadata": metadata}, dry_run=dry_run)

    def _send(self, target: ObjectId, request: ObjectWrite, body: Content, *, dry_run: bool) -> StoredObject:
        query = (("fieldManager", request.manager), *((("force", "true"),) if request.forced else ()))
        name = "" if request.verb == "create" else target.name
        sent = ApiRequest(
            request.verb,
            self._resource(target),
            target.namespace,
            name,
            query=query + (_DRY if dry_run else ()),
            body=body,
        )
        try:
            return as_stored(self._cluster, target, self._cluster.send(sent, type_=dict[str, Any]))
        except NoSuchObject:
            raise ObjectChanged from None

    def _disown(self, target: ObjectId, manager: str, version: str, *, dry_run: bool) -> StoredObject:
        resource = self._resource(target)
        content = self._cluster.get(resource, (target.namespace, target.name), type_=dict[str, Any])
        if content is None or content["metadata"].get("resourceVersion") != version:
            raise ObjectChanged
        entries = content["metadata"].get("managedFields", [])
        left = disowned(entries, manager)
        if left == entries or dry_run:
            return as_stored(self._cluster, target, content)
        body = {"metadata": {"managedFields": left}}
        return self._send(
            target,
            ObjectWrite("patch", OWN_MANAGER),
            {"metadata": {**body["metadata"], "resourceVersion": version}},
            dry_run=False,
        )

    def _resource(self, target: ObjectId) -> tuple[str, str]:
        return target.api_version, self._plural(target)


def disowned(entries: Sequence[Mapping[str, Any]], manager: str) -> list[Mapping[str, Any]]:
    """The entries of ``managedFields``, without what a manager has applied in those of all other managers.

    Our own goes as a whole: what else is in it are defaults of the API server, which nobody owned before.
    Two managers may own a field that has the same value for both. Who then applies another value has a conflict.
    """
    applied = [entry for entry in entries if (entry.get("manager"), entry.get("operation")) == (manager, "Apply")]
    left: list[Mapping[str, Any]] = []
    for entry in entries:
        if entry in applied or entry.get("subresource"):
            left.append(entry)
            continue
        fields = entry.get("fieldsV1", {}) if entry.get("manager") != OWN_MANAGER else {}
        for own in applied:
            fields = _without(fields, own.get("fieldsV1", {}))
        if fields:
            left.append({**entry, "fieldsV1": fields})
    return left


def _without(fields: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    made = {}
    for step, inner in fields.items():
        if step not in others:
            made[step] = inner
        elif inner and others[step] and (left := _without(inner, others[step])):
            made[step] = left
    return made


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
