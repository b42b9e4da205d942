"""Reads what people wrote down: incidents, and what they said of alerts.

What is wrong with a text is a ``ValueError`` that says where, so that nothing in it is left out in silence.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from io import StringIO
from typing import Any, get_args
from zoneinfo import ZoneInfo

from maintainer.model.episode_table import plain
from maintainer.model.incidents import Incident, Label, Verdict
from maintainer.model.trees import Broken, Limits, from_yaml

OPEN_FOR = timedelta(hours=1)
"""An incident whose end nobody wrote down is taken to be so long."""

_VERDICTS: Mapping[str, Verdict] = {**{verdict: verdict for verdict in get_args(Verdict)}, "unsure": "undetermined"}
_LIMITS = Limits(deepest=20, nodes=200_000)
_SEPARATOR = re.compile("[,;\t]")
_INCIDENT_KEYS = frozenset({"id", "start", "end", "labels"})
_LABEL_KEYS = frozenset({"alertname", "subject", "at", "from", "to", "labels", "verdict", "who", "note"})


def incidents_of(text: str, zone: ZoneInfo) -> tuple[Incident, ...]:
    """The incidents of a YAML text such as ``incidents: [{id: INC-1, start: 2026-08-03T02:10+09:00}]``, by their start.

    Times without an offset are of the zone. A text without incidents must say ``incidents: []``, so that a file that
    somebody emptied by mistake does not say that nothing happened. Raises ``ValueError``.
    """
    tree = _only_document(text)
    listed = tree.get("incidents") if isinstance(tree, dict) else tree
    if not isinstance(listed, list):
        raise ValueError("it has no incidents; if there was none, write incidents: []")
    if not listed and not isinstance(tree, dict):
        raise ValueError("it has no incidents; if there was none, write incidents: []")
    found = [_incident(entry, f"incident {number}", zone) for number, entry in enumerate(listed, 1)]
    ids = [incident.id for incident in found]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        raise ValueError(f"the id {twice[0]} stands twice")
    return tuple(sorted(found, key=lambda incident: (incident.start, incident.id)))


def labels_of(text: str, zone: ZoneInfo) -> tuple[Label, ...]:
    """What people said of alerts: a table as ``episodes.csv`` with a filled column ``verdict``, or a YAML list.

    Rows without a verdict say nothing. Raises ``ValueError``.
    """
    text = text.removeprefix("\ufeff")
    header = text.partition("\n")[0]
    if "verdict" in _SEPARATOR.split(header.strip().replace('"', "")):
        return tuple(_from_table(text, zone))
    tree = _only_document(text)
    listed = tree.get("labels") if isinstance(tree, dict) else tree
    if not isinstance(listed, list):
        raise ValueError("it is neither a table with a column verdict nor a list of labels")
    return tuple(_label(entry, f"label {number}", zone) for number, entry in enumerate(listed, 1))


def _only_document(text: str) -> Any:
    try:
        documents = from_yaml(text.removeprefix("\ufeff"), _LIMITS)
    except Broken as error:
        raise ValueError(f"line {error.line}: {error.problem}") from error
    return documents[0] if len(documents) == 1 else None


def _incident(entry: Any, place: str, zone: ZoneInfo) -> Incident:
    values = _mapping(entry, place, _INCIDENT_KEYS)
    if not values.get("id") or not values.get("start"):
        raise ValueError(f"{place}: it needs an id and a start")
    start = _time(values["start"], place, zone)
    end = _time(values["end"], place, zone) if values.get("end") else start + _millis(OPEN_FOR)
    if end < start:
        raise ValueError(f"{place}: it ends before it starts")
    return Incident(str(values["id"]), start, end, _pairs(values.get("labels") or {}, place))


def _label(entry: Any, place: str, zone: ZoneInfo) -> Label:
    values = _mapping(entry, place, _LABEL_KEYS)
    times = [values.get(key) or values.get("at") for key in ("from", "to")]
    if not values.get("alertname") or not all(times):
        raise ValueError(f"{place}: it needs an alertname, and at, or from and to")
    labels = dict(_pairs(values.get("labels") or {}, place))
    if subject := str(values.get("subject") or ""):
        namespace, _, name = subject.rpartition("/")
        labels |= {"namespace": namespace, "name": name} if namespace else {"name": name}
    start, end = (_time(time, place, zone) for time in times)
    return Label(
        alert=str(values["alertname"]),
        start=start,
        end=end,
        verdict=_verdict(str(values.get("verdict") or ""), place),
        labels=tuple(sorted(labels.items())),
        who=str(values.get("who") or ""),
        note=str(values.get("note") or ""),
        place=place,
    )


def _from_table(text: str, zone: ZoneInfo) -> Iterator[Label]:
    dialect = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=dialect)
    missing = {"alert", "active_at", "labels", "verdict"} - set(rows.fieldnames or ())
    if missing:
        raise ValueError(f"the table lacks the column {min(missing)}")
    for row in rows:
        place = f"line {rows.line_num}"
        cells = {key: plain(value) for key, value in row.items() if isinstance(value, str)}
        if not cells["verdict"].strip():
            continue
        at = _time(cells["active_at"], place, zone)
        labels = tuple(sorted(_written_labels(cells["labels"], place)))
        verdict = _verdict(cells["verdict"].strip(), place)
        who, note = cells.get("who", ""), cells.get("note", "")
        yield Label(cells["alert"], at, at, verdict, labels, who, note, place)


def written_labels(labels: Iterable[tuple[str, str]]) -> str:
    """Labels in a cell, such as ``namespace=shop;rollout=web``; a backslash stands before what separates."""
    return ";".join(f"{_escaped(name)}={_escaped(value)}" for name, value in labels)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace("=", "\\=")


def _written_labels(text: str, place: str) -> Iterator[tuple[str, str]]:
    name, part, escaped = None, "", False
    for sign in f"{text};" if text else "":
        if escaped or sign not in "\\;=":
            part, escaped = part + sign, False
        elif sign == "\\":
            escaped = True
        elif sign == "=":
            name, part = part, ""
        elif name is None:
            raise ValueError(f"{place}: the labels are no pairs such as namespace=shop")
        else:
            yield name, part
            name, part = None, ""


def _mapping(entry: Any, place: str, keys: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise ValueError(f"{place}: it is no mapping")
    if unknown := sorted(set(map(str, entry)) - keys):
        raise ValueError(f"{place}: the key {unknown[0]} is not known; the keys are {', '.join(sorted(keys))}")
    return entry


def _pairs(labels: Any, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(labels, dict) or any(isinstance(value, list | dict) for value in labels.values()):
        raise ValueError(f"{place}: its labels are no pairs of a name and a value")
    return tuple(sorted((str(name), str(value)) for name, value in labels.items()))


def _verdict(text: str, place: str) -> Verdict:
    if text.lower() not in _VERDICTS:
        raise ValueError(f"{place}: {text!r} is no verdict; write one of {', '.join(_VERDICTS)}")
    return _VERDICTS[text.lower()]


def _time(value: Any, place: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise ValueError(f"{place}: {str(value)[:40]!r} is no time; write it as 2026-08-03T02:10:00+09:00") from error
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _millis(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)
