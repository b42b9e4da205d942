"""What the evaluations that were seen say about the end of an alert, and about a hole in its samples."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable

from maintainer.analyse.alerts.replay_types import up_to_interval
from maintainer.model.alerts import HOUR, EndKind, Heartbeat, Run

LONGEST_SKIP = 3
"""Intervals without an evaluation after which nobody can say any more what an alert did meanwhile."""

LONGEST_OUTAGE = HOUR
"""How long Prometheus may be away within an episode. It restores the state of an alert after as long at most."""

UNWRITTEN = 2
"""Evaluations after a start of Prometheus of which nothing is written."""

START_SLACK = 3
"""Intervals after a start of Prometheus within which an alert that is there is the one that was there before."""


def ending(last: int, interval: int, heartbeat: Heartbeat, *, end: int) -> tuple[EndKind, int | None]:
    """How an alert ended whose last sample is ``last``, in a read that ends before ``end``, and when.

    It was resolved if an evaluation soon after it is known and Prometheus was not started in between.
    """
    if last + interval >= end:
        return "open", None
    at = next_evaluation(last, interval, heartbeat)
    if at is not None and at - last <= LONGEST_SKIP * interval and not started_within(heartbeat, last, at):
        return ("resolved", at) if at < end else ("open", None)
    return ("open" if last + 2 * interval >= end else "gap"), None


def next_evaluation(last: int, interval: int, heartbeat: Heartbeat) -> int | None:
    """The rule's first evaluation after ``last``, which is one, that is known."""
    for run in heartbeat.runs[bisect_right(heartbeat.runs, last, key=_last_of) :]:
        at = max(_nearest(run.first, last, interval), last + interval)
        if at <= run.last or at - run.last < interval // 2:
            return at
    return None


def _nearest(time: int, one: int, interval: int) -> int:
    """The evaluation that is nearest to a time of the heartbeat, which is a little late, or of another group."""
    return one + (time - one + interval // 2) // interval * interval


def _last_of(run: Run) -> int:
    return run.last


def started_within(heartbeat: Heartbeat, after: int, until: int) -> bool:
    """Whether Prometheus started after the one time and not after the other."""
    return bisect_right(heartbeat.starts, after) < bisect_right(heartbeat.starts, until)


def first_evaluation(start: int, last: int, interval: int, heartbeat: Heartbeat) -> int:
    """The rule's first evaluation after a start of Prometheus, as far as is known; ``last`` is one before it."""
    running = last + up_to_interval(start - last, interval)
    at = bisect_left(heartbeat.runs, start, key=_last_of)
    return max(running, _nearest(heartbeat.runs[at].first, last, interval)) if at < len(heartbeat.runs) else running


def learned_phase(times: Iterable[int], interval: int) -> int | None:
    """The place in the interval at which a group is evaluated, by its samples; ``None`` if fewer than 9 of 10 agree."""
    counted = Counter(time % interval for time in times)
    if not counted:
        return None
    phase, count = min(counted.items(), key=lambda item: (-item[1], item[0]))
    return phase if 10 * count >= 9 * counted.total() else None
