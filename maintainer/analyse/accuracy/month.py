"""What happened day by day, from the samples that were taken: what differed, since when and until when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from maintainer.analyse.accuracy.samples import Differing, Sample, Stretch

State = Literal["agreed", "differed", "silent", "unknown", "none", "before"]
"""A day: all agreed, something differed, nothing was scraped for a while, a sample could not compare everything, there
is no sample, or the first sample was taken later. Of two states a day has the one with more to tell.
"""

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and for how long nothing was scraped on it. ``lacking`` is what a sample of it could not read."""

    date: date
    state: State
    silent: timedelta = NOTHING
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """The time in which a subject differed.

    It was there in the samples from ``first`` to ``last``. It was not there in those of ``before`` and ``after``, the
    nearest that could see it; ``None`` if there is none.
    """

    before: datetime | None
    first: datetime
    last: datetime
    after: datetime | None


@dataclass(frozen=True, slots=True)
class PastDifference:
    """The subjects that differed in the same way in the same time; ``more`` are those that no sample names."""

    check: str
    cause: str
    spell: Spell
    subjects: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """The days, the differences that were seen in them, and the stretches in which nothing was scraped.

    For the time ``unknown`` since the first sample, nobody looked whether anything was scraped.
    """

    days: tuple[Day, ...]
    differences: tuple[PastDifference, ...]
    silent: tuple[Stretch, ...]
    unknown: timedelta = NOTHING


def month(samples: Sequence[Sample], zone: ZoneInfo, *, since: datetime, now: datetime) -> Month:
    """What the samples, oldest first, say of the days from that of ``since`` to that of ``now`` in the zone.

    Samples from before tell since when something differs, and whether the first days are before the first sample.
    """
    dates = _dates(since.astimezone(zone).date(), now.astimezone(zone).date())
    span = Stretch(_midnight(dates[0], zone), now.astimezone(UTC))
    silent = tuple(joined(stretch for sample in samples for stretch in sample.silent))
    by_day: dict[date, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_day[sample.at.astimezone(zone).date()].append(sample)
    first = min(by_day, default=now.astimezone(zone).date())
    days = (
        _day(day, by_day.get(day, []), _within(silent, _of_day(day, zone, span.end)), sampled=first <= day)
        for day in dates
    )
    return Month(
        days=tuple(days),
        differences=tuple(found for found in differences(samples) if found.spell.last >= span.start),
        silent=tuple(cut for stretch in silent if (cut := _cut(stretch, span))),
        unknown=_not_looked_at(samples, span),
    )


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches in order; those that touch or overlap are one."""
    last: Stretch | None = None
    for stretch in sorted(stretches):
        if last and stretch.start <= last.end:
            last = Stretch(last.start, max(last.end, stretch.end))
            continue
        if last:
            yield last
        last = stretch
    if last:
        yield last


def differences(samples: Sequence[Sample]) -> Iterator[PastDifference]:
    """What differed in the samples, oldest first; subjects with the same check, cause and time are together."""
    by_spell: dict[tuple[str, str, Spell], list[str]] = defaultdict(list)
    for check, cause in sorted({(found.check, found.cause) for sample in samples for found in sample.differing}):
        own = [
            found for sample in samples for found in sample.differing if (found.check, found.cause) == (check, cause)
        ]
        for subject in sorted({name for found in own for name in found.subjects.first}):
            for spell in _spells(samples, check, cause, subject):
                by_spell[check, cause, spell].append(subject)
    for (check, cause, spell), subjects in sorted(by_spell.items(), key=lambda item: (item[0][2].first, item[0][:2])):
        yield PastDifference(check, cause, spell, tuple(subjects), _unnamed(samples, check, cause, spell))


def _spells(samples: Sequence[Sample], check: str, cause: str, subject: str) -> Iterator[Spell]:
    gone: datetime | None = None
    spell: Spell | None = None
    for sample in samples:
        match sample.seen(check, cause, subject):
            case "there":
                spell = (
                    Spell(spell.before, spell.first, sample.at, None)
                    if spell
                    else Spell(gone, sample.at, sample.at, None)
                )
            case "gone":
                if spell:
                    yield Spell(spell.before, spell.first, spell.last, sample.at)
                gone, spell = sample.at, None
            case "unknown":
                pass
    if spell:
        yield spell


def _unnamed(samples: Iterable[Sample], check: str, cause: str, spell: Spell) -> int:
    """The most subjects that a sample of the spell counts and does not name."""
    own: Iterator[Differing] = (
        found
        for sample in samples
        if spell.first <= sample.at <= spell.last
        for found in sample.differing
        if (found.check, found.cause) == (check, cause)
    )
    return max((found.subjects.count - len(found.subjects.first) for found in own), default=0)


def _day(day: date, samples: Sequence[Sample], silent: timedelta, *, sampled: bool) -> Day:
    if any(sample.differing for sample in samples):
        return Day(day, "differed", silent)
    if silent:
        return Day(day, "silent", silent)
    if not samples:
        return Day(day, "none" if sampled else "before")
    lacking = (source for sample in samples for source in sample.lacking)
    unknown = Day(day, "unknown", lacking=next(lacking, ""))
    return Day(day, "agreed") if all(sample.comparable for sample in samples) else unknown


def _not_looked_at(samples: Sequence[Sample], span: Stretch) -> timedelta:
    """How much of the span since the first sample no sample looked at."""
    if not samples:
        return NOTHING
    since = Stretch(max(span.start, samples[0].at), span.end)
    return since.end - since.start - _within(joined(sample.looked for sample in samples if sample.looked), since)


def _dates(first: date, last: date) -> tuple[date, ...]:
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in UTC: there, differences of times are true also on days with 23 or 25 hours."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _of_day(day: date, zone: ZoneInfo, now: datetime) -> Stretch:
    return Stretch(_midnight(day, zone), min(_midnight(day + timedelta(days=1), zone), now))


def _within(stretches: Iterable[Stretch], span: Stretch) -> timedelta:
    """How much of the span the stretches cover."""
    return sum((cut.end - cut.start for stretch in stretches if (cut := _cut(stretch, span))), NOTHING)


def _cut(stretch: Stretch, span: Stretch) -> Stretch | None:
    """The part of the stretch that is in the span."""
    start, end = max(stretch.start, span.start), min(stretch.end, span.end)
    return Stretch(start, end) if start < end else None
