"""Scrapes from the raw samples of a query engine in front of several Prometheus servers."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import promql_parser
import pytest
from aiohttp import web

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy.promql import controllers, newest_scrapes
from maintainer.collect.accuracy.scrapes import read_scrapes
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import AVAILABLE, GAUGES, INFO
from maintainer.model.facts import Labels, Scrape, labels
from maintainer.model.facts import RolloutSeries as FactSeries
from maintainer.model.scope import Scope
from maintainer.sandbox.serving import Serving

NOW = 1000.0
CART = ("checkout", "cart")
TARGET = labels({"job": "argo-rollouts", "instance": "10.0.0.1:8090"})
NO_SCOPE = Scope()
OWN = {"job": "argo-rollouts", "instance": "10.0.0.1:8090", "namespace": "checkout", "name": "cart"}

Series = tuple[Mapping[str, str], list[tuple[float, str]]]


def info(phase: str, *times: float, **labels: str) -> Series:
    """``rollout_info`` of the Rollout ``CART``, sampled at these times."""
    own = {"__name__": INFO, **OWN, "strategy": "canary", "phase": phase, **labels}
    return own, [(at, "1") for at in times]


def gauge(family: str, value: str, *times: float, **labels: str) -> Series:
    return {"__name__": family, **OWN, **labels}, [(at, value) for at in times]


@dataclass
class Engine:
    """Answers as Prometheus does: by HTTP, by matchers, by time; ``asked`` are the queries."""

    series: list[Series] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        query, at = str(form["query"]), float(str(form["time"]))
        self.asked.append(query)
        newest = promql_parser.parse(query)
        assert isinstance(newest, promql_parser.Call)
        assert newest.func.name == "last_over_time"
        (selector,) = newest.args
        assert isinstance(selector, promql_parser.MatrixSelector)
        begin = at - selector.range.total_seconds()
        wanted = selector.vector_selector
        matchers = {
            matcher.name: matcher.value
            for matcher in wanted.matchers.matchers
            if matcher.op == promql_parser.MatchOp.Equal
        }
        matchers["__name__"] = str(wanted.name)
        result = [
            {"metric": own, "value": inside[-1]}
            for own, values in self.series
            if all(own.get(name, "") == value for name, value in matchers.items())
            and (inside := [[when, value] for when, value in values if begin < when <= at])
        ]
        data = {"resultType": "vector", "result": result}
        return web.json_response({"status": "success", "data": data})

    def scrape(self, url: str, *, at: float = NOW, scope: Scope = NO_SCOPE) -> Scrape:
        """What the target ``OWN`` exposed."""
        (scrape,) = self.scrapes(url, {TARGET: at}, scope)
        return scrape

    def scrapes(self, url: str, scrapes: Mapping[Labels, float], scope: Scope = NO_SCOPE) -> tuple[Scrape, ...]:
        with closing(Prometheus(Endpoint(url))) as prometheus:
            return read_scrapes(prometheus, scope, scrapes=scrapes, rollouts=[CART])


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    serving, app = Serving(), web.Application()
    app.router.add_post("/api/v1/query", engine.answer)
    yield serving.listen(app)
    serving.stop()


def test_only_the_replica_that_made_the_scrape_is_read(engine: Engine, url: str) -> None:
    """The other server may not have the newest phase yet."""
    for replica, phase, at in (("a", "Paused", 991.0), ("b", "Completed", 998.5)):
        engine.series += [
            info(phase, at - 15, at, prometheus_replica=replica),
            gauge(AVAILABLE, "3", at - 15, at, prometheus_replica=replica),
        ]
    scrape = engine.scrape(url, at=998.5)

    assert scrape.at == 998.5
    assert scrape.series == {CART: FactSeries((("canary", "Completed"),), {AVAILABLE: 3})}
    assert scrape.families == {AVAILABLE}


def test_a_phase_that_changed_since_the_previous_scrape_is_a_single_phase(engine: Engine, url: str) -> None:
    engine.series = [info("Paused", 970, 985), info("Completed", 1000)]

    assert engine.scrape(url).series[CART].infos == (("canary", "Completed"),)


def test_two_phases_in_the_same_scrape_are_both_kept(engine: Engine, url: str) -> None:
    engine.series = [info("Paused", 985, 1000), info("Completed", 985, 1000)]

    assert engine.scrape(url).series[CART].infos == (("canary", "Completed"), ("canary", "Paused"))


def test_each_target_is_read_at_its_own_scrape(engine: Engine, url: str) -> None:
    engine.series = [info("Paused", 990), info("Completed", 1000, instance="10.0.0.2:8090")]
    other = labels({"job": "argo-rollouts", "instance": "10.0.0.2:8090"})
    first, second = engine.scrapes(url, {TARGET: 990, other: 1000})

    assert (first.target, first.at, first.series[CART].infos) == (TARGET, 990, (("canary", "Paused"),))
    assert (second.target, second.at, second.series[CART].infos) == (other, 1000, (("canary", "Completed"),))


def test_a_target_with_a_label_more_is_another_target(engine: Engine, url: str) -> None:
    engine.series = [info("Paused", 1000), info("Completed", 1000, pod="argo-rollouts-0")]
    other = labels({**dict(TARGET), "pod": "argo-rollouts-0"})
    found = {scrape.target: scrape.series[CART].infos for scrape in engine.scrapes(url, {TARGET: 1000, other: 1000})}

    assert found == {TARGET: (("canary", "Paused"),), other: (("canary", "Completed"),)}


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "", "3,5"])
def test_a_value_that_is_no_finite_number_makes_the_rollout_unreadable(engine: Engine, url: str, value: str) -> None:
    engine.series = [info("Completed", 1000), gauge(AVAILABLE, value, 1000)]

    assert engine.scrape(url).unreadable == {CART}


def test_an_info_that_is_not_1_makes_the_rollout_unreadable(engine: Engine, url: str) -> None:
    own, _ = info("Completed", 1000)
    engine.series = [(own, [(1000, "0")])]

    assert engine.scrape(url).unreadable == {CART}


def test_a_namespace_that_was_renamed_is_the_rollouts(engine: Engine, url: str) -> None:
    engine.series = [info("Completed", 1000, namespace="argo-rollouts", exported_namespace="checkout")]
    scrape = engine.scrape(url)

    assert scrape.series.keys() == {CART}
    assert (scrape.namespace_label, scrape.controller_namespace) == ("exported_namespace", "argo-rollouts")


def test_every_query_has_the_matchers(engine: Engine, url: str) -> None:
    scope = Scope(matchers=('region="a"', 'env!~"dev|test"'))
    engine.series = [info("Completed", 1000, region="a", env="live")]
    engine.scrape(url, scope=scope)
    chosen = '{region="a",env!~"dev|test"'

    assert [query.partition(",cluster=")[0] for query in engine.asked] == [
        f"last_over_time({family}{chosen}" for family in (INFO, *GAUGES)
    ]
    assert f"{INFO}{chosen}}}" in newest_scrapes(scope)
    assert f"argo_rollouts_controller_info{chosen}}}" in controllers(scope)


def test_an_engine_without_the_samples_of_a_scrape_cannot_be_compared_with(engine: Engine, url: str) -> None:
    engine.series = [info("Completed", 985), gauge(AVAILABLE, "3", 1000)]

    with pytest.raises(SourceUnavailable, match="prometheus-inexact"):
        engine.scrape(url)
