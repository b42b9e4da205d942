"""The backtest: tries two sets of rules on the same history, and compares what each rule would have done."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.archived import archived_presence
from maintainer.analyse.alerts.comparison import History, Tried, compared, pairs
from maintainer.analyse.alerts.evidence import OutcomeIndex
from maintainer.analyse.alerts.history import alert_history
from maintainer.analyse.alerts.impact import harmed
from maintainer.analyse.alerts.people import incidents_of
from maintainer.analyse.alerts.presence import replayed
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.rule_files import RuleFile, rule_file
from maintainer.analyse.alerts.trouble import all_incidents, troubles
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.expressions import Grid, known_time, learned_phase, read_expression
from maintainer.collect.alerts.loaded_rules import loaded_rules
from maintainer.collect.queries.files import load_text
from maintainer.collect.sources import Sources, unavailable
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.alerts import MINUTE, AlertHistory, AlertRule, Run
from maintainer.model.backtest import Backtest, RulePair
from maintainer.model.incidents import Incident
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import Message, message
from maintainer.model.trees import Broken
from maintainer.settings import Settings

LOADED = "loaded"
"""In place of a file: the rules that Prometheus has loaded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compare: a file of rules with another or with those that are loaded, over a time, both ends inclusive.

    ``rule`` is the name of the only one to compare, "" for all; ``changed_only`` leaves out rules that are the same.
    """

    new: str
    against: str
    time: Run
    rule: str = ""
    changed_only: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Where history is found: in the lines of the archive, and in Prometheus, which is opened when it is needed.

    ``notes`` are what is to be said of the archive.
    """

    sources: Callable[[], Sources]
    lines: Sequence[ArchiveLine] = ()
    notes: tuple[Message, ...] = ()


def backtest(asked: Asked, known: Known, settings: Settings) -> Backtest:
    """Compare the rules; without any if those that are loaded are asked for and cannot be read.

    Raises ``ConfigError`` for a file that is no file of rules, and if no rule is to be compared.
    """
    new, others = _rules(asked.new), _rules(asked.against) if asked.against != LOADED else None
    history = alert_history(known.lines, asked.time.first, asked.time.last + 1)
    trying = _Trying(asked.time, known, history, settings.prometheus.max_samples_per_run)
    loaded, why = ((), None) if others else trying.loaded()
    if why:
        return Backtest(asked.time, (), notes=(*known.notes, message("backtest/not-loaded", why=why)))
    interval = _usual_interval(loaded or history.rules.values())
    old = _timed(others.rules, interval) if others else loaded
    chosen = tuple(pair for pair in pairs(old, _timed(new.rules, interval)) if _is_chosen(pair, asked))
    if not chosen:
        raise ConfigError(f"{asked.new}: {_nothing(asked)}")
    for rule in (rule for pair in chosen for rule in (pair.before, pair.after) if rule):
        trying.add(rule)
    told = History(asked.time, _incidents(history, settings), trying.unknown)
    return compared(chosen, trying.tried, told, (*known.notes, *_recorded(chosen, new.records)))


def _rules(file: str) -> RuleFile:
    try:
        return rule_file(load_text(file), file)
    except Broken as error:
        raise ConfigError(f"{file}:{error.line}: {error.problem}") from error


def _timed(rules: Iterable[AlertRule], interval: int) -> tuple[AlertRule, ...]:
    """The rules with this interval where their group has none."""
    return tuple(rule if rule.interval else replace(rule, interval=interval) for rule in rules)


def _usual_interval(rules: Iterable[AlertRule]) -> int:
    """The interval that most of the rules have: that of a group of a file that names none."""
    usual = Counter(rule.interval for rule in rules).most_common(1)
    return usual[0][0] if usual else MINUTE


def _is_chosen(pair: RulePair, asked: Asked) -> bool:
    names = {rule.name for rule in (pair.before, pair.after) if rule}
    others = asked.against == LOADED and pair.became == "removed" and not asked.rule
    return (
        (not asked.rule or asked.rule in names)
        and not others
        and not (asked.changed_only and pair.became == "unchanged")
    )


def _nothing(asked: Asked) -> str:
    if asked.rule:
        return f"neither it nor the rules before have the alert {asked.rule}"
    return "no alert of it is changed" if asked.changed_only else "it has no alert"


