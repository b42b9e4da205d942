"""What the queries of a cluster are checked against: the Rollouts that were compared, and an example of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.pipeline.pipeline import external_labels
from maintainer.model.contract import INFO, Release, families
from maintainer.model.facts import Key, Scrape
from maintainer.model.pipeline import StoredHistograms


@dataclass(frozen=True, slots=True)
class Baseline:
    """The series of a scrape that was compared with the API.

    ``at`` is the time of the newest scrape in seconds since the epoch, 0 where there was none. ``keys`` are the
    Rollouts that were compared. ``example`` are the labels of a Rollout's series, for a dashboard's variables.
    ``namespace_label`` is the label that holds a Rollout's namespace there, and ``copies`` hold it too. ``pushed`` is
    what ``namespace`` holds instead where it is another label: the namespaces of controllers. ``matchers`` are those of
    the settings. ``external`` are Prometheus' external labels, ``None`` if not known. ``added`` are the labels that the
    series have besides those that the controller gives ``rollout_info``. ``histograms`` is how Prometheus stores the
    controller's, ``None`` if that is not known.
    """

    at: float = 0.0
    keys: frozenset[Key] = frozenset()
    example: Mapping[str, str] = field(default_factory=dict)
    namespace_label: str = "namespace"
    copies: frozenset[str] = frozenset()
    pushed: tuple[str, ...] = ()
    matchers: tuple[str, ...] = ()
    version: Release | None = None
    external: frozenset[str] | None = None
    added: frozenset[str] = frozenset()
    histograms: StoredHistograms | None = None

    def holds_namespace(self, label: str) -> bool:
        """Whether the label holds a Rollout's namespace."""
        return label == self.namespace_label or label in self.copies

    def elsewhere(self, label: str) -> bool:
        """Whether the label may be known only to what is in front of Prometheus, such as Thanos."""
        return label not in self.example if self.external is None else label in self.external


def baseline(fleet: ComparedFleet) -> Baseline:
    """The baseline that the last bracket gives."""
    comparison, version = fleet.comparison, fleet.emitting_version
    matchers, external = fleet.pipeline.scope.matchers, external_labels(fleet.pipeline.facts)
    added = (fleet.pipeline.facts.labels or frozenset()) - families()[INFO].labels
    if not comparison.scrapes:
        return Baseline(matchers=matchers, version=version, added=added)
    shown = _example(comparison)
    scrape = shown[0] if shown else comparison.scrapes[0]
    return Baseline(
        at=max(scrape.at for scrape in comparison.scrapes),
        keys=comparison.compared,
        example=_labels(*shown) if shown else {},
        namespace_label=scrape.namespace_label,
        copies=scrape.copies,
        pushed=tuple(sorted({scrape.controller_namespace for scrape in comparison.scrapes if scrape.renamed})),
        matchers=matchers,
        version=version,
        external=external,
        added=added,
        histograms=fleet.pipeline.stored_histograms,
    )


def _example(comparison: Comparison) -> tuple[Scrape, Key] | None:
    """The first Rollout that was compared, and a scrape that exposes it."""
    for scrape in comparison.scrapes:
        keys = (key for key, series in scrape.series.items() if series.infos and key in comparison.compared)
        if key := min(keys, default=None):
            return scrape, key
    return None


def _labels(scrape: Scrape, key: Key) -> Mapping[str, str]:
    """The labels of a Rollout's series in a scrape."""
    namespace, name = key
    renamed = {"namespace": scrape.controller_namespace} if scrape.renamed else {}
    own = {**renamed, **dict.fromkeys((scrape.namespace_label, *scrape.copies), namespace)}
    strategy, phase = scrape.series[key].infos[0]
    return {**dict(scrape.target), **own, "name": name, "strategy": strategy, "phase": phase}
