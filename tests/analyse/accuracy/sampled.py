"""Samples as a test needs them: what differed at a time, in few words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from maintainer.analyse.accuracy.month import Month
from maintainer.analyse.accuracy.samples import Differing, Names, Sample, Stretch, names


def at(day: int, hour: int = 6, *, month: int = 10) -> datetime:
    """A time in 2026, in UTC."""
    return datetime(2026, month, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def sample(
    when: datetime,
    *wrong: str,
    undecided: Sequence[str] = (),
    not_checked: Sequence[str] = (),
    silent: Sequence[tuple[datetime, datetime]] = (),
) -> Sample:
    """A sample in which these subjects have a wrong phase."""
    found = (Differing("accuracy/phase", "drift", names(wrong)),) if wrong else ()
    return Sample(
        when,
        compared=100,
        agreeing=100 - len(wrong),
        undecided=names(undecided),
        differing=found,
        not_checked=tuple(not_checked),
        lacking=("prometheus",) if not_checked else (),
        looked=Stretch(when - timedelta(days=40), when),
        silent=tuple(Stretch(*times) for times in silent),
    )


def cut(sample_names: Sequence[str], kept: int) -> Names:
    """Names of which only the first are kept."""
    return Names(len(sample_names), tuple(sorted(sample_names)[:kept]))


def states(of: Month) -> Mapping[int, str]:
    """The state of each day by its number."""
    return {day.date.day: day.state for day in of.days}
