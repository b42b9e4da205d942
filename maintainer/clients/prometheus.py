"""A read-only client of Prometheus: queries, targets, rules, status, and the server's own metrics."""

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from prometheus_api_client import PrometheusConnect

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.session import Answer, PrometheusSession, retry_policy
from maintainer.clients.web import Web
from maintainer.clients.wire import (
    AlertmanagersData,
    Envelope,
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
    """A façade over prometheus-api-client that also keeps the warnings, sample counts and error messages of the server.

    ``warnings`` are those of all responses so far, each of them once. ``cost`` is the sum over all requests so far.
    All methods raise :class:`SourceUnavailable`.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.url = endpoint.url.rstrip("/")
        self.warnings: tuple[str, ...] = ()
        self.cost = Cost()
        self._parameters = dict(endpoint.parameters)
        self._session = PrometheusSession(endpoint)
        self._web = Web(endpoint, "Prometheus")
        self._sdk = PrometheusConnect(url=self.url, session=self._session, retry=retry_policy(), method="POST")

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._web.close()

    def time(self) -> float:
        """The clock of the server, in seconds since the epoch."""
        data = self._query("time()", {})
        value = self._decoded(data.result, tuple[float, str])
        now = self._number(value[1])
        if not math.isfinite(now):
            raise SourceUnavailable("prometheus-not-a-number", url=self.url, query="time()", value=value[1])
        return now

    def vector(self, promql: str, *, at: float | None = None) -> tuple[Sample, ...]:
        """The samples of an instant query at ``at`` (seconds since the epoch), by default the server's time."""
        data = self._query(promql, {} if at is None else {"time": f"{at:.3f}"})
        vector = self._decoded(data.result, list[SeriesStruct])
        return tuple(Sample(series.metric, self._number(series.value[1])) for series in vector)

    def rollout_series(self, promql: str, *, at: float) -> Sequence[RolloutSeries]:
        """The raw samples of a range selector on metrics of Rollouts; the range ends at ``at`` (epoch seconds)."""
        data = self._query(promql, {"time": f"{at:.3f}"})
        return self._decoded(data.result, list[RolloutSeries])

    def groups(self, promql: str, by: Sequence[str], *, at: float) -> Mapping[tuple[str, ...], float]:
        """The values of an aggregation at ``at`` (epoch seconds), keyed by the values of the labels ``by``.

        ``by`` are two or more fields of :class:`GroupLabels`.
        """
        data = self._query(promql, {"time": f"{at:.3f}"})
        groups = self._decoded(data.result, list[RolloutGroup])
        labels_of = attrgetter(*by)
        try:
            return {labels_of(group.metric): float(group.value[1]) for group in groups}
        except ValueError as error:
            raise SourceUnavailable("web-broken-answer", who="Prometheus", url=self.url, detail=str(error)) from error

    def targets(self) -> tuple[Target, ...]:
        """The active targets."""
        data = self._decoded(self._get("targets", {"state": "active"}).data, TargetsData)
        try:
            return tuple(_target(struct) for struct in data.active_targets)
        except ValueError as error:
            raise SourceUnavailable("web-broken-answer", who="Prometheus", url=self.url, detail=str(error)) from error

    def rules(self) -> tuple[RuleGroupStruct, ...]:
        """The rule groups that Prometheus has loaded."""
        return tuple(self._decoded(self._get("rules", {}).data, RulesData).groups)

    def status(self, name: str) -> Mapping[str, Any]:
        """The ``data`` of ``/api/v1/status/{name}``, such as ``buildinfo``, ``runtimeinfo`` or ``config``."""
        return self._decoded(self._get(f"status/{name}", {}).data, dict[str, Any])

    def alertmanagers(self) -> tuple[str, ...]:
        """The base URLs of the Alertmanagers to which Prometheus sends alerts."""
        active = self._decoded(self._get("alertmanagers", {}).data, AlertmanagersData).active_alertmanagers
        return tuple(alertmanager.url.partition("/api/v")[0] for alertmanager in active)

    def own(self, families: Sequence[str]) -> Mapping[str, float]:
        """The sum over the series of each of these families, from the server's own ``/metrics``.

        A family without series is left out: a counter with labels has no series before its first increment.
        """
        before = self._web.cost
        page = self._web.text("metrics")
        after, total = self._web.cost, self.cost
        self.cost = Cost(total.requests + 1, total.samples, total.bytes + after.bytes - before.bytes)
        sums: dict[str, float] = {}
        for line in page.splitlines():
            series, _, value = line.rpartition(" ")
            if (family := series.partition("{")[0]) in families:
                sums[family] = sums.get(family, 0.0) + self._number(value)
        return sums

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
        total = self.cost
        self.cost = Cost(total.requests + 1, total.samples + samples, total.bytes + answer.size)
        self.warnings = tuple(dict.fromkeys((*self.warnings, *answer.envelope.warnings)))

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise SourceUnavailable("web-broken-answer", who="Prometheus", url=self.url, detail=str(error)) from error

    def _decoded(self, raw: msgspec.Raw, type_: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceUnavailable("web-broken-answer", who="Prometheus", url=self.url, detail=str(error)) from error


def _target(struct: TargetStruct) -> Target:
    return Target(
        labels=labels(struct.labels),
        discovered=struct.discovered_labels,
        pool=struct.scrape_pool,
        url=struct.scrape_url,
        healthy=struct.health == "up",
        down=struct.health == "down",
        error=struct.last_error,
        last_scrape=struct.last_scrape.timestamp(),
        interval=seconds(struct.scrape_interval),
        timeout=seconds(struct.scrape_timeout),
    )
