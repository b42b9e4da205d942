"""Times as runs without a hole. One evaluation may come late; a hole of more than 1.5 intervals is a hole."""

from collections.abc import Iterable

from maintainer.model.alerts import Run


def runs_of(times: Iterable[int], interval: int) -> tuple[Run, ...]:
    """The runs of times that are given from old to new."""
    runs: list[Run] = []
    first = last = None
    for time in times:
        if first is None or last is None:
            first = time
        elif 2 * (time - last) > 3 * interval:
            runs.append(Run(first, last))
            first = time
        last = time
    return (*runs, Run(first, last)) if first is not None and last is not None else ()


def united(runs: Iterable[Run], interval: int = 0) -> tuple[Run, ...]:
    """The runs from old to new, as one where they overlap or no hole is between them."""
    found: list[Run] = []
    for run in sorted(runs):
        if found and 2 * (run.first - found[-1].last) <= 3 * interval:
            found[-1] = Run(found[-1].first, max(found[-1].last, run.last))
        else:
            found.append(run)
    return tuple(found)
