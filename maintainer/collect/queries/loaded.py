"""What is asked in the cluster: the rules that Prometheus has loaded, and the dashboards in ConfigMaps or Grafana."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from maintainer.clients.cluster import Cluster
from maintainer.clients.objects import ConfigMapStruct
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.clients.wire import GrafanaDashboard, RuleGroupStruct, RuleStruct
from maintainer.collect.queries.files import read_queries
from maintainer.collect.sources import Sources, attempt
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.facts import Unavailable, labels
from maintainer.model.loaded_queries import Dashboard, LoadedQueries
from maintainer.model.queries import LoadedRule, Place, Query
from maintainer.model.source_text import FoundQueries

MOST_DASHBOARDS = 500
"""Grafana gives its dashboards one by one."""

LABEL = "grafana_dashboard"
"""The label by which Grafana's sidecar finds the ConfigMaps that hold dashboards."""


@dataclass(frozen=True, slots=True)
class ExpectedDashboards:
    """The ConfigMaps that should hold dashboards, as namespace/name; ``expected``: somebody named them on purpose."""

    config_maps: tuple[str, ...]
    expected: bool = False


def loaded_queries(sources: Sources, wanted: ExpectedDashboards) -> LoadedQueries:
    """Everything that rules and dashboards ask, other people's queries included."""
    rules, why = _rules(sources.prometheus)
    dashboards, why_not = _dashboards(sources.cluster, wanted)
    stored, neither = _stored(sources.grafana)
    if dashboards is not None or stored:
        dashboards = (*(dashboards or ()), *stored)
    return LoadedQueries(rules, dashboards, why + why_not + neither)


def _rules(prometheus: Prometheus | None) -> tuple[tuple[LoadedRule, ...] | None, tuple[Unavailable, ...]]:
    return attempt("rules", partial(loaded_rules, prometheus)) if prometheus else (None, ())


def loaded_rules(prometheus: Prometheus) -> tuple[LoadedRule, ...]:
    """The rules that Prometheus evaluates."""
    return tuple(_loaded(rule, group) for group in prometheus.rules() for rule in group.rules)


def _loaded(rule: RuleStruct, group: RuleGroupStruct) -> LoadedRule:
    query = Query(rule.query, "alert" if rule.type == "alerting" else "record", rule.name, Place(group.file))
    return LoadedRule(query, group.name, group.file, labels(rule.labels), rule.health, rule.last_error)


def _dashboards(
    cluster: Cluster | None, wanted: ExpectedDashboards
) -> tuple[tuple[Dashboard, ...] | None, tuple[Unavailable, ...]]:
    if cluster is None:
        return None, ()
    found: dict[str, Dashboard] = {}
    unavailable: tuple[Unavailable, ...] = ()
    for name in wanted.config_maps:
        named, why = attempt("dashboards", partial(_named, cluster, name, expected=wanted.expected))
        found.update({one.source: one for one in named or ()})
        unavailable += why
    labelled, why = attempt("dashboards", partial(cluster.config_maps, "", selector=LABEL))
    for one in labelled or ():
        found = {dashboard.source: dashboard for dashboard in _held(one)} | found
    return tuple(found[source] for source in sorted(found)), tuple(dict.fromkeys(unavailable + why))


def _named(cluster: Cluster, name: str, *, expected: bool) -> tuple[Dashboard, ...]:
    namespace, _, own = name.partition("/")
    there = cluster.config_map(namespace, own)
    if there is None:
        return (Dashboard(name, named=expected, problem="absent"),)
    return tuple(_held(there, named=True)) or (Dashboard(name, named=True, problem="empty"),)


def _held(config_map: ConfigMapStruct, *, named: bool = False) -> Iterator[Dashboard]:
    """The dashboards in a ConfigMap: its values that are JSON, or mean to be."""
    for key, text in sorted(config_map.data.items()):
        if not key.endswith(".json") and not text.lstrip().startswith("{"):
            continue
        source = f"{config_map.metadata.namespace}/{config_map.metadata.name}/{key}"
        try:
            yield Dashboard(source, read_queries(text, source if key.endswith(".json") else f"{source}.json"), named)
        except ConfigError as error:
            if named or "rollout" in text.lower():
                yield Dashboard(source, FoundQueries(), named, "broken", str(error).removeprefix(f"{source}:"))


def _stored(grafana: Web | None) -> tuple[tuple[Dashboard, ...], tuple[Unavailable, ...]]:
    """The dashboards that Grafana itself has."""
    if grafana is None:
        return (), ()
    found, why = attempt("dashboards", lambda: tuple(_of_grafana(grafana)))
    return found or (), why


def _of_grafana(grafana: Web) -> Iterator[Dashboard]:
    listed = grafana.get("api/search", list[GrafanaDashboard], type="dash-db", limit=str(MOST_DASHBOARDS + 1))
    if len(listed) > MOST_DASHBOARDS:
        raise SourceUnavailable("grafana-many", permanent=True, url=grafana.url, count=MOST_DASHBOARDS)
    for one in listed:
        source = f"{grafana.url}/d/{one.uid}"
        try:
            yield Dashboard(source, read_queries(grafana.text(f"api/dashboards/uid/{one.uid}"), f"{source}.json"))
        except ConfigError as error:
            raise SourceUnavailable("web-broken-answer", who=grafana.who, url=grafana.url, detail=str(error)) from error
