"""The values of a ConfigMap, compared by what they mean: YAML, JSON, dashboards, and any other text by its lines."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from maintainer.analyse.drift.dashboards import without_volatile
from maintainer.analyse.drift.differences import Comparison, Difference, Steps, differences
from maintainer.analyse.drift.scalars import same_number, same_value
from maintainer.analyse.promql.canonical import same_promql
from maintainer.model.drift import Path
from maintainer.model.report import Json
from maintainer.model.trees import Broken, from_yaml

Kind = Literal["json", "yaml", "text"]

QUERIES = frozenset(("expr", "query", "definition"))
"""Fields that hold PromQL."""

VERBATIM = frozenset(
    (
        "annotations",
        "description",
        "external_labels",
        "labels",
        "legendFormat",
        "params",
        "regex",
        "replacement",
        "separator",
        "text",
        "title",
    )
)
"""Fields whose texts are texts, also those that look like a number or a duration; and all that is in them."""

_DOCUMENT = re.compile(r"^(?:groups|scrape_configs|rule_files|receivers|datasources|providers)[ \t]*:", re.MULTILINE)
"""How a line of a file begins that is YAML, whatever its name: of Prometheus, Alertmanager or Grafana."""
_TRUE = frozenset(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"))
_FALSE = frozenset(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"))
_NULL = ("", "~", "null", "Null", "NULL")


def value_differences(key: str, desired: str, live: str) -> tuple[Difference, ...]:
    """The differences of two texts that a ConfigMap holds under a key.

    Comments, quotes, order of keys and units do not count. In a document, a key of its top level that only one text
    has is ``missing`` or ``extra``, as an alert, a scrape job or a panel is.
    """
    if desired == live:
        return ()
    try:
        read, other = _read(key, desired), _read(key, live)
        if read is None or other is None or read[0] != other[0]:
            return tuple(_of_lines(desired, live))
        kind, wanted, there = *read, other[1]
        found = [*differences(wanted, there, how=_HOW[kind])]
        if kind == "json" and not found and _dumped(wanted) != _dumped(there):
            found = [*differences(wanted, there, how=JSON_BY_MEANING)]
        return tuple(map(_of_top_level, found))
    except RecursionError:
        return tuple(_of_lines(desired, live))


def document(key: str, text: str) -> Json:
    """What a value says, if it is YAML or JSON; ``None`` for any other text. Numbers of YAML are texts."""
    try:
        read = _read(key, text)
    except RecursionError:
        return None
    return read[1] if read else None


def empty(value: Json) -> bool:
    """Whether a value says nothing, as if its field were not there."""
    return value in ("", None, [], {}, ())


def same_text(path: Path, desired: Json, live: Json) -> bool:
    """Whether two values of YAML documents mean the same. All of them are texts."""
    if not (isinstance(desired, str) and isinstance(live, str)):
        return blank(desired) and blank(live)
    if desired == live:
        return True
    if path and path[-1] in QUERIES:
        return same_promql(desired, live)
    if not VERBATIM.isdisjoint(path):
        return False
    same_word = any(desired in words and live in words for words in (_TRUE, _FALSE, _NULL))
    return same_word or same_value(desired, live)


def _same_json(path: Path, desired: Json, live: Json) -> bool:
    if isinstance(desired, str) and isinstance(live, str):
        if path and path[-1] in QUERIES:
            return same_promql(desired, live)
        return desired == live or (VERBATIM.isdisjoint(path) and same_value(desired, live))
    number = isinstance(desired, (int, float)) and isinstance(live, (int, float))
    return same_number(desired, live) if number else (empty(desired) and empty(live))


def _counts(_steps: Steps, value: Json) -> bool:
    return not empty(value)


def _counts_text(_steps: Steps, value: Json) -> bool:
    return not blank(value)


def blank(value: Json) -> bool:
    """Whether a value of YAML, where all are texts, says nothing."""
    return empty(value) or value in _NULL


_HOW: Mapping[Kind, Comparison] = {
    "json": Comparison(_same_json, _counts, _counts),
    "yaml": Comparison(same_text, _counts_text, _counts_text),
}
JSON_BY_MEANING = Comparison(_same_json, _counts, _counts, quick=False)
"""For Python, ``true`` and ``1`` are equal."""


def _read(key: str, text: str) -> tuple[Kind, Json] | None:
    """The document of a text and its kind; ``None`` if it is neither JSON nor YAML with more than a single value."""
    for kind, reads in _READERS.items():
        value = reads(key, text)
        if value is not None:
            return kind, value
    return None


def _json(_key: str, text: str) -> Json:
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return without_volatile(json.loads(text))
    except ValueError:
        return None


def _yaml(key: str, text: str) -> Json:
    if not (key.endswith((".yml", ".yaml")) or _DOCUMENT.search(text)):
        return None
    try:
        found: Sequence[Json] = from_yaml(text)
    except Broken:
        return None
    whole = found[0] if len(found) == 1 else found
    return whole if isinstance(whole, (dict, list, tuple)) and whole else None


_READERS: Mapping[Kind, Callable[[str, str], Json]] = {"json": _json, "yaml": _yaml}


def _dumped(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _of_top_level(found: Difference) -> Difference:
    if found.what != "changed" or len(found.path) != 1 or isinstance(found.path[0], int):
        return found
    if found.desired is None:
        return found._replace(what="extra")
    return found._replace(what="missing") if found.live is None else found


def _of_lines(desired: str, live: str) -> Iterator[Difference]:
    """The lines from the first that differs to the last, as one difference at the number of the first."""
    wanted, there = desired.splitlines(), live.splitlines()
    shorter = min(len(wanted), len(there))
    begin = next((index for index in range(shorter) if wanted[index] != there[index]), shorter)
    rest = shorter - begin
    end = next((index for index in range(rest) if wanted[-1 - index] != there[-1 - index]), rest)
    before, after = "\n".join(wanted[begin : len(wanted) - end]), "\n".join(there[begin : len(there) - end])
    # Texts may differ only in how a line ends.
    before, after = (before, after) if before != after else (desired, live)
    yield Difference("changed", (f"line={begin + 1}",), before, after, ())
