"""What is asked for to say who selects a monitor: no more than the cluster's objects make necessary."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.collect.pipeline.operator_objects import MOST_PROMETHEUSES, operator_objects
from maintainer.collect.sources import SourceReader
from maintainer.model.guard import unguarded
from maintainer.model.pipeline import OperatorObjects
from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.resources import OPERATOR
from maintainer.sandbox.store import Store
from tests.servers.connected import connected

RULES = {"groups": [{"name": "g", "rules": [{"alert": "Failed", "expr": "rollout_info == 1"}]}]}


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    api.install(OPERATOR)
    api.store.put("services", {"metadata": {"namespace": "a", "name": "s", "labels": {"app": "x"}}, "spec": {}})
    api.store.put("namespaces", {"metadata": {"name": "a", "labels": {"team": "t"}}})
    yield api
    api.stop()


@pytest.fixture
def cluster(api: ApiServer, tmp_path: Path) -> Iterator[Cluster]:
    with connected(api.url, tmp_path) as cluster:
        yield cluster


def put(api: ApiServer, plural: str, **spec: Any) -> None:
    metadata = {"namespace": "a", "name": "one", "labels": {"release": "x"}}
    api.store.put(plural, {"metadata": metadata, "spec": spec})


def asked(api: ApiServer) -> set[str]:
    """The plural names of the resources that were listed."""
    return {path.partition("?")[0].rpartition("/")[2] for _, path in api.requests}


def read(cluster: Cluster) -> tuple[OperatorObjects, dict[str, str]]:
    """The objects, and why which fact could not be had."""
    reader = SourceReader(unguarded)
    found = operator_objects(reader, cluster)
    return found, {fact.source: fact.reason.id for fact in reader.unavailable}


@pytest.mark.parametrize("installed", [True, False])
def test_without_an_object_nothing_more_is_asked(api: ApiServer, cluster: Cluster, *, installed: bool) -> None:
    if not installed:
        api.uninstall(OPERATOR)

    assert read(cluster) == (OperatorObjects(), {})
    assert asked(api) == {"servicemonitors", "podmonitors", "prometheusrules"}


def test_a_monitor_needs_the_services_and_who_selects(api: ApiServer, cluster: Cluster) -> None:
    put(api, "podmonitors", selector={})
    put(api, "prometheuses", podMonitorSelector={}, podMonitorNamespaceSelector={})
    found, unavailable = read(cluster)

    assert ([one.kind for one in found.monitors], [one.name for one in found.prometheuses or ()]) == (
        ["PodMonitor"],
        ["one"],
    )
    assert [(one.name, one.labels) for one in found.services or ()] == [("s", {"app": "x"})]
    assert (found.namespaces, unavailable) == (None, {})
    assert "namespaces" not in asked(api)


def test_rules_have_their_labels_and_need_no_services(api: ApiServer, cluster: Cluster) -> None:
    put(api, "prometheusrules", **RULES)
    found, unavailable = read(cluster)

    assert [(one.name, one.labels, len(one.queries)) for one in found.rules] == [("one", {"release": "x"}, 1)]
    assert (found.services, unavailable) == (None, {})
    assert "services" not in asked(api)


def test_a_selector_of_namespaces_needs_their_labels(api: ApiServer, cluster: Cluster) -> None:
    put(api, "prometheusrules", **RULES)
    put(api, "thanosrulers", ruleSelector={}, ruleNamespaceSelector={"matchLabels": {"team": "t"}})

    assert read(cluster)[0].namespaces == {"a": {"team": "t"}}


@pytest.mark.parametrize(
    ("plural", "fact"),
    [
        ("servicemonitors", "servicemonitors"),
        ("podmonitors", "podmonitors"),
        ("prometheusrules", "prometheusrules"),
        ("prometheuses", "prometheuses"),
        ("prometheusagents", "prometheuses"),
        ("thanosrulers", "prometheuses"),
        ("services", "service-list"),
        ("namespaces", "namespace-labels"),
    ],
)
def test_what_may_not_be_listed_leaves_the_others(api: ApiServer, cluster: Cluster, plural: str, fact: str) -> None:
    put(api, "servicemonitors", selector={})
    put(api, "podmonitors", selector={})
    put(api, "prometheusrules", **RULES)
    put(api, "prometheuses", ruleNamespaceSelector={"matchLabels": {"team": "t"}})
    api.forbid("list", plural)
    found, unavailable = read(cluster)

    assert unavailable == {fact: "gap/cluster-forbidden"}
    assert len(found.monitors) == 2 - plural.endswith("monitors")
    assert (found.prometheuses is None) == (fact == "prometheuses")
    assert (found.services is None) == (fact == "service-list")


def test_more_prometheus_objects_than_any_cluster_has_are_not_looked_at(api: ApiServer, cluster: Cluster) -> None:
    put(api, "prometheusrules", **RULES)
    for number in range(MOST_PROMETHEUSES + 1):
        api.store.put("prometheuses", {"metadata": {"namespace": "a", "name": f"p{number}"}, "spec": {}})

    assert read(cluster)[1] == {"prometheuses": "gap/many-prometheuses"}
