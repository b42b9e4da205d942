"""What was deployed: the manifests of Helm releases and of files, each object once."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from maintainer.clients import helm
from maintainer.clients.cluster import Cluster
from maintainer.collect.drift.manifests import files_of, objects_of_file, objects_of_release
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import Deployed, DesiredObject, ObjectId, ReleaseState

_WORKLOADS = frozenset({"Deployment", "StatefulSet"})
_RETENTION = "--storage.tsdb.retention"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where it is read what was deployed: Helm releases as namespace/name, and files and folders with manifests.

    ``expected``: the settings name the releases, so that each must exist. ``kinds`` are the kinds that are compared.
    """

    releases: tuple[str, ...]
    paths: tuple[str, ...]
    kinds: frozenset[str]
    expected: bool = False


def deployed(sources: Sources, wanted: Wanted) -> Deployed:
    """All objects of the wanted kinds. What cannot be read does not cost the rest."""
    read = SourceReader(sources.guard)
    states: list[ReleaseState] = []
    objects: list[DesiredObject] = []
    cluster = sources.cluster
    for release in wanted.releases:
        found = cluster and read(
            "deployed", partial(_release, cluster, release, expected=wanted.expected), about=release
        )
        if found:
            states.append(found[0])
            objects += found[1]
    for file in read("deployed", partial(files_of, wanted.paths)) or ():
        objects += read("deployed", partial(objects_of_file, file), about=file) or ()
    of_wanted_kinds = (found for found in objects if _is_compared(found, wanted.kinds))
    if cluster and not objects and not read.unavailable:
        read("deployed", partial(_nothing, wanted))
    return Deployed(_each_once(of_wanted_kinds), tuple(states), read.unavailable)


def _release(
    cluster: Cluster, release: str, *, expected: bool
) -> tuple[ReleaseState, tuple[DesiredObject, ...]] | None:
    """The state of a release, and what its newest deployed revision holds; ``None`` if there is no such release."""
    namespace, _, name = release.partition("/")
    revisions = helm.revisions(cluster, namespace, name)
    if not revisions:
        if expected:
            raise SourceUnavailable("helm-no-release", permanent=True, release=release, namespace=namespace)
        return None
    newest, _ = helm.contents(cluster, revisions[0])
    current = next((revision for revision in revisions if revision.release.status == "deployed"), None)
    if current is None:
        return ReleaseState(newest, None), ()
    now_deployed, manifests = helm.contents(cluster, current)
    return ReleaseState(newest, now_deployed), objects_of_release(manifests, now_deployed)


def _nothing(wanted: Wanted) -> None:
    raise SourceUnavailable("nothing-deployed", permanent=True, releases=", ".join(wanted.releases))


def _is_compared(found: DesiredObject, kinds: frozenset[str]) -> bool:
    """Whether it is of a wanted kind. A workload is compared if it gives Prometheus its retention."""
    return found.id.kind in kinds or (found.id.kind in _WORKLOADS and _RETENTION in str(found.content))


def _each_once(objects: Iterable[DesiredObject]) -> tuple[DesiredObject, ...]:
    """The objects without those that were read before, in the order of their ids."""
    first: dict[ObjectId, DesiredObject] = {}
    for found in objects:
        first.setdefault(found.id, found)
    return tuple(first[key] for key in sorted(first))
