"""Where Alertmanager's route tree can lead an alert of which some labels are not known."""

import re
from collections.abc import Mapping

from maintainer.model.pipeline import Route, RouteMatcher

CertainLabels = Mapping[str, str]
"""The labels of an alert whose values are certain, "" for one that it certainly lacks; all others are open."""


def receivers(route: Route, labels: CertainLabels) -> frozenset[str]:
    """Every receiver that the alert may reach, given that it reached this route.

    The first child that matches takes it, and the next ones only where that child goes on; where no child takes it,
    the route's own receiver does. A child that may or may not match leaves both ways open.
    """
    found: set[str] = set()
    taken = False
    for child in route.routes:
        match = _matches(child, labels)
        if match is False:
            continue
        found |= receivers(child, labels)
        taken = taken or match is True
        if match is True and not child.goes_on:
            break
    return frozenset(found if taken else found | {route.receiver})


def _matches(route: Route, labels: CertainLabels) -> bool | None:
    """Whether all matchers match; ``None`` where that depends on what is not known."""
    if route.matchers is None:
        return None
    each = [_agrees(one, labels) for one in route.matchers]
    if False in each:
        return False
    return None if None in each else True


def _agrees(matcher: RouteMatcher, labels: CertainLabels) -> bool | None:
    value = labels.get(matcher.label)
    if value is None:
        return None
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case _:
            found = _fits(matcher.value, value)
            return found if found is None or matcher.op == "=~" else not found


def _fits(pattern: str, value: str) -> bool | None:
    """Whether the whole value fits; ``None`` for what only Go's expressions can say."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return None
