"""Reads the one request that kubectl sends as protobuf only: a review of one's own rights (``kubectl auth can-i``)."""

from collections.abc import Mapping
from typing import Any

MAGIC = b"k8s\x00"
"""How every object begins that Kubernetes writes as protobuf."""

_META = {1: "apiVersion", 2: "kind"}
_RESOURCE = {1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource", 7: "name"}
_SPEC = {1: ("resourceAttributes", _RESOURCE), 2: ("nonResourceAttributes", {1: "path", 2: "verb"})}
"""The names of fields by number, as in Kubernetes' files generated.proto."""


def self_review(body: bytes) -> dict[str, Any]:
    """The review as it would be posted as JSON. Raises ``ValueError`` if the body is not valid."""
    try:
        envelope = _fields(body.removeprefix(MAGIC))
        spec = _fields(_fields(envelope[2])[2])
        meta = _texts(envelope[1], _META)
    except (IndexError, KeyError) as error:
        raise ValueError(f"it is no protobuf of a review: {error!r}") from error
    return {**meta, "spec": {name: _texts(spec[number], of) for number, (name, of) in _SPEC.items() if number in spec}}


def _texts(message: bytes, names: Mapping[int, str]) -> dict[str, str]:
    return {names[number]: value.decode() for number, value in _fields(message).items() if number in names}


def _fields(message: bytes) -> dict[int, bytes]:
    """The fields of bytes by number; fields that are numbers are left out."""
    fields, at = {}, 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        match key & 7:
            case 0:  # The value is a number.
                continue
            case 2:  # The value is a length, and the bytes follow.
                fields[key >> 3], at = message[at : at + value], at + value
            case wire_type:
                raise ValueError(f"the wire type {wire_type} is not read here")
    return fields


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number at this place, and the place after it."""
    number = shift = 0
    while message[at] & 0x80:
        number |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return number | message[at] << shift, at + 1
