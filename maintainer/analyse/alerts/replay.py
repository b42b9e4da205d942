"""What an alerting rule with any ``for`` and ``keep_firing_for`` would have done where its expression was true.

This is the state machine of Prometheus on runs of evaluations, in a time that is in proportion to the runs.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from maintainer.analyse.alerts.irregular import irregular
from maintainer.analyse.alerts.replay_types import Evaluations, Presence, Replayed, Timing, up_to_interval
from maintainer.analyse.alerts.runs import united
from maintainer.model.alerts import AlertRule, Episode, Run

FAR = 10
"""Evaluations: what is so far from a run, and the time for which it is kept firing, does not matter to it."""


def replay(runs: Sequence[Run], timing: Timing, evaluations: Evaluations) -> list[Replayed]:
    """The episodes of one identity, from old to new.

    What Prometheus does not write after a start, the first two evaluations, is left out here as well.
    """
    if not evaluations.skipped and not evaluations.outages:
        return _regular(runs, timing, evaluations.end)
    calm, disturbed = _parted(runs, timing, evaluations)
    if not disturbed:
        return _regular(calm, timing, evaluations.end)
    found = [*_regular(calm, timing, evaluations.end), *irregular(disturbed, timing, evaluations)]
    return sorted(found, key=lambda episode: episode.active_at)


def _parted(runs: Sequence[Run], timing: Timing, evaluations: Evaluations) -> tuple[list[Run], list[Run]]:
    """The runs to which missing evaluations and starts can matter not at all, and the others.

    Most runs are far from any, and a replay of what is regular takes a tenth of the time.
    """
    apart = timing.keep + FAR * timing.interval
    calm: list[Run] = []
    disturbed: list[Run] = []
    done = 0
    for first, last in united((*evaluations.skipped, *evaluations.outages)):
        begin = max(done, bisect_left(runs, first - apart, key=_last_of))
        end = max(begin, bisect_right(runs, last + apart, key=_first_of))
        while done < begin < end and runs[begin].first - runs[begin - 1].last <= apart:
            begin -= 1
        while begin < end < len(runs) and runs[end].first - runs[end - 1].last <= apart:
            end += 1
        calm += runs[done:begin]
        disturbed += runs[begin:end]
        done = end
    return calm + list(runs[done:]), disturbed


def _first_of(run: Run) -> int:
    return run.first


def _last_of(run: Run) -> int:
    return run.last


def replayed_episodes(rule: AlertRule, presences: Iterable[Presence], evaluations: Evaluations) -> tuple[Episode, ...]:
    """The episodes of all identities of a rule, with its own durations."""
    timing = Timing(rule.hold, rule.keep, rule.interval)
    version = rule.version
    return tuple(
        Episode(
            version,
            rule.name,
            presence.labels,
            found.active_at,
            found.fired_at,
            found.last,
            found.resolved_at,
            found.end,
            restarts=found.restarts,
            runs=(Run(found.active_at, found.last),),
        )
        for presence in presences
        for found in replay(presence.runs, timing, evaluations)
    )


def _regular(runs: Sequence[Run], timing: Timing, end: int) -> list[Replayed]:
    """A replay where every evaluation took place."""
    hold, keep, interval = timing
    need, kept, longest_dip = up_to_interval(hold, interval), up_to_interval(keep, interval), keep + 2 * interval
    found: list[Replayed] = []
    number, count = 0, len(runs)
    while number < count:
        first, last = runs[number]
        number += 1
        if last - first < need:
            fired_at, gone = None, last + interval
        else:
            fired_at = first + need
            while keep and number < count and runs[number][0] - last < longest_dip:
                last = runs[number][1]
                number += 1
            gone = last + kept + interval
        if gone < end:
            found.append(Replayed(first, fired_at, gone - interval, gone, "resolved"))
        else:
            found.append(Replayed(first, fired_at, last + (end - 1 - last) // interval * interval, None, "open"))
    return found
