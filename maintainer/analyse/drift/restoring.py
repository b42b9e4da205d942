"""What would be written so that the cluster has again what was deployed, and what is not written and why."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.drift.apply_set import Restored, forth_and_back, plain
from maintainer.analyse.drift.audit import WORKLOADS, ComparedObject, counts
from maintainer.analyse.drift.carried import carried
from maintainer.analyse.drift.field_sets import united
from maintainer.analyse.drift.managers import whole
from maintainer.analyse.drift.objects import changes as changes_of
from maintainer.analyse.drift.retention import deletes_data, unread_retention
from maintainer.analyse.drift.rows import shown
from maintainer.analyse.drift.siblings import Siblings, deployment, siblings
from maintainer.analyse.drift.taken import narrowed, taken
from maintainer.model.drift import Change, Content, DesiredObject, FieldManager, ObjectId, Path, StoredObject
from maintainer.model.message import Message, message
from maintainer.model.report import Json
from maintainer.model.restoring import (
    OWN_MANAGER,
    STAGES,
    NotRestored,
    ObjectWrite,
    PlannedWrite,
    RestoringPlan,
    Rewrite,
    Stage,
    Verb,
)

_CLIENT_SIDE = "kubectl-client-side-apply"
_ESCAPED = "<>&\u2028\u2029"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_CONFIGURATION = frozenset({"PodMonitor", "Prometheus", "PrometheusRule", "ServiceMonitor"})
_DATA = ("data", "binaryData", "immutable")


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether extras are removed, the retention is restored, and that also where Prometheus then deletes data."""

    prune: bool = False
    retention: bool = False
    delete_data: bool = False


def restoring_plan(objects: Sequence[ComparedObject], policy: Policy) -> RestoringPlan:
    """What would be written, stage by stage. Objects that are as deployed, but for what is kept, are not in it."""
    deployments = siblings(objects)
    planned = [_planned(found, deployments[deployment(found.desired)], policy) for found in objects]
    writes = [one for one in planned if isinstance(one, PlannedWrite)]
    writes.sort(key=lambda write: (STAGES.index(write.rewrite.stage), write.rewrite.id))
    left = [one for one in planned if isinstance(one, NotRestored)]
    return RestoringPlan(tuple(writes), (*left, *_kept_retention(objects, policy)))


def is_retention(found: ObjectId, change: Change) -> bool:
    """Whether a change is one of how long Prometheus keeps its data, or how much of it."""
    if found.kind in WORKLOADS:
        return True
    if found.kind == "Prometheus":
        return change.path[:1] == ("spec",) and str(change.path[1:2]).find("retention") >= 0
    within = change.path[:3]
    return bool(change.key) and within[:1] == ("storage",) and within == ("storage", "tsdb", "retention")[: len(within)]


def undoing_deletes_data(stored: StoredObject, previous: Content) -> bool:
    """Whether Prometheus deletes data when an object gets its ``previous`` values back."""
    before = DesiredObject(stored.id, previous, "")
    limits = (
        change for change in changes_of(before, stored) if is_retention(stored.id, change) and counts(before, change)
    )
    return any(deletes_data(change) for change in limits)


def _planned(found: ComparedObject, others: Siblings, policy: Policy) -> PlannedWrite | NotRestored | None:
    if found.stored is None:  # of a workload, only the retention is this program's business
        return None if found.desired.id.kind in WORKLOADS else _created(found.desired, others)
    key, who = found.desired.id, others.deployer(found)
    kept = _kept(found, policy)
    changes = tuple(change for change in found.changes if change not in kept)
    if found.owner or not (changes or _is_half_restored(found.stored, who)):
        return None
    if why := _impossible(found.stored, changes) or _unread_retention(found.desired, found.stored, policy):
        return NotRestored(key, why)
    wanted = _wanted(found.desired, found.stored, changes, kept=kept)
    if wanted is None:
        return NotRestored(key, message("restoring/unreadable", kind=key.kind, name=_named(key)))
    pruned = [change.path for change in changes if change.what == "extra" and not change.key]
    body = others.with_helms_own(wanted, found.stored.content)
    if who.name == _CLIENT_SIDE:  # kubectl edit writes the annotation as well
        body = _with_last_applied(body, found.desired)
    requests, undo = forth_and_back(Restored(found.stored, who, body, pruned))
    uid = str(_mapping(found.stored.content.get("metadata")).get("uid", ""))
    stage, version = _stage(key, found.desired.content, changes), found.stored.version
    return PlannedWrite(Rewrite(key, stage, version, uid, found.desired.origin, requests, undo), changes, kept)


def _kept(found: ComparedObject, policy: Policy) -> tuple[Change, ...]:
    """The changes that stay as they are."""
    return tuple(
        change
        for change in found.changes
        if (change.what == "extra" and not policy.prune)
        or (is_retention(found.desired.id, change) and not _may_be_limited(change, policy))
    )


def _kept_retention(objects: Iterable[ComparedObject], policy: Policy) -> Iterator[NotRestored]:
    """The retention that stays as it is, and what it would take to restore it."""
    for found in objects:
        for change in found.changes if not found.owner else ():
            if is_retention(found.desired.id, change) and not _may_be_limited(change, policy):
                values = {"desired": shown(change.desired), "live": shown(change.live)}
                allowed = "deletes-data" if deletes_data(change) else "keeps-data"
                yield NotRestored(found.desired.id, message(f"restoring/retention.{allowed}", **values))


def _may_be_limited(change: Change, policy: Policy) -> bool:
    """Whether a retention may be restored."""
    return policy.retention and (policy.delete_data or not deletes_data(change))


