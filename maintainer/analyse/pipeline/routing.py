"""Which receivers Alertmanager's route tree can lead an alert to when only some of its labels are certain."""

from collections.abc import Mapping

from maintainer.model.matchers import value_test
from maintainer.model.pipeline import Route, RouteMatcher

CertainLabels = Mapping[str, str]
"""The labels of an alert whose values are certain; "" is a label that it lacks for certain."""


def receivers(route: Route, labels: CertainLabels) -> frozenset[str]:
    """The names of all receivers that an alert can reach from this route.

    Alertmanager sends an alert to the first child route that matches, and to later ones as long as each has
    ``continue``; to the route's own receiver if no child matches. Where it depends on an uncertain label whether a
    child matches, both cases are followed.
    """
    names: set[str] = set()
    matched = False
    for child in route.routes:
        match = _matches(child, labels)
        if match is False:
            continue
        names |= receivers(child, labels)
        matched = matched or match is True
        if match is True and not child.goes_on:
            break
    return frozenset(names if matched else names | {route.receiver})


def _matches(route: Route, labels: CertainLabels) -> bool | None:
    """Whether all matchers match; ``None`` if that depends on an uncertain label."""
    if route.matchers is None:
        return None
    results = [_matcher_matches(matcher, labels) for matcher in route.matchers]
    if False in results:
        return False
    return None if None in results else True


def _matcher_matches(matcher: RouteMatcher, labels: CertainLabels) -> bool | None:
    value = labels.get(matcher.label)
    if value is None:
        return None
    test = value_test(matcher.op, matcher.value)
    return test(value) if test else None
