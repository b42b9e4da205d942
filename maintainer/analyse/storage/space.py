"""The checks of storage: the volume is large enough, the size limit leaves what it should, the log leaves room."""

import math
from collections.abc import Iterator

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.deployed import lines_to_set
from maintainer.analyse.storage.growth import is_near
from maintainer.analyse.storage.options import FULL, Option, days_text, limits_text, time_in_full
from maintainer.analyse.storage.retention import deleted_by_size
from maintainer.analyse.storage.review import SUBJECT, StorageReview
from maintainer.analyse.storage.words import in_days, in_gib
from maintainer.model.byte_size import round_size, size_text
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Json
from maintainer.model.storage import Retention

HEADROOM, SIZE_CAP, WAL = "storage/headroom", "storage/size-cap", "storage/wal"
_TOO_MUCH = 1 / 3
"""The part of the space from which on the write-ahead log is told: it takes it from the blocks."""
FULL_BY_LIMIT = 0.95
"""The part of a volume that is used at most where a size limit is reached on purpose: file systems take some of it."""
SELF_SCRAPE = "scrape_configs:\n  - job_name: prometheus\n    static_configs:\n      - targets: [localhost:9090]"


def storage_headroom(review: StorageReview) -> Iterator[Finding]:
    """The volume is nearly full, or will be before anything is deleted, or nobody would see it."""
    volume, used, present = review.facts.volume, review.used, review.present
    if review.facts.self_scraped is False:
        yield _not_scraped(review)
    limited = bool(review.in_force and review.in_force.size)
    if volume and used is not None and used > (FULL_BY_LIMIT if limited else FULL) * volume.room:
        yield _full(review, used, room=volume.room)
    elif volume and present and not present.limits.size and not present.fits(volume.size):
        yield _too_small(review, present, size=volume.size)


def _not_scraped(review: StorageReview) -> Finding:
    return Finding(
        check=HEADROOM,
        severity="warning",
        subjects=(SUBJECT,),
        cause="no-self-scrape",
        summary=message("storage/headroom/no-self-scrape.summary"),
        action=message("storage/headroom/no-self-scrape.action"),
        evidence={"scrapeJob": SELF_SCRAPE},
        reproduce=review.access.ask("query", query="prometheus_tsdb_head_series"),
    )


def _full(review: StorageReview, used: float, *, room: float) -> Finding:
    return Finding(
        check=HEADROOM,
        severity="error",
        subjects=(SUBJECT,),
        cause="full",
        summary=message(
            "storage/headroom/full.summary", used=in_gib(used), size=in_gib(room), volume=volume_name(review)
        ),
        action=message("storage/headroom/full.action"),
        evidence=_evidence(review, review.present),
        reproduce=_sizes(review),
    )


def _too_small(review: StorageReview, present: Option, *, size: int) -> Finding:
    safe = Retention(present.limits.time, largest_size(size, present.spare))
    return Finding(
        check=HEADROOM,
        severity="error",
        subjects=(SUBJECT,),
        cause="too-small",
        summary=message(
            "storage/headroom/too-small.summary",
            time=days_text(present.limits.time or 0),
            needed=in_gib(present.volume),
            size=in_gib(size),
            volume=volume_name(review),
        ),
        action=message("storage/headroom/too-small.action"),
        evidence={
            **_evidence(review, present),
            "values": lines_to_set(review.facts, safe),
            "valuesLarger": lines_to_set(review.facts, present.limits, present.volume),
        },
        reproduce=_sizes(review),
    )


def storage_headroom_gaps(review: StorageReview) -> Iterator[Gap]:
    """Nothing is known yet of what fills the volume."""
    yield from _no_usage(review, HEADROOM)


def storage_size_cap(review: StorageReview) -> Iterator[Finding]:
    """The size limit is no limit for this volume, is the only limit, or will keep less than the time says."""
    in_force, present, volume = review.in_force, review.present, review.facts.volume
    if not in_force or not in_force.size:
        return
    # Without a time blocks grow so long that hardly any volume has room for one more: that is told by itself.
    spare = present.spare if present and in_force.time else 0.0
    if volume and in_force.size > largest_size(volume.size, spare) * (1 + 1e-9):
        yield _too_large(review, in_force, spare=spare)
    if not in_force.time and not (review.limits and review.limits.time):
        yield _no_time(review, in_force)
    elif in_force.time and present and present.bites == "size" and not (deleted_by_size(review) or _is_told(review)):
        yield _bites(review, in_force, window=present.window)


def _too_large(review: StorageReview, limits: Retention, *, spare: float) -> Finding:
    size, volume = limits.size or 0, review.facts.volume
    own, room = (volume.size, volume.room) if volume else (0, 0.0)
    safe = largest_size(own, spare)
    larger = round_size(max(size / FULL, size + spare))
    return Finding(
        check=SIZE_CAP,
        severity="error" if size + spare > room else "warning",
        subjects=(SUBJECT,),
        cause="too-large",
        summary=message(
            "storage/size-cap/too-large.summary",
            limit=size_text(size),
            size=in_gib(own),
            volume=volume_name(review),
        ),
        action=message("storage/size-cap/too-large.action", size=size_text(safe)),
        evidence={
            **_evidence(review, review.present),
            "values": lines_to_set(review.facts, Retention(limits.time, safe)),
            "valuesLarger": lines_to_set(review.facts, limits, larger),
        },
        reproduce=_sizes(review),
    )


