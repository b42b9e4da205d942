"""The strings in a template of Prometheus, such as the query in ``{{ query "up == 0" | first | value }}``."""

import json
import re
from collections.abc import Iterator

from maintainer.model.source_text import SourceText

LONGEST = 10_000
"""Characters of a template that are looked at."""

_INSIDE = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|`[^`]*+`?|\}\}')
_ASKED = re.compile(r"\bquery\s*$")


def template_literals(text: SourceText) -> Iterator[tuple[SourceText, bool]]:
    """The strings between ``{{`` and ``}}``, each with whether the function ``query`` gets it."""
    at = text.find("{{", 0, LONGEST)
    while at >= 0:
        end = at + 2
        while (found := _INSIDE.search(text, end, LONGEST)) and found[0] != "}}":
            asked = _ASKED.search(text, max(at, found.start() - 20), found.start()) is not None
            if (literal := _literal(text, found)) is not None:
                yield literal, asked
            end = found.end()
        at = text.find("{{", end, LONGEST) if found else -1


def _literal(text: SourceText, found: re.Match[str]) -> SourceText | None:
    start, end = found.span()
    if found[0].startswith("`"):
        return text.part(start + 1, end - 1)
    try:
        return SourceText(json.loads(found[0], strict=False), text, start=start, end=end, style='"')
    except ValueError:
        return None
