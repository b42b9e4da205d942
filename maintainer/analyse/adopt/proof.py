"""Whether an edit of a chart gives what is live, and changes nothing else: what the chart renders, before and after."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maintainer.analyse.drift.differences import Comparison, differences
from maintainer.analyse.drift.objects import changes
from maintainer.model.drift import Change, DesiredObject, ObjectId, StoredObject
from maintainer.model.report import Json
from maintainer.model.trees import Broken, from_yaml

Rendered = Mapping[ObjectId, DesiredObject]
Stored = Mapping[ObjectId, StoredObject | None]

CHECKSUM = "checksum/"
"""How an annotation begins by which Helm's charts restart pods after a change of a ConfigMap."""


@dataclass(frozen=True, slots=True)
class Proof:
    """``fits``: the change is made and nothing else differs. ``others`` is what would change with it."""

    fits: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges edits of a chart by the objects that are ``stored``."""

    stored: Stored

    def left(self, rendered: DesiredObject) -> Mapping[str, Change]:
        """In what a live object differs from the rendered one, by place and values."""
        stored = self.stored.get(rendered.id)
        if stored is None:
            return {}
        found = (change for change in changes(rendered, stored) if not _derived(change.path))
        return {identity(change): change for change in found}

    def proof(self, before: Rendered, after: Rendered, target: ObjectId, change: Change) -> Proof:
        """Whether ``after`` is ``before`` with this change of the target."""
        if before.keys() != after.keys():
            return Proof(fits=False)
        others: list[str] = []
        for id_, old in before.items():
            new = after[id_]
            if old.content != new.content:
                others += self._others(old, new) if self.stored.get(id_) else _unlike(old, new)
        made = target in after and identity(change) not in self.left(after[target])
        return Proof(made and not others, tuple(others) if made else ())

    def _others(self, old: DesiredObject, new: DesiredObject) -> Iterator[str]:
        """The places of a live object that would differ from it, and do not yet."""
        was = self.left(old)
        for key, change in self.left(new).items():
            if key not in was:
                yield f"{old.id.subject} ({change.place})"


def identity(change: Change) -> str:
    """The same for the same place and the same values."""
    return json.dumps([change.key, change.path, change.desired, change.live], default=str)


def _derived(path: tuple[str | int, ...]) -> bool:
    return any(str(step).startswith(CHECKSUM) for step in path)


_EXACT = Comparison(
    lambda path, value, other: _derived(path) or value == other or (_is_manifest(value) and _is_manifest(other)),
    lambda _steps, _value: True,
    lambda _steps, _value: True,
)


def _unlike(old: DesiredObject, new: DesiredObject) -> Iterator[str]:
    """The object, if more of it differs than what follows by itself: checksums, and copies of the chart's manifests."""
    if next(differences(old.content, new.content, how=_EXACT), None):
        yield str(old.id.subject)


def _is_manifest(value: Json) -> bool:
    if not isinstance(value, str) or "apiVersion:" not in value:
        return False
    try:
        documents = from_yaml(value)
    except Broken:
        return False
    return all(isinstance(document, dict) and {"apiVersion", "kind"} <= document.keys() for document in documents)
