"""An inhibition as people write it: for Alertmanager itself, in the values of a chart, and for the operator."""

from collections.abc import Mapping
from typing import Any

import yaml

from maintainer.model.alert_routing import Inhibition, Matchers


def inhibition_files(name: str, rule: Inhibition) -> Mapping[str, str]:
    """What to add to each of three forms of Alertmanager's configuration, by the names of the files."""
    plain = {"inhibit_rules": [_rule(rule)]}
    operators = {
        "sourceMatch": _matches(rule.source),
        "targetMatch": _matches(rule.target),
        "equal": list(rule.equal),
    }
    forms: Mapping[str, Any] = {
        "alertmanager": plain,
        "values": {"alertmanager": {"config": plain}},
        "alertmanagerconfig": {
            "apiVersion": "monitoring.coreos.com/v1alpha1",
            "kind": "AlertmanagerConfig",
            "metadata": {"name": "inhibition"},
            "spec": {"inhibitRules": [operators]},
        },
    }
    return {f"{name}.{form}.inhibit.yaml": _yaml(content) for form, content in forms.items()}


def _rule(rule: Inhibition) -> Mapping[str, Any]:
    return {
        "source_matchers": [f'{label}{op}"{value}"' for label, op, value in rule.source],
        "target_matchers": [f'{label}{op}"{value}"' for label, op, value in rule.target],
        "equal": list(rule.equal),
    }


def _matches(matchers: Matchers) -> list[Mapping[str, str]]:
    return [{"name": label, "matchType": op, "value": value} for label, op, value in matchers]


def _yaml(content: Any) -> str:
    head = "# Add this to what is there. promtool knows no Alertmanager; amtool check-config reads the whole file.\n"
    return head + str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
