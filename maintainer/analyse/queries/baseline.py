"""What the queries of a cluster are checked against: the Rollouts that were compared, and an example of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.pipeline.pipeline import external_labels
from maintainer.model.contract import Release
from maintainer.model.facts import Key


@dataclass(frozen=True, slots=True)
class Baseline:
    """The series of a scrape that was compared with the API.

    ``at`` is the time of the newest scrape in seconds since the epoch, 0 where there was none. ``keys`` are the
    Rollouts that were compared. ``example`` are the labels of a Rollout's series, for a dashboard's variables.
    ``pushed`` are the namespaces of controllers whose series have the Rollout's namespace in ``exported_namespace``.
    ``matchers`` are those of the settings. ``external`` are Prometheus' external labels, ``None`` if not known.
    """

    at: float = 0.0
    keys: frozenset[Key] = frozenset()
    example: Mapping[str, str] = field(default_factory=dict)
    pushed: tuple[str, ...] = ()
    matchers: tuple[str, ...] = ()
    version: Release | None = None
    external: frozenset[str] | None = None

    def elsewhere(self, label: str) -> bool:
        """Whether the label may be known only to what is in front of Prometheus, such as Thanos."""
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
    """The labels of the first Rollout that was compared; none if there is none."""
    for scrape in comparison.scrapes:
        keys = (key for key, series in scrape.series.items() if series.infos and key in comparison.compared)
        if key := min(keys, default=None):
            namespace, name = key
            renamed = {"exported_namespace": namespace, "namespace": scrape.namespace_label}
            own = renamed if scrape.renamed else {"namespace": namespace}
            strategy, phase = scrape.series[key].infos[0]
            return {**dict(scrape.target), **own, "name": name, "strategy": strategy, "phase": phase}
    return {}
