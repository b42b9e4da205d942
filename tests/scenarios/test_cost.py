"""What a run asks of both sides, and how it finds Prometheus where nobody says where it is."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests

from maintainer.sandbox.fleet import read_fleet, synthetic
from maintainer.sandbox.world import Plan, World
from tests.scenarios.audits import newborn
from tests.scenarios.front import Front
from tests.scenarios.runs import Ended, monthly

pytestmark = pytest.mark.extended

FEW, MANY = 20, 400
POLL = "max by"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World.start(Plan(fleet=newborn(read_fleet().with_rollouts(synthetic(FEW))), scrape_interval=0.5)) as world:
        yield world


def asked_per_bracket(world: World, folder: Path, *, rollouts: int) -> tuple[float, float, int]:
    """Requests per bracket to the API and to Prometheus, without the polls for a new scrape, and the rest of these."""
    with Front(world.prometheus) as front:
        ended = monthly(world.environment(), folder, "--prometheus-url", front.url)
    figures, queries = ended.figures, [asked.query for asked in front.asked]
    polls = sum(query.startswith(POLL) for query in queries)
    brackets = figures["brackets"]
    assert (ended.code, figures["rollouts.compared"], brackets) == (0, rollouts, 1)
    assert figures["prometheus.requests"] == len(front.asked)
    assert polls >= 1
    return figures["kubernetes.requests"] / brackets, (figures["prometheus.requests"] - polls) / brackets, brackets


def test_the_number_of_requests_does_not_grow_with_the_number_of_rollouts(world: World, tmp_path: Path) -> None:
    few = asked_per_bracket(world, tmp_path / "few", rollouts=FEW)
    for placed in synthetic(MANY):
        world.put(placed)
    wait_for(world, MANY)
    many = asked_per_bracket(world, tmp_path / "many", rollouts=MANY)

    assert few == many
    lists = [path for method, path in world.api.requests.elements() if "argoproj.io" in path]
    assert len(lists) == 2 * 2, "a list before and one after, of each run"
    assert few[0] <= 20


def wait_for(world: World, rollouts: int) -> None:
    """Wait until Prometheus has so many Rollouts."""
    deadline = monotonic() + 15
    while monotonic() < deadline:
        params = {"query": f"count(rollout_info) == {rollouts}"}
        if requests.get(f"{world.prometheus}/api/v1/query", params=params, timeout=5).json()["data"]["result"]:
            return
        sleep(0.1)
    raise AssertionError(f"Prometheus does not have {rollouts} Rollouts")


def without_url(world: World, folder: Path) -> Ended:
    environ = {name: value for name, value in world.environment().items() if not name.endswith("_URL")}
    return monthly(environ, folder)


def test_prometheus_is_found_and_reached_through_the_api_server(world: World, tmp_path: Path) -> None:
    ended = without_url(world, tmp_path)

    assert (ended.code, ended.report["verdict"]) == (0, "ok")
    proxy = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/"
    assert {method for method, path in world.api.requests if path.startswith(proxy)} == {"GET", "POST"}
    assert world.api.requests["POST", f"{proxy}query"] > 5


def test_two_prometheus_servers_are_for_the_user_to_choose_from(world: World, tmp_path: Path) -> None:
    labels = {"app": "prometheus", "component": "server"}
    other = {"metadata": {"namespace": "legacy", "name": "old", "labels": labels}, "spec": {"ports": [{"port": 80}]}}
    world.store.put("services", other)
    try:
        ended = without_url(world, tmp_path)
    finally:
        world.store.delete("services", ("legacy", "old"))

    assert (ended.code, ended.texts) == (2, {})
    assert "--prometheus-service legacy/old:80" in ended.err
    assert "--prometheus-service monitoring/prometheus:9090" in ended.err


def test_a_proxy_that_may_not_be_used_is_a_gap(world: World, tmp_path: Path) -> None:
    world.api.forbid("*", "services/proxy")
    try:
        ended = without_url(world, tmp_path)
    finally:
        world.api.allow_all()

    assert ended.code == 3
    assert any("resources [services/proxy], verbs [get, create]" in reason for reason in ended.gaps()), ended.gaps()
