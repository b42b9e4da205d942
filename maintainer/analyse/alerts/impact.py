"""When users were harmed, by an expression that says so: how it is asked for, and what the answers mean."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from maintainer.analyse.alerts.runs import runs_of, united
from maintainer.analyse.alerts.subjects import subject_of
from maintainer.model.alerts import Impact, ImpactRun, RawSeries, Run
from maintainer.model.facts import Labels
from maintainer.model.harvest import GRIDS, SEEN
from maintainer.model.incidents import Incident

LONGEST = GRIDS[-1]
"""The longest step. Harm that begins again within one and a half is the same; so long a time unseen is no hole."""


def impact_promql(expr: str, selectors: Iterable[str]) -> str:
    """How an expression of the settings is asked for, which has these selectors.

    An empty answer says that nobody was harmed only where a series was there that the expression reads. So the query
    has one series more, which tells that. What counts is that there is a result: its value may be infinite.
    """
    there = " or ".join(f"group({selector})" for selector in dict.fromkeys(selectors))
    return f'group without () (\n{expr}\n) or label_replace({there}, "{SEEN[0]}", "{SEEN[1]}", "", "")'


def impact_of(series: Iterable[RawSeries]) -> Impact:
    """What the answer to the query says."""
    runs: list[ImpactRun] = []
    seen: tuple[Run, ...] = ()
    for each in series:
        own = runs_of(each.times, LONGEST)
        if SEEN in each.labels:
            seen = own
        else:
            runs += [ImpactRun(each.labels, *run) for run in own]
    return Impact(tuple(sorted(runs, key=_by_time)), seen)


def joined_impact(impacts: Sequence[Impact]) -> Impact:
    """All of it, where what goes on in the next day is one."""
    by_labels: dict[Labels, list[Run]] = defaultdict(list)
    for impact in impacts:
        for one in impact.runs:
            by_labels[one.labels].append(Run(one.first, one.last))
    runs = [ImpactRun(own, *run) for own, times in by_labels.items() for run in united(times, LONGEST)]
    seen = united((run for impact in impacts for run in impact.seen), LONGEST)
    return Impact(tuple(sorted(runs, key=_by_time)), seen)


def unseen(seen: Iterable[Run], asked: Run) -> Iterator[Run]:
    """The times within ``asked`` that were not seen; short holes do not count."""
    edges = [Run(asked.first, asked.first), *seen, Run(asked.last, asked.last)]
    for earlier, later in pairwise(edges):
        first, last = max(earlier.last, asked.first), min(later.first, asked.last)
        if 2 * (last - first) > 3 * LONGEST:
            yield Run(first, last)


def harmed(impact: Impact, start: int, end: int) -> tuple[Incident, ...]:
    """The harm in ``[start, end)`` as incidents, called by whom it was about and its time."""
    return tuple(_incident(run) for run in impact.runs if run.last >= start and run.first < end)


def _incident(run: ImpactRun) -> Incident:
    subject = subject_of(run.labels)
    about = "/".join(filter(None, subject)) if subject else ",".join(f"{name}={value}" for name, value in run.labels)
    at = datetime.fromtimestamp(run.first / 1000, UTC)
    return Incident(" ".join(filter(None, (about, "users", f"{at:%Y-%m-%dT%H:%MZ}"))), run.first, run.last, run.labels)


def _by_time(run: ImpactRun) -> tuple[int, int, Labels]:
    return run.first, run.last, run.labels
