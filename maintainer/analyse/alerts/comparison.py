"""Two sets of rules on the same history: what each rule would have done before and after."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from maintainer.analyse.alerts.trials import Judgement, Trial
from maintainer.analyse.promql.canonical import same_promql
from maintainer.model.alerts import AlertRule, Episode, Run
from maintainer.model.backtest import Backtest, IncidentOutcome, RuleOutcome, RulePair, RuleState
from maintainer.model.incidents import Incident
from maintainer.model.message import Message


@dataclass(frozen=True, slots=True)
class Tried:
    """The episodes of a rule in a time, both ends inclusive.

    ``shift``: the place of its evaluations in their interval is not known, so starts and ends may be off by one.
    """

    episodes: Sequence[Episode]
    time: Run
    shift: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The time on which rules are tried, and its incidents; ``None`` if nobody knows of any."""

    time: Run
    incidents: tuple[Incident, ...] | None = None
    unknown: Mapping[str, Message] = field(default_factory=dict)


def state_of(before: AlertRule | None, after: AlertRule | None) -> RuleState:
    """What became of a rule, of which one may be missing."""
    if before is None or after is None:
        return "added" if before is None else "removed"
    numbers = [(rule.hold, rule.keep, rule.interval, rule.labels) for rule in (before, after)]
    return "unchanged" if numbers[0] == numbers[1] and same_promql(before.expr, after.expr) else "changed"


def pairs(before: Iterable[AlertRule], after: Iterable[AlertRule]) -> tuple[RulePair, ...]:
    """Rules of two sets that are the same rule, by group, name and labels where these tell them apart; in order."""
    old, new = [*before], [*after]
    made: list[RulePair] = []
    keys: tuple[Callable[[AlertRule], object], ...] = (_whole, _named, _name)
    for key in keys:
        counts_old, counts_new = _by(old, key), _by(new, key)
        for found, mine in counts_new.items():
            theirs = counts_old.get(found, [])
            if len(mine) == len(theirs) == 1:
                made.append(_pair(theirs[0], mine[0]))
                old.remove(theirs[0])
                new.remove(mine[0])
    made += [_pair(None, rule) for rule in new]
    made += [_pair(rule, None) for rule in old]
    return tuple(sorted(made, key=lambda pair: (pair.rule.name, pair.rule.labels, pair.rule.group)))


def _pair(before: AlertRule | None, after: AlertRule | None) -> RulePair:
    return RulePair(before, after, state_of(before, after))


def _whole(rule: AlertRule) -> object:
    return rule.group, rule.name, rule.labels


def _named(rule: AlertRule) -> object:
    return rule.name, rule.labels


def _name(rule: AlertRule) -> object:
    return rule.name


def _by(rules: Iterable[AlertRule], key: Callable[[AlertRule], object]) -> Mapping[object, list[AlertRule]]:
    groups: dict[object, list[AlertRule]] = {}
    for rule in rules:
        groups.setdefault(key(rule), []).append(rule)
    return groups


def compared(
    rule_pairs: Sequence[RulePair], tried: Mapping[str, Tried], history: History, notes: Iterable[Message] = ()
) -> Backtest:
    """What the rules did; ``tried`` and ``history.unknown`` are by the version of a rule."""
    incidents = history.incidents or ()
    judgement = Judgement({}, incidents)
    trials = {version: Trial(found.episodes, judgement) for version, found in tried.items()}
    outcomes = tuple(_outcome(pair, tried, trials, history) for pair in rule_pairs)
    told = None
    if history.incidents is not None:
        told = tuple(
            IncidentOutcome(
                incident,
                _told(incident, (pair.before for pair in rule_pairs), trials),
                _told(incident, (pair.after for pair in rule_pairs), trials),
            )
            for incident in incidents
        )
    return Backtest(history.time, outcomes, told, tuple(notes))


def _outcome(pair: RulePair, tried: Mapping[str, Tried], trials: Mapping[str, Trial], history: History) -> RuleOutcome:
    there = [rule for rule in (pair.before, pair.after) if rule]
    for rule in there:
        if rule.version not in tried:
            return RuleOutcome(pair, unknown=history.unknown[rule.version])
    times = [tried[rule.version].time for rule in there]
    time = Run(max(time.first for time in times), min(time.last for time in times))
    before, after = (trials.get(rule.version) if rule else None for rule in (pair.before, pair.after))
    incidents = history.incidents or ()
    told = [(_at(before, incident), _at(after, incident)) for incident in incidents]
    late = [new - old for old, new in told if old is not None and new is not None]
    return RuleOutcome(
        pair,
        before.pages(time) if before else 0,
        after.pages(time) if after else 0,
        sum(old is not None for old, _ in told),
        sum(new is not None for _, new in told),
        round(median(late)) if late else None,
        time,
        any(tried[rule.version].shift for rule in there),
    )


def _at(trial: Trial | None, incident: Incident) -> int | None:
    return trial.told(incident) if trial else None


def _told(incident: Incident, rules: Iterable[AlertRule | None], trials: Mapping[str, Trial]) -> tuple[str, ...]:
    """The names of the alerts that told of an incident, the first one first."""
    found = [
        (at, rule.name)
        for rule in rules
        if rule and (trial := trials.get(rule.version)) and (at := trial.told(incident)) is not None
    ]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))
