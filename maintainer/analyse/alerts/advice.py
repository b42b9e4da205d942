"""Advice on all rules of a history: what each change would have done, and which are worth it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.alerts.agreement import by_rule
from maintainer.analyse.alerts.archived_evaluations import archived_evaluations
from maintainer.analyse.alerts.record import RuleRecord
from maintainer.analyse.alerts.remedies import (
    aggregation_advice,
    for_advice,
    guard_advice,
    keep_advice,
    shorter_for_advice,
)
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.threshold_remedy import looser_threshold_advice, threshold_advice
from maintainer.analyse.alerts.trials import Judgement
from maintainer.analyse.alerts.tuning import NEARLY_ALL
from maintainer.model.alert_advice import Advice, AdviceKind, NoAdvice
from maintainer.model.alerts import AlertHistory, AlertRule, Episode, Run
from maintainer.model.incidents import Incident, Verdict
from maintainer.model.outcomes import ShortRun

SMALLEST_FIRST: tuple[AdviceKind, ...] = ("keep", "for", "threshold", "aggregation", "guard")
"""The kinds of change: first those of a number that delay nothing, last those that make an alert about less."""


@dataclass(frozen=True, slots=True)
class AlertAdvice:
    """What trying changes of each rule gave. ``records`` are by the version of the rule.

    ``best`` are the changes to make, at most one of a rule to spare pages, and one in all to catch what was missed.
    """

    results: tuple[Advice | NoAdvice, ...]
    records: Mapping[str, RuleRecord]
    short: tuple[ShortRun, ...] = ()

    @property
    def best(self) -> tuple[Advice, ...]:
        """The changes to make, in the order of the names of the rules."""
        found = [result for result in self.results if isinstance(result, Advice)]
        spares: dict[str, list[Advice]] = defaultdict(list)
        for advice in found:
            if advice.direction == "fewer":
                spares[advice.rule.version].append(advice)
        # A rule that is to be quieter is not to be louder as well: another one has to catch what was missed.
        catches = sorted(
            (advice for advice in found if advice.direction == "more" and advice.rule.version not in spares),
            key=_catching,
        )
        chosen = [*map(_smallest, spares.values()), *catches[:1]]
        return tuple(sorted(chosen, key=lambda advice: (advice.rule.name, advice.rule.version, advice.direction)))


def alert_advice(
    history: AlertHistory,
    verdicts: Mapping[Episode, Verdict],
    incidents: Iterable[Incident],
    missed: Iterable[Incident],
) -> AlertAdvice:
    """Try changes of each rule. ``incidents`` must not be lost, ``missed`` are those that nobody was paged for."""
    short = history.outcomes.short
    records = {version: _record(rule, history) for version, rule in history.rules.items()}
    mine: dict[str, dict[Episode, Verdict]] = {version: {} for version in records}
    for episode, verdict in verdicts.items():
        if episode.rule in mine and episode.fired_at is not None:
            mine[episode.rule][episode] = verdict
    known, lost = tuple(incidents), tuple(missed)
    results = (
        result
        for version, record in sorted(records.items(), key=lambda item: (item[1].rule.name, item[0]))
        for result in _results(record, Judgement(mine[version], known), short, lost)
    )
    return AlertAdvice(tuple(results), records, short)


def advice_of(review: Review) -> AlertAdvice:
    """The advice on the rules of a quarter. Labels of people count as its verdicts do."""
    missed = (one.incident for one in review.missed)
    return alert_advice(review.history, review.verdicts, incidents=review.incidents, missed=missed)


def _results(
    record: RuleRecord, judgement: Judgement, short: tuple[ShortRun, ...], missed: tuple[Incident, ...]
) -> Iterator[Advice | NoAdvice]:
    yield for_advice(record, judgement)
    yield keep_advice(record, judgement)
    yield aggregation_advice(record, judgement)
    yield guard_advice(record, short, judgement)
    tried = threshold_advice(record, judgement)
    if tried:
        yield tried
    if missed:
        yield shorter_for_advice(record, judgement, missed)
        looser = looser_threshold_advice(record, judgement, missed)
        if looser:
            yield looser


def _record(rule: AlertRule, history: AlertHistory) -> RuleRecord:
    loaded = history.loaded.get(rule.version, Run(history.start, history.end))
    time = Run(max(loaded.first, history.start), min(loaded.last, history.end) - 1)
    agreed = by_rule(one for one in history.agreement if one.rule == rule.version).get(rule.version)
    episodes = sorted(
        (episode for episode in history.episodes if episode.rule == rule.version),
        key=lambda episode: (episode.active_at, episode.labels),
    )
    share = agreed.alike / agreed.all if agreed and agreed.all else None
    sides = tuple(side for side in history.left_sides if side.rule == rule.version)
    return RuleRecord(rule, episodes, time, share, sides, archived_evaluations(rule, history.coverage, time, episodes))


def _smallest(advices: Sequence[Advice]) -> Advice:
    """Of the changes that spare nearly as much as any, and hold in the last third, the one that changes least."""
    held = [advice for advice in advices if advice.holds is not False] or advices
    most = max(advice.whole.removed for advice in held)
    near = [advice for advice in held if advice.whole.removed >= NEARLY_ALL * most]
    return min(near, key=lambda advice: (SMALLEST_FIRST.index(advice.kind), max(advice.whole.late, default=0)))


def _catching(advice: Advice) -> tuple[int, int]:
    """What catches most comes first, then what fires least often."""
    return advice.whole.caught_before - advice.whole.caught_after, -advice.whole.removed