def _incidents(history: AlertHistory, settings: Settings) -> tuple[Incident, ...] | None:
    """The incidents that people wrote down, and those in the archive; ``None`` if there is neither."""
    own: tuple[Incident, ...] | None = None
    if file := settings.alerts.incidents_file:
        try:
            own = incidents_of(load_text(file), ZoneInfo(settings.schedule.time_zone))
        except ValueError as error:
            raise ConfigError(f"{file}: {error}") from error
    if not history.rules and own is None:
        return None
    found = troubles(OutcomeIndex(history.outcomes), short_for=round(settings.alerts.short_for * 1000))
    harm = harmed(history.impact, history.start, history.end)
    time = Run(history.start, history.end)
    return tuple(one for one in all_incidents(own or (), found, harm) if time.first <= one.start <= time.last)


def _recorded(chosen: Sequence[RulePair], records: frozenset[str]) -> Iterable[Message]:
    """That history has what a recording rule has recorded then, which may not be what the file has now."""
    read = sorted(name for name in records if any(name in pair.rule.expr for pair in chosen))
    if read:
        yield message("backtest/records", count=len(read), names=", ".join(read))


class _Unreadable(Exception):
    """Prometheus could not be opened, for the reason ``why``."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class _Trying:
    """Tries rules on the history, each expression read once."""

    time: Run
    known: Known
    history: AlertHistory
    most: int
    tried: dict[str, Tried] = field(default_factory=dict)
    unknown: dict[str, Message] = field(default_factory=dict)
    _presences: dict[tuple[object, ...], tuple[tuple[Presence, ...], Run]] = field(default_factory=dict)
    _held: Run | None = None

    def loaded(self) -> tuple[tuple[AlertRule, ...], Message | None]:
        """The rules that Prometheus has loaded, or why they are not known."""
        try:
            return loaded_rules(self._prometheus()), None
        except _Unreadable as error:
            return (), error.why
        except SourceUnavailable as error:
            return (), unavailable("rules", error).reason

    def add(self, rule: AlertRule) -> None:
        """Try a rule, or note why it cannot be tried."""
        if rule.version in self.tried or rule.version in self.unknown:
            return
        try:
            present, time, shift = self._presence(rule)
        except _Unreadable as error:
            self.unknown[rule.version] = error.why
            return
        except SourceUnavailable as error:
            self.unknown[rule.version] = unavailable("prometheus", error).reason
            return
        self.tried[rule.version] = Tried(replayed(rule, present, time.last + 1), time, shift)

    def _presence(self, rule: AlertRule) -> tuple[tuple[Presence, ...], Run, bool]:
        """When it was true, the time of which that is known, and whether the evaluations may have been at others."""
        archived = archived_presence(rule, self.history)
        if archived and archived[1].first - self.time.first <= MINUTE:
            return *archived, False
        try:
            held = self._held_by_prometheus()
        except (SourceUnavailable, _Unreadable):
            if archived:
                return *archived, False
            raise
        if archived and archived[1].first <= held.first:
            return *archived, False
        return self._asked(rule, held)

    def _prometheus(self) -> Prometheus:
        sources = self.known.sources()
        if sources.prometheus is None:
            raise _Unreadable(next(one.reason for one in sources.unavailable if one.source == "prometheus"))
        return sources.prometheus

    def _held_by_prometheus(self) -> Run:
        if self._held is None:
            self._held = known_time(self._prometheus(), self.time)
        return self._held

    def _asked(self, rule: AlertRule, held: Run) -> tuple[tuple[Presence, ...], Run, bool]:
        prometheus = self._prometheus()
        phase = next(
            (one.phase for one in self.history.rules.values() if _same_group(one, rule) and one.phase is not None), None
        )
        if phase is None:
            phase = learned_phase(prometheus, rule.name, rule.interval, at=held.last)
        key = rule.expr, rule.interval, phase
        if key not in self._presences:
            grid = Grid(phase or 0, rule.interval)
            read = read_expression(prometheus, rule.expr, held, grid, most=self.most)
            self._presences[key] = tuple(Presence(*found) for found in read.items()), held
        present, time = self._presences[key]
        return _with_labels(present, rule), time, phase is None


def _same_group(one: AlertRule, rule: AlertRule) -> bool:
    return (one.group, one.interval) == (rule.group, rule.interval)


def _with_labels(presences: Iterable[Presence], rule: AlertRule) -> tuple[Presence, ...]:
    """With the labels that the rule gives its alerts; those with templates stay as the expression has them."""
    own: Mapping[str, str] = {name: value for name, value in rule.labels if "{{" not in value}
    return tuple(Presence(tuple(sorted({**dict(labels), **own}.items())), runs) for labels, runs in presences)
