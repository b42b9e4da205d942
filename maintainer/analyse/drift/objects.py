"""The fields of an object, as it was deployed and as the cluster stores it.

The API server adds defaults and rewrites values: fields that were not declared are not compared, and values are
compared by what they mean. Who else may have written in a place is what ``managedFields`` say.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from maintainer.analyse.drift.differences import Comparison, Difference, Steps, differences
from maintainer.analyse.drift.managers import owners, owns, whole
from maintainer.analyse.drift.owners import deployer
from maintainer.analyse.drift.plain import plain, plain_path
from maintainer.analyse.drift.scalars import same_number
from maintainer.analyse.drift.values import empty, value_differences
from maintainer.analyse.promql.canonical import same_promql
from maintainer.model.drift import Change, Content, DesiredObject, FieldManager, Path, StoredObject
from maintainer.model.report import Json
from maintainer.model.secret_text import HIDDEN

_VALUES = ("data", "binaryData")
_NOT_FIELDS = frozenset(("apiVersion", "kind", "status", "stringData"))
_OF_METADATA = ("annotations", "finalizers", "labels")
"""What a deployer declares in the metadata; the rest names the object, or is the API server's own."""
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TEXTS = frozenset(("annotations", "labels", "env", "matchLabels", "selector"))
"""Fields that hold texts: one that looks like a quantity is none."""


def changes(desired: DesiredObject, stored: StoredObject) -> tuple[Change, ...]:
    """What differs between an object as it was deployed and as it is stored, with who wrote the place last."""
    found = [*_of_fields(desired, stored), *_of_values(desired, stored)]
    changed = [_change(difference, key, stored) for key, difference in found]
    return tuple(map(_hidden, changed)) if desired.id.kind == "Secret" else tuple(changed)


def _of_fields(desired: DesiredObject, stored: StoredObject) -> Iterator[tuple[str, Difference]]:
    fields = _Fields(stored.managers, deployer(desired, stored))
    how = Comparison(_same, fields.lacks, fields.adds, quick=False)
    for difference in differences(_declared(desired.content), _declared(stored.content), how=how):
        yield "", difference


def _of_values(desired: DesiredObject, stored: StoredObject) -> Iterator[tuple[str, Difference]]:
    """The differences of the values of a ConfigMap or a Secret, each with the key in whose value it stands."""
    for field in _VALUES:
        wanted, there = _values(desired.content, field), _values(stored.content, field)
        for key, value in wanted.items():
            if key not in there:
                yield "", Difference("missing", (field, key), value, None, (field, key))
            elif desired.id.kind == "ConfigMap" and field == "data":
                steps = (field, key)
                inside = value_differences(key, str(value), str(there[key]))
                yield from ((key, difference._replace(steps=steps)) for difference in inside)
            elif _bytes(value) != _bytes(there[key]):
                yield "", Difference("changed", (field, key), _told(value), _told(there[key]), (field, key))
        for key in sorted(there.keys() - wanted.keys()):
            yield "", Difference("extra", (field, key), None, _told(there[key], field), (field, key))


@dataclass(frozen=True, slots=True)
class _Fields:
    """What the managers of an object's fields say about fields that only one side has."""

    managers: tuple[FieldManager, ...]
    deployer: FieldManager | None

    def lacks(self, steps: Steps, value: Json) -> bool:
        """Whether somebody has removed a declared field. The API server leaves out some that are zero or empty.

        Who has applied such a field still owns it, and nobody owns a field that was removed.
        """
        if value is None:
            return False
        if value not in (False, 0, "") and not empty(value):
            return True
        if self.deployer is None or self.deployer.operation != "Apply":
            return False
        return not owns(self.deployer.fields, steps)

    def adds(self, steps: Steps, value: Json) -> bool:
        """Whether somebody has added an undeclared field to what has one owner as a whole, such as a selector.

        It then belongs to who has written it last. The API server adds defaults there, and the owner stays.
        """
        if empty(value) or self.deployer is None or owns(self.deployer.fields, steps):
            return False
        return any(whole(manager.fields, steps[:-1]) for manager in owners(self.managers, steps))


def _same(path: Path, desired: Json, live: Json) -> bool:
    if empty(desired) and empty(live):
        return True
    if path and path[-1] == "expr" and isinstance(desired, str) and isinstance(live, str):
        return same_promql(desired, live)
    if not _TEXTS.isdisjoint(path):
        return desired == live and isinstance(desired, bool) is isinstance(live, bool)
    return same_number(desired, live)


def _declared(content: Content) -> Content:
    """An object's fields without what identifies it, and without the values that are compared by themselves."""
    kept: dict[str, Json] = {
        name: value for name, value in content.items() if name not in _NOT_FIELDS and name not in _VALUES
    }
    metadata = kept.get("metadata")
    if isinstance(metadata, Mapping):
        kept["metadata"] = {name: _without_copy(metadata[name]) for name in _OF_METADATA if name in metadata}
    return kept


def _without_copy(value: Json) -> Json:
    """Labels or annotations without kubectl's own copy of the object, which a manifest that was read back has."""
    return (
        {name: text for name, text in value.items() if name != _LAST_APPLIED} if isinstance(value, Mapping) else value
    )


def _change(difference: Difference, key: str, stored: StoredObject) -> Change:
    writers = owners(stored.managers, difference.steps)
    writer = writers[0] if writers else None
    last = difference.path[-1] if difference.path else ""
    return Change(
        what=difference.what,
        path=plain_path(difference.path),
        desired=plain(difference.desired, last),
        live=plain(difference.live, last),
        severity="info" if difference.what == "extra" else "warning",
        key=key,
        manager=writer.name if writer else "",
        time=writer.time if writer else None,
    )


def _hidden(change: Change) -> Change:
    return Change(
        change.what,
        change.path,
        None if change.desired is None else HIDDEN,
        None if change.live is None else HIDDEN,
        change.severity,
        change.key,
        change.manager,
        change.time,
    )


def _values(content: Content, field: str) -> Mapping[str, Json]:
    """The values of a ConfigMap or a Secret; the API server moves the ``stringData`` of a Secret to its ``data``."""
    texts = content.get("stringData") if field == "data" else None
    encoded = (
        {key: base64.b64encode(str(text).encode("utf-8", "surrogatepass")).decode() for key, text in texts.items()}
        if isinstance(texts, Mapping)
        else {}
    )
    found = content.get(field)
    values = {**found, **encoded} if isinstance(found, Mapping) else encoded
    return {key: value for key, value in values.items() if value is not None}


def _bytes(value: Json) -> bytes:
    try:
        return base64.b64decode(str(value), validate=False)
    except (binascii.Error, ValueError):
        return str(value).encode("utf-8", "surrogatepass")


def _told(value: Json, field: str = "binaryData") -> Json:
    """A value as it can be read: of binary data only how much it is, and its hash."""
    if field == "data":
        return value
    data = _bytes(value)
    return f"{len(data)} bytes, sha256 {sha256(data).hexdigest()[:16]}"
