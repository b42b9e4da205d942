"""Which scrapes a bracket reads, and how long it waits for them."""

from contextlib import closing

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy.rollouts import (
    DISCOVERY,
    MAX_DELAY,
    Observer,
    new_scrapes,
    wait_for_scrape,
    wait_until_settled,
)
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.duration import seconds
from maintainer.model.facts import Bracket, FleetObservation, Labels, Scrape, Target, labels
from maintainer.model.scope import Scope
from tests.servers.scripted import Asked, Says, Scripted, scalar, success

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


def waited(*script: Says, targets: tuple[Target, ...] = ()) -> tuple[dict[Labels, float], float]:
    """The newest scrapes, by default for a Prometheus that lists no target, and the seconds of the wait."""
    slept = [0.0]
    clock = Clock(lambda: sum(slept), slept.append)
    with Scripted(*script) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
        observer = Observer(Sources(None, prometheus), Scope(), clock)
        found = wait_for_scrape(
            observer, prometheus, observation=FleetObservation(targets=targets), since=100.0, expected=True
        )
    return dict(found), sum(slept)


def test_a_prometheus_that_has_just_started_gets_time_for_discovery() -> None:
    assert waited(newest(), newest(), newest((A, 101.0))) == ({A: 101.0}, 10.0)


def test_the_wait_for_a_prometheus_without_targets_is_short() -> None:
    found, seconds = waited(newest())

    assert found == {}
    assert DISCOVERY < seconds < 2 * DISCOVERY


@pytest.mark.parametrize(("interval", "limit"), [("1y", "10s"), ("30s", "1y"), ("6m", "10s")])
def test_a_scrape_that_comes_once_a_year_is_not_waited_for(interval: str, limit: str) -> None:
    slow = target(interval=seconds(interval), timeout=seconds(limit))
    with pytest.raises(SourceUnavailable) as caught:
        waited(newest((A, 99.0)), targets=(slow,))
    assert caught.value.reason == "prometheus-slow-scrapes"


def test_a_scrape_every_five_minutes_is_waited_for() -> None:
    assert waited(newest((A, 99.0)), newest((A, 101.0)), targets=(target(interval=300.0, timeout=60.0),))[0] == {
        A: 101.0
    }


def test_a_rare_scrape_that_has_come_is_read() -> None:
    assert waited(newest((A, 101.0)), targets=(target(interval=1e7, timeout=10.0),))[0] == {A: 101.0}


def target(*, interval: float, timeout: float) -> Target:
    return Target(
        labels=A,
        discovered={},
        pool="argo-rollouts",
        url="http://a",
        healthy=True,
        down=False,
        error="",
        last_scrape=99.0,
        interval=interval,
        timeout=timeout,
    )


def clock_of(*seconds: float) -> list[Says]:
    """What Prometheus says of its time."""
    return [scalar(str(at)) for at in seconds]


def settled(*script: Says, until: float = 100.0) -> tuple[dict[Labels, float], float, list[Asked]]:
    """The scrapes that can be read, the seconds that it took, and what was asked; A was seen to be scraped at 99."""
    slept = [0.0]
    clock = Clock(lambda: sum(slept), slept.append)
    with Scripted(*script) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
        observer = Observer(Sources(None, prometheus), Scope(), clock)
        found = wait_until_settled(observer, prometheus, emitting={A: 99.0}, until=until)
    return dict(found), sum(slept), server.asked


def test_where_samples_arrive_at_once_a_scrape_is_read_at_once() -> None:
    found, seconds, asked = settled(*clock_of(100.01))

    assert (found, seconds, len(asked)) == ({A: 99.0}, 0.0, 1)


def test_where_samples_arrive_late_the_scrape_is_chosen_of_those_that_have_arrived() -> None:
    found, seconds, asked = settled(*clock_of(70.0, 80.0, 97.0, 100.5), newest((A, 99.5), (B, 99.0)))

    assert found == {A: 99.5, B: 99.0}
    assert seconds == 5.0 + 5.0 + 3.0
    assert asked[-1].form["time"] == "100.000"


def test_an_engine_that_gets_no_further_has_nothing_to_compare_with() -> None:
    found, seconds, _ = settled(*clock_of(70.0))

    assert found == {}
    assert 60.0 < seconds < 70.0


def test_one_that_is_hours_behind_is_not_waited_for() -> None:
    assert settled(*clock_of(100.0), until=100.0 + MAX_DELAY + 1)[:2] == ({}, 0.0)


def test_a_scrape_that_is_on_its_way_is_waited_for_longer() -> None:
    """Two intervals and a timeout are 130 s where no target is listed, and it takes 30 s more to arrive."""
    late = [newest((A, 99.0))] * 28
    assert waited(*late, *clock_of(70.0), newest((A, 101.0)))[0] == {A: 101.0}
    assert waited(*late, *clock_of(100.0), newest((A, 101.0)))[0] == {A: 99.0}
