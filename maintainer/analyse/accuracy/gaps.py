"""Why Rollouts could not be compared although Prometheus and the API answered."""

from collections.abc import Iterator

from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.model.facts import Key, Unavailable
from maintainer.model.message import Message, message


def not_comparable(fleet: ComparedFleet) -> Iterator[Unavailable]:
    """The facts about the comparison that checks need and do not get, with the reasons."""
    yield from _nothing_to_compare(fleet)
    yield from _empty_namespaces(fleet)
    yield from _undecided(fleet)


def _nothing_to_compare(fleet: ComparedFleet) -> Iterator[Unavailable]:
    comparison, observation = fleet.comparison, fleet.pipeline.observation
    failed = {fact.source for fact in observation.unavailable} & {"cluster", "prometheus", "rollouts", "scrapes"}
    if failed and (not comparison.listed or failed & {"prometheus", "scrapes"}):
        return
    if not comparison.listed:
        yield Unavailable("comparable-rollouts", message("gap/no-rollouts"), permanent=True)
    elif not comparison.scrapes:
        reason = "gap/no-emitter" if observation.silent else "gap/no-new-scrape"
        yield Unavailable("new-scrapes", message(reason))
    elif comparison.listed == comparison.outside:
        others = message("gap/other-instance", count=comparison.outside)
        yield Unavailable("comparable-rollouts", others, permanent=True)


def _empty_namespaces(fleet: ComparedFleet) -> Iterator[Unavailable]:
    """Namespaces of the settings without a Rollout: a misspelt name is listed as empty, without an error."""
    configured = set(fleet.pipeline.scope.namespaces)
    for bracket in fleet.pipeline.observation.brackets[-1:]:
        listed = {namespace for namespace, _ in bracket.before}
        for namespace in sorted((bracket.namespaces or frozenset()) & configured - listed):
            reason = message("gap/no-rollouts-in-namespace", namespace=namespace)
            yield Unavailable("named-namespaces", reason, permanent=True)


def _undecided(fleet: ComparedFleet) -> Iterator[Unavailable]:
    comparison = fleet.comparison
    if comparison.unreadable:
        yield Unavailable("decided-rollouts", _counted("gap/unreadable", comparison.unreadable))
    if not comparison.decided:
        undecided, total = comparison.moving | comparison.unconfirmed, comparison.compared | comparison.not_compared
        yield Unavailable("decided-rollouts", _counted("gap/moving", undecided, total=len(total)))


def _counted(reason: str, keys: frozenset[Key], **more: int) -> Message:
    names = ["/".join(key) for key in sorted(keys)]
    shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return message(reason, count=len(names), names=shown, **more)
