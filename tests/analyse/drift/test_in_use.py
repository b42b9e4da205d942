"""Whether a Prometheus runs with what was written, and no longer with what was there before."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from maintainer.analyse.drift.in_use import Written, in_use, lacking
from maintainer.model.drift import Content, LoadedConfiguration
from tests.analyse.drift.builders import config_map, id_of

A, B = {"alert": "A", "expr": "up == 0", "for": "5m"}, {"alert": "B", "expr": "up == 1"}
JOB = {"job_name": "rollouts", "honor_labels": True}


def objects(rules: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> Content:
    """A ConfigMap with these rules and scrape jobs."""
    groups = {"groups": [{"name": "g", "rules": rules}]}
    return config_map({
        "a.rules.yml": yaml.safe_dump(groups),
        "prometheus.yml": yaml.safe_dump({"global": {"scrape_interval": "15s"}, "scrape_configs": jobs}),
    })  # fmt: skip


def loaded(rules: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> LoadedConfiguration:
    """A Prometheus with these, as it shows them: with the default of a field of each job."""
    shown = [
        {
            "type": "alerting",
            "name": rule["alert"],
            "query": rule["expr"],
            "duration": int(rule.get("for", "0m")[:-1]) * 60,
            "labels": rule.get("labels", {}),
            "annotations": {},
        }
        for rule in rules
    ]
    full = [{"scheme": "http", **job} for job in jobs]
    config = {"global": {"scrape_interval": "15s", "scrape_timeout": "10s"}, "scrape_configs": full}
    return LoadedConfiguration("http://a:9090", yaml.safe_dump(config), [{"name": "g", "rules": shown}])


State = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def use(now: State, before: State, *servers: State) -> str:
    written = objects(*now)
    found = Written(id_of(written), written, objects(*before), written)
    return in_use([found], [loaded(*server) for server in servers])


WRITTEN: State = ([A], [JOB])


@pytest.mark.parametrize(
    "before",
    [
        ([{**A, "for": "50m"}], [JOB]),
        ([], [JOB]),
        ([A, B], [JOB]),
        ([{**A, "labels": {"severity": "none"}}], [JOB]),
        ([A], []),
        ([A], [JOB, {"job_name": "mine"}]),
        ([A], [{**JOB, "metric_relabel_configs": [{"action": "drop", "regex": ".*"}]}]),
    ],
    ids=str,
)
def test_what_was_written_is_in_use_once_every_server_has_it_and_nothing_of_before(before: State) -> None:
    assert use(WRITTEN, before, WRITTEN) == "yes"
    assert use(WRITTEN, before, before) == "no"
    assert use(WRITTEN, before, WRITTEN, before) == "no"
    assert use(before, WRITTEN, before) == "yes"  # as when it is put back
    assert use(before, WRITTEN, WRITTEN) == "no"


def test_a_single_value_that_was_taken_away_may_still_be_there_as_a_default() -> None:
    before = [A], [{**JOB, "scheme": "http"}]
    assert use(WRITTEN, before, before) == "perhaps"


def test_a_rule_that_was_there_before_under_another_form_is_not_taken_for_the_old_one() -> None:
    assert use(WRITTEN, ([{**A, "for": "300s"}], [JOB]), WRITTEN) == "yes"


def test_the_servers_that_lack_it_are_named_where_there_are_several() -> None:
    now = objects(*WRITTEN)
    found = Written(id_of(now), now, objects([], [JOB]), now)
    has, lacks = replace(loaded(*WRITTEN), pod="m/p-0"), replace(loaded([], [JOB]), pod="m/p-1")
    assert lacking([found], [has, lacks]) == ("m/p-1",)
    assert lacking([found], [has, has]) == ()
    assert lacking([found], [lacks]) == ()


def test_without_a_server_nothing_is_in_use() -> None:
    assert use(WRITTEN, WRITTEN) == "no"


def test_a_server_that_only_evaluates_rules_needs_no_scrape_jobs() -> None:
    written = objects(*WRITTEN)
    found = Written(id_of(written), written, objects([B], []), written)
    ruler = loaded([A], [])
    assert in_use([found], [LoadedConfiguration("r", None, ruler.rules)]) == "yes"
    assert in_use([found], [LoadedConfiguration("p", loaded([], [JOB]).config, None)]) == "yes"


def test_a_key_that_somebody_has_added_need_not_be_loaded() -> None:
    written = objects(*WRITTEN)
    data: Any = written["data"]
    more = {**written, "data": {**data, "mine.yml": yaml.safe_dump({"groups": [{"name": "h", "rules": [B]}]})}}
    assert in_use([Written(id_of(written), more, written, written)], [loaded(*WRITTEN)]) == "yes"


def test_retention_is_not_waited_for_because_not_every_version_takes_it_in_a_reload() -> None:
    config = {"scrape_configs": [JOB], "storage": {"tsdb": {"retention": {"time": "90d"}}}}
    written = config_map({"prometheus.yml": yaml.safe_dump(config)})
    assert in_use([Written(id_of(written), written, {}, written)], [loaded(*WRITTEN)]) == "yes"
