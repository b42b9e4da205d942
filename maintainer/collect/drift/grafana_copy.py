"""A dashboard as Grafana itself has it, which is what people edit."""

import json
from typing import Any
from urllib.parse import quote

from maintainer.clients.web import Web
from maintainer.errors import SourceUnavailable


def grafana_copy(grafana: Web, uid: str) -> str:
    """The JSON of a dashboard. Raises :class:`SourceUnavailable`, also if Grafana has none with this uid."""
    answer = grafana.get(f"api/dashboards/uid/{quote(uid, safe='')}", dict[str, Any])
    dashboard = answer.get("dashboard")
    if not isinstance(dashboard, dict):
        raise SourceUnavailable(
            "web-broken-answer", who=grafana.who, url=grafana.url, detail=f"no dashboard with the uid {uid}"
        )
    return json.dumps(dashboard)
