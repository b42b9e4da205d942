"""What the checks of the metrics pipeline look at, and what several of them ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.recorded import known_series
from maintainer.analyse.reproduce import Access
from maintainer.model.facts import FleetObservation, Labels, Rollout, Scrape, Unavailable, target_of
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.pipeline import PipelineFacts, Pod
from maintainer.model.queries import LoadedRule, Query
from maintainer.model.report import Severity, Subject
from maintainer.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The facts of one run: the pipeline's own, the observed fleet, and what rules and dashboards ask."""

    facts: PipelineFacts
    observation: FleetObservation
    loaded: LoadedQueries
    scope: Scope
    access: Access
    now: datetime

    @property
    def rules(self) -> tuple[LoadedRule, ...] | None:
        """The rules that Prometheus has loaded, ``None`` where they could not be read."""
        return self.loaded.rules

    @property
    def unavailable(self) -> tuple[Unavailable, ...]:
        """Everything that could not be read, each reason once."""
        every = (*self.observation.unavailable, *self.facts.unavailable, *self.loaded.unavailable)
        return tuple(dict.fromkeys(every))

    @property
    def service(self) -> Subject:
        """The controller's Service, as the subject of a finding."""
        return Subject("Service", self.scope.controller_namespace, self.scope.service)

    @property
    def rollouts(self) -> tuple[Rollout, ...]:
        """The controller's Rollouts, as they were last listed."""
        listed = [one for bracket in self.observation.brackets[-1:] for one in bracket.before.values()]
        return tuple(one for one in listed if one.instance_id == self.scope.instance_id)

    @property
    def scrapes(self) -> tuple[Scrape, ...]:
        """The newest scrape of each target that emits Rollouts."""
        return next((one.scrapes for one in reversed(self.observation.brackets) if one.scrapes), ())

    @property
    def emitting(self) -> tuple[Labels, ...]:
        """The targets that emit Rollouts."""
        return tuple(scrape.target for scrape in self.scrapes)

    @property
    def broken(self) -> bool:
        """Nothing comes through: Prometheus was asked, nobody emits, and no target is healthy."""
        if {one.source for one in self.observation.unavailable} & {"prometheus", "scrapes"}:
            return False
        return not self.emitting and not any(one.healthy for one in self.observation.targets or ())

    @property
    def severity(self) -> Severity:
        """How bad a broken link is: an error where nothing arrives any more, else a warning."""
        return "error" if self.broken else "warning"

    def pod_of(self, target: Labels) -> Pod | None:
        """The controller's pod behind a target, if it can be told for certain."""
        listed = [one for one in self.observation.targets or () if target_of(dict(one.labels)) == target]
        names = {dict(one.labels).get("pod") or one.discovered.get("__meta_kubernetes_pod_name") for one in listed}
        name = dict(target).get("pod") or (min(names, key=str) if len(names) == 1 else None)
        pods = self.facts.last.pods or ()
        if name:
            return next((pod for pod in pods if pod.name == name), None)
        address, _, port = dict(target).get("instance", "").rpartition(":")
        here = [pod for pod in pods if address.strip("[]") in pod.addresses and port in map(str, _numbers(pod))]
        return here[0] if len(here) == 1 else None


def external_labels(facts: PipelineFacts) -> frozenset[str] | None:
    """The labels that Prometheus adds for others only; ``None`` if that is not known."""
    return frozenset(facts.config.external) if facts.config else None


def about_rollouts(rules: Sequence[LoadedRule], queries: Sequence[Query]) -> tuple[Query, ...]:
    """Those of the queries that read the controller's metrics, directly or through recording rules of either."""
    known = known_series([*(rule.query for rule in rules), *queries], None)
    return tuple(query for query in queries if parse_query(query.text, known) is not None)


def _numbers(pod: Pod) -> Sequence[int]:
    return [number for _, number in pod.ports]
