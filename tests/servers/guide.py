"""The charts with the original queries of the guide, which a check must find."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_GUIDE: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())

VALUES: Mapping[str, Any] = {"alertRules": _GUIDE["alertRules"]}
"""Values of the monitoring chart."""

FOUND = frozenset(_GUIDE["found"])
"""The subjects of ``query/dead-selector``."""


def dashboard(text: str) -> str:
    """The chart's dashboard with the guide's queries in the panels whose queries differ."""
    model = json.loads(text)
    for panel in model["panels"]:
        if panel["title"] in _GUIDE["panels"]:
            target = panel["targets"][0]
            panel["targets"] = [{**target, "expr": query} for query in _GUIDE["panels"][panel["title"]]]
    return json.dumps(model)
