"""Another threshold of a rule, tried on what is kept of its left side."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.candidates import looser_thresholds, stricter_thresholds
from maintainer.analyse.alerts.left_sides import answers_for, left_side_presences
from maintainer.analyse.alerts.record import RuleRecord
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.thresholds import Threshold, threshold, with_threshold
from maintainer.analyse.alerts.trials import Judgement, is_futile
from maintainer.analyse.alerts.tuning import Replayed, fewer_pages, more_caught
from maintainer.model.alert_advice import Advice, Candidate, NoAdvice
from maintainer.model.alerts import AlertRule, Episode, LeftSide, Run
from maintainer.model.incidents import Incident

if TYPE_CHECKING:
    from maintainer.model.facts import Labels


def threshold_advice(record: RuleRecord, judgement: Judgement) -> Advice | NoAdvice | None:
    """A stricter threshold: it spares pages of values that were just past the present one; ``None`` if it has none."""
    made = _replayed(record)
    if made is None:
        return None
    sides, present = own_left_sides(record), made.present
    limit = sides[0].high if _upwards(sides) else sides[0].low
    futile = [one for one in record.episodes if one.fired_at is not None and is_futile(one, judgement.verdicts)]
    candidates = stricter_thresholds(present, _peaks(sides, futile), limit)
    return fewer_pages(made, "threshold", _answered(candidates, record, sides), judgement)


def looser_threshold_advice(
    record: RuleRecord, judgement: Judgement, missed: tuple[Incident, ...]
) -> Advice | NoAdvice | None:
    """A threshold that would have caught incidents that nobody was paged for; ``None`` if the rule has none."""
    made = _replayed(record)
    if made is None:
        return None
    sides, present = own_left_sides(record), made.present
    limit = sides[0].low if _upwards(sides) else sides[0].high
    peaks = [value for side in sides for *_, value in side.values]
    candidates = looser_thresholds(present, peaks, limit)
    return more_caught(made, "threshold", _answered(candidates, record, sides), replace(judgement, incidents=missed))


def own_left_sides(record: RuleRecord) -> tuple[LeftSide, ...]:
    """The left sides of the rule, with the labels of its alerts."""
    own = {name: value for name, value in record.rule.labels if "{{" not in value}
    return tuple(
        replace(side, labels=tuple(sorted({**dict(side.labels), **own}.items())))
        for side in record.left_sides
        if side.rule == record.rule.version
    )


def threshold_presences(record: RuleRecord, value: float) -> tuple[Presence, ...]:
    """When the comparison with a threshold was true."""
    return left_side_presences(own_left_sides(record), value)


def _replayed(record: RuleRecord) -> Replayed | None:
    found, sides = threshold(record.rule.expr), own_left_sides(record)
    if not isinstance(found, Threshold) or not sides or not all(answers_for(side, found.value) for side in sides):
        return None
    present = Candidate(record.rule.hold, record.rule.keep, found.value)

    def replay(candidate: Candidate) -> Sequence[Episode]:
        value = found.value if candidate.threshold is None else candidate.threshold
        return record.replayed(record.rule, left_side_presences(sides, value))

    return Replayed(
        record.rule, present, record.episodes, record.time, replay, _changed(record.rule, found), record.agreement
    )


def _changed(rule: AlertRule, found: Threshold) -> Callable[[Candidate], AlertRule]:
    def changed(candidate: Candidate) -> AlertRule:
        value = found.value if candidate.threshold is None else candidate.threshold
        return replace(rule, expr=with_threshold(rule.expr, found, value) or rule.expr)

    return changed


def _answered(candidates: Iterable[Candidate], record: RuleRecord, sides: Sequence[LeftSide]) -> Iterator[Candidate]:
    """The candidates for which the values are kept, and that can be written into the expression."""
    expr = record.rule.expr
    found = threshold(expr)
    for candidate in candidates:
        value = candidate.threshold
        if value is None or not isinstance(found, Threshold):
            continue
        if all(answers_for(side, value) for side in sides) and with_threshold(expr, found, value):
            yield candidate


def _upwards(sides: Sequence[LeftSide]) -> bool:
    return sides[0].operator.startswith(">")


def _peaks(sides: Sequence[LeftSide], episodes: Iterable[Episode]) -> list[float]:
    """The value of each episode that was farthest past the threshold."""
    extreme: Callable[[Iterable[float]], float] = max if _upwards(sides) else min
    values: Mapping[Labels, list[tuple[Run, float]]] = defaultdict(list)
    for side in sides:
        values[side.labels].extend((Run(first, last), value) for first, last, value in side.values)
    peaks = []
    for episode in episodes:
        mine = [
            value
            for run, value in values.get(episode.labels, ())
            if run.last >= episode.active_at and run.first <= episode.last
        ]
        peaks += [extreme(mine)] if mine else []
    return peaks
