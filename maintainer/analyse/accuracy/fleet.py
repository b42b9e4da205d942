"""The fleet as the checks of accuracy and coverage look at it."""

from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import Release, release
from maintainer.model.facts import Labels


@dataclass(frozen=True, slots=True)
class ComparedFleet:
    """What the comparison of metrics and API says of the Rollouts, and the pipeline that the metrics came through."""

    comparison: Comparison
    pipeline: Pipeline

    @property
    def access(self) -> Access:
        """How a reader gets at both sides."""
        return self.pipeline.access

    @property
    def versions(self) -> Mapping[Labels, str]:
        """The controller's version by target, as its metrics say it; "" where they do not."""
        return self.pipeline.observation.controllers

    @property
    def emitting_version(self) -> Release | None:
        """The newest version among the controllers that emit; ``None`` if no target says its version."""
        known = [release(self.versions.get(scrape.target, "")) for scrape in self.comparison.scrapes]
        return max((version for version in known if version), default=None)

    def renamed(self, target: Labels) -> bool:
        """Whether this target's series (of ``()``: any target's) hold the namespace in ``exported_namespace``."""
        return any(scrape.renamed for scrape in self.comparison.scrapes if target in ((), scrape.target))
