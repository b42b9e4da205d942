"""The changes of a rule that its recorded episodes can be replayed with, each with its settings to try."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.candidates import longer_holds, longer_keeps, shorter_holds
from maintainer.analyse.alerts.presence import aggregated, at_evaluations, both
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.record import RuleRecord
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.subjects import subject_of
from maintainer.analyse.alerts.trials import Judgement, is_futile
from maintainer.analyse.alerts.tuning import Replayed, fewer_pages, more_caught
from maintainer.model.alert_advice import Advice, AdviceKind, Candidate, NoAdvice
from maintainer.model.alerts import AlertRule, Episode, Run
from maintainer.model.incidents import Incident
from maintainer.model.outcomes import ShortRun

if TYPE_CHECKING:
    from maintainer.model.facts import Key

GUARD = "rollout_info_replicas_desired > rollout_info_replicas_available"
"""That a Rollout has fewer available pods than it wants."""

CHURNING = 3
"""A label with at least so many values for the same rest of the labels comes and goes with pods or revisions."""


def for_advice(record: RuleRecord, judgement: Judgement) -> Advice | NoAdvice:
    """A longer ``for``: it spares pages of what is over soon, and tells of everything else later."""
    if record.rule.keep:
        return NoAdvice(record.rule, "keep-recorded", {})
    lengths = [
        episode.last - episode.active_at for episode in record.episodes if is_futile(episode, judgement.verdicts)
    ]
    return fewer_pages(_timed(record), "for", longer_holds(record.rule, lengths), judgement)


def shorter_for_advice(record: RuleRecord, judgement: Judgement, missed: tuple[Incident, ...]) -> Advice | NoAdvice:
    """A shorter ``for``, with which alerts that were pending in incidents would have fired."""
    if record.rule.keep:
        return NoAdvice(record.rule, "keep-recorded", {})
    return more_caught(_timed(record), "for", shorter_holds(record.rule), replace(judgement, incidents=missed))


def keep_advice(record: RuleRecord, judgement: Judgement) -> Advice | NoAdvice:
    """A longer ``keep_firing_for``: it makes one page of many where the condition comes and goes."""
    if record.rule.keep:
        return NoAdvice(record.rule, "keep-recorded", {})
    return fewer_pages(_timed(record), "keep", longer_keeps(record.rule), judgement)


def aggregation_advice(record: RuleRecord, judgement: Judgement) -> Advice | NoAdvice:
    """An aggregation without labels that come and go, each of which begins an alert anew."""
    if record.rule.keep:
        return NoAdvice(record.rule, "keep-recorded", {})
    templates = any("{{" in value for _, value in record.rule.labels)
    if templates or not churning_labels(record.episodes):
        # A template may read a label that would go.
        return NoAdvice(record.rule, "nothing-safe", {"incidents": 0})
    by = ", ".join(name for name in _steady_labels(record) if name not in dict(record.rule.labels))
    changed = replace(record.rule, expr=f"max by ({by}) ({record.rule.expr})")
    replayed_ = _changed(record, changed, changed_presences("aggregation", record, ()))
    return fewer_pages(replayed_, "aggregation", [_OTHER], judgement)


def guard_advice(record: RuleRecord, short: Sequence[ShortRun], judgement: Judgement) -> Advice | NoAdvice:
    """The same rule only where pods are missing: it spares pages of what the controller says and nobody feels."""
    if record.rule.keep:
        return NoAdvice(record.rule, "keep-recorded", {})
    if any({"namespace", "name"} - dict(episode.labels).keys() for episode in record.episodes):
        return NoAdvice(record.rule, "nothing-safe", {"incidents": 0})
    changed = replace(record.rule, expr=f"({record.rule.expr}) and on (namespace, name) ({GUARD})")
    replayed_ = _changed(record, changed, changed_presences("guard", record, short))
    return fewer_pages(replayed_, "guard", [_OTHER], judgement)


def changed_presences(kind: AdviceKind, record: RuleRecord, short: Iterable[ShortRun]) -> tuple[Presence, ...]:
    """When the advised expression was true."""
    present = recorded_presences(record.rule, record.episodes)
    if kind == "aggregation":
        return aggregated(present, _steady_labels(record), record.rule.interval)
    if kind == "guard":
        return _where_short(present, short, record.rule.interval)
    return present


_OTHER = Candidate(-1, -1)
"""The only candidate of a change that has no numbers."""


def _timed(record: RuleRecord) -> Replayed:
    """The record replayed with other durations."""
    rule, present = record.rule, recorded_presences(record.rule, record.episodes)

    def changed(candidate: Candidate) -> AlertRule:
        return replace(rule, hold=candidate.hold, keep=candidate.keep)

    return Replayed(
        rule,
        Candidate(rule.hold, rule.keep),
        record.episodes,
        record.time,
        lambda candidate: record.replayed(changed(candidate), present),
        changed,
        record.agreement,
    )


def _changed(record: RuleRecord, changed: AlertRule, after: Sequence[Presence]) -> Replayed:
    """The record replayed with another expression, which was true at the times ``after``."""
    rule, present = record.rule, recorded_presences(record.rule, record.episodes)

    def replay(candidate: Candidate) -> Sequence[Episode]:
        one, presences = (changed, after) if candidate == _OTHER else (rule, present)
        return record.replayed(one, presences)

    return Replayed(
        rule,
        Candidate(rule.hold, rule.keep),
        record.episodes,
        record.time,
        replay,
        lambda _: changed,
        record.agreement,
    )


def _where_short(present: Iterable[Presence], short: Iterable[ShortRun], interval: int) -> tuple[Presence, ...]:
    """When an expression was true, and the Rollout of its identity had fewer pods than it wants, at an evaluation."""
    missing: dict[Key, list[Run]] = defaultdict(list)
    for run in sorted(short, key=lambda run: run.first):
        missing[run.subject].append(Run(run.first, run.last))
    made: list[Presence] = []
    for labels, runs in present:
        common = both(runs, missing.get(subject_of(labels) or ("", ""), ()))
        at = (at_evaluations(run, runs[0].first, interval) for run in common)
        made.append(Presence(labels, tuple(run for run in at if run)))
    return tuple(made)


def _steady_labels(record: RuleRecord) -> tuple[str, ...]:
    """The labels of a rule's alerts that stay."""
    return tuple(sorted({name for one in record.episodes for name, _ in one.labels} - churning_labels(record.episodes)))


def churning_labels(episodes: Sequence[Episode]) -> frozenset[str]:
    """The labels that have many values for the same values of all others, such as that of a pod or a revision."""
    identities = {episode.labels for episode in episodes}
    names = {name for labels in identities for name, _ in labels}
    return frozenset(
        name
        for name in names
        if max(Counter(tuple(pair for pair in labels if pair[0] != name) for labels in identities).values()) >= CHURNING
    ) - {"name", "namespace", "exported_namespace", "exported_name", "rollout", "exported_rollout", "severity"}
