"""Reads Alertmanager's configuration: its routes with what they inherit, inhibitions, and intervals of time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from maintainer.collect.pipeline.configs import is_null, parsed_matchers
from maintainer.model.alert_routing import Inhibition, Matchers, Route, RouteNode, Routing, TimeInterval
from maintainer.model.duration import seconds
from maintainer.model.trees import Broken, Tree, from_yaml
from maintainer.model.yaml_problem import unquoted

USUAL = Route((), 30_000, 300_000, 14_400_000)
"""What a route without settings has: all alerts in a group, 30s, 5m and 4h."""

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = ("january", "february", "march", "april", "may", "june",
          "july", "august", "september", "october", "november", "december")  # fmt: skip

_CLOCK = re.compile(r"(\d\d):(\d\d)")

Texts = list[str] | str


class _Route(msgspec.Struct):
    receiver: str = ""
    group_by: list[str] = []
    group_wait: str = ""
    group_interval: str = ""
    repeat_interval: str = ""
    match: dict[str, str] = {}
    match_re: dict[str, str] = {}
    matchers: Texts = []
    goes_on: str = msgspec.field(default="false", name="continue")
    routes: list["_Route"] = []
    mute_time_intervals: list[str] = []
    active_time_intervals: list[str] = []


class _Inhibition(msgspec.Struct):
    source_match: dict[str, str] = {}
    source_match_re: dict[str, str] = {}
    source_matchers: Texts = []
    target_match: dict[str, str] = {}
    target_match_re: dict[str, str] = {}
    target_matchers: Texts = []
    equal: list[str] = []


class _Times(msgspec.Struct):
    start_time: str
    end_time: str


class _Interval(msgspec.Struct):
    times: list[_Times] = []
    weekdays: Texts = []
    days_of_month: Texts = []
    months: Texts = []
    years: Texts = []
    location: str = "UTC"


class _Named(msgspec.Struct):
    name: str
    time_intervals: list[_Interval] = []


class _Config(msgspec.Struct):
    route: _Route
    receivers: list[dict[str, Any]] = []
    inhibit_rules: list[_Inhibition] = []
    time_intervals: list[_Named] = []
    mute_time_intervals: list[_Named] = []


def routing_of(text: str) -> Routing:
    """The routing in the text of an ``alertmanager.yml``. Raises ``ValueError`` with what is wrong in it."""
    try:
        trees = from_yaml(text)
        held = msgspec.convert(_plain(trees[0]) if len(trees) == 1 else None, _Config)
    except Broken as error:
        raise ValueError(f"line {error.line}: {unquoted(error.problem)}") from error
    except msgspec.ValidationError as error:
        raise ValueError(f"it is no configuration of Alertmanager: {error}") from error
    if not held.route.receiver:
        raise ValueError("its route has no receiver")
    named = (*held.time_intervals, *held.mute_time_intervals)
    return Routing(
        root=_node(held.route, held.route.receiver, USUAL),
        inhibitions=tuple(map(_inhibition, held.inhibit_rules)),
        intervals={one.name: tuple(map(_interval, one.time_intervals)) for one in named},
        silent=frozenset(str(one.get("name", "")) for one in held.receivers if not _notifies(one)),
    )


def _plain(tree: Tree) -> Any:
    """The tree of plain texts; what has no value is as if it were not written."""
    if isinstance(tree, dict):
        return {str(key): _plain(value) for key, value in tree.items() if not is_null(value)}
    if isinstance(tree, list):
        return [_plain(value) for value in tree if not is_null(value)]
    return str(tree)


def _notifies(receiver: Mapping[str, Any]) -> bool:
    return any(key.endswith("_configs") and value for key, value in receiver.items())


def _node(held: _Route, receiver: str, above: Route) -> RouteNode:
    """A route with what it has of its own, and what it inherits."""
    receiver = held.receiver or receiver
    route = replace(
        above,
        group_by=tuple(map(str, held.group_by)) or above.group_by,
        group_wait=_milliseconds(held.group_wait, above.group_wait),
        group_interval=_milliseconds(held.group_interval, above.group_interval),
        repeat_interval=_milliseconds(held.repeat_interval, above.repeat_interval),
    )
    return RouteNode(
        receiver,
        route,
        _matchers(held.match, held.match_re, held.matchers),
        held.goes_on.lower() in {"true", "yes", "on", "y"},
        tuple(_node(child, receiver, route) for child in held.routes),
        tuple(map(str, held.mute_time_intervals)),
        tuple(map(str, held.active_time_intervals)),
    )


def _milliseconds(text: str, usual: int) -> int:
    return round(1000 * seconds(text)) if text else usual


def _matchers(equal: Mapping[str, str], regular: Mapping[str, str], written: Texts) -> Matchers:
    old = [(str(name), "=", str(value)) for name, value in equal.items()]
    old += [(str(name), "=~", str(value)) for name, value in regular.items()]
    new = (one for text in _list(written) for one in parsed_matchers(text))
    return (*old, *((one.label, one.op, one.value) for one in new))


def _list(texts: Texts) -> Iterable[str]:
    return [texts] if isinstance(texts, str) else texts


def _inhibition(held: _Inhibition) -> Inhibition:
    return Inhibition(
        _matchers(held.source_match, held.source_match_re, held.source_matchers),
        _matchers(held.target_match, held.target_match_re, held.target_matchers),
        tuple(map(str, held.equal)),
    )


def _interval(held: _Interval) -> TimeInterval:
    try:
        zone = ZoneInfo(held.location)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"the location {held.location!r} of an interval is no time zone") from error
    return TimeInterval(
        zone,
        tuple((_minute(one.start_time), _minute(one.end_time)) for one in held.times),
        tuple(_spans(held.weekdays, WEEKDAYS, first=0)),
        tuple(_spans(held.days_of_month, (), first=1)),
        tuple(_spans(held.months, MONTHS, first=1)),
        tuple(_spans(held.years, (), first=0)),
    )


def _minute(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} in an interval is no time of a day, such as 08:30")
    return int(found[1]) * 60 + int(found[2])


def _spans(texts: Texts, names: tuple[str, ...], *, first: int) -> Iterator[tuple[int, int]]:
    """The spans of texts such as ``monday:friday``, ``-3:-1`` or ``7``."""

    def number(text: str) -> int:
        word = text.strip().lower()
        return names.index(word) + first if word in names else int(word)

    for text in _list(texts):
        begin, _, end = text.partition(":")
        yield number(begin), number(end or begin)
