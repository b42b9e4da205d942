"""The façade against a real Prometheus that scrapes itself."""

from collections.abc import Iterator
from contextlib import closing
from time import monotonic, sleep

import pytest
import yaml

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.wire import RawSample
from maintainer.errors import SourceUnavailable
from maintainer.sandbox.programs import Program, free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, RULES, launch
from tests.servers.scripted import Says, Scripted

RULES_TEXT = """
groups:
  - name: example
    rules:
      - {record: 'job:up:sum', expr: sum by (job) (up)}
      - {alert: Down, expr: up == 0, for: 2m, labels: {severity: page}}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Program]:
    folder, port = new_folder(), free_port()
    config = {
        "global": {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "200ms"},
        "rule_files": [RULES],
        "alerting": {"alertmanagers": [{"path_prefix": "/am", "static_configs": [{"targets": ["127.0.0.1:9"]}]}]},
        "scrape_configs": [{"job_name": "itself", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
    }
    running = launch(folder, {CONFIG: yaml.safe_dump(config), RULES: RULES_TEXT}, port=port)
    running.wait()
    yield running
    stop([running])


@pytest.fixture
def prometheus(running: Program) -> Iterator[Prometheus]:
    with closing(Prometheus(Endpoint(running.url))) as prometheus:
        deadline = monotonic() + 15
        while not prometheus.vector("count_over_time(up[1m]) >= 10"):
            assert monotonic() < deadline
            sleep(0.1)
        yield prometheus


def test_a_vector_has_labels_and_values(prometheus: Prometheus) -> None:
    [up] = prometheus.vector("up")
    assert (up.labels["__name__"], up.labels["job"], up.value) == ("up", "itself", 1)


def test_a_scrape_can_be_read_at_exactly_its_time(prometheus: Prometheus) -> None:
    [scrape] = prometheus.vector("timestamp(up)")
    [series] = prometheus.rollout_series("last_over_time(up[1ms])", at=scrape.value)

    assert series.value == RawSample(scrape.value, "1")
    assert not prometheus.rollout_series("last_over_time(up[1ms])", at=scrape.value - 0.05)


def test_the_times_at_which_a_query_has_a_result_are_those_of_the_steps(prometheus: Prometheus) -> None:
    now = int(prometheus.time())
    found = prometheus.times("up", start=now - 3600, end=now, step=60)
    assert found == {now}
    assert prometheus.times("up == 2", start=now - 3600, end=now, step=60) == frozenset()


def test_the_servers_time_goes_on(prometheus: Prometheus) -> None:
    # Prometheus counts in milliseconds, so two answers can have the same time.
    first = prometheus.time()
    assert first <= prometheus.time() < first + 60


def test_requests_samples_and_bytes_are_counted(running: Program) -> None:
    with closing(Prometheus(Endpoint(running.url))) as prometheus:
        now = prometheus.time()
        [count] = prometheus.vector("count_over_time(up[1s])", at=now)
        assert prometheus.cost.requests == 2
        assert prometheus.cost.samples == count.value > 2
        assert prometheus.cost.bytes > 100
        prometheus.targets()
        assert (prometheus.cost.requests, prometheus.cost.samples) == (3, count.value)


def test_targets_have_their_pace_and_how_they_are(prometheus: Prometheus, running: Program) -> None:
    [target] = prometheus.targets()
    assert dict(target.labels)["job"] == target.pool == "itself"
    assert target.name == f"itself {running.url.removeprefix('http://')}"
    assert (target.healthy, target.error, target.interval, target.timeout) == (True, "", 0.2, 0.2)
    assert abs(target.last_scrape - prometheus.time()) < 10
    assert target.discovered["__scrape_interval__"] == "200ms"


def test_rules_are_as_they_were_loaded(prometheus: Prometheus) -> None:
    [group] = prometheus.rules()
    assert (group.name, group.interval) == ("example", 0.2)
    assert [(rule.type, rule.name, rule.query) for rule in group.rules] == [
        ("recording", "job:up:sum", "sum by (job) (up)"),
        ("alerting", "Down", "up == 0"),
    ]
    assert (group.rules[1].duration, group.rules[1].labels) == (120, {"severity": "page"})


def test_the_status_of_the_server_is_decoded(prometheus: Prometheus) -> None:
    assert prometheus.status("buildinfo")["version"]
    assert prometheus.status("runtimeinfo")["reloadConfigSuccess"] is True
    assert prometheus.status("flags")["web.enable-lifecycle"] == "true"


def test_a_query_that_is_no_promql_keeps_the_servers_words(prometheus: Prometheus) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        prometheus.vector("sum(up")
    assert (caught.value.reason, caught.value.permanent) == ("prometheus-refused", True)
    assert caught.value.params["kind"] == "bad_data"
    assert "unclosed left parenthesis" in str(caught.value.params["said"])


def test_a_query_of_100_kb_is_answered(prometheus: Prometheus) -> None:
    assert prometheus.vector(f'up{{job=~"{"x" * 100_000}|itself"}}')


def test_an_unknown_path_keeps_the_servers_words(prometheus: Prometheus) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        prometheus.status("nothing")
    assert (caught.value.params["status"], caught.value.params["said"]) == ("404", "404 page not found")


def test_its_own_metrics_are_added_up_by_family(prometheus: Prometheus) -> None:
    before = prometheus.cost
    found = prometheus.own(("process_start_time_seconds", "prometheus_notifications_dropped_total", "no_such_metric"))

    assert found.keys() == {"process_start_time_seconds", "prometheus_notifications_dropped_total"}
    assert found["process_start_time_seconds"] > 1_700_000_000
    assert prometheus.cost.requests == before.requests + 1
    assert prometheus.cost.bytes > before.bytes + 10_000
    assert prometheus.own(("prometheus_http_requests_total",))["prometheus_http_requests_total"] > 1


def test_alertmanagers_are_named_without_the_path_of_their_api(prometheus: Prometheus) -> None:
    deadline = monotonic() + 15
    while not (found := prometheus.alertmanagers()):
        assert monotonic() < deadline
        sleep(0.1)

    assert found == ("http://127.0.0.1:9/am",)


def test_a_reload_says_why_files_are_not_taken(prometheus: Prometheus, running: Program) -> None:
    rules = running.folder / RULES
    sound = rules.read_text("utf-8")
    assert prometheus.reload() == ""
    try:
        rules.write_text(sound.replace("up == 0", "up =="), "utf-8")
        assert "one or more errors occurred while applying the new configuration" in prometheus.reload()
        assert [rule.name for group in prometheus.rules() for rule in group.rules] == ["job:up:sum", "Down"]
    finally:
        rules.write_text(sound, "utf-8")
    assert prometheus.reload() == ""


def test_a_reload_that_nobody_may_ask_for_is_no_refusal_of_the_files() -> None:
    with Scripted(Says(403, b"Lifecycle API is not enabled.")) as server:
        with closing(Prometheus(Endpoint(server.url))) as prometheus, pytest.raises(SourceUnavailable) as caught:
            prometheus.reload()
        assert [(asked.method, asked.path) for asked in server.asked] == [("POST", "/-/reload")]
    assert caught.value.permanent