def _no_time(review: StorageReview, limits: Retention) -> Finding:
    days = in_days(review.longest_block)
    return Finding(
        check=SIZE_CAP,
        severity="warning",
        subjects=(SUBJECT,),
        cause="no-time",
        summary=message("storage/size-cap/no-time.summary", size=size_text(limits.size or 0), days=days),
        action=message("storage/size-cap/no-time.action"),
        evidence={**_evidence(review, review.present), "values": _with_time(review, limits)},
        reproduce=review.access.ask("status/runtimeinfo"),
    )


def _bites(review: StorageReview, limits: Retention, *, window: float) -> Finding:
    whole = time_in_full(limits.time or 0, review.usage) if review.usage else None
    return Finding(
        check=SIZE_CAP,
        severity="warning",
        subjects=(SUBJECT,),
        cause="bites",
        summary=message(
            "storage/size-cap/bites.summary",
            size=size_text(limits.size or 0),
            time=days_text(limits.time or 0),
            days=in_days(window),
        ),
        action=message("storage/size-cap/bites.action"),
        evidence={
            **_evidence(review, review.present),
            "values": lines_to_set(review.facts, whole.limits if whole else limits, whole.volume if whole else None),
        },
        reproduce=_sizes(review),
    )


def _is_told(review: StorageReview) -> bool:
    """Whether the forecast tells it, with the day."""
    return review.outlook is not None and is_near(review.outlook.cap, review.outlook.today)


def storage_size_cap_gaps(review: StorageReview) -> Iterator[Gap]:
    """It is not known yet what the size limit will keep."""
    if review.in_force and review.in_force.size:
        yield from _no_usage(review, SIZE_CAP)


def storage_wal(review: StorageReview) -> Iterator[Finding]:
    """The write-ahead log and the head take so much of the space that little is left for blocks."""
    usage_head, space = review.head, _space(review)
    if usage_head is None or not space or usage_head < _TOO_MUCH * space:
        return
    yield Finding(
        check=WAL,
        severity="error" if usage_head >= space else "warning",
        subjects=(SUBJECT,),
        cause="large",
        summary=message("storage/wal/large.summary", head=in_gib(usage_head), size=in_gib(space)),
        action=message("storage/wal/large.action"),
        evidence=_evidence(review, review.present),
        reproduce=_sizes(review),
    )


def storage_wal_gaps(review: StorageReview) -> Iterator[Gap]:
    """This version has no metric of the write-ahead log's size, and the volume does not show that it is small."""
    if review.facts.metrics and review.head is None and not _is_surely_small(review):
        yield Gap(WAL, "permanent", message("gap/storage-no-log"))


def _is_surely_small(review: StorageReview) -> bool:
    """Whether all on the volume that is no block, of which the log is a part, is less than what is told."""
    metrics, volume, space = review.facts.metrics, review.facts.volume, _space(review)
    if not metrics or metrics.blocks is None or not volume or volume.used is None or not space:
        return False
    return volume.used - metrics.blocks < _TOO_MUCH * space


def _space(review: StorageReview) -> float | None:
    """The bytes that Prometheus may fill, as far as they are known."""
    limits, volume = review.in_force, review.facts.volume
    return (limits.size if limits else None) or (volume.size if volume else None)


def largest_size(volume: float, spare: float) -> int:
    """The largest size limit for a volume: it leaves a tenth, and the space for one more of the longest blocks."""
    return max(0, math.floor(min(FULL * volume, volume - spare)))


def volume_name(review: StorageReview) -> str:
    """The claim of the volume; "-" if only its size is known."""
    volume = review.facts.volume
    return volume.claim if volume and volume.claim else "-"


def _with_time(review: StorageReview, limits: Retention) -> str:
    """The lines with the time that the size surely keeps, and without a number for it where that is not known."""
    alone = review.present
    if alone is None:
        return lines_to_set(review.facts, limits)
    days = max(1, math.floor(alone.window / DAY))
    return lines_to_set(review.facts, Retention(days * DAY, limits.size))


def _evidence(review: StorageReview, present: Option | None) -> dict[str, Json]:
    metrics, usage, volume = review.facts.metrics, review.usage, review.facts.volume
    known: dict[str, Json | None] = {
        "limits": limits_text(review.in_force) if review.in_force else None,
        "blocksGiB": in_gib(metrics.blocks) if metrics and metrics.blocks is not None else None,
        "logGiB": in_gib(review.head) if review.head is not None else None,
        "volumeGiB": in_gib(volume.size) if volume else None,
        "samplesPerSecond": round(usage.ingest, 1) if usage else None,
        "bytesPerSample": round(usage.sample, 3) if usage else None,
        "basis": review.basis,
        "neededGiB": in_gib(present.volume) if present else None,
        "spareGiB": in_gib(present.spare) if present else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _sizes(review: StorageReview) -> str:
    page = review.access.fetch(f"{review.access.prometheus}/metrics")
    return f"{page} | grep -E '^prometheus_tsdb_.*(storage.*_bytes|limit_bytes)'"


def _no_usage(review: StorageReview, check: str) -> Iterator[Gap]:
    """A gap if the metrics are there, and do not tell yet how much a day takes."""
    if (
        review.facts.metrics
        and review.usage is None
        and "own-series" not in {why.source for why in review.facts.unavailable}
    ):
        yield Gap(check, "passing", message("gap/storage-no-usage"))
