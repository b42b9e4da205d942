"""What the checks of the metrics pipeline examine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.recorded import with_recorded
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.reproduce import Access
from maintainer.model.facts import FleetObservation, Key, Labels, Rollout, Scrape, Target, Unavailable, target_of
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.message import Message, message
from maintainer.model.pipeline import PipelineFacts, Pod, StoredHistograms
from maintainer.model.queries import LoadedRule, Query
from maintainer.model.report import Severity, Subject
from maintainer.model.scope import Scope

_OTHER = ("gap/other-prometheus", "gap/unknown-prometheus")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The facts of a run: the pipeline, the observed fleet, and the queries of rules and dashboards."""

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
    def rules_elsewhere(self) -> Message | None:
        """Why another server may evaluate the rules, if this one has none; ``None`` if no reason is known.

        It writes all samples to a store, or lacks the metrics of a Prometheus that sends alerts.
        """
        if self.rules != () or self.facts.ruler:
            return None
        if self.facts.config and self.facts.config.stores:
            return message("gap/rules-elsewhere", stores=", ".join(self.facts.config.stores))
        foreign = any(fact.reason.id == "gap/prometheus-no-metrics" for fact in self.observation.unavailable)
        return message("gap/rules-unknown") if foreign else None

    @property
    def is_other(self) -> bool:
        """Whether the Prometheus that was asked is not the one of the cluster, or may not be."""
        return not self.facts.ruler and any(fact.reason.id in _OTHER for fact in self.facts.unavailable)

    @property
    def unavailable(self) -> tuple[Unavailable, ...]:
        """Everything that could not be read, each reason once."""
        facts = (*self.observation.unavailable, *self.facts.unavailable, *self.loaded.unavailable)
        return tuple(dict.fromkeys(facts))

    @property
    def service(self) -> Subject:
        """The controller's Service, as the subject of a finding."""
        return Subject("Service", self.scope.controller_namespace, self.scope.service)

    @property
    def rollouts(self) -> tuple[Rollout, ...]:
        """The controller's Rollouts, from the last bracket."""
        listed = [rollout for bracket in self.observation.brackets[-1:] for rollout in bracket.before.values()]
        return tuple(rollout for rollout in listed if rollout.instance_id == self.scope.instance_id)

    @property
    def scrapes(self) -> tuple[Scrape, ...]:
        """The newest scrape of each target that emits Rollouts."""
        return next((bracket.scrapes for bracket in reversed(self.observation.brackets) if bracket.scrapes), ())

    @property
    def emitting(self) -> tuple[Labels, ...]:
        """The targets that emit Rollouts."""
        return tuple(scrape.target for scrape in self.scrapes)

    @property
    def failed(self) -> frozenset[str]:
        """The sources of which the observation of the fleet lacks something."""
        return frozenset(fact.source for fact in self.observation.unavailable)

    @property
    def asked(self) -> bool:
        """Whether Prometheus could be asked for the scrapes of the controller's targets."""
        return not self.failed & {"prometheus", "scrapes"}

    @property
    def broken(self) -> bool:
        """Whether Prometheus has no metrics of the controller: no target emits or is healthy.

        False where Prometheus could not be queried.
        """
        if not self.asked:
            return False
        return not self.emitting and not any(target.healthy for target in self.observation.targets or ())

    @property
    def severity(self) -> Severity:
        """The severity of a fault before the scrape: an error if the pipeline is ``broken``, else a warning."""
        return "error" if self.broken else "warning"

    def of_another(self, target: Labels) -> bool:
        """Whether the target is a controller with another instance id, by what it emits or by its pod."""
        pod = self.pod_of(target)
        return target in self.observation.others or (pod is not None and self.another(pod))

    def another(self, pod: Pod) -> bool:
        """Whether the pod is of a controller with another instance id, beside one with the scope's.

        A pod alone is not judged by its arguments, because an instance id can be set in other ways: a pod with the
        scope's must be known, here or in another namespace.
        """
        own, here = self.scope.instance_id, self.facts.last
        controllers = [beside for beside in here.pods or () if beside.controls]
        known = any(beside.instance_id == own for beside in controllers)
        elsewhere = bool(self.facts.elsewhere) and here.only_others(own)
        return pod.controls and pod.instance_id != own and (known or elsewhere)

    @property
    def targets(self) -> tuple[Target, ...] | None:
        """The targets without those of other instance ids; ``None`` if Prometheus does not list targets."""
        listed = self.observation.targets
        if listed is None:
            return None
        return tuple(target for target in listed if not self.of_another(target_of(dict(target.labels))))

    @property
    def stored_histograms(self) -> StoredHistograms | None:
        """How the controller's histograms are stored by the jobs of its targets; ``None`` if that is not known."""
        emitting = (target for target in self.targets or () if _names(target) in self.emitting)
        return self.facts.config.stored_histograms(emitting) if self.facts.config else None

    @property
    def stale(self) -> tuple[Labels, ...]:
        """The targets that gave no new scrape in the last bracket, without those of other instance ids."""
        last = self.observation.brackets[-1:]
        return tuple(target for bracket in last for target in bracket.stale if not self.of_another(target))

    def pod_key(self, target: Labels) -> Key | None:
        """Namespace and name of the pod behind a target, also of one elsewhere that Prometheus discovered."""
        if pod := self.pod_of(target):
            return pod.namespace, pod.name
        listed = [scraped.discovered for scraped in self.observation.targets or () if _names(scraped) == target]
        keys = {
            (found.get("__meta_kubernetes_namespace", ""), found.get("__meta_kubernetes_pod_name", ""))
            for found in listed
        }
        return min(keys) if len(keys) == 1 and all(min(keys)) else None

    def pod_of(self, target: Labels) -> Pod | None:
        """The controller's pod behind a target; ``None`` if that is not certain.

        By the label ``pod`` of the target or of its discovery, else by address and port.
        """
        listed = [scraped for scraped in self.observation.targets or () if target_of(dict(scraped.labels)) == target]
        names = {
            dict(scraped.labels).get("pod") or scraped.discovered.get("__meta_kubernetes_pod_name")
            for scraped in listed
        }
        name = dict(target).get("pod") or (min(names, key=str) if len(names) == 1 else None)
        pods = self.facts.last.pods or ()
        if name:
            return next((pod for pod in pods if pod.name == name), None)
        address, _, port = dict(target).get("instance", "").rpartition(":")
        matching = [pod for pod in pods if address.strip("[]") in pod.addresses and port in _port_numbers(pod)]
        return matching[0] if len(matching) == 1 else None


def _names(target: Target) -> Labels:
    return target_of(dict(target.labels))


def external_labels(facts: PipelineFacts) -> frozenset[str] | None:
    """Prometheus' ``external_labels``, which its own API does not return; ``None`` if they are unknown."""
    return frozenset(facts.config.external) if facts.config else None


def about_rollouts(rules: Sequence[LoadedRule], queries: Sequence[Query]) -> tuple[Query, ...]:
    """The queries that read the controller's metrics, also through recording rules among ``rules`` or ``queries``."""
    known = with_recorded(KnownSeries({}, None), [*(rule.query for rule in rules), *queries])
    return tuple(query for query in queries if parse_query(query.text, known) is not None)


def _port_numbers(pod: Pod) -> Sequence[str]:
    return [str(number) for _, number in pod.ports]
