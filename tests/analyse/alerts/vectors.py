"""Cases in which the rules of alerts are easily misread, and the episodes that Prometheus makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.model.alerts import MINUTE, SECOND, AlertRule, Episode, Heartbeat, RawSeries, Run
from maintainer.model.duration import seconds
from tests.analyse.alerts.promtool import Trial, alerts_and_states

Times = tuple[float, float | None, float, float | None]
"""Of an episode in minutes: since when it is there, when it fired, its last sample, when it was resolved."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A rule, its series, and the episodes of the name, and of the pod if there is one, from Prometheus 2.42.

    ``newer`` are those of 3.9, whose ranges do not include their beginning, where these differ.
    """

    name: str
    expr: str
    hold: str
    series: Mapping[str, str]
    expected: Mapping[str, tuple[Times, ...]]
    keep: str = ""
    interval: int = 60
    labels: Mapping[str, str] = field(default_factory=dict)
    newer: Mapping[str, tuple[Times, ...]] = field(default_factory=dict)

    @property
    def trial(self) -> Trial:
        """It as promtool reads it."""
        kept = {"keep_firing_for": self.keep} if self.keep else {}
        rule = {"alert": "Alert", "expr": self.expr, "for": self.hold, **kept, "labels": dict(self.labels)}
        return Trial([rule], self.series, self.interval, count=30 * 60 // self.interval)

    @property
    def rule(self) -> AlertRule:
        """It as Prometheus has it loaded."""
        hold, keep = (round(seconds(text or "0") * SECOND) for text in (self.hold, self.keep))
        return AlertRule("Alert", "g", "rules.yml", self.expr, hold, keep, self.interval * SECOND)

    def episodes(self, series: list[RawSeries]) -> Mapping[str, tuple[Times, ...]]:
        """The episodes that are read of the series that Prometheus made, in the form of what is expected."""
        alerts, states = alerts_and_states(series)
        end = self.trial.evaluations.stop
        beat = Heartbeat((Run(0, end - self.interval * SECOND),))
        read = ReadSamples(0, end, alerts, states)
        found: dict[str, tuple[Times, ...]] = {}
        for episode in episodes(self.rule, read, beat).episodes:
            names = dict(episode.labels)
            name = "/".join(names[label] for label in ("name", "pod", "value", "team") if label in names)
            found[name] = (*found.get(name, ()), _minutes(episode))
        return found


def _minutes(episode: Episode) -> Times:
    fired, resolved = episode.fired_at, episode.resolved_at
    return (
        episode.active_at / MINUTE,
        None if fired is None else fired / MINUTE,
        episode.last / MINUTE,
        None if resolved is None else resolved / MINUTE,
    )


PAUSED = 'rollout_phase{phase="Paused"} == 1'

VECTORS = (
    Vector(
        "true for 18 evaluations",
        PAUSED,
        "5m",
        {'rollout_phase{name="web",phase="Paused"}': "0x2 1x17 0x9"},
        {"web": ((3, 8, 20, 21),)},
    ),
    Vector(
        "five true evaluations of five minutes do not fire",
        PAUSED,
        "5m",
        {'rollout_phase{name="web",phase="Paused"}': "0 1x3 0 0 1x4 0 1x4 0x16"},
        {"web": ((1, None, 4, 5), (7, None, 11, 12), (13, None, 17, 18))},
    ),
    Vector(
        "a sample that is missing is bridged, a staleness marker is not",
        PAUSED,
        "5m",
        {
            'rollout_phase{name="gap",phase="Paused"}': "0 1 1 1 _ 1 1 1 1 1 1 0x18",
            'rollout_phase{name="stale",phase="Paused"}': "0 1 1 1 stale 1 1 1 1 1 1 0x18",
        },
        {"gap": ((1, 6, 10, 11),), "stale": ((1, None, 3, 4), (5, 10, 10, 11))},
    ),
    Vector(
        "a series that vanishes",
        'rollout_phase{phase="Degraded"} == 1',
        "2m",
        {'rollout_phase{name="web",phase="Degraded"}': "0 0 1x4"},
        {"web": ((2, 4, 11, 12),)},
        newer={"web": ((2, 4, 10, 11),)},
    ),
    Vector(
        "a label that changes",
        "rollout_unavailable > 0",
        "5m",
        {
            'rollout_unavailable{name="web",pod="a"}': "0 1x7 stale",
            'rollout_unavailable{name="web",pod="b"}': "_x8 1x8 0x11",
            'rollout_unavailable{name="api",pod="a"}': "0 1x3 stale",
            'rollout_unavailable{name="api",pod="b"}': "_x4 1x3 stale",
            'rollout_unavailable{name="api",pod="c"}': "_x8 1x3 stale",
        },
        {
            "web/a": ((1, 6, 8, 9),),
            "api/a": ((1, None, 4, 5),),
            "api/b": ((4, None, 7, 8),),
            "web/b": ((8, 13, 16, 17),),
            "api/c": ((8, None, 11, 12),),
        },
    ),
    Vector(
        "keep_firing_for hides two dips",
        "err_ratio > 0.05",
        "2m",
        {'err_ratio{name="web"}': "0 0.1x4 0x1 0.1x2 0x3 0.1 0.1 0x14"},
        {"web": ((1, 3, 20, 21),)},
        keep="4m",
    ),
    Vector(
        "without for",
        'rollout_phase{phase="Error"} == 1',
        "0s",
        {'rollout_phase{name="web",phase="Error"}': "0 1 0 1 1 0 0 1 0x21"},
        {"web": ((1, 1, 1, 2), (3, 3, 4, 5), (7, 7, 7, 8))},
    ),
    Vector(
        "for is no multiple of the interval",
        "err_ratio > 0.05",
        "45s",
        {'err_ratio{name="web"}': "0 0.1 0.1 0 0.1 0x24"},
        {"web": ((1, 2, 2.5, 3), (4, None, 4.5, 5))},
        interval=30,
    ),
    Vector(
        "one step of a counter fires for the whole range",
        "increase(restarts_total[10m]) > 0",
        "0s",
        {'restarts_total{name="web"}': "5x7 6x20"},
        {"web": ((8, 8, 17, 18),)},
        newer={"web": ((8, 8, 16, 17),)},
    ),
    Vector(
        "a label with the value never fires",
        "queue > 0",
        "2m",
        {'queue{name="web"}': "0 1 2 3 0x24"},
        {"web/1": ((1, None, 1, 2),), "web/2": ((2, None, 2, 3),), "web/3": ((3, None, 3, 4),)},
        labels={"value": "{{ $value }}"},
    ),
    Vector(
        "a label whose template is empty keeps the template",
        "queue > 0",
        "1m",
        {'queue{name="web"}': "0 1 1 1 0x24"},
        {"web/{{ $labels.team }}": ((1, 2, 3, 4),)},
        labels={"team": "{{ $labels.team }}"},
    ),
    Vector(
        "without traffic a ratio is not a number",
        "rate(errors_total[2m]) / rate(requests_total[2m]) > 0.05",
        "5m",
        {
            'errors_total{name="web"}': "0+6x8 48x3 54+6x16",
            'requests_total{name="web"}': "0+60x8 480x3 540+60x16",
        },
        {"web": ((1, 6, 9, 10), (13, 18, 29, None))},
        newer={"web": ((1, 6, 8, 9), (13, 18, 29, None))},
    ),
    Vector(
        "there at the end",
        "queue > 0",
        "2m",
        {'queue{name="web"}': "0x9 1x30", 'queue{name="api"}': "0x28 1x3"},
        {"web": ((10, 12, 29, None),), "api": ((29, None, 29, None),)},
    ),
)
