"""Reading what rules and dashboards ask, from a Kubernetes API, a Prometheus and a Grafana over HTTP."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint, headers_with_token
from maintainer.clients.engine import VICTORIA_METRICS
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.collect.queries.loaded import MOST_DASHBOARDS, ExpectedDashboards, loaded_queries
from maintainer.collect.sources import Sources
from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.store import Store
from tests.servers.connected import connected
from tests.servers.scripted import Says, Scripted, says, success

NAME = "monitoring/grafana-dashboard-argo-rollouts"
EXPR = 'sum(rollout_info{phase="Paused"})'
DASHBOARD = {"title": "Argo", "panels": [{"title": "Paused", "targets": [{"expr": EXPR}]}]}


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    yield api
    api.stop()


@pytest.fixture
def cluster(api: ApiServer, tmp_path: Path) -> Iterator[Cluster]:
    with connected(api.url, tmp_path) as cluster:
        yield cluster


def put(api: ApiServer, source: str, data: dict[str, str], **labels: str) -> None:
    """Put a ConfigMap into the cluster."""
    namespace, name = source.split("/")
    metadata = {"namespace": namespace, "name": name, "labels": labels}
    api.store.put("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def found(cluster: Cluster | None, *, expected: bool = False, grafana: Web | None = None) -> dict[str, tuple[str, Any]]:
    """Each dashboard's problem and the names of its queries, by its source."""
    queries = loaded_queries(Sources(cluster, None, grafana=grafana), ExpectedDashboards((NAME,), expected))
    assert queries.unavailable == ()
    return {
        dashboard.source: (dashboard.problem, [query.name for query in dashboard.found.queries])
        for dashboard in queries.dashboards or ()
    }


def test_dashboards_are_found_by_name_and_by_label(api: ApiServer, cluster: Cluster) -> None:
    text = json.dumps(DASHBOARD)
    put(api, NAME, {"argo.json": text, "notes.txt": "none"})
    put(api, "team/own", {"own.json": text}, grafana_dashboard="1")
    put(api, "team/unlabelled", {"own.json": text})

    assert found(cluster) == {
        f"{NAME}/argo.json": ("", ["Argo / Paused"]),
        "team/own/own.json": ("", ["Argo / Paused"]),
    }


def test_a_panel_of_victoriametrics_is_read_and_a_text_that_names_a_metric_is_no_gap(
    api: ApiServer, cluster: Cluster
) -> None:
    panel = {
        "title": "Paused",
        "datasource": {"type": "victoriametrics-metrics-datasource"},
        "targets": [{"expr": EXPR}],
    }
    text = {
        "title": "Help",
        "type": "text",
        "options": {"content": "rollout_info{phase=`Degraded`}", "mode": "markdown"},
    }
    logs = {"title": "Logs", "datasource": {"type": "loki"}, "targets": [{"expr": '{app="a"} |= "rollout_info"'}]}
    board = json.dumps({"title": "VM", "panels": [panel, text, logs]})
    docs = {"README.md": "# rollout_info\n\nexpr: rollout_info{", "run.sh": "curl rollout_info"}
    put(api, NAME, {"vm.json": board, **docs}, grafana_dashboard="1")

    asked = loaded_queries(Sources(cluster, None), ExpectedDashboards((NAME,)))
    (one,) = asked.dashboards or ()
    assert [query.name for query in one.found.queries] == ["VM / Paused"]
    assert (one.problem, one.found.unchecked) == ("", ())


def test_one_that_is_named_and_labelled_counts_once_and_as_named(api: ApiServer, cluster: Cluster) -> None:
    put(api, NAME, {"argo.json": json.dumps(DASHBOARD)}, grafana_dashboard="1")
    queries = loaded_queries(Sources(cluster, None), ExpectedDashboards((NAME,)))

    assert [(dashboard.source, dashboard.named) for dashboard in queries.dashboards or ()] == [
        (f"{NAME}/argo.json", True)
    ]


@pytest.mark.parametrize(
    ("data", "problem", "source"),
    [
        (None, "absent", NAME),
        ({"README": "hello"}, "empty", NAME),
        ({"argo.json": '{"panels": ['}, "broken", f"{NAME}/argo.json"),
    ],
)
def test_what_is_wrong_with_a_named_dashboard_is_a_fact(
    api: ApiServer, cluster: Cluster, data: dict[str, str] | None, problem: str, source: str
) -> None:
    if data is not None:
        put(api, NAME, data)

    assert found(cluster) == {source: (problem, [])}


def test_a_broken_dashboard_of_others_is_not_our_business(api: ApiServer, cluster: Cluster) -> None:
    put(api, NAME, {"argo.json": json.dumps(DASHBOARD)})
    put(api, "team/theirs", {"a.json": '{"panels": [', "b.json": '{"expr": "rollout_info"'}, grafana_dashboard="1")

    assert found(cluster).keys() == {f"{NAME}/argo.json", "team/theirs/b.json"}


