"""Readings out of raw samples that an engine in front of several Prometheus servers gives."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.promql import controllers, newest_scrapes
from maintainer.collect.readings import read
from maintainer.model.contract import AVAILABLE, GAUGES, INFO
from maintainer.model.facts import Reading
from maintainer.model.scope import Scope
from maintainer.sandbox.serving import Serving

NOW = 1000.0
CART = ("checkout", "cart")
OWN = {"job": "argo-rollouts", "instance": "10.0.0.1:8090", "namespace": "checkout", "name": "cart"}

Series = tuple[Mapping[str, str], list[tuple[float, str]]]


def info(phase: str, *times: float, **labels: str) -> Series:
    """``rollout_info`` of the one Rollout, sampled at these times."""
    own = {"__name__": INFO, **OWN, "strategy": "canary", "phase": phase, **labels}
    return own, [(at, "1") for at in times]


def gauge(family: str, value: str, *times: float, **labels: str) -> Series:
    return {"__name__": family, **OWN, **labels}, [(at, value) for at in times]


@dataclass
class Engine:
    """Gives the series of a family, by HTTP, whatever the matchers; ``asked`` are the queries."""

    series: list[Series] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        query = str(form["query"])
        if query == "time()":
            return self._said("scalar", [NOW, str(NOW)])
        self.asked.append(query)
        family = query.partition("[")[0].partition("{")[0]
        found = [one for one in self.series if one[0]["__name__"] == family]
        return self._said("matrix", [{"metric": own, "values": values} for own, values in found])

    @staticmethod
    def _said(type_: str, result: list[Any]) -> web.Response:
        body = json.dumps({"status": "success", "data": {"resultType": type_, "result": result}})
        return web.Response(text=body, content_type="application/json")

    def readings(self, url: str, scope: Scope) -> tuple[Reading, ...]:
        with closing(Prometheus(Endpoint(url))) as prometheus:
            return read(prometheus, scope, range_=40)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    serving, app = Serving(), web.Application()
    app.router.add_post("/api/v1/query", engine.answer)
    yield serving.listen(app)
    serving.stop()


def test_two_replicas_of_a_prometheus_are_one_target(engine: Engine, url: str) -> None:
    for replica, at in (("a", 991.0), ("b", 998.5)):
        engine.series += [
            info("Completed", at - 15, at, prometheus_replica=replica),
            gauge(AVAILABLE, "3", at - 15, at, prometheus_replica=replica),
        ]
    [reading] = engine.readings(url, Scope(replica_labels=("prometheus_replica",)))
    assert reading.at == 998.5
    assert reading.series.keys() == {CART}
    assert reading.series[CART].infos == (("canary", "Completed"),)
    assert reading.series[CART].gauges == {AVAILABLE: 3}

    assert len(engine.readings(url, Scope())) == 2


def test_of_two_replicas_the_one_that_scraped_last_counts(engine: Engine, url: str) -> None:
    """The other one may not have seen the newest phase yet."""
    engine.series = [info("Paused", 976, 991, replica="a"), info("Completed", 983.5, 998.5, replica="b")]
    [reading] = engine.readings(url, Scope(replica_labels=("replica",)))
    assert reading.series[CART].infos == (("canary", "Completed"),)


def test_a_phase_that_changed_within_the_range_is_one_phase(engine: Engine, url: str) -> None:
    engine.series = [info("Paused", 970, 985), info("Completed", 1000)]
    [reading] = engine.readings(url, Scope())
    assert reading.series[CART].infos == (("canary", "Completed"),)


def test_two_phases_in_one_scrape_are_both_kept(engine: Engine, url: str) -> None:
    engine.series = [info("Paused", 985, 1000), info("Completed", 985, 1000)]
    [reading] = engine.readings(url, Scope())
    assert reading.series[CART].infos == (("canary", "Completed"), ("canary", "Paused"))


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "", "3,5"])
def test_a_value_that_is_no_finite_number_makes_the_rollout_unreadable(engine: Engine, url: str, value: str) -> None:
    engine.series = [info("Completed", 1000), gauge(AVAILABLE, value, 1000)]
    [reading] = engine.readings(url, Scope())
    assert reading.unreadable == {CART}
    assert AVAILABLE not in reading.series[CART].gauges


def test_a_namespace_that_was_renamed_is_the_rollouts(engine: Engine, url: str) -> None:
    engine.series = [info("Completed", 1000, namespace="argo-rollouts", exported_namespace="checkout")]
    [reading] = engine.readings(url, Scope())
    assert reading.series.keys() == {CART}
    assert (reading.renamed, reading.namespace_label) == (True, "argo-rollouts")


def test_every_query_has_the_matchers(engine: Engine, url: str) -> None:
    scope = Scope(matchers=('cluster="a"', 'env!~"dev|test"'))
    engine.readings(url, scope)
    chosen = '{cluster="a",env!~"dev|test"}'
    assert engine.asked == [f"{family}{chosen}[40s]" for family in (INFO, *GAUGES)]
    assert f"{INFO}{chosen}" in newest_scrapes(scope)
    assert f"argo_rollouts_controller_info{chosen}" in controllers(scope)
