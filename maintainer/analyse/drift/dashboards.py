"""A dashboard without what Grafana changes by itself when a dashboard is saved."""

from collections.abc import Iterator, Mapping
from typing import Any

from maintainer.model.report import Json

VOLATILE = frozenset(("id", "iteration", "version"))
"""Fields of a dashboard that number its copies."""

OF_PANELS = frozenset(("pluginVersion",))
"""Fields of a panel that follow the version of Grafana."""


def without_volatile(document: Json) -> Json:
    """A dashboard to be compared: panels in one list, also those that stand in a row. Any other document as it is."""
    if not isinstance(document, Mapping) or not isinstance(document.get("panels", document.get("rows")), list):
        return document
    kept: dict[str, Json] = {name: value for name, value in document.items() if name not in VOLATILE}
    if isinstance(kept.get("panels"), list):
        kept["panels"] = list(_panels(kept["panels"]))
    return kept


def _panels(panels: Any) -> Iterator[Json]:
    """Each panel and each row, and behind a row the panels that are folded in it."""
    for panel in panels:
        if not isinstance(panel, Mapping):
            yield panel
            continue
        yield {name: value for name, value in panel.items() if name not in OF_PANELS and name != "panels"}
        inner = panel.get("panels")
        yield from _panels(inner) if isinstance(inner, list) else ()
