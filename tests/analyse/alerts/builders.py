"""Small builders of rules and episodes. Times are minutes."""

from dataclasses import replace

from maintainer.model.alerts import MINUTE, AlertRule, EndKind, Episode, Heartbeat, Run
from maintainer.model.facts import Labels, labels

START = 20_000 * 24 * 60
"""A midnight, in minutes since 1970."""


def ms(minutes: float) -> int:
    """A time since the midnight, in milliseconds since 1970."""
    return round((START + minutes) * MINUTE)


def rule(name: str = "Alert", *, hold: float = 5, keep: float = 0, interval: float = 1) -> AlertRule:
    """A rule with these durations."""
    held, kept, every = (round(value * MINUTE) for value in (hold, keep, interval))
    return AlertRule(name, "g", "rules.yml", "a > 5", held, kept, every, phase=0)


def beating(*runs: tuple[float, float], starts: tuple[float, ...] = ()) -> Heartbeat:
    """A heartbeat from minute to minute."""
    return Heartbeat(tuple(Run(ms(first), ms(last)) for first, last in runs), tuple(map(ms, starts)))


def episode(
    active_at: float, last: float, *, fired: float | None = -1, of: AlertRule | None = None, **names: str
) -> Episode:
    """An episode that was resolved a minute after its last sample; it fired when its ``for`` was over.

    ``fired`` is another time of firing, ``None`` for never.
    """
    own = of or rule()
    fires = ms(active_at) + own.hold if fired == -1 else fired if fired is None else ms(fired)
    found: Labels = labels(names or {"name": "web"})
    run = Run(ms(active_at), ms(last))
    return Episode(
        own.version, own.name, found, ms(active_at), fires, run.last, run.last + own.interval, "resolved", runs=(run,)
    )


def unresolved(found: Episode, end: EndKind = "gap") -> Episode:
    """The same with an end that is not known."""
    return replace(found, end=end, resolved_at=None)
