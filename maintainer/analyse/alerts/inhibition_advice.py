"""What it would have spared to let one alert inhibit another in Alertmanager, and what that would have cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from maintainer.analyse.alerts.classes.facts import AlertPair
from maintainer.analyse.alerts.pages import Page, estimated_pages
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.tuning import FEWEST_REMOVED
from maintainer.analyse.alerts.verdicts import caught
from maintainer.model.alert_routing import Inhibition
from maintainer.model.alerts import Episode
from maintainer.model.incidents import Incident

SUBJECT = frozenset({"exported_namespace", "namespace", "exported_rollout", "rollout", "exported_name", "name"})
"""The labels by which two alerts are about the same Rollout."""


@dataclass(frozen=True, slots=True)
class InhibitionAdvice:
    """That the alert ``source`` inhibits ``target`` where the labels ``equal`` are the same: pages and incidents.

    ``told`` are the incidents that a page told of before; after it, a page still tells of each of them.
    """

    source: str
    target: str
    equal: tuple[str, ...]
    before: int
    after: int
    told: int

    @property
    def rule(self) -> Inhibition:
        """The inhibition."""
        return inhibition(self.source, self.target, self.equal)


def inhibition(source: str, target: str, equal: tuple[str, ...]) -> Inhibition:
    """That one alert inhibits another one."""
    return Inhibition((("alertname", "=", source),), (("alertname", "=", target),), equal)


def inhibition_advice(review: Review, pair: AlertPair) -> InhibitionAdvice | None:
    """The inhibition for two alerts that spares the most pages; ``None`` if none spares some and loses no incident.

    Of two that follow each other, only the first can inhibit the second.
    """
    equal = _equal(review.history.episodes, pair)
    if not equal:
        return None
    ways = [(pair.first, pair.second), (pair.second, pair.first)][: 2 if pair.kind == "duplicate" else 1]
    before = _pages(review, ())
    told = [incident for incident in review.incidents if _tells(before, incident)]
    found = []
    for source, target in ways:
        after = _pages(review, (inhibition(source, target, equal),))
        if all(_tells(after, incident) for incident in told):
            found.append(InhibitionAdvice(source, target, equal, len(before), len(after), len(told)))
    best = min(found, key=lambda advice: advice.after, default=None)
    return best if best and best.before - best.after >= FEWEST_REMOVED else None


def inhibitions(review: Review) -> tuple[InhibitionAdvice, ...]:
    """The advice on all pairs of alerts."""
    found = (inhibition_advice(review, pair) for pair in review.pairs)
    return tuple(advice for advice in found if advice)


def _equal(episodes: Iterable[Episode], pair: AlertPair) -> tuple[str, ...]:
    """The labels of the Rollout that all alerts of both have: without one, an alert would inhibit those of others."""
    names = [{name for name, _ in one.labels} for one in episodes if one.alert in (pair.first, pair.second)]
    return tuple(sorted(SUBJECT.intersection(*names))) if names else ()


def _pages(review: Review, added: tuple[Inhibition, ...]) -> Sequence[Page]:
    """The pages as they are estimated, with inhibitions more; what was recorded cannot be recorded in another way."""
    history, routing = review.history, review.judging.routing
    changed = replace(routing, inhibitions=(*routing.inhibitions, *added))
    return estimated_pages(history.episodes, changed, history.silences, history.end).pages


def _tells(pages: Iterable[Page], incident: Incident) -> bool:
    return any(page.at <= incident.end and caught(incident, one) for page in pages for one in page.episodes)
