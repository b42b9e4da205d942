"""Which scrapes a bracket reads, and how long it waits for them."""

from contextlib import closing

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy.rollouts import DISCOVERY, Observer, new_scrapes, wait_for_scrape
from maintainer.collect.sources import Sources
from maintainer.model.clock import Clock
from maintainer.model.facts import Bracket, FleetObservation, Labels, Scrape, labels
from maintainer.model.scope import Scope
from tests.servers.scripted import Says, Scripted, success

A, B = labels({"job": "argo-rollouts", "instance": "a"}), labels({"job": "argo-rollouts", "instance": "b"})


def read_at(at: float) -> Bracket:
    return Bracket(before={}, after={}, namespaces=None, scrapes=(Scrape(A, at, {}),))


def test_a_scrape_must_be_newer_than_the_list() -> None:
    assert new_scrapes({A: 100.0, B: 100.5}, [], since=100.0) == {B: 100.5}


def test_a_scrape_that_a_bracket_has_read_confirms_nothing() -> None:
    assert new_scrapes({A: 130.0, B: 130.0}, [read_at(130.0)], since=100.0) == {B: 130.0}
    assert new_scrapes({A: 131.0}, [read_at(115.0), read_at(130.0)], since=100.0) == {A: 131.0}


def newest(*scrapes: tuple[Labels, float]) -> Says:
    """Prometheus' response with the time of the newest scrape of each target."""
    result = [{"metric": dict(target), "value": [0, str(at)]} for target, at in scrapes]
    return success({"resultType": "vector", "result": result})


def waited(*script: Says) -> tuple[dict[Labels, float], float]:
    """The newest scrapes, for a Prometheus that lists no target, and the seconds of the wait."""
    slept = [0.0]
    clock = Clock(lambda: sum(slept), slept.append)
    with Scripted(*script) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
        observer = Observer(Sources(None, prometheus), Scope(), clock)
        found = wait_for_scrape(
            observer, prometheus, observation=FleetObservation(targets=()), since=100.0, expected=True
        )
    return dict(found), sum(slept)


def test_a_prometheus_that_has_just_started_gets_time_for_discovery() -> None:
    assert waited(newest(), newest(), newest((A, 101.0))) == ({A: 101.0}, 10.0)


def test_the_wait_for_a_prometheus_without_targets_is_short() -> None:
    found, seconds = waited(newest())

    assert found == {}
    assert DISCOVERY < seconds < 2 * DISCOVERY
