"""What a replay is given, and what it returns, for one identity of an alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from maintainer.model.alerts import HOUR, MINUTE, EndKind, Run
from maintainer.model.facts import Labels


class Presence(NamedTuple):
    """Where a rule's expression was true for one identity.

    ``runs`` are of consecutive evaluations: the times of the first and the last at which it was true.
    """

    labels: Labels
    runs: Sequence[Run]


class Timing(NamedTuple):
    """A ``for``, a ``keep_firing_for`` and the interval of evaluations, in milliseconds."""

    hold: int
    keep: int
    interval: int


@dataclass(frozen=True, slots=True)
class Evaluations:
    """What a replay has to know of a group's evaluations before ``end``, beside the regular ones.

    ``skipped`` are the first and the last evaluation of runs that failed or were left out, from old to new. ``outages``
    are the last evaluation before Prometheus stopped and the first after its start, from old to new. ``grace`` is its
    ``--rules.alert.for-grace-period``, ``tolerance`` its ``--rules.alert.for-outage-tolerance``.
    """

    end: int
    skipped: tuple[Run, ...] = ()
    outages: tuple[Run, ...] = ()
    grace: int = 10 * MINUTE
    tolerance: int = HOUR


class Replayed(NamedTuple):
    """An episode as :class:`Episode` has it, without what all episodes of its identity share."""

    active_at: int
    fired_at: int | None
    last: int
    resolved_at: int | None
    end: EndKind
    restarts: tuple[int, ...] = ()


def up_to_interval(duration: int, interval: int) -> int:
    """A duration, rounded up to whole intervals."""
    return -(-duration // interval) * interval
