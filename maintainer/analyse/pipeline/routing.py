"""Where Alertmanager's route tree can lead an alert of which some labels are not known."""

from collections.abc import Mapping

from maintainer.model.matchers import value_test
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
    lets = value_test(matcher.op, matcher.value)
    return lets(value) if lets else None
