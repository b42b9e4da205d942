"""The items among which a change stands, such as the other alerts of its group."""

from collections.abc import Mapping

from maintainer.analyse.drift.values import document
from maintainer.model.drift import Change, DesiredObject
from maintainer.model.report import Json


def siblings(change: Change, rendered: DesiredObject) -> Mapping[str, Json]:
    """The items by their names of the innermost list on the way to a change whose items have names."""
    content: Json = rendered.content
    if change.key:
        data = rendered.content.get("data")
        content = document(change.key, str(data.get(change.key))) if isinstance(data, Mapping) else None
    found: Mapping[str, Json] = {}
    for step in change.path:
        if isinstance(step, int):
            content = content[step] if isinstance(content, (list, tuple)) and step < len(content) else None
        elif "=" in step and isinstance(content, (list, tuple)):
            field, name = step.split("=", 1)
            items = {str(item[field]): item for item in content if isinstance(item, Mapping) and field in item}
            found, content = items, items.get(name.split("#")[0])
        else:
            content = content.get(step) if isinstance(content, Mapping) else None
    return found
