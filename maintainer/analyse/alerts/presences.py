"""Where a rule's expression was true, by the record of its alert or by series, and when it was evaluated."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, zip_longest

from maintainer.analyse.alerts.heartbeats import UNWRITTEN
from maintainer.analyse.alerts.replay_types import Evaluations, Presence, up_to_interval
from maintainer.analyse.alerts.runs import united
from maintainer.model.alerts import AlertRule, Episode, Heartbeat, Run


def recorded_presences(rule: AlertRule, episodes: Iterable[Episode]) -> tuple[Presence, ...]:
    """Where the expression was true by what was recorded of the rule: a pending alert is recorded too.

    An alert that is kept firing looks like one whose expression is true. So with a ``keep_firing_for`` this says more
    than was true, see :func:`is_exact`. What was true in nothing but the two evaluations after a start of Prometheus is
    not recorded.
    """
    runs: dict[tuple[tuple[str, str], ...], list[Run]] = {}
    for episode in sorted(episodes, key=lambda episode: episode.active_at):
        runs.setdefault(episode.labels, []).extend(_true(rule, episode))
    return tuple(Presence(labels, tuple(of_labels)) for labels, of_labels in sorted(runs.items()))


def is_exact(rule: AlertRule, hold: int, keep: int) -> bool:
    """Whether a replay of the record with these durations gives what Prometheus would have done, and not only more.

    With a recorded ``keep_firing_for`` that is so where no dip that it hides could count.
    """
    return rule.keep == 0 or (hold <= rule.hold and keep >= rule.keep)


def evaluations(rule: AlertRule, heartbeat: Heartbeat, *, end: int, episodes: Iterable[Episode] = ()) -> Evaluations:
    """When the rule was evaluated: by the heartbeat, and by the holes in its own episodes, where evaluations failed."""
    outages = tuple(_outages(rule, heartbeat, end))
    runs = (heartbeat.runs, *(episode.runs for episode in episodes))
    skipped = (
        Run(_nearest(rule, before.last) + rule.interval, _nearest(rule, after.first) - rule.interval)
        for of_one in runs
        for before, after in pairwise(of_one)
        if not any(outage.first < after.first and before.last < outage.last for outage in outages)
    )
    return Evaluations(end, united(run for run in skipped if run.first <= run.last), outages)


def _outages(rule: AlertRule, heartbeat: Heartbeat, end: int) -> Iterator[Run]:
    """The last evaluation before each start of Prometheus, and the first after it."""
    for start in heartbeat.starts:
        before = bisect_left(heartbeat.runs, start, key=lambda run: run.first) - 1
        after = bisect_left(heartbeat.runs, start, key=lambda run: run.last)
        back = _nearest(rule, heartbeat.runs[after].first) if after < len(heartbeat.runs) else end
        down = _nearest(rule, heartbeat.runs[before].last) if before >= 0 else start
        running = _on_grid(rule, start - 1)
        yield Run(min(down, running), max(back, running + rule.interval))


def _on_grid(rule: AlertRule, time: int) -> int:
    """The last evaluation at this time or before."""
    return time if rule.phase is None else time - (time - rule.phase) % rule.interval


def _nearest(rule: AlertRule, time: int) -> int:
    """The evaluation that is nearest to a time of the heartbeat, which may be a little late, or of another group."""
    return _on_grid(rule, time + rule.interval // 2) if rule.phase is not None else time


def _true(rule: AlertRule, episode: Episode) -> Iterator[Run]:
    """The runs in which the expression of an episode was true; holes within an ActiveAt are taken for true."""
    kept = up_to_interval(rule.keep, rule.interval) if episode.fired_at is not None and episode.end == "resolved" else 0
    parts = list(_parts(episode))
    for number, (active_at, first, last) in enumerate(parts):
        earlier = (first - active_at) // rule.interval * rule.interval
        # The state that Prometheus gives back after a start may be older than the alert.
        begin = first - (earlier if number == 0 else min(earlier, UNWRITTEN * rule.interval))
        yield Run(begin, last - kept if number == len(parts) - 1 else last)


def _parts(episode: Episode) -> Iterator[tuple[int, int, int]]:
    """Each ActiveAt of an episode, with the first and the last of its samples."""
    starts = (episode.active_at, *episode.restarts)
    firsts = (episode.runs[0].first, *(_seen(episode.runs, at) for at in episode.restarts))
    for active_at, first, following in zip_longest(starts, firsts, firsts[1:]):
        own = (run.last for run in episode.runs if following is None or run.last < following)
        yield active_at, first, max(own, default=first)


def _seen(runs: Sequence[Run], active_at: int) -> int:
    """The first sample of the run that began after an ActiveAt."""
    return next((run.first for run in runs if run.first >= active_at), runs[-1].first)


def presence_runs(runs: Iterable[Run], rule: AlertRule, *, held: int) -> tuple[Run, ...]:
    """The evaluations of a rule at which a series was there, by the first and the last sample of its runs.

    ``held`` is for how long after a sample the series is there: the time to the next scrape, which ended it.
    """
    phase, interval = rule.phase or 0, rule.interval
    seen = (
        Run(
            phase + up_to_interval(run.first - phase, interval),
            phase + (run.last + held - 1 - phase) // interval * interval,
        )
        for run in runs
    )
    return united((run for run in seen if run.first <= run.last), interval)
