"""Classes of an identity: alerts that fire again and again, at the same time of day, or nearly always."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

from maintainer.analyse.alerts.classes.facts import Classified, Seen, firing, overlap
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import DAY, MINUTE, AlertRule, Episode, Run
from maintainer.model.facts import Labels

STEPS = 20
"""Steps between 21 evaluations."""

_MONTH = 30
"""Days."""


def flapping(
    rule: AlertRule, episodes: Sequence[Episode], _seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Identities that fire several times within a short time, or again as soon as they were resolved."""
    for labels, fired in _fired(episodes).items():
        times = [_fired_at(episode) for episode in fired]
        again = [
            _fired_at(after)
            for before, after in pairwise(fired)
            if before.resolved_at is not None and _fired_at(after) - before.resolved_at <= thresholds.flapping_gap
        ]
        most, soonest = _most(times, thresholds.flapping_within), _most(again, DAY)
        changes = _changes(fired, rule.interval, thresholds.flapping_count)
        if max(most, soonest) >= thresholds.flapping_count or changes >= thresholds.flapping_changes:
            numbers = {
                "episodes": len(fired), "within": most, "again": soonest, "all_again": len(again), "changes": changes,
            }  # fmt: skip
            yield Classified("flapping", rule.version, rule.name, tuple(fired), numbers, labels)


def _changes(fired: Sequence[Episode], interval: int, fewest: int) -> float:
    """The largest share of 20 steps in which an identity began or ceased to fire, and began so often, weighed.

    Two pages after each other are no flapping: a real problem that pauses once has them as well.
    """
    begun = [_fired_at(episode) // interval for episode in fired]
    ended = [one.resolved_at // interval for one in fired if one.resolved_at is not None]
    return max((_weighed(last, begun, ended, fewest) for last in (*begun, *ended)), default=0.0)


def _weighed(last: int, begun: Sequence[int], ended: Sequence[int], fewest: int) -> float:
    """The share of the steps up to the last one, which has the weight of 1.25; the oldest has that of 0.75."""
    first = last - STEPS + 1
    some = begun[bisect_left(begun, first) : bisect_right(begun, last)]
    if len(some) < fewest:
        return 0.0
    ages = (last - step for step in (*some, *ended[bisect_left(ended, first) : bisect_right(ended, last)]))
    return sum(1.25 - age / (2 * (STEPS - 1)) for age in ages) / STEPS


def repeating(
    rule: AlertRule, episodes: Sequence[Episode], seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Identities that fire on so many days, or so often at the same time of day, that one can wait for it."""
    for labels, fired in _fired(episodes).items():
        days = sorted({_local(episode, seen).toordinal() for episode in fired})
        most = _most(days, _MONTH)
        minute, same = _same_time(fired, seen, thresholds.repeating_time)
        if most >= thresholds.repeating_days or same >= thresholds.same_time_days:
            numbers = {"episodes": len(fired), "days": most, "same_time_days": same, "minute_of_day": minute}
            yield Classified("repeating", rule.version, rule.name, tuple(fired), numbers, labels)


def chronic(
    rule: AlertRule, episodes: Sequence[Episode], seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Identities that fire nearly always, or for very long."""
    for labels, fired in _fired(episodes).items():
        runs = [run for episode in fired if (run := firing(episode)) is not None]
        covered = sum(overlap(run, part) for run in runs for part in _around(seen.covered, run))
        share = covered / seen.time if seen.time else 0.0
        longest = max(run.last + 1 - run.first for run in runs)
        if share >= thresholds.chronic or longest >= thresholds.chronic_time:
            numbers = {"episodes": len(fired), "share": share, "longest": longest}
            yield Classified("chronic", rule.version, rule.name, tuple(fired), numbers, labels)


def _around(covered: Sequence[Run], run: Run) -> Sequence[Run]:
    """The covered times that a run may be in."""
    return covered[
        bisect_left(covered, run.first, key=lambda part: part.last) : bisect_right(
            covered, run.last, key=lambda part: part.first
        )
    ]


def _fired(episodes: Sequence[Episode]) -> Mapping[Labels, list[Episode]]:
    """The episodes that fired, by identity and from old to new."""
    found: dict[Labels, list[Episode]] = {}
    for episode in sorted(episodes, key=lambda episode: episode.active_at):
        if episode.fired_at is not None:
            found.setdefault(episode.labels, []).append(episode)
    return found


def _fired_at(episode: Episode) -> int:
    return episode.active_at if episode.fired_at is None else episode.fired_at


def _most(times: Sequence[int], within: int) -> int:
    """The most of some sorted times that are less than so much apart."""
    return max((bisect_left(times, time + within) - number for number, time in enumerate(times)), default=0)


def _local(episode: Episode, seen: Seen) -> datetime:
    return datetime.fromtimestamp(_fired_at(episode) / 1000, UTC).astimezone(seen.zone)


def _same_time(fired: Sequence[Episode], seen: Seen, slack: int) -> tuple[int, int]:
    """The minute of the day around which an identity fires on most days, and on how many."""
    found = [(at.hour * 60 + at.minute, at.toordinal()) for at in (_local(episode, seen) for episode in fired)]
    round_midnight = sorted(found + [(minute + DAY // MINUTE, day) for minute, day in found])
    best, most = 0, 0
    for number, (minute, _) in enumerate(round_midnight[: len(found)]):
        window = round_midnight[number : bisect_right(round_midnight, minute + 2 * slack // MINUTE, key=itemgetter(0))]
        days = len({day for _, day in window})
        if days > most:
            best, most = window[len(window) // 2][0] % (DAY // MINUTE), days
    return best, most
