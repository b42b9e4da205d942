"""The numbers of a quarter for each version of a rule: pages, verdicts, hours, delays and incidents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from maintainer.analyse.alerts.hours import HourKind, Hours
from maintainer.analyse.alerts.pages import Page
from maintainer.analyse.alerts.verdicts import Judged, caught
from maintainer.analyse.alerts.wilson import wilson
from maintainer.model.alerts import MINUTE, AlertHistory, AlertRule, Episode
from maintainer.model.incidents import Incident, Verdict

FUTILE: frozenset[Verdict] = frozenset({"noise", "controller", "expected", "handled"})
"""The verdicts of an episode for which nobody had to be woken."""

CLUSTER = 15 * MINUTE
"""Episodes of an alert that fire so close after each other are one case: a bad deployment has many of them."""

FEWEST, USUAL = 10, 20
"""Fewer cases than this are only counted; fewer than that are few."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Independent cases of a rule: groups of episodes that fired together, by what the group was."""

    real: int = 0
    futile: int = 0
    undetermined: int = 0

    @property
    def count(self) -> int:
        """All cases."""
        return self.real + self.futile + self.undetermined

    @property
    def precision(self) -> tuple[float, float] | None:
        """The lowest and highest likely share of real ones; ``None`` for too few cases to say.

        Of the undetermined none may have been real, or all.
        """
        if self.count < FEWEST:
            return None
        return wilson(self.real, self.count)[0], wilson(self.real + self.undetermined, self.count)[1]


@dataclass(frozen=True, slots=True)
class Delays:
    """How long after the condition began an alert of something real fired, in milliseconds."""

    median: int
    longest: int


@dataclass(frozen=True, slots=True)
class RuleNumbers:
    """What a version of a rule did. ``fired`` and ``pending`` are numbers of episodes, ``verdicts`` are of those fired.

    ``pages`` are by kind of hour, ``futile`` are those of them in which nothing of this rule was real.
    Of the incidents it ``caught`` some, was the ``first`` for some, and the only one for some (``alone``).
    """

    rule: AlertRule
    fired: int = 0
    pending: int = 0
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    pages: Mapping[HourKind, int] = field(default_factory=dict)
    futile: Mapping[HourKind, int] = field(default_factory=dict)
    cases: Cases = Cases()
    delays: Delays | None = None
    caught: int = 0
    first: int = 0
    alone: int = 0


def rule_numbers(
    history: AlertHistory, judged: Sequence[Judged], pages: Sequence[Page], *, hours: Hours, caught_by: "CaughtBy"
) -> tuple[RuleNumbers, ...]:
    """The numbers of each version of each rule, first those with the most pages at night that caught nothing."""
    by_rule: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_rule[one.episode.rule].append(one)
    verdicts = {one.episode: one.verdict for one in judged}
    of_pages = _pages_by_rule(pages)
    found = [
        _numbers(rule, by_rule[version], _Told(of_pages[version], verdicts, hours), caught_by)
        for version, rule in history.rules.items()
    ]
    return tuple(sorted(found, key=_noisiest))


def _noisiest(numbers: RuleNumbers) -> tuple[int, int, int, str, str]:
    futile = numbers.futile
    at_night, all_pages = futile.get("night", 0), sum(futile.values())
    return -at_night, -all_pages, -numbers.fired, numbers.rule.name, numbers.rule.version


@dataclass(frozen=True, slots=True)
class CaughtBy:
    """By incident, the episodes that caught it, in the order in which they fired."""

    incidents: Mapping[Incident, tuple[Episode, ...]]

    def share(self, version: str) -> tuple[int, int, int]:
        """How many incidents a rule version caught, for how many it was the first, and for how many the only one."""
        told = [[episode.rule for episode in episodes] for episodes in self.incidents.values()]
        mine = [rules for rules in told if version in rules]
        return len(mine), sum(rules[0] == version for rules in mine), sum(set(rules) == {version} for rules in mine)

    @property
    def missed(self) -> tuple[Incident, ...]:
        """The incidents that no rule caught."""
        return tuple(incident for incident, episodes in self.incidents.items() if not episodes)


def caught_by(incidents: Iterable[Incident], episodes: Iterable[Episode]) -> CaughtBy:
    """Which episodes caught which incident."""
    fired = sorted((one.fired_at, one.alert, one.labels, one) for one in episodes if one.fired_at is not None)
    return CaughtBy(
        {incident: tuple(episode for *_, episode in fired if caught(incident, episode)) for incident in incidents}
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The pages of a rule, each with its episodes of this rule; the verdicts of all episodes, and the hours."""

    pages: Sequence[tuple[int, tuple[Episode, ...]]]
    verdicts: Mapping[Episode, Verdict]
    hours: Hours

    def by_hour(self, *, futile: bool) -> Mapping[HourKind, int]:
        """The pages by kind of hour; ``futile``: only those in which nothing was real."""
        return Counter(
            self.hours.kind(at)
            for at, episodes in self.pages
            if not futile or all(self.verdicts[episode] in FUTILE for episode in episodes)
        )


def _pages_by_rule(pages: Iterable[Page]) -> Mapping[str, list[tuple[int, tuple[Episode, ...]]]]:
    by_rule: dict[str, list[tuple[int, tuple[Episode, ...]]]] = defaultdict(list)
    for page in pages:
        for version in sorted({episode.rule for episode in page.episodes}):
            by_rule[version].append((page.at, tuple(one for one in page.episodes if one.rule == version)))
    return by_rule


def _numbers(rule: AlertRule, judged: Sequence[Judged], told: _Told, caught_by: CaughtBy) -> RuleNumbers:
    fired = [one for one in judged if one.fired]
    caught, first, alone = caught_by.share(rule.version)
    return RuleNumbers(
        rule,
        fired=len(fired),
        pending=len(judged) - len(fired),
        verdicts=Counter(one.verdict for one in fired),
        pages=told.by_hour(futile=False),
        futile=told.by_hour(futile=True),
        cases=cases_of(fired),
        delays=_delays(fired),
        caught=caught,
        first=first,
        alone=alone,
    )


def cases_of(fired: Iterable[Judged]) -> Cases:
    """The independent cases of episodes: one is real if any of its episodes is, and futile if all of them are."""
    clusters: list[list[Judged]] = []
    last = None
    for one in sorted((one for one in fired if one.episode.fired_at is not None), key=_fired):
        if last is None or _fired(one) - last > CLUSTER:
            clusters.append([])
        clusters[-1].append(one)
        last = _fired(one)
    verdicts = [{one.verdict for one in cluster} for cluster in clusters]
    real = sum("real" in some for some in verdicts)
    futile = sum(some <= FUTILE for some in verdicts)
    return Cases(real, futile, len(clusters) - real - futile)


def _delays(fired: Iterable[Judged]) -> Delays | None:
    delays = [
        _fired(one) - one.episode.active_at for one in fired if one.verdict == "real" and not one.episode.cut_start
    ]
    return Delays(round(median(delays)), max(delays)) if delays else None


def _fired(one: Judged) -> int:
    return one.episode.fired_at or 0
