"""Alertmanager's routes as they stand in its configuration, with amtool as the judge of generated trees."""

import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from maintainer.analyse.alerts.routes import holds, routes_of
from maintainer.collect.alerts.routing import routing_of
from maintainer.model.alert_routing import RouteNode

VALUES = ("a", "b", "", "ab")
LABELS = ("team", "severity", "alertname")
TREES, ALERTS = 60, 5
AMTOOL = f"{shutil.which('amtool')}"

CONFIG = """
route:
  receiver: default
  group_by: [alertname]
  group_wait: 10s
  routes:
    - matchers: [severity="critical", namespace=~"shop|media"]
      receiver: page
      group_by: ['...']
      repeat_interval: 1h
      continue: true
      mute_time_intervals: [weekend]
      routes:
        - match: {team: web}
          group_interval: 1m
    - match_re: {severity: warning|info}
      active_time_intervals: [hours]
receivers:
  - {name: default}
  - {name: page, webhook_configs: [{url: http://127.0.0.1:1}]}
inhibit_rules:
  - {source_matchers: [severity="critical"], target_match: {severity: warning}, equal: [namespace]}
time_intervals:
  - {name: weekend, time_intervals: [{weekdays: ['saturday', sunday], location: Asia/Seoul}]}
  - name: hours
    time_intervals:
      - {times: [{start_time: '09:00', end_time: '18:00'}], weekdays: ['monday:friday']}
      - {days_of_month: ['-1'], months: ['february'], years: ['2026:2027']}
"""


def test_a_route_has_what_it_says_and_inherits_the_rest() -> None:
    root = routing_of(CONFIG).root
    page, other = root.routes
    (web,) = page.routes

    assert (root.route.group_wait, root.route.group_interval, root.route.repeat_interval) == (
        10_000,
        300_000,
        14_400_000,
    )
    assert (page.route.group_by, page.route.repeat_interval, page.route.group_wait) == (("...",), 3_600_000, 10_000)
    assert (web.receiver, web.route.group_by, web.route.group_interval) == ("page", ("...",), 60_000)
    assert (page.goes_on, page.muted, web.muted, other.active) == (True, ("weekend",), (), ("hours",))
    assert other.matchers == (("severity", "=~", "warning|info"),)


def test_receivers_without_an_integration_are_silent_and_inhibitions_are_read() -> None:
    routing = routing_of(CONFIG)

    assert routing.silent == {"default"}
    (rule,) = routing.inhibitions
    assert rule.source == (("severity", "=", "critical"),)
    assert (rule.target, rule.equal) == ((("severity", "=", "warning"),), ("namespace",))


@pytest.mark.parametrize(
    ("name", "time", "held"),
    [
        ("weekend", "2026-11-27T14:59:00+00:00", False),
        ("weekend", "2026-11-27T15:00:00+00:00", True),
        ("hours", "2026-11-27T17:59:00+00:00", True),
        ("hours", "2026-11-27T18:00:00+00:00", False),
        ("hours", "2026-02-28T00:00:00+00:00", True),
        ("hours", "2026-03-28T00:00:00+00:00", False),
        ("hours", "2028-02-29T20:00:00+00:00", False),
    ],
)
def test_an_interval_holds_at_the_times_that_it_says(name: str, time: str, *, held: bool) -> None:
    at = round(datetime.fromisoformat(time).timestamp() * 1000)
    assert any(holds(one, at) for one in routing_of(CONFIG).intervals[name]) is held


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no configuration of Alertmanager"),
        ("route: {}", "its route has no receiver"),
        ("route: [", "line 2: not YAML"),
        ("route: {receiver: a, group_wait: soon}", "'soon' is not a duration"),
        ("route: {receiver: a, matchers: ['a>b']}", "a>b"),
        ("route: {receiver: a}\ntime_intervals: [{name: x, time_intervals: [{location: Mars/Base}]}]", "Mars/Base"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        routing_of(text)


def generated(random: Random) -> dict[str, Any]:
    """A tree in which each route has a receiver of its own."""
    names: list[str] = []

    def matcher() -> str:
        op = random.choice(("=", "!=", "=~", "!~"))
        return f'{random.choice(LABELS)}{op}"{random.choice((*VALUES, "a.*", "a|b") if "~" in op else VALUES)}"'

    def node(depth: int) -> dict[str, Any]:
        names.append(f"r{len(names)}")
        made: dict[str, Any] = {"receiver": names[-1], "continue": random.random() < 0.5}
        made["matchers"] = [matcher() for _ in range(random.choice((1, 1, 2)))]
        made["routes"] = [node(depth + 1) for _ in range(random.randrange(4 - depth))] if depth < 3 else []
        return made

    root = {"receiver": "root", "routes": [node(0) for _ in range(random.randrange(1, 5))]}
    return {"route": root, "receivers": [{"name": name} for name in ("root", *names)]}


def receivers(root: RouteNode, labels: dict[str, str]) -> list[str]:
    return [node.receiver for node in routes_of(root, labels)]


@pytest.mark.extended
def test_an_alert_takes_the_routes_that_amtool_names(tmp_path: Path) -> None:
    random, wrong = Random(17), []
    for number in range(TREES):
        file = tmp_path / f"{number}.yml"
        file.write_text(yaml.safe_dump(generated(random)))
        root = routing_of(file.read_text()).root
        for _ in range(ALERTS):
            labels = {name: value for name in LABELS if (value := random.choice(VALUES))}
            asked = [AMTOOL, "config", "routes", "test", "--config.file", str(file)]
            done = subprocess.run(
                [*asked, *(f"{name}={value}" for name, value in labels.items())],
                capture_output=True, text=True, check=True, timeout=60,
            )  # fmt: skip
            if receivers(root, labels) != done.stdout.strip().split(","):
                wrong.append((number, labels, done.stdout))
    assert wrong == []
