"""Which metrics of a controller arrive where ``rollout_info`` does not, and what relabelling did to the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.promql.contract_series import exposed
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.facts import Target, target_of

_OF_EVERY_POD = "controller_clientset_k8s_request_total"
"""It has a Rollout's labels, and a standby exposes it too."""
_LONG_ENOUGH = 10
"""Letters of a metric name that another name contains by chance too seldom."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """The metrics of the contract that arrive, and those that arrive under another name, by that name.

    ``dropped``: relabelling drops the others; if false, the controller may not expose them.
    """

    families: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False

    @property
    def absent(self) -> tuple[str, ...]:
        """The families of Rollouts that should arrive, and do not."""
        return tuple(family for family in (INFO, *GAUGES) if family not in self.families)


def arriving(pipeline: Pipeline, up: Sequence[Target]) -> Arriving:
    """What arrives from the targets that are up.

    A series that only a leader exposes shows that it leads. Without any, it leads if it holds the Lease; relabelling
    drops what it exposes if fewer samples are kept than were scraped.
    """
    found = pipeline.facts.families or frozenset()
    known = exposed(None)
    renamed = {name: right for name in sorted(found - known.keys()) if (right := _renamed(name))}
    leads = not _of_leader().isdisjoint(found) or (_drops(pipeline, up) and _has_leader(pipeline, up))
    return Arriving(tuple(sorted(found & known.keys())), renamed, dropped=leads)


@cache
def _of_leader() -> frozenset[str]:
    """The metrics that only a leader exposes: those about an object."""
    names = {name for name, series in exposed(None).items() if {"namespace", "name"} <= series.labels.keys()}
    return frozenset(names - {_OF_EVERY_POD})


def _renamed(name: str) -> str:
    """The metric of a leader that the name is made of with a prefix or a suffix; "" if it is of none."""
    parts = (right for right in _of_leader() if len(right) >= _LONG_ENOUGH and _extends(name, right))
    return max(parts, key=len, default="")


def _extends(name: str, right: str) -> bool:
    return name.endswith((f"_{right}", f":{right}")) or name.startswith((f"{right}_", f"{right}:"))


def _drops(pipeline: Pipeline, up: Iterable[Target]) -> bool:
    samples = (pipeline.facts.samples.get(target_of(dict(target.labels))) for target in up)
    return any(scraped.kept < scraped.exposed for scraped in samples if scraped)


def _has_leader(pipeline: Pipeline, up: Iterable[Target]) -> bool:
    pods = (pipeline.pod_of(target_of(dict(target.labels))) for target in up)
    return pipeline.facts.last.holder in {pod.name for pod in pods if pod}