def test_config_maps_that_may_not_be_listed_leave_those_that_may_be_read(api: ApiServer, cluster: Cluster) -> None:
    put(api, NAME, {"argo.json": json.dumps(DASHBOARD)})
    api.forbid("list", "configmaps")
    queries = loaded_queries(Sources(cluster, None), ExpectedDashboards((NAME,)))

    assert [dashboard.source for dashboard in queries.dashboards or ()] == [f"{NAME}/argo.json"]
    assert [
        (unavailable.source, unavailable.permanent, unavailable.reason.named["verb"])
        for unavailable in queries.unavailable
    ] == [("dashboards", True, "list")]


def test_without_a_cluster_nothing_is_known_of_dashboards() -> None:
    assert loaded_queries(Sources(None, None), ExpectedDashboards((NAME,))).dashboards is None


def grafana(*script: Says) -> Scripted:
    """A Grafana that answers a search and then each dashboard."""
    return Scripted(*script)


def web(server: Scripted, token: str = "") -> Web:
    return Web(Endpoint(url=server.url, headers=headers_with_token({}, token)), "Grafana")


def test_grafana_itself_is_asked_where_it_is_given(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("glsa_1\n")
    answers = (says([{"uid": "abc", "title": "Argo"}]), says({"meta": {}, "dashboard": {"uid": "abc", **DASHBOARD}}))
    with grafana(*answers) as server, closing(web(server, str(token))) as client:
        assert found(None, grafana=client) == {f"{server.url}/d/abc": ("", ["Argo / Paused"])}
        assert [request.path for request in server.asked] == ["/api/search", "/api/dashboards/uid/abc"]
        assert {request.headers["authorization"] for request in server.asked} == {"Bearer glsa_1"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (says({"message": "Invalid API key"}, 401), "gap/web-auth"),
        (says([{"uid": str(number)} for number in range(MOST_DASHBOARDS + 1)]), "gap/grafana-many"),
        (Says(200, b"<html>login</html>"), "gap/web-broken-answer"),
    ],
)
def test_a_grafana_that_does_not_answer_is_a_gap(answer: Says, reason: str) -> None:
    with grafana(answer) as server, closing(web(server)) as client:
        queries = loaded_queries(Sources(None, None, grafana=client), ExpectedDashboards((NAME,)))

    assert [(unavailable.source, unavailable.reason.id) for unavailable in queries.unavailable] == [
        ("dashboards", reason)
    ]


def test_rules_are_read_as_prometheus_has_them() -> None:
    alerting = {
        "type": "alerting",
        "name": "RolloutFailed",
        "query": EXPR,
        "health": "err",
        "lastError": "many-to-many",
        "labels": {"severity": "critical", "a": "b"},
        "duration": 300,
    }
    recording = {"type": "recording", "name": "argo:rollouts", "query": "sum(rollout_info)", "health": "ok"}
    groups = [{"name": "argo", "file": "/etc/rules.yml", "interval": 30, "rules": [alerting, recording]}]
    with Scripted(success({"groups": groups})) as server, closing(Prometheus(Endpoint(url=server.url))) as client:
        queries = loaded_queries(Sources(None, client), ExpectedDashboards(()))

    assert queries.rules is not None
    first, second = queries.rules
    assert (first.query.asks, first.query.name, first.query.text) == ("alert", "RolloutFailed", EXPR)
    assert (first.group, first.health, first.error) == ("argo", "err", "many-to-many")
    assert first.labels == (("a", "b"), ("severity", "critical"))
    assert (second.query.asks, second.query.name) == ("record", "argo:rollouts")


def test_no_rules_of_an_engine_that_evaluates_none_are_a_gap_and_those_of_its_ruler_are_read() -> None:
    """A Prometheus without rules has none; a VictoriaMetrics leaves them to another server."""
    recording = {"type": "recording", "name": "argo:rollouts", "query": "sum(rollout_info)"}
    groups = [{"name": "argo", "file": "/etc/rules.yml", "rules": [recording]}]
    nowhere = ExpectedDashboards(())
    with Scripted(success({"groups": []})) as server, closing(Prometheus(Endpoint(url=server.url))) as client:
        assert loaded_queries(Sources(None, client), nowhere).rules == ()
        client.engine = VICTORIA_METRICS
        silent = loaded_queries(Sources(None, client), nowhere)
        with Scripted(success({"groups": groups})) as vmalert, closing(Prometheus(Endpoint(url=vmalert.url))) as ruler:
            (rule,) = loaded_queries(Sources(None, client, ruler=ruler), nowhere).rules or ()

    assert silent.rules is None
    assert [(gap.source, gap.reason.id, gap.permanent) for gap in silent.unavailable] == [
        ("rules", "gap/no-ruler", True)
    ]
    assert rule.query.name == "argo:rollouts"
