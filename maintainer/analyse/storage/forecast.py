"""The check of the time to come: the volume is full, or the size limit begins to delete, before the next review."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.crossing import Crossing
from maintainer.analyse.storage.deployed import lines_to_set
from maintainer.analyse.storage.growth import Outlook, is_near
from maintainer.analyse.storage.options import time_in_full
from maintainer.analyse.storage.retention import deleted_by_size
from maintainer.analyse.storage.review import SUBJECT, StorageReview
from maintainer.analyse.storage.trend import LEAST_DAYS, SURE
from maintainer.analyse.storage.words import in_gib
from maintainer.model.byte_size import size_text
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, Json
from maintainer.model.sections import Area, Forecast, Limit, Series

FORECAST = "storage/forecast"
_SOON = 30.0
_WEEKS = 26


def storage_forecast(review: StorageReview) -> Iterator[Finding]:
    """The size reaches the volume or the size limit before the next review."""
    found, limits, volume = review.outlook, review.in_force, review.facts.volume
    if found is None:
        return
    if found.full and volume and is_near(found.full, found.today):
        yield Finding(
            check=FORECAST,
            severity="error" if (found.full.expected or 0) - found.today < _SOON else "warning",
            subjects=(SUBJECT,),
            cause="full",
            summary=message("storage/forecast/full.summary", size=in_gib(volume.size), when=when(found.full)),
            action=message("storage/forecast/full.action", first=_first(found, found.full)),
            evidence=_evidence(found, found.full),
            reproduce=_reproduce(review),
        )
    if found.cap and limits and limits.size and is_near(found.cap, found.today) and not deleted_by_size(review):
        whole = time_in_full(limits.time, review.usage) if limits.time and review.usage else None
        lines = {"values": lines_to_set(review.facts, whole.limits, whole.volume)} if whole else {}
        yield Finding(
            check=FORECAST,
            severity="warning",
            subjects=(SUBJECT,),
            cause="cap",
            summary=message("storage/forecast/cap.summary", size=size_text(limits.size), when=when(found.cap)),
            action=message("storage/forecast/cap.action", first=_first(found, found.cap)),
            evidence={**_evidence(found, found.cap), **lines},
            reproduce=_reproduce(review),
        )


def storage_forecast_gaps(review: StorageReview) -> Iterator[Gap]:
    """Less than a week is known of the sizes. That does not pass soon enough to repeat the run every day."""
    lost = {why.source for why in review.facts.unavailable}
    if review.outlook is None and review.facts.metrics and not lost & {"own-metrics", "own-series", "own-past"}:
        yield Gap(FORECAST, "permanent", message("gap/storage-no-past", days=LEAST_DAYS))


def forecast_area(review: StorageReview) -> Iterator[Area]:
    """The size over time, its limits, and the band in which it will be."""
    found, limits, volume = review.outlook, review.in_force, review.facts.volume
    if found is None:
        return
    days = [found.today + 7 * week for week in range(1, _WEEKS + 1)]
    lines = [Limit(message("storage/forecast.volume"), in_gib(volume.room))] if volume else []
    lines += [Limit(message("storage/forecast.cap"), in_gib(limits.size))] if limits and limits.size else []

    def band(sureness: float) -> tuple[float, ...]:
        return tuple(in_gib(max(0.0, found.path(day, sureness))) for day in days)

    yield Area(
        title=message("storage/forecast.title"),
        unit=message("storage/space.unit"),
        times=tuple(datetime.fromtimestamp(at, UTC) for at, _ in found.course),
        series=(Series(message("storage/forecast.size"), tuple(in_gib(size) for _, size in found.course)),),
        limits=tuple(lines),
        forecast=Forecast(tuple(map(_moment, days)), band(-SURE), band(0.0), band(SURE)),
        lead=_lead(found),
    )


def when(crossing: Crossing) -> Message:
    """The day, and the days between which it lies with 95 %."""
    expected, earliest, latest = crossing.expected, crossing.earliest, crossing.latest
    if expected is None or earliest is None:
        return message("storage/forecast.never")
    days = {"day": _date(expected), "first": _date(earliest)}
    if latest is None:
        return message("storage/forecast.when.open", **days)
    if _date(earliest) == _date(latest):
        return message("storage/forecast.when.sure", day=days["day"])
    return message("storage/forecast.when", **days, last=_date(latest))


def _lead(found: Outlook) -> Message:
    """What reaches what, and from how many days that is computed."""
    days = round(found.size.days)
    if found.full:
        return message("storage/forecast.lead.full", when=when(found.full), days=days)
    if found.cap:
        return message("storage/forecast.lead.cap", when=when(found.cap), days=days)
    return message("storage/forecast.lead", days=days)


def _evidence(found: Outlook, crossing: Crossing) -> dict[str, Json]:
    return {
        "expected": _date(crossing.expected) if crossing.expected else None,
        "earliest": _date(crossing.earliest) if crossing.earliest else None,
        "latest": _date(crossing.latest) if crossing.latest else None,
        "growthGiBADay": in_gib(found.size.slope),
        "daysKnown": round(found.size.days),
    }


def _first(found: Outlook, crossing: Crossing) -> str:
    """The earliest day on which the limit may be reached."""
    return _date(found.today if crossing.earliest is None else crossing.earliest)


def _reproduce(review: StorageReview) -> str:
    return review.access.ask("query", query="predict_linear(prometheus_tsdb_storage_blocks_bytes[2w], 30 * 86400)")


def _date(day: float) -> str:
    return _moment(day).date().isoformat()


def _moment(day: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=round(day * DAY))
