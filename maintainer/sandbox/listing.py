"""Lists in pages. All pages of a list come from the same snapshot, as the real API reads them from etcd."""

import base64
import binascii
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from maintainer.sandbox.resources import Target
from maintainer.sandbox.selectors import field_selector, selector
from maintainer.sandbox.statuses import bad_request, expired
from maintainer.sandbox.store import Object, Snapshot, Store, key_of, path_of

CONSISTENT_LISTS = 50
"""How many snapshots are kept for lists that are not read to the end yet."""

LATEST = -1
"""The version in the token of an expired list: the rest of the list comes from the current objects."""


class _Token(msgspec.Struct):
    v: str
    rv: int
    start: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; ``resume`` is the continue token ("" on the last page), ``remaining`` the objects after it."""

    version: int
    objects: tuple[Object, ...]
    resume: str
    remaining: int | None

    @property
    def metadata(self) -> dict[str, Any]:
        """The ``metadata`` of the list."""
        token = {"continue": self.resume} if self.resume else {}
        count = {"remainingItemCount": self.remaining} if self.resume and self.remaining is not None else {}
        return {"resourceVersion": str(self.version), **token, **count}


class Lists:
    """Answers list requests, and keeps the snapshots of lists that are not read to the end yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str | None, int], Snapshot] = OrderedDict()

    def expire(self) -> None:
        """Make all continue tokens that were sent so far too old."""
        with self._lock:
            self._kept.clear()

    def page(self, target: Target, query: Mapping[str, str]) -> Page:
        """The page for ``limit``, ``continue`` and the selectors of a query. Raises ``Refusal``."""
        snapshot, start = self._source(target, query.get("continue", ""))
        labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
        selected = _select(snapshot.objects, labels, fields=fields)
        rest = tuple(item for item in selected if path_of(key_of(item)) > start)
        objects = tuple(islice(rest, _limit(query.get("limit", ""))))
        remaining = len(rest) - len(objects)
        if not remaining:
            return Page(snapshot.version, objects, "", None)
        self._keep(target, snapshot)
        resume = _encode(snapshot.version, path_of(key_of(objects[-1])))
        return Page(snapshot.version, objects, resume, None if labels or fields else remaining)

    def _source(self, target: Target, text: str) -> tuple[Snapshot, str]:
        """The snapshot to read, and the path of the last object that was already sent."""
        if not text:
            return self._store.snapshot(target.resource.plural, target.namespace), ""
        token = _decode(text)
        if token.rv == LATEST:
            return self._store.snapshot(target.resource.plural, target.namespace), token.start
        with self._lock:
            kept = self._kept.get((target.resource.qualified, target.namespace, token.rv))
        if kept is None:
            raise expired(_encode(LATEST, token.start))
        return kept, token.start

    def _keep(self, target: Target, snapshot: Snapshot) -> None:
        with self._lock:
            self._kept[target.resource.qualified, target.namespace, snapshot.version] = snapshot
            while len(self._kept) > CONSISTENT_LISTS:
                self._kept.popitem(last=False)


def _select(objects: tuple[Object, ...], labels: str, *, fields: str) -> tuple[Object, ...]:
    """The objects that a label selector and a field selector choose."""
    try:
        by_label, by_field = selector(labels), field_selector(fields)
    except ValueError as error:
        raise bad_request(str(error)) from error
    if not labels and not fields:
        return objects
    return tuple(item for item in objects if by_label(item["metadata"].get("labels", {})) and by_field(_fields(item)))


def _fields(item: Object) -> dict[str, str]:
    namespace, name = key_of(item)
    return {"metadata.namespace": namespace, "metadata.name": name}


def _limit(text: str) -> int | None:
    if not text.isdecimal():
        if text:
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
        return None
    return int(text) or None


def _encode(version: int, start: str) -> str:
    token = msgspec.json.encode(_Token("meta.k8s.io/v1", version, start + "\0"))
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def _decode(text: str) -> _Token:
    try:
        padded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        token = msgspec.json.decode(padded, type=_Token)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(f"continue key is not valid: {error}") from error
    return _Token(token.v, token.rv, token.start.rstrip("\0"))
