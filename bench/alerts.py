"""Measures that 90 days of 50 identities are replayed with 31 values of ``for`` in at most 1 second of CPU.

    python bench/alerts.py

An identity is there 8 times a day, as long as alerts that flap. The CPU seconds are measured in turn with those of a
floor: reading each of these times once for each value.
"""

import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.replay import replay
from maintainer.analyse.alerts.replay_types import Evaluations, Presence, Timing
from maintainer.commands.machine import spare_collector
from maintainer.model.alerts import DAY, MINUTE, SECOND, AlertRule, Episode, Heartbeat, RawSeries, Run

RUNS = 5
DAYS, IDENTITIES, A_DAY = 90, 50, 8
LENGTHS = (1, 2, 3, 5, 8, 13, 30)
"""Minutes that an identity is there."""
CANDIDATES = [minutes * MINUTE for minutes in range(31)]
LIMIT = 8
"""The largest ratio that passes: it is 1 s where the floor takes 0.12 s, on a slow machine."""
RULE = AlertRule("Alert", "g", "rules.yml", "a > 0", 5 * MINUTE, 0, MINUTE, phase=0)


def series(identity: int) -> tuple[list[RawSeries], RawSeries]:
    """The samples of ALERTS and of ALERTS_FOR_STATE of an identity."""
    of_state: dict[str, list[int]] = {"pending": [], "firing": []}
    states: list[tuple[int, int]] = []
    at, number = identity * 17 * MINUTE, identity
    while at < DAYS * DAY:
        last = at + (LENGTHS[number % len(LENGTHS)] - 1) * MINUTE
        for time_ in range(at, last + 1, MINUTE):
            of_state["firing" if time_ - at >= RULE.hold else "pending"].append(time_)
            states.append((time_, at // SECOND))
        at = last + (2 + number * 97 % (2 * DAY // MINUTE // A_DAY)) * MINUTE
        number += 1
    labels = (("name", f"web-{identity}"),)
    alerts = [RawSeries((("alertstate", state), *labels), times, []) for state, times in of_state.items()]
    return alerts, RawSeries(labels, [at for at, _ in states], [float(value) for _, value in states])


def read() -> tuple[Episode, ...]:
    """The episodes of all identities."""
    found = [series(identity) for identity in range(IDENTITIES)]
    samples = ReadSamples(
        0, DAYS * DAY, [one for alerts, _ in found for one in alerts], [states for _, states in found]
    )
    return episodes(RULE, samples, Heartbeat((Run(0, DAYS * DAY),))).episodes


def replayed(presences: Sequence[Presence]) -> None:
    """Replay all candidates."""
    evaluations = Evaluations(DAYS * DAY)
    for hold in CANDIDATES:
        for presence in presences:
            replay(presence.runs, Timing(hold, 0, MINUTE), evaluations)


def floor(presences: Sequence[Presence]) -> None:
    """Read each run for each candidate, and compare its length."""
    for hold in CANDIDATES:
        for presence in presences:
            sum(last - first >= hold for first, last in presence.runs)


def seconds(work: Callable[[Sequence[Presence]], None], presences: Sequence[Presence]) -> float:
    """The CPU seconds of a call."""
    start = time.process_time()
    work(presences)
    return time.process_time() - start


def main() -> None:
    """Print the seconds and the ratio, and exit with 1 if they are above their limits."""
    spare_collector()
    start = time.process_time()
    presences = recorded_presences(RULE, read())
    reading = time.process_time() - start
    runs = [(seconds(replayed, presences), seconds(floor, presences)) for _ in range(RUNS)]
    ratio, spent = median(spent / least for spent, least in runs), median(spent for spent, _ in runs)
    count = sum(len(presence.runs) for presence in presences)
    print(f"{count:,} runs read from their samples in {reading:.1f} s of CPU")
    print(f"{len(CANDIDATES)} replays of them / a floor: {ratio:.1f} (at most {LIMIT}), {spent:.2f} s of CPU")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
