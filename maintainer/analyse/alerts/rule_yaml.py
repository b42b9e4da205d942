"""A rule as people write it: in a list of rules, in a PrometheusRule, or in the values of the chart."""

from collections.abc import Mapping
from typing import Any

import yaml

from maintainer.model.alerts import AlertRule
from maintainer.model.duration import written


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def rule_yaml(rule: AlertRule) -> str:
    """The rule alone."""
    return _yaml([_rule(rule)])


def rules_file(rule: AlertRule) -> str:
    """A file of rules with this one."""
    return _yaml({"groups": [{"name": rule.group, "rules": [_rule(rule)]}]})


def prometheus_rule(rule: AlertRule) -> str:
    """A PrometheusRule with this one."""
    name = rule.group.lower().replace("_", "-")
    return _yaml(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": name},
            "spec": {"groups": [{"name": rule.group, "rules": [_rule(rule)]}]},
        }
    )


def values_of_chart(rule: AlertRule) -> str:
    """The values of the monitoring chart for this rule."""
    own = _rule(rule)
    keys = {"expr": "expr", "for": "for", "keep_firing_for": "keepFiringFor"}
    values = {ours: own[name] for name, ours in keys.items() if name in own}
    values |= {"severity": dict(rule.labels).get("severity", "warning"), **own.get("annotations", {})}
    return _yaml({"alertRules": {rule.group: {rule.name: values}}})


FORMS: Mapping[str, Any] = {"rules": rules_file, "prometheusrule": prometheus_rule, "values": values_of_chart}
"""How a rule is written, by the form."""


def _rule(rule: AlertRule) -> dict[str, Any]:
    made: dict[str, Any] = {"alert": rule.name, "expr": rule.expr, "for": written(rule.hold / 1000)}
    made |= {"keep_firing_for": written(rule.keep / 1000)} if rule.keep else {}
    made |= {"labels": dict(rule.labels)} if rule.labels else {}
    return made | ({"annotations": dict(rule.annotations)} if rule.annotations else {})


def _yaml(document: Any) -> str:
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 20))
