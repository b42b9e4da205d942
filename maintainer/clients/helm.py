"""The revisions of a Helm release, which Helm keeps in Secrets, or in ConfigMaps if HELM_DRIVER says so."""

import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.decoding import BrokenAnswer, decoded
from maintainer.clients.objects import ListMeta
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import Operation, Release

_SECRETS, _CONFIG_MAPS = ("v1", "secrets"), ("v1", "configmaps")
_MOST_BYTES = 16 << 20
"""The largest release that is read. Compressed it fits into an object of the API, which has 1.5 MiB at most."""
_GZIP = 16 + zlib.MAX_WBITS
_APPLIED: Mapping[str, Operation] = {"ssa": "Apply"}
"""By Helm's ``apply_method``. Helm 3 has none, and Helm 4 has ``csa`` for a release that it updates."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision as the list has it: without its error, and with the object that holds the rest."""

    release: Release
    resource: tuple[str, str]
    holder: str


class _Meta(msgspec.Struct, gc=False):
    name: str
    labels: dict[str, str] = {}


class _Listed(msgspec.Struct, gc=False):
    metadata: _Meta


class _Page(msgspec.Struct, gc=False):
    metadata: ListMeta
    items: list[_Listed] | None


class _Secret(msgspec.Struct, gc=False):
    data: dict[str, bytes] = {}


class _ConfigMap(msgspec.Struct, gc=False):
    data: dict[str, str] = {}


class _Info(msgspec.Struct, gc=False):
    description: str = ""


class _Stored(msgspec.Struct, gc=False):
    info: _Info
    manifest: str = ""
    apply_method: str = ""
    config: dict[str, Any] | None = None


def revisions(cluster: Cluster, namespace: str, name: str) -> tuple[Revision, ...]:
    """The revisions of a release, the newest first; () if there are none. Raises :class:`SourceUnavailable`."""
    for resource in (_SECRETS, _CONFIG_MAPS):
        pages = cluster.pages(resource, namespace, type_=_Page, selector=f"owner=helm,name={name}", metadata_only=True)
        found = [_revision(item.metadata, (namespace, name), resource) for page in pages for item in page.items or ()]
        if found:
            return tuple(sorted(found, key=lambda revision: -revision.release.revision))
    return ()


def contents(cluster: Cluster, revision: Revision) -> tuple[Release, str]:
    """The release with its error and how it was applied, and the manifests that it deployed.

    Raises :class:`SourceUnavailable`, also for a revision that is gone or cannot be read.
    """
    release, stored = revision.release, _stored(cluster, revision)
    failure = stored.info.description if release.status == "failed" else ""
    return replace(release, applied=_APPLIED.get(stored.apply_method, "Update"), error=failure), stored.manifest


def given_values(cluster: Cluster, revision: Revision) -> Mapping[str, Any]:
    """The values that were given when the revision was deployed (``-f``, ``--set``), without those of the chart.

    Raises :class:`SourceUnavailable` as :func:`contents`.
    """
    return _stored(cluster, revision).config or {}


def _stored(cluster: Cluster, revision: Revision) -> _Stored:
    release = revision.release
    try:
        return decoded(_unpacked(_payload(cluster, revision)), _Stored)
    except (BrokenAnswer, zlib.error, ValueError) as error:
        raise SourceUnavailable(
            "helm-broken",
            permanent=True,
            release=f"{release.namespace}/{release.name}",
            revision=release.revision,
            holder=revision.holder,
            detail=str(error),
        ) from error


def _revision(listed: _Meta, release: tuple[str, str], resource: tuple[str, str]) -> Revision:
    number = listed.labels.get("version", "")
    revision = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    return Revision(Release(*release, revision, listed.labels.get("status", "")), resource, listed.name)


def _payload(cluster: Cluster, revision: Revision) -> bytes:
    """The base64 text that Helm wrote; "" if the object is gone or has none."""
    key = revision.release.namespace, revision.holder
    if revision.resource == _SECRETS:
        secret = cluster.get(_SECRETS, key, type_=_Secret)
        return secret.data.get("release", b"") if secret else b""
    config_map = cluster.get(_CONFIG_MAPS, key, type_=_ConfigMap)
    return config_map.data.get("release", "").encode() if config_map else b""


def _unpacked(payload: bytes) -> bytes:
    """The JSON of a release. Raises ``ValueError`` and ``zlib.error``."""
    packed = b64decode(payload, validate=True)
    if not packed:
        raise ValueError("it holds no release")
    unzipping = zlib.decompressobj(_GZIP)
    unpacked = unzipping.decompress(packed, _MOST_BYTES)
    if unzipping.unconsumed_tail:
        raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    if not unzipping.eof:
        raise ValueError("its compressed data ends too early")
    return unpacked