def _unread_retention(desired: DesiredObject, stored: StoredObject, policy: Policy) -> Message | None:
    """Why a configuration is left that cannot be read: as a whole it may be restored only if its retention may be."""
    there = _mapping(stored.content.get("data")) if stored.id.kind == "ConfigMap" else {}
    for file, text in _mapping(desired.content.get("data")).items():
        change = unread_retention(file, str(text), str(there[file])) if file in there else None
        if change and not _may_be_limited(change, policy):
            named = {"kind": stored.id.kind, "name": _named(stored.id), "file": file}
            return message("restoring/retention.unreadable", **named)
    return None


def _wanted(
    desired: DesiredObject, stored: StoredObject, changes: tuple[Change, ...], *, kept: tuple[Change, ...]
) -> Content | None:
    """The declared fields as they are to be; ``None`` if what is kept cannot be carried over.

    An extra that is a field or an item by itself is not declared, and so stays untouched.
    """
    if desired.id.kind in WORKLOADS:
        paths = [change.path for change in changes]
        return _mapping(narrowed(taken(stored.content, desired.content, paths), [path[:-1] for path in paths]))
    inside = [change.path for change in kept if not change.key and not _stands_alone(change, stored)]
    wanted = _mapping(taken(_declared(desired), stored.content, inside))
    values = {
        key: carried(str(text), str(_mapping(stored.content.get("data")).get(key, "")), _inside(kept, key))
        for key, text in _mapping(wanted.get("data")).items()
    }
    if None in values.values():
        return None
    return {**wanted, "data": values} if values else wanted


def _inside(kept: Iterable[Change], key: str) -> tuple[Path, ...]:
    return tuple(change.path for change in kept if change.key == key)


def _stands_alone(change: Change, stored: StoredObject) -> bool:
    """Whether an extra is a field or an item that somebody owns by itself, outside of all that is owned as a whole."""
    return change.what == "extra" and not whole(united(stored.managers), change.path[:-1])


def _created(desired: DesiredObject, others: Siblings) -> PlannedWrite:
    """The object as its deployer makes it."""
    who, body = others.manager, others.with_helms_own(_declared(desired), {})
    if who.name == _CLIENT_SIDE:
        body = _with_last_applied(body, desired)
    verb: Verb = "apply" if who.operation == "Apply" else "create"
    requests = (ObjectWrite(verb, who.name, body),)
    change = Change("missing", (), desired.content, None, "error")
    undo = (ObjectWrite("delete", who.name),)
    stage = _stage(desired.id, desired.content, ())
    return PlannedWrite(Rewrite(desired.id, stage, "", "", desired.origin, requests, undo), (change,))


def _declared(desired: DesiredObject) -> Content:
    """The manifest, with its namespace, and without fields that are null."""
    content = _mapping(_without_null(plain(desired.content)))
    namespace = {"namespace": desired.id.namespace} if desired.id.namespace else {}
    return {**content, "metadata": {**_mapping(content.get("metadata")), **namespace}}


def _with_last_applied(body: Content, desired: DesiredObject) -> Content:
    """The object with the annotation in which ``kubectl apply`` keeps what it applied, as Go writes JSON."""
    declared = _declared(desired)
    metadata, own = _mapping(declared.get("metadata")), _mapping(body.get("metadata"))
    applied = {**declared, "metadata": {**metadata, "annotations": metadata.get("annotations", {})}}
    text = json.dumps(applied, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in _ESCAPED:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    annotations = {**_mapping(own.get("annotations")), LAST_APPLIED: text + "\n"}
    return {**body, "metadata": {**own, "annotations": annotations}}


def _is_half_restored(stored: StoredObject, who: FieldManager) -> bool:
    """Whether a run was killed before the deployer owned again what had been restored."""
    mine = [manager for manager in stored.managers if manager.name == OWN_MANAGER and not manager.subresource]
    return (
        who.operation == "Apply" and who.name != OWN_MANAGER and any(manager.operation == "Update" for manager in mine)
    )


def _impossible(stored: StoredObject, changes: Iterable[Change]) -> Message | None:
    """Why the API server will not let the object be restored; ``None`` if it will."""
    places = {str(change.path[0]) if not change.key else "data" for change in changes if change.path or change.key}
    if stored.content.get("immutable") is True and not places.isdisjoint(_DATA):
        return message("restoring/immutable", kind=stored.id.kind, name=_named(stored.id), command=_deletion(stored.id))
    if "roleRef" in places:
        return message("restoring/role-ref", kind=stored.id.kind, name=_named(stored.id), command=_deletion(stored.id))
    return None


def _stage(found: ObjectId, content: Content, changes: Iterable[Change]) -> Stage:
    if found.kind in WORKLOADS or any(found.kind == "Prometheus" and is_retention(found, change) for change in changes):
        return "retention"
    if found.kind in _CONFIGURATION:
        return "configuration"
    if found.kind != "ConfigMap":
        return "access"
    keys = _mapping(content.get("data"))
    return "dashboards" if keys and all(key.endswith(".json") for key in keys) else "configuration"


def _without_null(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _mapping(value: Json) -> Content:
    return value if isinstance(value, Mapping) else {}


def _named(found: ObjectId) -> str:
    return "/".join(filter(None, (found.namespace, found.name)))


def _deletion(found: ObjectId) -> str:
    where = f" -n {found.namespace}" if found.namespace else ""
    return f"kubectl delete {found.kind.lower()} {found.name}{where}"
