"""Many alerting rules over many series at once, as Prometheus evaluates them: the oracle of a replay."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.replay import replay
from maintainer.analyse.alerts.replay_types import Evaluations, Presence, Replayed, Timing
from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import SECOND, AlertRule, Heartbeat, RawSeries, Run
from tests.analyse.alerts.promtool import ALERTS, PROMTOOL, Trial, alerts_and_states, asked

DURATIONS = ((0, 0), (0, 180), (45, 0), (60, 60), (120, 0), (120, 240), (300, 0), (300, 100))
"""``for`` and ``keep_firing_for`` in seconds."""
SPACINGS = ((60, 60), (30, 60), (60, 15), (15, 30))
"""The interval of evaluations and that of samples, in seconds."""
PRESENT = "m > 0"

Cells = Mapping[int, str]
"""The state of an alert at the times at which it has one."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What Prometheus made of each rule, and where its expression was true."""

    trial: Trial
    alerts: Mapping[tuple[int, int], list[RawSeries]]
    present: Mapping[str, tuple[Run, ...]]

    @property
    def evaluations(self) -> Evaluations:
        """Regular ones."""
        return Evaluations(self.trial.evaluations.stop)

    def timing(self, durations: tuple[int, int]) -> Timing:
        """The durations in milliseconds."""
        hold, keep = durations
        return Timing(hold * SECOND, keep * SECOND, self.trial.interval * SECOND)

    def rule(self, durations: tuple[int, int]) -> AlertRule:
        """The rule with these durations."""
        timing = self.timing(durations)
        return AlertRule("Alert", "g", "rules.yml", PRESENT, timing.hold, timing.keep, timing.interval)

    def cells(self, durations: tuple[int, int]) -> Mapping[str, Cells]:
        """What Prometheus recorded of a rule, by the name of the series."""
        found: dict[str, dict[int, str]] = {}
        for series in self.alerts[durations]:
            labels = dict(series.labels)
            if labels["__name__"] == "ALERTS":
                found.setdefault(labels["name"], {}).update(dict.fromkeys(series.times, labels["alertstate"]))
        return found

    def replayed(self, durations: tuple[int, int], presences: Iterable[Presence]) -> Mapping[str, Cells]:
        """The same by a replay of presences."""
        found = {
            dict(presence.labels)["name"]: cells(
                replay(presence.runs, self.timing(durations), self.evaluations), self.trial.interval * SECOND
            )
            for presence in presences
        }
        return {name: of_name for name, of_name in found.items() if of_name}

    def true(self) -> Iterator[Presence]:
        """Where the expression was true by a query."""
        for name, runs in self.present.items():
            yield Presence((("name", name),), runs)

    def recorded(self, durations: tuple[int, int]) -> tuple[Presence, ...]:
        """Where the expression was true by what was recorded of a rule."""
        alerts, states = alerts_and_states(self.alerts[durations])
        end = self.trial.evaluations.stop
        rule, beat = self.rule(durations), Heartbeat((Run(0, end - self.trial.interval * SECOND),))
        return recorded_presences(rule, episodes(rule, ReadSamples(0, end, alerts, states), beat).episodes)


def cells(replayed: Iterable[Replayed], interval: int) -> Cells:
    """The state of an alert at each evaluation."""
    return {
        at: "pending" if episode.fired_at is None or at < episode.fired_at else "firing"
        for episode in replayed
        for at in range(episode.active_at, episode.last + 1, interval)
    }


def recorded(folder: Path, spacing: tuple[int, int], *, series: int, seed: int, promtool: str = PROMTOOL) -> Recorded:
    """A record of all durations over random series."""
    interval, samples = spacing
    rules = [
        {
            "alert": "Alert",
            "expr": PRESENT,
            "for": f"{hold}s",
            "keep_firing_for": f"{keep}s",
            "labels": {"case": f"{hold}/{keep}"},
        }
        for hold, keep in DURATIONS
    ]
    random = Random(seed)
    values = {f'm{{name="{number}"}}': generated(random, 2400 // samples) for number in range(series)}
    trial = Trial(rules, values, interval, samples, count=2700 // interval)
    found = asked(trial, [ALERTS, PRESENT], folder, promtool)
    alerts: dict[tuple[int, int], list[RawSeries]] = {durations: [] for durations in DURATIONS}
    for of_rule in found[ALERTS]:
        hold, keep = dict(of_rule.labels)["case"].split("/")
        alerts[int(hold), int(keep)].append(of_rule)
    present = {dict(of.labels)["name"]: runs_of(of.times, interval * SECOND) for of in found[PRESENT]}
    return Recorded(trial, alerts, present)


def generated(random: Random, count: int) -> str:
    """Values of a series: above and not above 0 for some time, with samples that are missing, and staleness markers."""
    values: list[str] = []
    while len(values) < count:
        value = random.choices(["1", "0", "_", "stale"], [5, 4, 1, 0.5])[0]
        values += [value] * (
            random.choice([1, 1, 2, 3, 4, 5, 6, 9]) if value in {"1", "0"} else random.choice([1, 2, 7])
        )
    return " ".join(values[:count])
