"""Reads the alerting rules that a server has loaded, with all that decides when they fire."""

from maintainer.clients.prometheus import Prometheus
from maintainer.clients.wire import RuleGroupStruct, RuleStruct
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import AlertRule
from maintainer.model.facts import labels
from maintainer.model.harvest import LoadedAlerting
from maintainer.model.queries import Place, Query


def loaded_alerting(server: Prometheus) -> LoadedAlerting:
    """The rules that the server evaluates.

    Raises :class:`SourceUnavailable`, also if it has none because its engine leaves rules to another server.
    """
    groups = server.rules()
    if not groups and not server.engine.evaluates:
        raise SourceUnavailable("no-ruler", permanent=True, who=server.who, url=server.url)
    pairs = [(group, rule) for group in groups for rule in group.rules]
    return LoadedAlerting(
        tuple(_alert_rule(group, rule) for group, rule in pairs if rule.type == "alerting"),
        tuple(
            Query(rule.query, "record", rule.name, Place(group.file))
            for group, rule in pairs
            if rule.type != "alerting"
        ),
    )


def _alert_rule(group: RuleGroupStruct, rule: RuleStruct) -> AlertRule:
    hold, keep, interval = (round(seconds * 1000) for seconds in (rule.duration, rule.keep_firing_for, group.interval))
    return AlertRule(
        name=rule.name,
        group=group.name,
        file=group.file,
        expr=rule.query,
        hold=hold,
        keep=keep,
        interval=interval,
        labels=labels(rule.labels),
        annotations=labels(rule.annotations),
    )
