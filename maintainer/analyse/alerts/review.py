"""The review of a quarter: its history, and all that follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from maintainer.analyse.alerts.classes.facts import AlertPair, Classified, Seen
from maintainer.analyse.alerts.classes.pairs import alert_pairs
from maintainer.analyse.alerts.classes.table import classified
from maintainer.analyse.alerts.evidence import OutcomeIndex, coverage_of
from maintainer.analyse.alerts.hours import Hours
from maintainer.analyse.alerts.impact import harmed
from maintainer.analyse.alerts.missed import Missed, missed_incidents
from maintainer.analyse.alerts.numbers import CaughtBy, RuleNumbers, caught_by, rule_numbers
from maintainer.analyse.alerts.pages import Pages, estimated_pages, recorded_pages
from maintainer.analyse.alerts.silent import SilentRule, silent_rules
from maintainer.analyse.alerts.subjects import subject_of
from maintainer.analyse.alerts.trouble import Trouble, all_incidents, troubles
from maintainer.analyse.alerts.verdicts import Judged, Known, judged_episodes
from maintainer.analyse.reproduce import Access
from maintainer.model.alert_routing import Routing
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import HOUR, AlertHistory, Episode, Run
from maintainer.model.incidents import Incident, Label, Verdict


@dataclass(frozen=True, slots=True)
class Judging:
    """By what alerts are judged. ``events`` are lines of Alertmanager's event recorder, ``None`` if there are none.

    Too few pods count from ``short_for`` milliseconds on. ``access`` is how a reader reaches Prometheus.
    ``routing`` is how Alertmanager routes what is not recorded.
    """

    hours: Hours
    routing: Routing
    short_for: int
    thresholds: AlertThresholds = field(default_factory=AlertThresholds)
    incidents: tuple[Incident, ...] | None = None
    labels: tuple[Label, ...] = ()
    events: Sequence[str] | None = None
    access: Access = field(default_factory=Access)


@dataclass(frozen=True, slots=True)
class Review:
    """The history of a quarter and what follows from it.

    ``troubles`` were found in what became of the Rollouts, ``impacts`` is the harm to users, ``incidents`` are those on
    record, the outages among the troubles, and the impacts that are neither. ``told`` says which episodes caught which
    of both. ``seen`` are the stretches of which most evaluations were seen, from their first to their last millisecond.
    """

    history: AlertHistory
    judging: Judging
    judged: tuple[Judged, ...]
    pages: Pages
    incidents: tuple[Incident, ...]
    impacts: tuple[Incident, ...]
    troubles: tuple[Trouble, ...]
    told: CaughtBy
    numbers: tuple[RuleNumbers, ...]
    silent: tuple[SilentRule, ...]
    missed: tuple[Missed, ...]
    verdicts: Mapping[Episode, Verdict]
    seen: tuple[Run, ...]
    classes: tuple[Classified, ...]
    pairs: tuple[AlertPair, ...]

    @property
    def covered(self) -> float:
        """The share of the quarter of which most evaluations were seen."""
        return sum(run.last + 1 - run.first for run in self.seen) / max(1, self.history.end - self.history.start)

    def verdict(self, episode: Episode) -> Verdict:
        """The verdict of an episode of the quarter."""
        return self.verdicts.get(episode, "undetermined")

    @property
    def fired(self) -> tuple[Judged, ...]:
        """The episodes that fired."""
        return tuple(one for one in self.judged if one.fired)


def review_of(history: AlertHistory, judging: Judging) -> Review:
    """Judge the episodes of a history that fired, or began, in its time."""
    history = replace(history, episodes=tuple(one for one in history.episodes if _is_of(history, one)))
    index, short_for = OutcomeIndex(history.outcomes), judging.short_for
    found = tuple(
        trouble for trouble in troubles(index, short_for=short_for) if history.start <= trouble.start < history.end
    )
    recorded = tuple(one for one in judging.incidents or () if one.end >= history.start and one.start < history.end)
    impacts = harmed(history.impact, history.start, history.end)
    incidents = all_incidents(recorded, found, impacts)
    seen = _seen(history, judging)
    classes = classified(history.rules, history.episodes, seen, judging.thresholds)
    restarted = frozenset(episode for one in classes if one.kind == "restart-artefact" for episode in one.episodes)
    known = Known(recorded, impacts, judging.labels, restarted)
    judged = judged_episodes(history, known, coverage=coverage_of(history), short_for=short_for)
    pages = _pages(history, judging)
    told = caught_by(incidents, history.episodes)
    silent = silent_rules(history, found)
    others = [trouble.incident for trouble in found if trouble.kind not in {"outage", "controller"}]
    unpaged = (*told.missed, *caught_by(others, history.episodes).missed)
    return Review(
        history=history,
        judging=judging,
        judged=judged,
        pages=pages,
        incidents=incidents,
        impacts=impacts,
        troubles=found,
        told=told,
        numbers=rule_numbers(history, judged, pages.pages, hours=judging.hours, caught_by=told),
        silent=silent,
        missed=missed_incidents(sorted(unpaged, key=lambda one: (one.start, one.id)), history, silent),
        verdicts={one.episode: one.verdict for one in judged},
        seen=seen.covered,
        classes=classes,
        pairs=alert_pairs(
            history.episodes, lambda episode: subject_of(episode.labels), seen.time, thresholds=judging.thresholds
        ),
    )


def _seen(history: AlertHistory, judging: Judging) -> Seen:
    coverage = coverage_of(history)
    hours = range(history.start // HOUR * HOUR, history.end, HOUR)
    runs: list[Run] = []
    for hour in filter(lambda hour: coverage.holds(hour, hour + HOUR), hours):
        first, last = max(hour, history.start), min(hour + HOUR, history.end) - 1
        if runs and runs[-1].last + 1 == first:
            runs[-1] = Run(runs[-1].first, last)
        else:
            runs.append(Run(first, last))
    starts = sorted({start for hour in history.coverage for start in hour.restarts})
    return Seen(tuple(runs), tuple(starts), judging.hours.zone)


def _is_of(history: AlertHistory, episode: Episode) -> bool:
    at = episode.active_at if episode.fired_at is None else episode.fired_at
    return history.start <= at < history.end


def _pages(history: AlertHistory, judging: Judging) -> Pages:
    if judging.events is None:
        return estimated_pages(history.episodes, judging.routing, history.silences, history.end)
    return recorded_pages(judging.events, history.episodes, history.start, history.end)
