"""Prometheus, read only: queries, targets, rules, status and metadata on one session."""

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from prometheus_api_client import PrometheusConnect

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.session import Answer, PrometheusSession, patience
from maintainer.clients.web import Web
from maintainer.clients.wire import (
    AlertmanagersData,
    Envelope,
    MetadataStruct,
    QueryData,
    RolloutGroup,
    RolloutSeries,
    RuleGroupStruct,
    RulesData,
    SeriesStruct,
    TargetsData,
    TargetStruct,
)
from maintainer.errors import SourceUnavailable
from maintainer.model.duration import seconds
from maintainer.model.facts import Cost, Sample, Target, labels

T = TypeVar("T")


class Prometheus:
    """A façade over prometheus-api-client that keeps what it drops: warnings, sample counts, the server's words.

    All methods raise :class:`SourceUnavailable`. ``warnings`` are what the server said of its own answers;
    ``cost`` adds up what was asked.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.url = endpoint.url.rstrip("/")
        self.warnings: tuple[str, ...] = ()
        self.cost = Cost()
        self._parameters = dict(endpoint.parameters)
        self._session = PrometheusSession(endpoint)
        self._web = Web(endpoint, "Prometheus")
        self._sdk = PrometheusConnect(url=self.url, session=self._session, retry=patience(), method="POST")

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()
        self._web.close()

    def time(self) -> float:
        """The server's own time, in seconds since the epoch."""
        data = self._query("time()", {})
        value = self._decoded(data.result, tuple[float, str])
        now = self._number(value[1])
        if not math.isfinite(now):
            raise SourceUnavailable("prometheus-not-a-number", url=self.url, query="time()", value=value[1])
        return now

    def vector(self, promql: str, *, at: float | None = None) -> tuple[Sample, ...]:
        """The samples of an instant query at a time, by default the server's own."""
        data = self._query(promql, {} if at is None else {"time": f"{at:.3f}"})
        found = self._decoded(data.result, list[SeriesStruct])
        return tuple(Sample(one.metric, self._number(one.value[1])) for one in found)

    def rollout_series(self, promql: str, *, at: float) -> Sequence[RolloutSeries]:
        """Rollouts' series with the raw samples of a range selector that ends at ``at``."""
        data = self._query(promql, {"time": f"{at:.3f}"})
        return self._decoded(data.result, list[RolloutSeries])

    def groups(self, promql: str, by: Sequence[str], *, at: float) -> Mapping[tuple[str, ...], float]:
        """The value of each group of an aggregation ``by`` two or more labels of Rollouts."""
        data = self._query(promql, {"time": f"{at:.3f}"})
        found = self._decoded(data.result, list[RolloutGroup])
        group_of = attrgetter(*by)
        try:
            return {group_of(one.metric): float(one.value[1]) for one in found}
        except ValueError as error:
            raise SourceUnavailable("prometheus-broken-answer", url=self.url, detail=str(error)) from error

    def targets(self) -> tuple[Target, ...]:
        """The active targets."""
        found = self._decoded(self._get("targets", {"state": "active"}).data, TargetsData)
        try:
            return tuple(_target(one) for one in found.active_targets)
        except ValueError as error:
            raise SourceUnavailable("prometheus-broken-answer", url=self.url, detail=str(error)) from error

    def rules(self) -> tuple[RuleGroupStruct, ...]:
        """The rule groups as loaded."""
        return tuple(self._decoded(self._get("rules", {}).data, RulesData).groups)

    def status(self, name: str) -> Mapping[str, Any]:
        """One of ``/api/v1/status/…``: ``buildinfo``, ``runtimeinfo``, ``flags``, ``config``, ``tsdb``."""
        return self._decoded(self._get(f"status/{name}", {}).data, dict[str, Any])

    def alertmanagers(self) -> tuple[str, ...]:
        """The base URLs of the Alertmanagers that alerts are sent to."""
        found = self._decoded(self._get("alertmanagers", {}).data, AlertmanagersData).active_alertmanagers
        return tuple(one.url.partition("/api/v")[0] for one in found)

    def own(self, families: Sequence[str]) -> Mapping[str, float]:
        """What the server's own ``/metrics`` says of these families, the series of each added up.

        Families that it does not have are left out: a counter with labels is not there before it counts.
        """
        before = self._web.cost
        page = self._web.text("metrics")
        spent, total = self._web.cost, self.cost
        self.cost = Cost(total.requests + 1, total.samples, total.bytes + spent.bytes - before.bytes)
        found: dict[str, float] = {}
        for line in page.splitlines():
            series, _, value = line.rpartition(" ")
            if (family := series.partition("{")[0]) in families:
                found[family] = found.get(family, 0.0) + self._number(value)
        return found

    def metadata(self, metric: str) -> tuple[MetadataStruct, ...]:
        """What the targets say of one family: type, help, unit."""
        data = self._get("metadata", {"metric": metric}).data
        return tuple(self._decoded(data, dict[str, list[MetadataStruct]]).get(metric, []))

    def _query(self, promql: str, params: Mapping[str, str]) -> QueryData:
        answer: Answer = self._sdk.custom_query(promql, params={"stats": "all", **self._parameters, **params})
        data = self._decoded(answer.envelope.data, QueryData)
        samples = data.stats.samples.total_queryable_samples if data.stats and data.stats.samples else 0
        self._account(answer, samples)
        return data

    def _get(self, path: str, params: Mapping[str, str]) -> Envelope:
        answer = self._session.request("GET", f"{self.url}/api/v1/{path}", params=params)
        self._account(answer, 0)
        return answer.envelope

    def _account(self, answer: Answer, samples: int) -> None:
        spent = self.cost
        self.cost = Cost(spent.requests + 1, spent.samples + samples, spent.bytes + answer.size)
        self.warnings = tuple(dict.fromkeys((*self.warnings, *answer.envelope.warnings)))

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise SourceUnavailable("prometheus-broken-answer", url=self.url, detail=str(error)) from error

    def _decoded(self, raw: msgspec.Raw, type_: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceUnavailable("prometheus-broken-answer", url=self.url, detail=str(error)) from error


def _target(one: TargetStruct) -> Target:
    return Target(
        labels=labels(one.labels),
        discovered=one.discovered_labels,
        pool=one.scrape_pool,
        url=one.scrape_url,
        healthy=one.health == "up",
        down=one.health == "down",
        error=one.last_error,
        last_scrape=one.last_scrape.timestamp(),
        interval=seconds(one.scrape_interval),
        timeout=seconds(one.scrape_timeout),
    )
