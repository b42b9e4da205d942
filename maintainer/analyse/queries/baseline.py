"""What the queries of a cluster are held against: the Rollouts that were compared, and one of them as an example."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.pipeline.pipeline import external_labels
from maintainer.model.contract import Release
from maintainer.model.facts import Key


@dataclass(frozen=True, slots=True)
class Baseline:
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


def baseline(fleet: ComparedFleet) -> Baseline:
    """The baseline that the last bracket gives."""
    comparison, version = fleet.comparison, fleet.emitting_version
    matchers, external = fleet.pipeline.scope.matchers, external_labels(fleet.pipeline.facts)
    if not comparison.scrapes:
        return Baseline(matchers=matchers, version=version)
    return Baseline(
        at=max(scrape.at for scrape in comparison.scrapes),
        keys=comparison.compared,
        example=_example(comparison),
        pushed=tuple(sorted({scrape.namespace_label for scrape in comparison.scrapes if scrape.renamed})),
        matchers=matchers,
        version=version,
        external=external,
    )


def _example(comparison: Comparison) -> Mapping[str, str]:
    for scrape in comparison.scrapes:
        told = (key for key, series in scrape.series.items() if series.infos and key in comparison.compared)
        shown = min(told, default=None)
        for key in [shown] if shown else []:
            namespace, name = key
            own = {"exported_namespace": namespace, "namespace": scrape.namespace_label}
            found = {**dict(scrape.target), **(own if scrape.renamed else {"namespace": namespace}), "name": name}
            for strategy, phase in scrape.series[key].infos:
                return {**found, "strategy": strategy, "phase": phase}
    return {}
