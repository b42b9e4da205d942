"""Engines that are not Prometheus: by what they are recognised, and what is made of their answers."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.engine import PROMETHEUS, VICTORIA_METRICS, VMALERT, engine_of_metrics, without_request
from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from tests.servers.scripted import Says, Scripted, scalar, success

IMITATED = {"version": "2.24.0"}
FULL = {"version": "2.42.0", "revision": "225c", "goVersion": "go1.19"}
UNSUPPORTED = Says(400, b'unsupported path requested: "/api/v1/alertmanagers"\n', {"Content-Type": "text/plain"})


def vector(value: str) -> Says:
    """A number as MetricsQL gives it."""
    return success({"resultType": "vector", "result": [{"metric": {}, "value": [1700000000, value]}]})


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(scalar()) as server:
        yield server


@pytest.fixture
def client(server: Scripted) -> Iterator[Prometheus]:
    with closing(Prometheus(Endpoint(server.url))) as client:
        yield client


@pytest.mark.parametrize(
    ("time", "build", "engine"),
    [
        (vector("1700000000"), success(IMITATED), VICTORIA_METRICS),
        (vector("1700000000"), Says(404, b"404 page not found"), VICTORIA_METRICS),
        (vector("1700000000"), success(FULL), PROMETHEUS),
        (scalar("1700000000"), success(IMITATED), PROMETHEUS),
    ],
    ids=["both signs", "queries only", "says how it was built", "a scalar"],
)
def test_an_engine_is_recognised_by_two_signs(
    server: Scripted, client: Prometheus, time: Says, build: Says, engine: object
) -> None:
    server.script = [time, build]
    client.recognise()
    assert client.engine == engine


def test_a_prometheus_is_asked_one_question(server: Scripted, client: Prometheus) -> None:
    client.recognise()
    assert len(server.asked) == 1


def test_a_refusal_names_the_engine_and_is_permanent(server: Scripted, client: Prometheus) -> None:
    server.script = [vector("1700000000"), success(IMITATED), UNSUPPORTED]
    client.recognise()
    with pytest.raises(SourceUnavailable) as caught:
        client.alertmanagers()
    assert (caught.value.reason, caught.value.permanent) == ("web-status", True)
    assert caught.value.params["who"] == "VictoriaMetrics"


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "permanent"), (404, "permanent"), (429, "passing"), (503, "passing")]
)
def test_a_status_is_permanent_if_another_request_would_get_it_too(
    server: Scripted, client: Prometheus, status: int, kind: str
) -> None:
    server.script = [Says(status, b"no", {"Retry-After": "0"})]
    with pytest.raises(SourceUnavailable) as caught:
        client.rules()
    reason = "web-not-found" if status == 404 else "web-status"
    assert (caught.value.reason, caught.value.permanent) == (reason, kind == "permanent")


def test_a_time_that_is_a_vector_is_a_time(server: Scripted, client: Prometheus) -> None:
    server.script = [vector("1700000000.25")]
    assert (client.time(), client.settled()) == (1700000000.25, 1700000000.25)


def test_samples_that_are_pending_are_not_settled_whatever_is_set(server: Scripted, client: Prometheus) -> None:
    """With -search.latencyOffset=1s, it answers for a time of which not all samples can be searched yet."""
    client.engine = VICTORIA_METRICS
    server.script = [vector("1699999999.5"), vector("1700000000.5")]
    assert client.settled() == 1700000000.5 - VICTORIA_METRICS.pending
    server.script = [vector("1699999970.5"), vector("1700000000.5")]
    assert client.settled() == 1699999970.5


def test_a_time_that_may_be_rounded_down_is_never_too_early(server: Scripted, client: Prometheus) -> None:
    """Else a scrape of the same second, before the list of the API, would pass for a later one."""
    server.script = [vector("1700000000")]
    assert client.time() == 1700000001
    server.script = [scalar("1700000000")]
    assert client.time() == 1700000000


@pytest.mark.parametrize("result", [[], [{"metric": {}, "value": [1, "2"]}] * 2], ids=["none", "two"])
def test_a_time_of_no_sample_or_two_is_broken(server: Scripted, client: Prometheus, result: list[Any]) -> None:
    server.script = [success({"resultType": "vector", "result": result})]
    with pytest.raises(SourceUnavailable, match="broken-answer"):
        client.time()


def test_queries_are_about_the_present_and_settled_is_about_what_has_arrived(
    server: Scripted, client: Prometheus
) -> None:
    client.time()
    client.settled()
    empty = success({"resultType": "vector", "result": []})
    server.script = [empty]
    client.vector("up")
    client.vector("up", at=7)
    client.rollout_series("up", at=7)
    client.groups("up", ("name", "namespace"), at=7)
    assert ["nocache" in asked.form for asked in server.asked] == [True, False, True, True, True, True]


def test_a_targets_pace_may_stand_among_the_discovered_labels(server: Scripted, client: Prometheus) -> None:
    own = {"job": "argo-rollouts", "instance": "10.0.0.1:8090"}
    discovered = {"__scrape_interval__": "15s", "__scrape_timeout__": "1500ms"}
    target = {"labels": own, "lastScrape": "2026-10-01T00:00:00.123Z", "health": "up", "discoveredLabels": discovered}
    server.script = [success({"activeTargets": [target]})]
    (found,) = client.targets()
    assert (found.interval, found.timeout) == (15, 1.5)


@pytest.mark.parametrize(
    ("page", "engine"),
    [
        ('vm_app_version{version="vmauth-tags-v1.122.0"} 1\n', None),
        ('vmalert_config_last_reload_successful 1\nvm_app_version{version=""} 1\n', VMALERT),
        ('go_info 1\nvmalert_config_last_reload_successful 1\nvm_app_version{version=""} 1\n', VMALERT),
        ('prometheus_build_info{version="2.42.0"} 1\n', None),
        ('# HELP vmalert_config_last_reload_total Reloads.\nreloads{of="vmalert_config_last_reload_total"} 1\n', None),
    ],
)
def test_vmalert_is_recognised_by_its_metrics(page: str, engine: object) -> None:
    assert engine_of_metrics(page) == engine


def test_a_ruler_is_called_by_its_name_once_its_metrics_are_read(server: Scripted) -> None:
    with closing(Prometheus(Endpoint(server.url), "The ruler")) as ruler:
        assert ruler.who == "The ruler"
        server.script = [Says(200, b'vmalert_config_last_reload_total 0\nvm_app_version{version="x"} 1\n')]
        ruler.own(())
        assert (ruler.who, ruler.engine) == ("vmalert", VMALERT)


def test_an_error_is_told_without_the_port_of_the_request() -> None:
    said = 'remoteAddr: "127.0.0.1:53812"; requestURI: /api/v1/alertmanagers; unsupported path requested'
    assert without_request(said) == "unsupported path requested"
    assert without_request("unsupported path requested") == "unsupported path requested"
