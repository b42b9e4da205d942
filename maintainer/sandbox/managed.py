"""Who owns which field of an object, after a server-side apply and after any other write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from maintainer.sandbox.field_sets import Path, fields, is_atomic, keys_of, paths, step_of, tree
from maintainer.sandbox.statuses import Refusal
from maintainer.sandbox.store import Object

BEFORE_APPLY = "before-first-apply"
"""Owns the fields of an object without owners when it is applied for the first time."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An entry of ``managedFields``."""

    name: str
    operation: str
    time: str
    fields: frozenset[Path]
    version: str
    subresource: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells the entries apart."""
        return self.name, self.operation, self.subresource


def applied(live: Object | None, sent: Object, manager: str, *, force: bool) -> dict[str, Any]:
    """The object after a server-side apply. Raises ``Refusal`` if others own fields with other values."""
    sent = {**sent, "metadata": {name: value for name, value in sent["metadata"].items() if name != "managedFields"}}
    owners, wanted = _owners(live, sent), fields(sent, containers=False)
    there = fields(live, containers=False) if live else {}
    before = next((owner for owner in owners if owner.key == (manager, "Apply", "")), None)
    others = [owner for owner in owners if owner is not before and not owner.subresource]
    differing = {path for path, value in wanted.items() if path in there and there[path] != value}
    if not force:
        _check_conflicts(others, differing)
    left = [_without(owner, differing) for owner in others]
    gone = set(before.fields if before else ()) - wanted.keys() - {path for owner in left for path in owner.fields}
    made = _merged(sent.get("kind", ""), _removed(live or {}, gone, sent.get("kind", "")), sent, "")
    mine = Owner(manager, "Apply", _now(), frozenset(wanted), sent["apiVersion"])
    if before and before.fields == mine.fields and _same(made, live):
        mine = before
    status = [owner for owner in owners if owner.subresource]
    return with_owners(made, [mine, *left, *status])


def updated(live: Object | None, made: Object, manager: str) -> dict[str, Any]:
    """The object after any other write, with who owns what is new in it."""
    before, after = fields(live, containers=True) if live else {}, fields(made, containers=True)
    changed = frozenset(path for path, value in after.items() if path not in before or before[path] != value)
    owners = list(_entries(made)) or list(_entries(live or {}))
    mine = next((owner for owner in owners if owner.key == (manager, "Update", "")), None)
    left = [_without(owner, changed) for owner in owners if owner is not mine]
    if changed:
        own = Owner(manager, "Update", _now(), changed | (mine.fields if mine else frozenset()), made["apiVersion"])
        return with_owners(made, [*left, own])
    return with_owners(made, [*left, *([mine] if mine else [])])


def with_owners(item: Object, owners: Iterable[Owner]) -> dict[str, Any]:
    """The object with these entries, without fields that it does not have."""
    there = fields(item, containers=True).keys()
    entries = [_entry(owner, owner.fields if owner.subresource else owner.fields & there) for owner in owners]
    metadata = {name: value for name, value in item["metadata"].items() if name != "managedFields"}
    if kept := [entry for entry in entries if entry["fieldsV1"]]:
        metadata["managedFields"] = kept
    return {**item, "metadata": metadata}


def _entry(owner: Owner, left: Iterable[Path]) -> dict[str, Any]:
    return {
        "manager": owner.name,
        "operation": owner.operation,
        "apiVersion": owner.version,
        "time": owner.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": tree(left),
        **({"subresource": owner.subresource} if owner.subresource else {}),
    }


def _owners(live: Object | None, sent: Object) -> list[Owner]:
    """The entries of an object; one for all its fields if it has none."""
    if live is None:
        return []
    found = list(_entries(live))
    if found or not (there := fields({"kind": sent.get("kind"), **live}, containers=True)):
        return found
    return [Owner(BEFORE_APPLY, "Update", _now(), frozenset(there), sent["apiVersion"])]


def _entries(item: Object) -> Iterable[Owner]:
    for entry in (item.get("metadata") or {}).get("managedFields") or ():
        yield Owner(
            entry["manager"],
            entry["operation"],
            entry.get("time", ""),
            frozenset(paths(entry.get("fieldsV1") or {})),
            entry["apiVersion"],
            entry.get("subresource", ""),
        )


def _check_conflicts(others: Iterable[Owner], differing: set[Path]) -> None:
    found = [
        (f'"{owner.name}"' + (f" using {owner.version}" if owner.operation == "Update" else ""), _told(path))
        for owner in others
        for path in sorted(owner.fields & differing)
    ]
    if not found:
        return
    count = f"{len(found)} conflict{'s' if len(found) > 1 else ''}"
    if len(found) == 1:
        said = f"conflict with {found[0][0]}: {found[0][1]}"
    else:
        lines = {who: [place for name, place in found if name == who] for who, _ in found}
        said = "\n".join(
            f"conflicts with {who}:\n" + "\n".join(f"- {place}" for place in places) for who, places in lines.items()
        )
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": place} for who, place in found
    ]
    raise Refusal(409, "Conflict", f"Apply failed with {count}: {said}", details={"causes": causes})


def _told(path: Path) -> str:
    """A path as the API server shows it: ``.spec.ports[port=80,protocol="TCP"].targetPort``."""
    shown = ""
    for step in path:
        if step.startswith("f:"):
            shown += f".{step[2:]}"
        elif step.startswith("k:"):
            shown += "[" + step[3:-1].replace('":', "=").replace('"', "", 1).replace(',"', ",") + "]"
    return shown


def _without(owner: Owner, changed: Iterable[Path]) -> Owner:
    left = owner.fields - frozenset(changed)
    return owner if left == owner.fields else replace(owner, fields=left)


def _merged(kind: str, live: Any, sent: Any, place: str) -> Any:
    keys = keys_of(kind, place)
    if isinstance(sent, list) and keys:
        there = list(live) if isinstance(live, list) else []
        by_step = {step_of(item, keys): item for item in there}
        for item in sent:
            step = step_of(item, keys)
            by_step[step] = {
                **by_step.get(step, {}),
                **{
                    name: _merged(kind, by_step.get(step, {}).get(name), value, f"{place}.{name}")
                    for name, value in item.items()
                },
            }
        return list(by_step.values())
    if isinstance(sent, Mapping) and not is_atomic(place):
        before = live if isinstance(live, Mapping) else {}
        return {
            **before,
            **{name: _merged(kind, before.get(name), value, f"{place}.{name}") for name, value in sent.items()},
        }
    return sent


def _removed(item: Any, gone: Iterable[Path], kind: str, place: str = "") -> Any:
    """The object without the fields at these paths; an item of a list goes if its own place does."""
    by_step: dict[str, list[Path]] = {}
    for path in gone:
        by_step.setdefault(path[0], []).append(path[1:])
    if isinstance(item, list):
        keys, kept = keys_of(kind, place), []
        for value in item:
            inner = by_step.get(step_of(value, keys), [])
            if () not in inner:
                kept.append(_removed(value, inner, kind, place) if inner else value)
        return kept
    if not isinstance(item, Mapping):
        return item
    made = dict(item)
    for step, inner in by_step.items():
        name = step[2:]
        if () in inner:
            made.pop(name, None)
        elif name in made:
            made[name] = _removed(made[name], inner, kind, f"{place}.{name}")
            if made[name] in ({}, []):
                del made[name]
    return made


def _same(made: Object, live: Object | None) -> bool:
    return live is not None and fields(made, containers=True) == fields(live, containers=True)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
