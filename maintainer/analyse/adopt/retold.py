"""A template whose rendered text was changed: the same change in the template, where that is possible."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

import re2

from maintainer.model.source_text import Edit, spliced

# One that does not end goes on to the end of the text: so each character is looked at once.
_ACTION = re.compile(r"\{\{[^}]*+(?:\}(?!\})[^}]*+)*+(?:\}\}|\Z)")
_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
MOST_PLACES = 8
"""In a text in which a value stands more often it is not looked for."""
MOST_CHARACTERS = 20_000
"""Of a longer text no words are compared: that would take as long as it is long, squared."""


def retold(template: str, rendered: str, wanted: str) -> str:
    """The template that gives ``wanted`` in place of ``rendered``, "" if what its braces give would have to change."""
    if max(len(rendered), len(wanted)) > MOST_CHARACTERS:
        return ""
    lead = len(template) - len(template.lstrip())
    bare, before, after = template.strip(), rendered.strip(), wanted.strip()
    places = _literals(bare, before)
    edits = []
    for begin, end, text in _changes(before, after) if places else ():
        place = next((place for place in places if place[0] <= begin and end <= place[1]), None)
        if place is None or "{{" in text:
            return ""
        edits.append(Edit(begin - place[0] + place[2] + lead, end - place[0] + place[2] + lead, text))
    return spliced(template, edits) if edits else ""


def other_value(value: str, rendered: str, wanted: str) -> str:
    """The value that gives ``wanted`` wherever ``value`` gives ``rendered``, "" if there is none.

    ``value`` stands in the rendered text once or several times, for example as a threshold in a query.
    """
    if not value or not 0 < rendered.count(value) <= MOST_PLACES:
        return ""
    parts = rendered.split(value)
    pattern = "(?s)" + "(.*?)".join(map(re2.escape, parts))
    found = re2.fullmatch(pattern, wanted)
    others = {other for other in found.groups() if other != value} if found else set()
    return str(others.pop()) if len(others) == 1 else ""


def _literals(template: str, rendered: str) -> list[tuple[int, int, int]]:
    """From where to where each literal part stands in the rendered text, and where it begins in the template."""
    literals = _ACTION.split(template)
    starts = [0, *(action.end() for action in _ACTION.finditer(template))]
    found = re2.fullmatch("(?s)" + "(?:.*?)".join(f"({re2.escape(part)})" for part in literals), rendered)
    if not found:
        return []
    return [(*found.span(number), start) for number, start in enumerate(starts, 1)]


def _changes(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """The places of one text that differ in the other, and what stands there."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    starts = [0]
    for token in old:
        starts.append(starts[-1] + len(token))
    for what, begin, end, at, until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            yield starts[begin], starts[end], "".join(new[at:until])
