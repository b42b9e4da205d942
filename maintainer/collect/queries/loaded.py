"""Reads the queries of a cluster: of the rules that Prometheus has loaded, of dashboards in ConfigMaps and Grafana."""

from dataclasses import dataclass
from functools import partial

from maintainer.clients.cluster import Cluster
from maintainer.clients.objects import ConfigMapStruct
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.clients.wire import GrafanaDashboard, RuleGroupStruct, RuleStruct
from maintainer.collect.queries.files import read_queries
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.facts import Unavailable, labels
from maintainer.model.loaded_queries import Dashboard, LoadedQueries
from maintainer.model.queries import LoadedRule, Place, Query
from maintainer.model.source_text import FoundQueries

MOST_DASHBOARDS = 500
"""The most dashboards that are read from Grafana, which takes a request for each."""

LABEL = "grafana_dashboard"
"""The label by which Grafana's sidecar finds ConfigMaps with dashboards."""


@dataclass(frozen=True, slots=True)
class ExpectedDashboards:
    """The ConfigMaps that should hold dashboards, as namespace/name; ``expected``: they are not only the defaults."""

    config_maps: tuple[str, ...]
    expected: bool = False


def loaded_queries(sources: Sources, wanted: ExpectedDashboards) -> LoadedQueries:
    """All queries of rules and dashboards, also those that are not about Rollouts."""
    rules, why_no_rules = _rules(sources)
    dashboards, why_no_config_maps = _config_map_dashboards(sources, wanted)
    stored, why_no_grafana = _grafana_dashboards(sources)
    if dashboards is not None or stored:
        dashboards = (*(dashboards or ()), *stored)
    return LoadedQueries(rules, dashboards, why_no_rules + why_no_config_maps + why_no_grafana)


def _rules(sources: Sources) -> tuple[tuple[LoadedRule, ...] | None, tuple[Unavailable, ...]]:
    evaluator = sources.evaluator
    return sources.attempt("rules", partial(loaded_rules, evaluator)) if evaluator else (None, ())


def loaded_rules(prometheus: Prometheus) -> tuple[LoadedRule, ...]:
    """The rules that a server evaluates.

    Raises :class:`SourceUnavailable`, also if it has none because its engine leaves rules to another server.
    """
    groups = prometheus.rules()
    if not groups and not prometheus.engine.evaluates:
        raise SourceUnavailable("no-ruler", permanent=True, who=prometheus.who, url=prometheus.url)
    return tuple(_loaded_rule(rule, group) for group in groups for rule in group.rules)


def _loaded_rule(rule: RuleStruct, group: RuleGroupStruct) -> LoadedRule:
    query = Query(rule.query, "alert" if rule.type == "alerting" else "record", rule.name, Place(group.file))
    return LoadedRule(query, group.name, group.file, labels(rule.labels), rule.health, rule.last_error)


def _config_map_dashboards(
    sources: Sources, wanted: ExpectedDashboards
) -> tuple[tuple[Dashboard, ...] | None, tuple[Unavailable, ...]]:
    cluster = sources.cluster
    if cluster is None:
        return None, ()
    found: dict[str, Dashboard] = {}
    unavailable: tuple[Unavailable, ...] = ()
    for name in wanted.config_maps:
        named, why = _named(sources, cluster, name, expected=wanted.expected)
        found.update({dashboard.source: dashboard for dashboard in named})
        unavailable += why
    labelled, why = sources.attempt("dashboards", partial(cluster.config_maps, "", selector=LABEL))
    unavailable += why
    for config_map in labelled or ():
        held, why = _held(sources, config_map)
        found = {dashboard.source: dashboard for dashboard in held} | found
        unavailable += why
    return tuple(found[source] for source in sorted(found)), tuple(dict.fromkeys(unavailable))


def _named(
    sources: Sources, cluster: Cluster, name: str, *, expected: bool
) -> tuple[tuple[Dashboard, ...], tuple[Unavailable, ...]]:
    """The dashboards in a ConfigMap that the settings name; if there are none, a dashboard with the problem."""
    namespace, _, own = name.partition("/")
    config_map, why = sources.attempt("dashboards", partial(cluster.config_map, namespace, own))
    if why:
        return (), why
    if config_map is None:
        return (Dashboard(name, named=expected, problem="absent"),), ()
    held, why = _held(sources, config_map, named=True)
    return held if held or why else (Dashboard(name, named=True, problem="empty"),), why


def _held(
    sources: Sources, config_map: ConfigMapStruct, *, named: bool = False
) -> tuple[tuple[Dashboard, ...], tuple[Unavailable, ...]]:
    """The dashboards in a ConfigMap: its values that are JSON by their key or their first character."""
    held: list[Dashboard] = []
    unavailable: tuple[Unavailable, ...] = ()
    for key, text in sorted(config_map.data.items()):
        if key.endswith(".json") or text.lstrip().startswith("{"):
            source = f"{config_map.metadata.namespace}/{config_map.metadata.name}/{key}"
            read, why = sources.attempt("dashboards", partial(_dashboard, source, text, named=named), about=source)
            held += [read] if read else []
            unavailable += why
    return tuple(held), unavailable


def _dashboard(source: str, text: str, *, named: bool) -> Dashboard | None:
    """The dashboard in a text; ``None`` for one that is broken and that nobody expects to be one about Rollouts."""
    try:
        return Dashboard(source, read_queries(text, source if source.endswith(".json") else f"{source}.json"), named)
    except ConfigError as error:
        if named or "rollout" in text.lower():
            return Dashboard(source, FoundQueries(), named, "broken", str(error).removeprefix(f"{source}:"))
        return None


def _grafana_dashboards(sources: Sources) -> tuple[tuple[Dashboard, ...], tuple[Unavailable, ...]]:
    """The dashboards in Grafana's own database."""
    grafana = sources.grafana
    if grafana is None:
        return (), ()
    read = SourceReader(sources.guard)
    stored = [
        read("dashboards", partial(_grafana_dashboard, grafana, source, entry.uid), about=source)
        for entry in read("dashboards", partial(_grafana_list, grafana)) or ()
        if (source := f"{grafana.url}/d/{entry.uid}")
    ]
    return tuple(dashboard for dashboard in stored if dashboard), tuple(dict.fromkeys(read.unavailable))


def _grafana_list(grafana: Web) -> list[GrafanaDashboard]:
    listed = grafana.get("api/search", list[GrafanaDashboard], type="dash-db", limit=str(MOST_DASHBOARDS + 1))
    if len(listed) > MOST_DASHBOARDS:
        raise SourceUnavailable("grafana-many", permanent=True, url=grafana.url, count=MOST_DASHBOARDS)
    return listed


def _grafana_dashboard(grafana: Web, source: str, uid: str) -> Dashboard:
    text = grafana.text(f"api/dashboards/uid/{uid}")
    try:
        return Dashboard(source, read_queries(text, f"{source}.json"))
    except ConfigError as error:
        raise SourceUnavailable("web-broken-answer", who=grafana.who, url=grafana.url, detail=str(error)) from error
