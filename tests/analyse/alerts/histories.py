"""Builders of alert histories: a quarter in which everything was seen, and nothing was wrong until a test says so."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from maintainer.model.alerts import DAY, HOUR, MINUTE, AlertHistory, AlertRule, Episode, HourCoverage, Run
from maintainer.model.facts import Key
from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun

START = round(datetime(2026, 7, 1, tzinfo=UTC).timestamp() * 1000)
DAYS = 92
END = START + DAYS * DAY

WEB: Key = ("shop", "web")

STUCK = AlertRule(
    name="RolloutStuck",
    group="argo-rollouts",
    file="/etc/prometheus/rules/rollouts.yml",
    expr='rollout_info{phase="Progressing"} == 1',
    hold=15 * MINUTE,
    keep=0,
    interval=MINUTE,
    labels=(("severity", "warning"),),
)


def rule(name: str = "RolloutStuck", expr: str = STUCK.expr, **changes: Any) -> AlertRule:
    """A rule that reads a phase, with changes."""
    return replace(STUCK, name=name, expr=expr, **changes)


def at(day: float, hour: float = 12.0, minute: float = 0.0) -> int:
    """A time of the quarter in UTC; its days are counted from 0."""
    return START + round(day * DAY + hour * HOUR + minute * MINUTE)


def episode(
    when: int, of: AlertRule = STUCK, *, minutes: float = 10, subject: Key = WEB, fired: bool = True, **changes: Any
) -> Episode:
    """An episode that became true at ``when`` and fired for some minutes, or was pending for them only."""
    namespace, name = subject
    fired_at = when + of.hold if fired else None
    resolved = (fired_at or when) + round(minutes * MINUTE)
    found = Episode(
        rule=of.version,
        alert=of.name,
        labels=(("name", name), ("namespace", namespace), *of.labels),
        active_at=when,
        fired_at=fired_at,
        last=resolved - of.interval,
        resolved_at=resolved,
        end="resolved",
        runs=(Run(when, resolved - of.interval),),
    )
    return replace(found, **changes)


def history(*episodes: Episode, rules: tuple[AlertRule, ...] = (STUCK,), **changes: Any) -> AlertHistory:
    """A history of the quarter, all of which was seen."""
    found = AlertHistory(
        start=START,
        end=END,
        rules={one.version: one for one in rules},
        loaded={one.version: Run(START, END) for one in rules},
        episodes=episodes,
        coverage=tuple(HourCoverage(hour, 1.0) for hour in range(START - HOUR, END, HOUR)),
    )
    return replace(found, **changes)


def outcomes(*noted: PhaseRun | ShortRun | CounterIncrease | RevisionChange) -> Outcomes:
    """Outcomes of all kinds."""
    return Outcomes(
        phases=tuple(one for one in noted if isinstance(one, PhaseRun)),
        increases=tuple(one for one in noted if isinstance(one, CounterIncrease)),
        short=tuple(one for one in noted if isinstance(one, ShortRun)),
        revisions=tuple(one for one in noted if isinstance(one, RevisionChange)),
    )


def phase(name: str, when: int, *, minutes: float = 30, subject: Key = WEB) -> PhaseRun:
    """A Rollout in a phase for some minutes."""
    return PhaseRun(subject, name, when, when + round(minutes * MINUTE))


def short(when: int, *, minutes: float = 30, available: int = 1, desired: int = 3, subject: Key = WEB) -> ShortRun:
    """A Rollout with too few pods for some minutes."""
    return ShortRun(subject, when, when + round(minutes * MINUTE), desired, available)


def event(name: str, when: int, *, subject: Key = WEB) -> CounterIncrease:
    """An event of a Rollout."""
    return CounterIncrease(subject, name, when, 1)


def revision(when: int, *, subject: Key = WEB) -> RevisionChange:
    """A new revision of a Rollout."""
    return RevisionChange(subject, when)
