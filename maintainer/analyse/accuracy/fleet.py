"""What the checks of accuracy and coverage examine."""

from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import Release, release
from maintainer.model.facts import Key, Labels


@dataclass(frozen=True, slots=True)
class ComparedFleet:
    """The Rollouts, compared with their metrics, and the pipeline that the metrics came through."""

    comparison: Comparison
    pipeline: Pipeline

    @property
    def access(self) -> Access:
        """How a reader reaches Prometheus and the API."""
        return self.pipeline.access

    @property
    def lists_known(self) -> bool:
        """Whether it is known how many Rollouts the API has."""
        return bool(self.comparison.listed) or not self.pipeline.failed & {"cluster", "rollouts"}

    @property
    def scrapes_known(self) -> bool:
        """Whether it is known which targets emit Rollouts."""
        return bool(self.comparison.scrapes) or self.pipeline.asked

    @property
    def versions(self) -> Mapping[Labels, str]:
        """The controller's version in the metrics of each target; "" where they have none."""
        return self.pipeline.observation.controllers

    @property
    def emitting_version(self) -> Release | None:
        """The newest version among the targets that emit Rollouts; ``None`` if none has a version."""
        known = [release(self.versions.get(scrape.target, "")) for scrape in self.comparison.scrapes]
        return max((version for version in known if version), default=None)

    def namespace_label(self, key: Key, target: Labels = ()) -> str:
        """The label that holds a Rollout's namespace in a target's series; () is the first target that exposes it."""
        exposing = [scrape for scrape in self.comparison.scrapes if scrape.target == target or key in scrape.series]
        scrapes = [scrape for scrape in exposing if scrape.target == target] or exposing or self.comparison.scrapes
        return next((scrape.namespace_label for scrape in scrapes), "namespace")
