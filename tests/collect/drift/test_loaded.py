"""What a real Prometheus says of its configuration."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.drift.loaded import loaded_configurations
from maintainer.collect.sources import Sources
from maintainer.sandbox.programs import Program, free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, RULES, launch
from tests.servers.scripted import Says, Scripted, says

NEVER = datetime.min.replace(tzinfo=UTC)
RULES_TEXT = """
groups:
  - name: example
    rules:
      - {alert: Down, expr: up == 0, for: 2m, annotations: {summary: It is down}}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Program]:
    config = {
        "rule_files": [RULES],
        "scrape_configs": [{"job_name": "itself", "static_configs": [{"targets": ["127.0.0.1:9"]}]}],
    }
    running = launch(new_folder(), {CONFIG: yaml.safe_dump(config), RULES: RULES_TEXT}, port=free_port())
    running.wait()
    yield running
    stop([running])


def test_configuration_rules_flags_and_retention_are_read(running: Program) -> None:
    with closing(Prometheus(Endpoint(running.url))) as prometheus:
        (loaded,), why = loaded_configurations(Sources(None, prometheus))
    assert why == ()
    assert loaded.server == running.url
    assert "job_name: itself" in (loaded.config or "")
    groups: Any = loaded.rules
    assert [(rule["name"], rule["duration"], rule["annotations"]) for rule in groups[0]["rules"]] == [
        ("Down", 120, {"summary": "It is down"})
    ]
    assert "storage.tsdb.retention.time" in (loaded.flags or {})
    assert loaded.retention
    assert datetime.now(UTC) - timedelta(minutes=5) < (loaded.loaded_at or NEVER) <= datetime.now(UTC)


def test_what_a_server_does_not_say_is_none_with_a_reason() -> None:
    refusal = says({"status": "error", "error": "no"}, 400)
    with Scripted(refusal) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
        (loaded,), why = loaded_configurations(Sources(None, prometheus))
    assert (loaded.config, loaded.rules, loaded.flags, loaded.retention) == (None, None, None, None)
    assert why


@pytest.mark.extended
def test_the_jobs_that_run_are_read(running: Program) -> None:
    end = time.monotonic() + 60
    with closing(Prometheus(Endpoint(running.url))) as prometheus:
        while not (pools := prometheus.scrape_pools()) and time.monotonic() < end:
            time.sleep(0.1)  # it begins them a moment after it has loaded its configuration
    assert pools == frozenset({"itself"})


def test_a_server_without_a_list_of_its_jobs_cannot_say_which_run() -> None:
    unsupported = Says(400, b'unsupported path requested: "/api/v1/scrape_pools"', {"Content-Type": "text/plain"})
    for refusal in (unsupported, Says(404, b"404 page not found", {"Content-Type": "text/plain"})):
        with Scripted(refusal) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
            assert prometheus.scrape_pools() is None
