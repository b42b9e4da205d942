"""What the queries of a cluster are held against: the Rollouts that were compared, and one of them as an example."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.analyse.brackets import Judged
from maintainer.model.contract import Release
from maintainer.model.facts import Key


@dataclass(frozen=True, slots=True)
class Scene:
    """The series of one scrape that is known to agree with the API.

    ``at`` is its time, 0 where there was none. ``keys`` are the Rollouts that were compared. ``example`` are the labels
    of one Rollout's series, by which a dashboard's variables are filled in. ``pushed`` are the namespaces of
    controllers whose series hold the Rollout's namespace in ``exported_namespace``. ``external`` are the labels that
    Prometheus adds for others only, ``None`` if that is not known.
    """

    at: float = 0.0
    keys: frozenset[Key] = frozenset()
    example: Mapping[str, str] = field(default_factory=dict)
    pushed: tuple[str, ...] = ()
    matchers: tuple[str, ...] = ()
    version: Release | None = None
    external: frozenset[str] | None = None

    def elsewhere(self, label: str) -> bool:
        """Whether whoever is in front of Prometheus, and not it, may know the label."""
        return label not in self.example if self.external is None else label in self.external

    @property
    def namespace_label(self) -> str:
        """The label that holds a Rollout's namespace."""
        return "exported_namespace" if "exported_namespace" in self.example else "namespace"


def scene(
    judged: Judged, matchers: tuple[str, ...], version: Release | None, *, external: frozenset[str] | None
) -> Scene:
    """The scene of the last bracket."""
    if not judged.readings:
        return Scene(matchers=matchers, version=version)
    return Scene(
        at=max(reading.at for reading in judged.readings),
        keys=judged.compared,
        example=_example(judged),
        pushed=tuple(sorted({reading.namespace_label for reading in judged.readings if reading.renamed})),
        matchers=matchers,
        version=version,
        external=external,
    )


def _example(judged: Judged) -> Mapping[str, str]:
    for reading in judged.readings:
        told = (key for key, series in reading.series.items() if series.infos and key in judged.compared)
        shown = min(told, default=None)
        for key in [shown] if shown else []:
            namespace, name = key
            own = {"exported_namespace": namespace, "namespace": reading.namespace_label}
            found = {**dict(reading.target), **(own if reading.renamed else {"namespace": namespace}), "name": name}
            for strategy, phase in reading.series[key].infos:
                return {**found, "strategy": strategy, "phase": phase}
    return {}
