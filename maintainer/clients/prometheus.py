"""A read-only client of Prometheus: queries, targets, rules, status, and the server's own metrics."""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from prometheus_api_client import PrometheusConnect

from maintainer.clients.decoding import BrokenAnswer, decoded, shortened
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.engine import NOW, PROMETHEUS, Engine, engine_of, engine_of_metrics
from maintainer.clients.limits import TimedAdapter
from maintainer.clients.raw_series import raw_series
from maintainer.clients.retries import retry_policy
from maintainer.clients.session import Answer, PrometheusSession
from maintainer.clients.web import Web
from maintainer.clients.wire import (
    AlertmanagersData,
    Envelope,
    LabelledSeries,
    QueryData,
    RangeStruct,
    RolloutSeries,
    RuleGroupStruct,
    RulesData,
    SeriesStruct,
    TargetsData,
    TargetStruct,
    groups_with,
    series_with,
)
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import RawSeries
from maintainer.model.duration import duration, seconds
from maintainer.model.facts import Cost, Sample, Target, labels
from maintainer.model.secret_text import bare_url, bare_urls

T = TypeVar("T")

_MOST_WARNINGS = 10
"""More are not kept: a single one says that answers are incomplete."""


class Prometheus:
    """A façade over prometheus-api-client that also keeps the warnings, sample counts and error messages of the server.

    ``warnings`` are those of all responses so far, each of them once. ``cost`` is the sum over all requests so far.
    ``endpoint`` is where and how it is asked. ``who`` is the server's name in reports until its ``engine`` is
    recognised. All methods raise :class:`SourceUnavailable`.
    """

    def __init__(self, endpoint: Endpoint, who: str = PROMETHEUS.name) -> None:
        self.endpoint = endpoint
        self.url = endpoint.url.rstrip("/")
        self.warnings: tuple[str, ...] = ()
        self.cost = Cost()
        # The server shall stop as well when nobody waits for its answer any more.
        self._parameters = {"timeout": duration(endpoint.timeout), **dict(endpoint.parameters)}
        self.engine = PROMETHEUS
        self._session = PrometheusSession(endpoint, who)
        self._web = Web(endpoint, who)
        self._sdk = PrometheusConnect(url=self.url, session=self._session, method="POST")
        # The SDK has put connections of its own in this place.
        self._session.mount(self.url, TimedAdapter(self._session.deadline, retry_policy(429, 502)))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._web.close()

    @property
    def who(self) -> str:
        """The server's name in reports."""
        return self._session.who

    def recognise(self) -> None:
        """Ask which engine this is, and call it by its name from now on."""
        time_type = self._query("time()", {}).result_type
        if time_type != "scalar":
            self._recognised(engine_of(time_type, self._build()))

    def _recognised(self, engine: Engine) -> None:
        self.engine = engine
        self._session.who = self._web.who = engine.name

    def _build(self) -> Mapping[str, Any]:
        try:
            return self.status("buildinfo")
        except SourceUnavailable:  # such as behind a proxy that lets queries through only
            return {}

    def time(self) -> float:
        """The clock of the server, in seconds since the epoch; never before the moment of the call."""
        result_type, now = self._clock(NOW)
        # VictoriaMetrics rounds the time of such a query down to a second.
        return now + 1 if result_type == "vector" and now.is_integer() else now

    def settled(self) -> float:
        """The time for which the server answers where it is asked for none, in seconds since the epoch.

        An engine in which samples take their time to arrive answers for a moment that lies so far behind its clock,
        unless its administrator has set less than it needs.
        """
        _, answered = self._clock({})
        return min(answered, self.time() - self.engine.pending) if self.engine.pending else answered

    def vector(self, promql: str, *, at: float | None = None) -> tuple[Sample, ...]:
        """The samples of an instant query at ``at`` (seconds since the epoch), by default the server's time."""
        data = self._query(promql, NOW if at is None else {**NOW, "time": f"{at:.3f}"})
        vector = self._decoded(data.result, list[SeriesStruct])
        return tuple(Sample(series.metric, self._number(series.value[1])) for series in vector)

    def times(self, promql: str, *, start: int, end: int, step: int) -> frozenset[int]:
        """The times at which a query has a result, of those from ``start`` to ``end`` in steps (epoch seconds)."""
        return frozenset(round(sample.at) for row in self._ranged(promql, start, end, step) for sample in row.values)

    def course(self, promql: str, *, start: int, end: int, step: int) -> tuple[tuple[float, float], ...]:
        """The values of a query that gives one series, at these times: (epoch seconds, value), finite ones only."""
        rows = self._ranged(promql, start, end, step)
        found = ((sample.at, self._number(sample.text)) for row in rows[:1] for sample in row.values)
        return tuple((at, value) for at, value in found if math.isfinite(value))

    def _ranged(self, promql: str, start: int, end: int, step: int) -> list[RangeStruct]:
        first, last = (datetime.fromtimestamp(at, UTC) for at in (start, end))
        parameters = {"stats": "all", **self._parameters, **NOW}
        answer: Answer = self._sdk.custom_query_range(promql, first, last, step=f"{step}s", params=parameters)
        return self._decoded(self._result(answer).result, list[RangeStruct])

    def raw(self, selector: str, *, at: int, length: int, without: Collection[str] = ()) -> tuple[RawSeries, ...]:
        """All samples of a selector within ``length`` up to ``at``, as they are stored; both are in milliseconds.

        The first moment belongs to it in Prometheus 2, and not in 3. ``without`` are labels of copies of a series.
        Long-term stores are asked for samples that are not downsampled, and for no part of an answer.
        """
        wanted = {**NOW, "time": f"{at / 1000:.3f}", "max_source_resolution": "0s", "partial_response": "false"}
        return self._series(self._query(f"{selector}[{length}ms]", wanted), without)

    def grid(
        self, promql: str, *, start: int, end: int, step: int, without: Collection[str] = ()
    ) -> tuple[RawSeries, ...]:
        """The values of a query at the times from ``start`` to ``end`` in steps, all in milliseconds."""
        parameters = {"stats": "all", **self._parameters, **NOW, "partial_response": "false"}
        wanted = {"query": promql, "start": f"{start / 1000:.3f}", "end": f"{end / 1000:.3f}", "step": f"{step / 1000}"}
        answer = self._session.request("POST", f"{self.url}/api/v1/query_range", params={**parameters, **wanted})
        return self._series(self._result(answer), without)

    def _series(self, data: QueryData, without: Collection[str]) -> tuple[RawSeries, ...]:
        try:
            return raw_series(data.result, without=without)
        except (BrokenAnswer, ValueError, OverflowError) as error:
            raise SourceUnavailable("web-broken-answer", who=self.who, url=self.url, detail=str(error)) from error

    def rollout_series(self, promql: str, *, at: float, namespace_label: str = "namespace") -> Sequence[RolloutSeries]:
        """The samples of a query for metrics of Rollouts at ``at`` (epoch seconds).

        ``namespace_label`` is the label that holds the Rollout's namespace.
        """
        data = self._query(promql, {**NOW, "time": f"{at:.3f}"})
        series: Sequence[RolloutSeries] = self._decoded(data.result, series_with(namespace_label))
        return series

    def label_sets(self, promql: str, *, at: float) -> Sequence[Mapping[str, str]]:
        """All labels of each series of a query for metrics of Rollouts at ``at`` (epoch seconds)."""
        data = self._query(promql, {**NOW, "time": f"{at:.3f}"})
        return [series.metric for series in self._decoded(data.result, list[LabelledSeries])]

    def label_names(self, selector: str, *, at: float, within: float = 0.0) -> frozenset[str]:
        """The names of the labels that the series of a selector have around the time ``at`` (epoch seconds).

        Those of the seconds ``within`` before it count as well.
        """
        envelope = self._get("labels", {"match[]": selector, "start": f"{at - within:.3f}", "end": f"{at:.3f}"})
        return frozenset(self._decoded(envelope.data, list[str]))

    def groups(self, promql: str, by: Sequence[str], *, at: float) -> Mapping[tuple[str, ...], float]:
        """The values of an aggregation at ``at`` (epoch seconds), keyed by the values of the labels ``by``.

        ``by`` are two or more labels.
        """
        data = self._query(promql, {**NOW, "time": f"{at:.3f}"})
        groups: Sequence[Any] = self._decoded(data.result, groups_with(tuple(by)))
        labels_of = attrgetter(*(f"label{number}" for number in range(len(by))))
        try:
            return {labels_of(group.metric): float(group.value[1]) for group in groups}
        except ValueError as error:
            raise SourceUnavailable("web-broken-answer", who=self.who, url=self.url, detail=str(error)) from error

    def targets(self) -> tuple[Target, ...]:
        """The active targets."""
        data = self._decoded(self._get("targets", {"state": "active"}).data, TargetsData)
        try:
            return tuple(_target(struct) for struct in data.active_targets)
        except ValueError as error:
            raise SourceUnavailable("web-broken-answer", who=self.who, url=self.url, detail=str(error)) from error

    def scrape_pools(self) -> frozenset[str] | None:
        """The scrape jobs that run; ``None`` if the server does not have this part of the API."""
        try:
            pools = self._decoded(self._get("scrape_pools", {}).data, dict[str, list[str] | None])
        except SourceUnavailable as error:
            if error.reason in {"web-not-found", "web-status"} and error.params.get("status") in {"400", "404"}:
                return None
            raise
        return frozenset(pools.get("scrapePools") or ())

    def rules(self) -> tuple[RuleGroupStruct, ...]:
        """The rule groups that Prometheus has loaded."""
        return tuple(self._decoded(self._get("rules", {}).data, RulesData).groups)

    def whole_rules(self) -> tuple[Mapping[str, Any], ...]:
        """The same with all that Prometheus says of each rule, as JSON."""
        groups = self._decoded(self._get("rules", {}).data, dict[str, list[dict[str, Any]]])
        return tuple(groups.get("groups", ()))

    def status(self, name: str) -> Mapping[str, Any]:
        """The ``data`` of ``/api/v1/status/{name}``, such as ``buildinfo``, ``runtimeinfo`` or ``config``."""
        return self.status_as(name, dict[str, Any])

    def status_as(self, name: str, type_: type[T]) -> T:
        """The same, decoded as a type."""
        return self._decoded(self._get(f"status/{name}", {}).data, type_)

    def reload(self) -> str:
        """Make Prometheus read its files again; returns why it keeps what it has, "" if it has taken them."""
        try:
            self._web.post("-/reload")
        except SourceUnavailable as error:
            if error.params.get("status") != "500":
                raise
            return str(error.params["said"])
        return ""

    def config(self) -> str:
        """The loaded configuration as YAML; "" is none."""
        return str(self.status("config").get("yaml") or "")

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
        if engine := engine_of_metrics(page):
            self._recognised(engine)
        after, total = self._web.cost, self.cost
        self.cost = Cost(total.requests + 1, total.samples, total.bytes + after.bytes - before.bytes)
        sums: dict[str, float] = {}
        for line in page.splitlines():
            series, _, value = line.rpartition(" ")
            if (family := series.partition("{")[0]) in families:
                sums[family] = sums.get(family, 0.0) + self._number(value)
        return sums

    def _clock(self, params: Mapping[str, str]) -> tuple[str, float]:
        """The type and the number of the result of ``time()``."""
        data = self._query("time()", params)
        if data.result_type == "scalar":
            _, text = self._decoded(data.result, tuple[float, str])
        else:  # in MetricsQL a scalar is a vector of one sample
            ((_, text),) = (series.value for series in self._decoded(data.result, tuple[SeriesStruct]))
        now = self._number(text)
        if not math.isfinite(now):
            raise SourceUnavailable("prometheus-not-a-number", who=self.who, url=self.url, query="time()", value=text)
        return data.result_type, now

    def _query(self, promql: str, params: Mapping[str, str]) -> QueryData:
        return self._result(self._sdk.custom_query(promql, params={"stats": "all", **self._parameters, **params}))

    def _result(self, answer: Answer) -> QueryData:
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
        new = map(shortened, answer.envelope.warnings[:_MOST_WARNINGS])
        self.warnings = tuple(dict.fromkeys((*self.warnings, *new)))[:_MOST_WARNINGS]

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise SourceUnavailable("web-broken-answer", who=self.who, url=self.url, detail=str(error)) from error

    def _decoded(self, raw: msgspec.Raw, type_: type[T]) -> T:
        try:
            return decoded(raw, type_)
        except BrokenAnswer as error:
            raise SourceUnavailable("web-broken-answer", who=self.who, url=self.url, detail=str(error)) from error


def _target(struct: TargetStruct) -> Target:
    return Target(
        labels=labels(struct.labels),
        discovered=struct.discovered_labels,
        pool=struct.scrape_pool,
        url=bare_url(struct.scrape_url),
        healthy=struct.health == "up",
        down=struct.health == "down",
        error=bare_urls(struct.last_error),
        last_scrape=struct.last_scrape.timestamp(),
        interval=seconds(_first(struct.scrape_interval, struct.discovered_labels.get("__scrape_interval__"), "1m")),
        timeout=seconds(_first(struct.scrape_timeout, struct.discovered_labels.get("__scrape_timeout__"), "10s")),
    )


def _first(*texts: str | None) -> str:
    """The first text that is there."""
    return next(text for text in texts if text is not None)
