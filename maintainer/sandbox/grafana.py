"""A dashboard in the JSON of Grafana, schema version 39."""

from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = 39
COLUMNS, WIDTH, HEIGHT = 24, 12, 8
"""The columns of the grid, and the size of a panel in grid cells."""

DATASOURCE = {"type": "prometheus", "uid": "prometheus"}


def dashboard(title: str, *, variables: Mapping[str, str], panels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The JSON of the dashboard; ``variables`` are queries by name. A panel has ``title``, ``type`` and ``targets``."""
    return {
        "uid": "argo-rollouts",
        "title": title,
        "tags": ["argo-rollouts"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_variable(name, query) for name, query in variables.items()]},
        "annotations": {"list": []},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _variable(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": f"{name}-variable", "qryType": 1},
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def _panel(number: int, panel: Mapping[str, Any]) -> dict[str, Any]:
    row, column = divmod(number * WIDTH, COLUMNS)
    return {
        "id": number + 1,
        "title": panel["title"],
        "type": panel["type"],
        "datasource": DATASOURCE,
        "gridPos": {"x": column, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.get("unit", "short")}, "overrides": []},
        "options": {},
        "targets": [_target(letter, target) for letter, target in zip("ABCDEF", panel["targets"], strict=False)],
    }


def _target(letter: str, target: Mapping[str, str]) -> dict[str, Any]:
    return {
        "refId": letter,
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": target["expr"],
        "legendFormat": target["legend"],
        "range": True,
    }
