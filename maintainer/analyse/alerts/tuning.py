"""Chooses a setting of a rule by what it would have done: fewer pages for nothing, and no real incident lost.

It is chosen on the first two thirds of the time and reported with what it would have done in the last third.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from maintainer.analyse.alerts.candidates import distance, neighbours
from maintainer.analyse.alerts.numbers import FEWEST
from maintainer.analyse.alerts.trials import (
    Judgement,
    Replayer,
    Trial,
    clusters,
    effect,
    is_futile,
    to_keep,
    unjudged,
)
from maintainer.model.alert_advice import Advice, AdviceKind, Candidate, Effect, NoAdvice, WhyNone
from maintainer.model.alerts import MINUTE, AlertRule, Episode, Run
from maintainer.model.incidents import Incident

NOT_ALIKE = 0.80
"""If the replay agrees with less than this share of the recorded episodes, nothing is advised."""

LATEST = 10 * MINUTE
"""A real incident must not be told of later than this, and not later than half of how long they usually last."""

FEWEST_REMOVED = 3
"""Advice for fewer pages is not worth a change."""

DEAREST = 10
"""More pages than this for each incident that is caught are not worth it."""

NEARLY_ALL = 0.9
"""The smallest change is taken that removes this share of the pages that any allowed one removes."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A rule, its ``present`` setting and recorded episodes, and how it is replayed for another one, over ``whole``.

    ``agreement`` is the share of the recorded episodes that a replay of the rule as it is has as well; ``None`` if it
    is exact by its nature. ``changed`` is the rule with a setting.
    """

    rule: AlertRule
    present: Candidate
    episodes: Sequence[Episode]
    whole: Run
    replay: Replayer
    changed: Callable[[Candidate], AlertRule]
    agreement: float | None = None

    @property
    def parts(self) -> tuple[Run, Run]:
        """The first two thirds of the time, and the last third."""
        split = self.whole.first + (self.whole.last - self.whole.first) * 2 // 3
        return Run(self.whole.first, split), Run(split + 1, self.whole.last)


def fewer_pages(
    replayed: Replayed, kind: AdviceKind, candidates: Iterable[Candidate], judgement: Judgement
) -> Advice | NoAdvice:
    """The change of one kind that would have spared pages, or why there is none."""
    fired = [episode for episode in replayed.episodes if episode.fired_at is not None]
    cases = clusters(fired)
    if replayed.agreement is not None and replayed.agreement < NOT_ALIKE:
        return _none(replayed, "agreement", share=replayed.agreement)
    if not any(is_futile(episode, judgement.verdicts) for episode in fired):
        return _none(replayed, "no-noise", cases=len(cases))
    if len(cases) < FEWEST:
        return _none(replayed, "few", cases=len(cases))
    kept = replace(judgement, incidents=to_keep(fired, judgement))
    tried = _Tried(replayed, kept, tuple(candidates))
    chosen = tried.chosen()
    if chosen is None:
        return _none(replayed, "nothing-safe", incidents=len(kept.incidents))
    held = tried.effect(chosen, replayed.parts[1])
    if held.lost:
        return _none(replayed, "loses-later", incidents=held.caught_before, lost=len(held.lost))
    return _advice(tried, chosen, kind, cases)


def more_caught(
    replayed: Replayed, kind: AdviceKind, candidates: Iterable[Candidate], judgement: Judgement
) -> Advice | NoAdvice:
    """The change of one kind with which the rule would have told of incidents that nobody was paged for.

    They are the incidents of the ``judgement``. There are few of them, so the whole time is looked at.
    """
    if replayed.agreement is not None and replayed.agreement < NOT_ALIKE:
        return _none(replayed, "agreement", share=replayed.agreement)
    tried = _Tried(replayed, judgement, tuple(candidates))
    effects = {
        candidate: tried.effect(candidate, replayed.whole)
        for candidate in tried.trials
        if candidate != replayed.present
    }
    most = max((effect.caught_after - effect.caught_before for effect in effects.values()), default=0)
    if most < 1:
        return _none(replayed, "catches-nothing", incidents=len(judgement.incidents))
    best = [candidate for candidate, found in effects.items() if found.caught_after - found.caught_before == most]
    chosen = min(best, key=lambda candidate: (-effects[candidate].removed, distance(candidate, replayed.present)))
    if -effects[chosen].removed > DEAREST * most:
        return _none(replayed, "adds-pages", pages=-effects[chosen].removed, incidents=most)
    fired = [episode for episode in replayed.episodes if episode.fired_at is not None]
    return replace(_advice(tried, chosen, kind, clusters(fired)), direction="more")


def _none(replayed: Replayed, why: WhyNone, **numbers: float) -> NoAdvice:
    return NoAdvice(replayed.rule, why, numbers)


class _Tried:
    """The candidates of a rule, each replayed once."""

    def __init__(self, replayed: Replayed, kept: Judgement, candidates: Sequence[Candidate]) -> None:
        self.replayed = replayed
        self.kept = kept
        self.trials = {
            candidate: Trial(replayed.replay(candidate), kept)
            for candidate in dict.fromkeys((replayed.present, *candidates))
        }
        self.before = self.trials[replayed.present]

    def effect(self, candidate: Candidate, part: Run) -> Effect:
        """What the candidate would have done in a part of the time."""
        return effect(self.before, self.trials[candidate], self.kept, part)

    def chosen(self) -> Candidate | None:
        """The smallest change that removes nearly all that an allowed one removes, by the first part of the time."""
        effects = {
            candidate: self.effect(candidate, self.replayed.parts[0])
            for candidate in self.trials
            if candidate != self.replayed.present
        }
        allowed = {candidate: effect for candidate, effect in effects.items() if self._is_allowed(effect)}
        most = max((effect.removed for effect in allowed.values()), default=0)
        if most < FEWEST_REMOVED:
            return None
        near = [candidate for candidate, effect in allowed.items() if effect.removed >= NEARLY_ALL * most]
        present = self.replayed.present

        def cost(candidate: Candidate) -> tuple[int, tuple[int, float]]:
            return max(allowed[candidate].late, default=0), distance(candidate, present)

        return min(near, key=cost)

    def _is_allowed(self, tuned: Effect) -> bool:
        usual = median(_length(incident) for incident in self.kept.incidents) if self.kept.incidents else 2 * LATEST
        return not tuned.lost and max(tuned.late, default=0) <= min(LATEST, usual / 2)


def _advice(tried: _Tried, chosen: Candidate, kind: AdviceKind, cases: Sequence[Sequence[Episode]]) -> Advice:
    replayed, after = tried.replayed, tried.trials[chosen]
    safer, bolder = neighbours(chosen, replayed.present, tried.trials)
    tuned, held = (tried.effect(chosen, part) for part in replayed.parts)
    whole = replace(tried.effect(chosen, replayed.whole), unjudged=unjudged(after, tried.kept, replayed.whole))
    return Advice(
        rule=replayed.rule,
        advised=replayed.changed(chosen),
        kind=kind,
        direction="fewer",
        candidate=chosen,
        tuned=tuned,
        held=held,
        whole=whole,
        clusters=len(cases),
        removed_clusters=sum(not any(after.fires_at(episode) for episode in case) for case in cases),
        agreement=replayed.agreement,
        safer=(safer, tried.effect(safer, replayed.whole)) if safer else None,
        bolder=(bolder, tried.effect(bolder, replayed.whole)) if bolder else None,
        shortest=min(map(_length, tried.kept.incidents), default=None),
    )


def _length(incident: Incident) -> int:
    return incident.end - incident.start
