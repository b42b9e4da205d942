"""The checks of retention: what is configured is in force, is what is really kept, and reaches back far enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from maintainer.analyse.storage.arithmetic import DAY, HOUR, LONGEST, longest_block
from maintainer.analyse.storage.deployed import lines_to_set, the_deployed
from maintainer.analyse.storage.limits import live, never_deletes_by_time
from maintainer.analyse.storage.options import days_text, limits_text, time_in_full
from maintainer.analyse.storage.review import SUBJECT, StorageReview
from maintainer.analyse.storage.words import in_days, in_gib, said
from maintainer.model.byte_size import size_text
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Json
from maintainer.model.storage import Retention

CONFIGURED, EFFECTIVE, HISTORY = "retention/configured", "retention/effective", "retention/history"
_LATE = 6 * HOUR
"""Blocks are deleted by the clock of the newest one, which is up to three hours behind, within a minute of a reload."""
_NEARLY = 0.9
_HARVESTED = timedelta(days=3)


def retention_configured(review: StorageReview) -> Iterator[Finding]:
    """The limits that are configured do not delete, or others do."""
    yield from _time_without_effect(review)
    yield from _others_in_force(review)
    yield from _file_wins(review)


def retention_configured_gaps(review: StorageReview) -> Iterator[Gap]:
    """What was deployed could not be read; that nothing was, is none."""
    for why in review.facts.unavailable:
        if why.source == "deployed" and why.reason.id != "gap/nothing-deployed":
            yield Gap(CONFIGURED, "permanent" if why.permanent else "passing", why.reason)


def _time_without_effect(review: StorageReview) -> Iterator[Finding]:
    file, server = review.facts.file, review.facts.server
    if not never_deletes_by_time(review.facts) or not file or not file.time or not review.limits:
        return
    metrics = review.facts.metrics
    yield Finding(
        check=CONFIGURED,
        severity="error",
        subjects=(SUBJECT,),
        cause="time-without-effect",
        summary=message("retention/configured/time-without-effect.summary", time=days_text(file.time)),
        action=message("retention/configured/time-without-effect.action"),
        evidence={
            "configured": limits_text(review.limits),
            "version": server.version if server else "",
            "limitSeconds": metrics.limit_seconds if metrics else None,
            "values": lines_to_set(review.facts, review.limits),
        },
        reproduce=_metric(review, "retention_limit"),
    )


def _others_in_force(review: StorageReview) -> Iterator[Finding]:
    in_force, limits, file = live(review.facts), review.limits, review.facts.file
    if not in_force or not limits or never_deletes_by_time(review.facts):
        return
    if file and file.percentage:
        # The server takes the share of a volume that only itself measures.
        in_force = replace(in_force, size=limits.size)
    if in_force != limits:
        yield Finding(
            check=CONFIGURED,
            severity="warning",
            subjects=(SUBJECT,),
            cause="others-in-force",
            summary=message(
                "retention/configured/others-in-force.summary", live=said(in_force), configured=said(limits)
            ),
            action=message("retention/configured/others-in-force.action"),
            evidence={
                "configured": limits_text(limits),
                "inForce": limits_text(in_force),
                "values": lines_to_set(review.facts, limits),
            },
            reproduce=_metric(review, "retention_limit"),
        )


def _file_wins(review: StorageReview) -> Iterator[Finding]:
    file, deployed = review.facts.file, the_deployed(review.facts)
    if not file or not deployed:
        return
    of_file, given = Retention(file.time or None, file.size or None), deployed.limits
    lost = Retention(
        given.time if of_file.time and given.time and of_file.time != given.time else None,
        given.size if of_file.size and given.size and of_file.size != given.size else None,
    )
    if lost != Retention():
        yield Finding(
            check=CONFIGURED,
            severity="warning",
            subjects=(SUBJECT,),
            cause="file-wins",
            summary=message(
                "retention/configured/file-wins.summary",
                lost=limits_text(lost),
                object=str(deployed.id.subject),
                file=limits_text(of_file),
            ),
            action=message("retention/configured/file-wins.action"),
            evidence={
                "object": str(deployed.id.subject),
                "arguments": limits_text(given),
                "file": limits_text(of_file),
            },
            reproduce=review.access.ask("status/config"),
        )


def retention_effective(review: StorageReview) -> Iterator[Finding]:
    """Prometheus keeps less than its time, because of its size, or more, because it does not delete."""
    window, in_force = review.window, review.in_force
    if window is None or not in_force or not in_force.time:
        return
    if in_force.size and deleted_by_size(review) and window < in_force.time - review.longest_block:
        yield _cut_by_size(review, in_force, window=window)
    elif _keeps_too_much(review, in_force.time):
        yield _not_deleted(review, in_force, window=window)


def _cut_by_size(review: StorageReview, in_force: Retention, *, window: float) -> Finding:
    present, time = review.present, in_force.time or 0
    whole = time_in_full(time, review.usage) if review.usage else None
    values = lines_to_set(review.facts, whole.limits if whole else in_force, whole.volume if whole else None)
    return Finding(
        check=EFFECTIVE,
        severity="warning",
        subjects=(SUBJECT,),
        cause="size",
        summary=message(
            "retention/effective/size.summary",
            days=in_days(window),
            time=days_text(time),
            size=size_text(in_force.size or 0),
        ),
        action=message("retention/effective/size.action"),
        evidence={
            **_kept(review, in_force, window=window),
            "safeDays": in_days(present.window) if present else None,
            "values": values,
        },
        reproduce=_metric(review, "lowest_timestamp|size_retentions|retention_limit"),
    )


def _not_deleted(review: StorageReview, in_force: Retention, *, window: float) -> Finding:
    return Finding(
        check=EFFECTIVE,
        severity="error",
        subjects=(SUBJECT,),
        cause="not-deleted",
        summary=message(
            "retention/effective/not-deleted.summary", days=in_days(window), time=days_text(in_force.time or 0)
        ),
        action=message("retention/effective/not-deleted.action"),
        evidence={
            **_kept(review, in_force, window=window),
            "longestBlockDays": in_days(review.longest_block),
        },
        reproduce=_metric(review, "lowest_timestamp|retentions_total|retention_limit"),
    )


def _kept(review: StorageReview, in_force: Retention, *, window: float) -> dict[str, Json]:
    metrics = review.facts.metrics
    return {
        "inForce": limits_text(in_force),
        "keptDays": in_days(window),
        "storedGiB": in_gib(stored_bytes(review)),
        "sizeDeletions": round(metrics.size_deletions) if metrics else None,
    }


def deleted_by_size(review: StorageReview) -> bool:
    """Whether the size limit deletes: it has since the start, or the storage is as large as it allows."""
    metrics, in_force = review.facts.metrics, review.in_force
    if not metrics or not in_force or not in_force.size:
        return False
    return metrics.size_deletions > 0 or stored_bytes(review) >= 0.95 * in_force.size


def stored_bytes(review: StorageReview) -> float:
    """The bytes that count for the size limit: blocks, write-ahead log and head."""
    metrics = review.facts.metrics
    return (metrics.blocks or 0.0) + (metrics.head or 0.0) if metrics else 0.0


def _keeps_too_much(review: StorageReview, time: float) -> bool:
    """Whether there is a block that should have been deleted, by the clock of the newest block."""
    metrics, blocks = review.facts.metrics, review.facts.blocks
    if blocks:
        return blocks[-1].end - blocks[0].end > time + _LATE
    if not metrics or metrics.oldest is None:
        return False
    if metrics.started is None or metrics.now - metrics.started <= DAY:
        # A server that was stopped for days has not deleted anything meanwhile.
        return False
    # Blocks of an earlier, longer time stay as long as they are.
    return metrics.now - metrics.oldest > time + longest_block(LONGEST) + _LATE


def retention_history(review: StorageReview) -> Iterator[Finding]:
    """A job looks back further than Prometheus keeps, and the archive does not have it."""
    kept, looks_back = promised(review), review.looks_back
    short = {job: time for job, time in looks_back.items() if kept is not None and time > kept}
    if kept is None or not short:
        return
    job, needed = max(short.items(), key=lambda item: item[1])
    whole = time_in_full(needed, review.usage) if review.usage else None
    evidence: Mapping[str, Json] = {
        "keptDays": in_days(kept),
        "neededDays": {name: in_days(time) for name, time in sorted(short.items())},
        "values": lines_to_set(
            review.facts, whole.limits if whole else Retention(needed), whole.volume if whole else None
        ),
    }
    yield Finding(
        check=HISTORY,
        severity="warning" if kept < _NEARLY * needed else "info",
        subjects=(SUBJECT,),
        cause="short",
        summary=message(
            "retention/history/short.summary",
            kept=in_days(kept),
            job=message(f"report/job.{job}"),
            days=in_days(needed),
        ),
        action=message("retention/history/short.action", time=days_text(needed)),
        evidence=evidence,
        reproduce=review.access.ask("status/runtimeinfo"),
    )


def kept_in_archive(days: Sequence[datetime], now: datetime, *, recorded: bool) -> bool:
    """Whether the archive keeps the alerts: the newest of its ``days`` is no older than three days.

    Where it has none yet, it will if this run is ``recorded``, as those of the calendar are.
    """
    return now - max(days) <= _HARVESTED if days else recorded


def promised(review: StorageReview) -> float | None:
    """The seconds that are surely kept once the storage is as full as its limits allow; ``None`` if not known."""
    in_force, present, window = review.in_force, review.present, review.window
    if not in_force:
        return None
    if window is not None and deleted_by_size(review):
        return min(window, in_force.time or window)
    return present.window if present else in_force.time


def _metric(review: StorageReview, names: str) -> str:
    """A command that shows metrics of the storage on the server's own page."""
    page = review.access.fetch(f"{review.access.prometheus}/metrics")
    return f"{page} | grep -E '^prometheus_tsdb_({names})'"
