"""The history of alerts, from the days that the archive has of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from maintainer.analyse.alerts.impact import joined_impact, unseen
from maintainer.analyse.alerts.joined import joined
from maintainer.analyse.alerts.joined_outcomes import ReadOutcomes, joined_outcomes
from maintainer.model.alert_archive import BEFORE, HarvestedDay, harvested_days
from maintainer.model.alerts import AlertHistory, HourCoverage, LeftSide, MissingTime, ReadEpisodes, Run
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message


def alert_history(lines: Iterable[ArchiveLine], start: int, end: int) -> AlertHistory:
    """What the archive knows of the alerts of ``[start, end)``, in milliseconds; ``lines`` may be of other kinds too.

    A time that no day has, and what a day could not read, is ``missing``: nothing of it counts as quiet. The lines
    should begin with the day before ``start`` and end with the day after ``end``, which has read the last hour again.
    """
    days = [day for day in harvested_days(lines) if day.end > start - BEFORE and day.start - BEFORE < end]
    rules = {rule.version: rule for day in days for rule in day.rules}
    return AlertHistory(
        start=start,
        end=end,
        rules=rules,
        loaded=_loaded(days),
        episodes=joined((ReadEpisodes(day.start - BEFORE, day.end, day.episodes) for day in days), rules).episodes,
        outcomes=joined_outcomes(ReadOutcomes(day.start - BEFORE, day.end, day.outcomes) for day in days),
        left_sides=_left_sides(days),
        coverage=_coverage(days),
        agreement=tuple(agreement for day in days for agreement in day.agreement),
        silences=tuple(dict.fromkeys(silence for day in days for silence in day.silences)),
        impact=joined_impact([day.impact for day in days if day.impact]),
        impact_unseen=tuple(_impact_unseen(days)),
        missing=tuple(_missing(days, start, end)),
    )


def _loaded(days: Iterable[HarvestedDay]) -> dict[str, Run]:
    """By version, from the first to the last day that had it."""
    loaded: dict[str, Run] = {}
    for day in days:
        for rule in day.rules:
            first = loaded[rule.version].first if rule.version in loaded else day.start
            loaded[rule.version] = Run(first, day.end)
    return loaded


def _left_sides(days: Iterable[HarvestedDay]) -> tuple[LeftSide, ...]:
    """The left sides of each rule and identity, one after another; what two days have counts once."""
    found: dict[tuple[object, ...], LeftSide] = {}
    for day in days:
        for side in day.left_sides:
            key = (side.rule, side.labels, side.interval, side.operator, side.low, side.high)
            before = found.get(key)
            known = before.values[-1][1] if before and before.values else -1
            new = tuple(run for run in side.values if run[0] > known)
            values, maxima = (before.values, before.maxima) if before else ((), ())
            found[key] = replace(side, values=values + new, maxima=tuple(dict(maxima + side.maxima).items()))
    return tuple(found.values())


def _coverage(days: Iterable[HarvestedDay]) -> tuple[HourCoverage, ...]:
    """The coverage of each hour as it was read last, since a day begins with an hour that the one before has read."""
    hours = {(hour.group, hour.start): hour for day in days for hour in day.coverage}
    return tuple(hours[key] for key in sorted(hours))


def _impact_unseen(days: Iterable[HarvestedDay]) -> Iterator[Run]:
    """The times of days on which somebody asked whether users were harmed, and of which that is not known."""
    for day in days:
        if day.impact is not None or "impact" in day.unread:
            yield from unseen(day.impact.seen if day.impact else (), Run(day.start, day.end))


def _missing(days: Sequence[HarvestedDay], start: int, end: int) -> Iterator[MissingTime]:
    known = start
    for day in days:
        if known < min(day.start, end):
            yield MissingTime(known, min(day.start, end), message("harvest/not-harvested"))
        for kind, why in sorted(day.unread.items()):
            first, last = max(day.start, start), min(day.end, end)
            if first < last:
                yield MissingTime(first, last, message(f"harvest/unread.{kind}", why=why))
        known = max(known, day.end)
    if known < end:
        yield MissingTime(known, end, message("harvest/not-harvested"))
