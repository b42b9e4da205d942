"""What the cluster stores of the objects that were deployed."""

from collections.abc import Iterable, Mapping
from functools import partial

from maintainer.clients.cluster import Cluster
from maintainer.clients.whole_objects import stored_object
from maintainer.collect.drift.kinds import plural_of
from maintainer.collect.sources import SourceReader, Sources
from maintainer.model.drift import ObjectId, StoredObject
from maintainer.model.facts import Unavailable


def stored_objects(
    sources: Sources, cluster: Cluster, ids: Iterable[ObjectId]
) -> tuple[Mapping[ObjectId, StoredObject | None], tuple[Unavailable, ...]]:
    """The objects, ``None`` for those that do not exist, without those that could not be read; and why not."""
    read = SourceReader(sources.guard)
    stored: dict[ObjectId, StoredObject | None] = {}
    for found in ids:
        plural = plural_of(found)
        before = read.unavailable
        content = read("stored", partial(stored_object, cluster, found, plural), about=str(found.subject))
        if read.unavailable == before:
            stored[found] = content
    return stored, tuple(dict.fromkeys(read.unavailable))
