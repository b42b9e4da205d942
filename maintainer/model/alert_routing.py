"""How Alertmanager routes, groups, inhibits and mutes alerts. Durations are milliseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

Matchers = tuple[tuple[str, str, str], ...]
"""(label, operator, value), all of which must match."""

Spans = tuple[tuple[int, int], ...]

ALL_LABELS = "..."
"""What groups alerts by all of their labels."""


@dataclass(frozen=True, slots=True)
class Route:
    """How Alertmanager groups alerts and when it notifies, as ``group_by``, ``group_wait`` and so on."""

    group_by: tuple[str, ...]
    group_wait: int
    group_interval: int
    repeat_interval: int


@dataclass(frozen=True, slots=True)
class RouteNode:
    """A route of the tree. ``goes_on`` is its ``continue``.

    ``muted`` and ``active`` are the names of intervals: it notifies in none of the first, and only in the second if it
    names any.
    """

    receiver: str
    route: Route
    matchers: Matchers = ()
    goes_on: bool = False
    routes: tuple["RouteNode", ...] = ()
    muted: tuple[str, ...] = ()
    active: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert of the ``source`` fires, those of the ``target`` with ``equal`` labels are not notified."""

    source: Matchers
    target: Matchers
    equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """Times that fulfil all that is given; () is any.

    ``times`` are from a minute of the day to before another, all others include both ends. ``weekdays`` are counted
    from Sunday, 0, ``days`` of the month from 1, and from its end with -1.
    """

    zone: ZoneInfo
    times: Spans = ()
    weekdays: Spans = ()
    days: Spans = ()
    months: Spans = ()
    years: Spans = ()


@dataclass(frozen=True, slots=True)
class Routing:
    """The tree of routes and what is beside it. The receivers that are ``silent`` notify nobody."""

    root: RouteNode
    inhibitions: tuple[Inhibition, ...] = ()
    intervals: Mapping[str, tuple[TimeInterval, ...]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
