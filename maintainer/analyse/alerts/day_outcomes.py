"""What became of Rollouts on a day, from the controller's series, independently of any alert."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import MINUTE, RawSeries
from maintainer.model.contract import AVAILABLE, DESIRED
from maintainer.model.facts import Key
from maintainer.model.harvest import DaySamples
from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun

UPDATED = "RolloutUpdated"
"""The event of a Rollout that gets a new revision."""

_USUAL = 30_000
"""Milliseconds between two scrapes where no series tells."""
_GRID = MINUTE


def day_outcomes(read: DaySamples) -> Outcomes:
    """The outcomes that the series of a day show."""
    series = read.series
    replicas, events = series.get("replicas", ()), series.get("events", ())
    steps = read.day.grids
    increases = _increases(events, _scraped(replicas), step=steps.get("events", _GRID))
    return Outcomes(
        phases=tuple(_phase_runs(series.get("phases", ()))),
        increases=tuple(increase for increase in increases if increase.event != UPDATED),
        short=tuple(_short_runs(replicas, step=steps.get("replicas", _GRID))),
        revisions=tuple(
            RevisionChange(increase.subject, increase.at) for increase in increases if increase.event == UPDATED
        ),
    )


def _subject(own: Mapping[str, str]) -> Key:
    """The Rollout of a series. Where its target has the same labels, Prometheus stores the Rollout's under others."""
    namespace, name = (own.get(f"exported_{label}", own.get(label, "")) for label in ("namespace", "name"))
    return namespace, name


def spacing(series: Iterable[RawSeries], usual: int = _USUAL) -> int:
    """The milliseconds that are most often between two samples of a series."""
    longest = max(series, key=lambda one: len(one.times), default=None)
    between = Counter(later - earlier for earlier, later in pairwise(longest.times)) if longest else Counter[int]()
    # A scrape may be late by some milliseconds.
    rounded: Counter[int] = Counter()
    for length, count in between.items():
        rounded[round(length, -2)] += count
    return max(rounded, key=lambda length: (rounded[length], -length), default=usual) or usual


def _phase_runs(phases: Sequence[RawSeries]) -> Iterator[PhaseRun]:
    """The runs of each phase of a Rollout. A single scrape that failed does not end one."""
    times: dict[tuple[Key, str], set[int]] = defaultdict(set)
    for series in phases:
        own = dict(series.labels)
        times[_subject(own), own.get("phase", "")].update(series.times)
    # A hole of two and a half scrapes is one and a half of this.
    between = spacing(phases) * 5 // 3
    for (subject, phase), of_phase in sorted(times.items()):
        yield from (PhaseRun(subject, phase, *run) for run in runs_of(sorted(of_phase), between))


def _scraped(replicas: Iterable[RawSeries]) -> frozenset[int]:
    """The times at which a Rollout had series."""
    return frozenset(time for series in replicas for time in series.times)


def _increases(events: Iterable[RawSeries], scraped: frozenset[int], *, step: int) -> list[CounterIncrease]:
    """How often each event was counted. A counter begins at its first event, so its first value may count as well."""
    found: Counter[tuple[Key, str, int]] = Counter()
    for series in events:
        own = dict(series.labels)
        subject, event = _subject(own), own.get("reason", "")
        before: float | None = 0.0 if any(series.times[0] - ago in scraped for ago in _ago(step)) else None
        for at, value in zip(series.times, series.values, strict=True):
            risen = 0.0 if before is None else value - before if value >= before else value
            if risen >= 1:
                found[subject, event, at] += round(risen)
            before = value
    return [CounterIncrease(subject, event, at, count) for (subject, event, at), count in sorted(found.items())]


def _ago(step: int) -> range:
    """How long before a counter begins something else of the controller must have been scraped."""
    return range(MINUTE, step + MINUTE, MINUTE)


def _short_runs(replicas: Iterable[RawSeries], *, step: int) -> Iterator[ShortRun]:
    """The runs in which a Rollout had fewer available pods than desired."""
    desired: dict[Key, dict[int, float]] = defaultdict(dict)
    available: dict[Key, dict[int, float]] = defaultdict(dict)
    by_name = {DESIRED: desired, AVAILABLE: available}
    for series in replicas:
        own = dict(series.labels)
        of_rollout = by_name.get(own.get("__name__", ""), {}).setdefault(_subject(own), {})
        # While one pod of the controller takes over from another, both have the series.
        for at, value in zip(series.times, series.values, strict=True):
            of_rollout[at] = max(value, of_rollout.get(at, value))
    for subject in sorted(desired):
        there, wanted = available.get(subject, {}), desired[subject]
        lacking = [at for at in sorted(wanted) if at in there and there[at] < wanted[at]]
        for first, last in runs_of(lacking, step):
            worst = min(
                (at for at in lacking if first <= at <= last), key=lambda at: (there[at] - wanted[at], there[at], at)
            )
            yield ShortRun(subject, first, last, round(wanted[worst]), round(there[worst]))
