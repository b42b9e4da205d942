"""Texts that are dashboards of Grafana."""

import json
from collections.abc import Mapping

from maintainer.model.report import Json


def as_dashboard(text: Json) -> Mapping[str, Json] | None:
    """The dashboard that a text is; ``None`` for any other value."""
    if not isinstance(text, str) or '"panels"' not in text:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("panels"), list) else None
