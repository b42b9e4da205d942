"""Pages: what Alertmanager sent of the episodes by its event recorder, or what it would have sent by its routes."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maintainer.analyse.alerts.routes import NEVER, Inhibited, labels_of, matches, may_notify, routes_of
from maintainer.model.alert_routing import ALL_LABELS, Route, RouteNode, Routing
from maintainer.model.alerts import Episode, Silence

STARTS_WITHIN = 120_000
"""An alert of a recorded page is the episode that fired at most so many milliseconds away from its start."""


@dataclass(frozen=True, slots=True)
class Page:
    """A notification that told somebody of firing alerts, at a time, and the episodes that it was about."""

    at: int
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """All pages in order. They are ``recorded``, or estimated from routes.

    ``unmatched`` are alerts of recorded pages of which no episode is known, and ``broken`` lines that cannot be read.
    """

    pages: tuple[Page, ...]
    recorded: bool
    unmatched: int = 0
    broken: int = 0


def estimated_pages(episodes: Iterable[Episode], routing: Routing, silences: Sequence[Silence], end: int) -> Pages:
    """The pages that Alertmanager would send by its routes for the episodes that fired before ``end``.

    An alert that resolves before the group's first wait is over is never told, and neither is one that is silenced,
    inhibited by another one that is known, or muted by its route. An alert that takes two routes is told by both.
    """
    fired = [episode for episode in episodes if episode.fired_at is not None]
    inhibited = Inhibited(routing.inhibitions, fired)
    groups: dict[tuple[int, tuple[str, ...]], tuple[RouteNode, list[Episode]]] = {}
    for episode in fired:
        labels = labels_of(episode)
        for node in routes_of(routing.root, labels):
            if node.receiver not in routing.silent:
                names = sorted(labels) if ALL_LABELS in node.route.group_by else node.route.group_by
                key = id(node), tuple(labels.get(name, "") for name in names)
                groups.setdefault(key, (node, []))[1].append(episode)

    def held(node: RouteNode) -> Held:
        return lambda episode, at: (
            not may_notify(node, routing, at) or is_silenced(episode, at, silences) or inhibited.holds(episode, at)
        )

    pages = (page for node, group in groups.values() for page in _of_group(group, node.route, held(node), end))
    return Pages(tuple(sorted(pages, key=_order)), recorded=False)


def one_route(route: Route) -> Routing:
    """A tree of one route."""
    return Routing(RouteNode("", route))


def is_silenced(episode: Episode, at: int, silences: Iterable[Silence]) -> bool:
    """Whether a silence holds the alert back at a time."""
    labels = labels_of(episode)
    return any(
        silence.starts <= at < silence.ends and bool(silence.matchers) and matches(silence.matchers, labels)
        for silence in silences
    )


Held = Callable[[Episode, int], bool]
"""Whether something holds an alert back at a time."""


def _of_group(group: Sequence[Episode], route: Route, held: Held, end: int) -> Iterator[Page]:
    """The pages of a group of alerts that are notified together."""
    waiting = sorted(group, key=lambda episode: (_fired(episode), episode.labels))
    while waiting:
        at = _fired(waiting[0]) + route.group_wait
        told: frozenset[Episode] = frozenset()
        last = -NEVER
        while at < end:
            there = [episode for episode in waiting if _fired(episode) <= at < _resolved(episode)]
            firing = frozenset(episode for episode in there if not held(episode, at))
            if firing - told or (firing and at - last >= route.repeat_interval):
                yield Page(at, tuple(sorted(firing, key=lambda one: (_fired(one), one.alert, one.labels))))
                told, last = told | firing, at
            waiting = [episode for episode in waiting if _resolved(episode) > at]
            if not waiting or not any(_fired(episode) <= at for episode in waiting):
                break
            # What holds an alert back may end before anything else changes.
            held_back = any(episode not in told for episode in there if episode not in firing)
            at = _next_flush(at, -NEVER if held_back else last, waiting, route)
        else:
            return


def _next_flush(at: int, last: int, waiting: Sequence[Episode], route: Route) -> int:
    """The next flush of the group that can tell something: flushes come an interval apart from each other."""
    changes = [time for episode in waiting for time in (_fired(episode), _resolved(episode)) if time > at]
    soonest = min(min(changes, default=NEVER), max(at + 1, last + route.repeat_interval))
    return at + max(1, -(-(soonest - at) // route.group_interval)) * route.group_interval


def recorded_pages(lines: Iterable[str], episodes: Iterable[Episode], start: int, end: int) -> Pages:
    """The pages from ``start`` to before ``end`` that the file of Alertmanager's event recorder has, a line an event.

    A notification is a page if something fired in it, also if several integrations of a receiver delivered it.
    """
    known: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        if episode.fired_at is not None:
            known[episode.alert].append(episode)
    pages: dict[tuple[Any, ...], Page] = {}
    unmatched = broken = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            event = json.loads(line)
            at, notification = _millis(event["@timestamp"]), event["data"].get("notification")
            found = _page(at, notification, known) if notification and start <= at < end else None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            broken += 1
            continue
        if found:
            page, lost = found
            unmatched += lost
            pages.setdefault(_flush(event, notification), page)
    return Pages(tuple(sorted(pages.values(), key=_order)), recorded=True, unmatched=unmatched, broken=broken)


def _page(at: int, notification: Mapping[str, Any], known: Mapping[str, Sequence[Episode]]) -> tuple[Page, int] | None:
    """The page of a notification and how many of its alerts are not known; ``None`` if nothing fired in it."""
    details = {alert["hash"]: alert.get("details") for alert in notification.get("alerts", ())}
    firing = notification.get("firingAlerts") or notification.get("firing_alerts") or ()
    if not firing:
        return None
    found = [_episode(alert.get("details") or details.get(alert["hash"]), at, known) for alert in firing]
    return Page(at, tuple(episode for episode in found if episode)), found.count(None)


def _episode(alert: Mapping[str, Any] | None, at: int, known: Mapping[str, Sequence[Episode]]) -> Episode | None:
    """The episode of an alert: of those with its labels the last that fired before, or just after, the notification.

    Alertmanager knows more labels than ALERTS: Prometheus adds its external labels to what it sends.
    """
    if alert is None:
        return None
    labels = {(pair["key"], pair["value"]) for pair in alert["labels"]["labels"]}
    name = next((value for key, value in labels if key == "alertname"), "")
    same = (one for one in known.get(name, ()) if labels.issuperset(one.labels))
    return max((one for one in same if _fired(one) <= at + STARTS_WITHIN), key=_fired, default=None)


def _flush(event: Mapping[str, Any], notification: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a notification has in common with those of the other integrations of its receiver."""
    group = notification.get("groupInfo") or notification.get("group_info") or {}
    key = group.get("groupUuid") or group.get("groupKey") or group.get("group_uuid") or group.get("group_key")
    flush = notification.get("flushId") or notification.get("flush_id")
    return (event.get("instance"), key, flush if flush is not None else event["@timestamp"])


def _millis(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return round(moment.timestamp() * 1000)


def _order(page: Page) -> tuple[int, list[tuple[str, Any]]]:
    return page.at, [(episode.alert, episode.labels) for episode in page.episodes]


def _fired(episode: Episode) -> int:
    return NEVER if episode.fired_at is None else episode.fired_at


def _resolved(episode: Episode) -> int:
    return NEVER if episode.resolved_at is None else episode.resolved_at
