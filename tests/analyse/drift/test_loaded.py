"""What was deployed, against what a Prometheus shows: defaults, hidden secrets and joined paths are no difference."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from maintainer.analyse.drift.documents import documents
from maintainer.analyse.drift.loaded import NotLoaded, config_not_loaded, retention_not_loaded, rules_not_loaded
from maintainer.model.drift import LoadedConfiguration
from maintainer.render.words import load, say
from tests.analyse.drift.builders import EDITED, RECORDED, config_map, desired, managed, stored
from tests.analyse.drift.faults import (
    ALERTS,
    CONFIG,
    JOBS,
    LOADED_JOBS,
    NOW,
    RULES,
    SERVER,
    audited,
    deployed,
    edited,
    findings,
    gaps,
    rules,
    same,
    server,
)

ENGLISH = load("en")
OTHER = LoadedConfiguration("http://b:9090", LOADED_JOBS.replace("true", "false"), rules(), {})


def recorded(name: str) -> tuple[Mapping[str, str], LoadedConfiguration]:
    """The files of a real Prometheus, in which much can be written in another way, and what it showed of them."""
    shown = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return shown["deployed"], LoadedConfiguration(SERVER, shown["config"], shown["rules"], shown["flags"])


def lacking(files: Mapping[str, str], loaded: LoadedConfiguration) -> list[NotLoaded]:
    held = documents(desired(config_map(files)))
    in_configs = [lack for config in held.configs for lack in config_not_loaded(config, loaded)]
    return [*in_configs, *rules_not_loaded(held.groups, loaded)]


def places(files: Mapping[str, str], loaded: LoadedConfiguration) -> list[str]:
    return [lack.place for lack in lacking(files, loaded)]


@pytest.mark.parametrize("name", ["prometheus-2.42", "prometheus-3.9"])
def test_a_prometheus_has_loaded_the_files_that_it_was_started_with(name: str) -> None:
    files, loaded = recorded(name)

    assert lacking(files, loaded) == []
    retention = {"storage.tsdb.retention.time": "360h", "storage.tsdb.retention.size": "45GB"}
    assert [*retention_not_loaded(retention, loaded)] == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("scrape_interval: 120s", "scrape_interval: 121s", "scrape_configs/job_name=a/scrape_interval"),
        ("honor_labels: yes", "honor_labels: no", "scrape_configs/job_name=a/honor_labels"),
        ("sample_limit: 1000", "sample_limit: 1001", "scrape_configs/job_name=a/sample_limit"),
        ("replacement: $1}", "replacement: $2}", "scrape_configs/job_name=a/relabel_configs/1/replacement"),
        ('job_name: "b"', 'job_name: "bb"', "scrape_configs/job_name=bb"),
        ('cluster: "1.0"', 'cluster: "1"', "global/external_labels/cluster"),
        ('"*.rules.yml"', '"*.rules.yaml"', "rule_files/0"),
        ("/write?token", "/push?token", "remote_write/0/url"),
        ("follow_redirects: false", "follow_redirects: true", "scrape_configs/job_name=c/follow_redirects"),
        ("[300s]", "[301s]", "groups/name=g/rules/alert=A/expr"),
        ("for: 60m", "for: 61m", "groups/name=g/rules/alert=A/for"),
        ("severity: info", "severity: page", "groups/name=g/rules/alert=A/labels/severity"),
        ('x: "1m"', 'x: "60s"', "groups/name=g/rules/alert=A/labels/x"),
        ("record: z", "record: zz", "groups/name=g/rules/record=zz"),
    ],
)
def test_whatever_else_was_deployed_is_not_loaded(old: str, new: str, place: str) -> None:
    files, loaded = recorded("prometheus-3.9")
    assert any(old in text for text in files.values())

    assert places({name: text.replace(old, new, 1) for name, text in files.items()}, loaded) == [place]


def test_a_flag_of_retention_that_the_server_does_not_run_with_is_not_loaded() -> None:
    _, loaded = recorded("prometheus-3.9")

    assert [lack.loaded for lack in retention_not_loaded({"storage.tsdb.retention.time": "90d"}, loaded)] == ["15d"]
    assert [*retention_not_loaded({"storage.tsdb.retention.time": "90d"}, replace(loaded, flags=None))] == []


def test_a_query_that_the_parser_refuses_is_compared_without_blanks() -> None:
    refused = "sum(x[5m * 2]) > 1"
    (group,) = rules(query="sum(x[5m*2]) > 1")
    text = ALERTS.replace("'rollout_info{phase=\"Error\"} == 1'", f"'{refused}'")

    assert places({RULES: text}, server(rules=(group,))) == []
    assert places({RULES: text.replace("* 2", "* 3")}, server(rules=(group,))) == [
        "groups/name=rollouts/rules/alert=Failed/expr"
    ]


def test_each_replica_is_judged_by_itself() -> None:
    wanted = config_map({RULES: ALERTS, CONFIG: JOBS})
    there = stored({**wanted, "metadata": {**wanted["metadata"]}})

    (finding,) = findings(audited((deployed(wanted), there), loaded=[server(), OTHER]))

    rows: Any = finding.evidence["lacking"]
    assert [(row["server"], row["place"].rpartition("/")[2]) for row in rows] == [(OTHER.server, "honor_labels")]
    assert finding.action.named["command"] == "curl -sS -X POST http://b:9090/-/reload"
    assert finding.reproduce.splitlines()[1:] == ["curl -sS http://b:9090/api/v1/status/config"]


def test_a_pod_that_has_not_loaded_is_named_and_told_to_reload_through_the_api_server() -> None:
    wanted = config_map({RULES: ALERTS, CONFIG: JOBS})
    url = "https://api:6443/api/v1/namespaces/monitoring/pods/prometheus-{}:9090/proxy"
    first, second, third = (
        replace(server(), server=url.format(number), pod=f"monitoring/prometheus-{number}") for number in range(3)
    )
    behind = [first, replace(second, rules=()), replace(third, rules=())]

    (finding,) = findings(audited((deployed(wanted), stored(wanted)), loaded=behind))

    assert "Prometheus in the pods monitoring/prometheus-1, monitoring/prometheus-2 does not use" in say(
        ENGLISH, finding.summary
    )
    path = "/api/v1/namespaces/monitoring/pods/prometheus-1:9090/proxy"
    assert f"kubectl create --raw {path}/-/reload -f /dev/null" in str(finding.action.named["command"])
    assert f"kubectl get --raw {path}/api/v1/rules" in finding.reproduce
    assert "prometheus-0" not in f"{finding.reproduce}{finding.action}{finding.evidence}"


def test_rules_are_looked_for_in_the_server_that_evaluates_them_and_jobs_in_the_one_that_scrapes() -> None:
    wanted = config_map({RULES: ALERTS, CONFIG: JOBS})
    ruler = LoadedConfiguration("http://ruler:9090", "scrape_configs: []", rules(), {}, scrapes=False)
    scraper = server(rules=(), evaluates=False)
    pair = deployed(wanted), stored(wanted)

    assert findings(audited(pair, loaded=[scraper, ruler])) == ()
    assert len(findings(audited(pair, loaded=[scraper, replace(ruler, rules=())]))) == 1


def test_what_could_not_be_read_is_not_judged() -> None:
    assert findings(same(LoadedConfiguration(SERVER))) == ()


def test_what_is_not_stored_as_deployed_is_no_second_finding() -> None:
    audit = edited(ALERTS.replace("5m", "1h"))
    with_servers = audited(
        (audit.objects[0].desired, audit.objects[0].stored), loaded=[server(rules=rules(duration=3600))]
    )

    assert [finding.check for finding in findings(with_servers)] == ["drift/changed"]


def test_what_was_written_a_moment_ago_is_a_gap() -> None:
    wanted = config_map({RULES: ALERTS, CONFIG: JOBS})
    now = same(server()).now
    wanted["metadata"]["managedFields"] = [
        managed("helm", "Apply", EDITED, ("data", RULES)),
        managed("helm", "Apply", now.replace(minute=now.minute or 1), ("data", CONFIG)),
    ]
    audit = audited((deployed(wanted), stored(wanted)), loaded=[server(rules=())])

    assert findings(audit) == ()
    assert [(gap.check, gap.kind) for gap in gaps(audit)] == [("drift/not-loaded", "passing")]


def test_retention_in_the_configuration_that_the_running_server_does_not_keep_is_not_loaded() -> None:
    text = "scrape_configs: []\nstorage: {tsdb: {retention: {time: 90d, size: 45GB}}}"

    kept = LoadedConfiguration(SERVER, text, rules(), {}, retention="90d or 45GiB")
    assert places({"prometheus.yml": text}, kept) == []
    assert places({"prometheus.yml": text}, replace(kept, retention="15d or 45GiB")) == ["storage/tsdb/retention/time"]


def test_an_alert_of_grafana_is_not_looked_for_in_prometheus() -> None:
    text = "apiVersion: 1\ngroups: [{name: g, folder: f, rules: [{uid: a, title: A}]}]"

    assert places({"alerting.yaml": text}, server()) == []


def test_a_rule_file_is_one_by_what_stands_in_it() -> None:
    assert places({"alerts.rules": ALERTS.replace("Paused", "Other")}, server()) == [
        "groups/name=rollouts/rules/alert=Other"
    ]


def not_running(**changed: Any) -> list[str]:
    """The jobs of the configuration that a server does not run."""
    wanted = config_map({CONFIG: JOBS})
    audit = audited((deployed(wanted), stored(wanted)), loaded=[server(**{"version": "3.9.1", **changed})])
    return [lack.place for compared in audit.objects for lack in compared.not_loaded if lack.idle]


def test_a_job_that_is_loaded_and_does_not_run_is_found() -> None:
    assert not_running(pools=frozenset({"other"})) == ["scrape_configs/job_name=rollouts"]
    assert not_running(pools=frozenset({"rollouts"})) == []


def test_a_server_that_cannot_say_which_jobs_run_is_not_judged() -> None:
    assert not_running(pools=None) == []


def test_a_server_that_has_just_loaded_its_configuration_may_begin_its_jobs_in_a_moment() -> None:
    assert not_running(pools=frozenset(), loaded_at=NOW - timedelta(seconds=20)) == []
    assert not_running(pools=frozenset(), loaded_at=NOW - timedelta(minutes=5)) != []


def test_a_job_that_is_not_loaded_is_no_second_finding() -> None:
    assert not_running(pools=frozenset(), config="scrape_configs: []") == []


def test_an_older_server_begins_a_job_once_its_discovery_has_found_something() -> None:
    assert not_running(pools=frozenset(), version="2.42.0") == []
    static = {CONFIG: JOBS.replace("60s", "60s, static_configs: [{targets: [a]}]")}
    wanted = config_map(static)
    older = server(version="2.42.0", pools=frozenset(), config=static[CONFIG])
    (finding,) = findings(audited((deployed(wanted), stored(wanted)), loaded=[older]))
    assert (finding.cause, finding.reproduce.splitlines()[-1]) == ("job", f"curl -sS {SERVER}/api/v1/scrape_pools")


def test_a_job_that_cannot_begin_is_not_mended_by_a_reload() -> None:
    wanted = config_map({CONFIG: JOBS})
    idle = server(version="3.9.1", pools=frozenset())
    pair = deployed(wanted), stored(wanted)

    assert [each.reload_helps for each in audited(pair, loaded=[idle]).objects] == [False]
    assert [each.reload_helps for each in audited(pair, loaded=[idle, OTHER]).objects] == [True]
