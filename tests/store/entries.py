"""Entries of a ledger for tests."""

from datetime import UTC, datetime, timedelta
from random import Random

from maintainer.model.ledger import Entry, Result, packed

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)


def entry(  # noqa: PLR0913 - each field of an entry that tests tell apart
    period: str = "2026-10",
    *,
    cluster: str = "production",
    job: str = "monthly",
    result: Result = "done",
    minutes: float = 0,
    figures: int = 1,
    report: bytes = b"",
    passing: bool = False,
    seconds: float | None = None,
) -> Entry:
    """An entry that was made so many minutes after ``NOW``."""
    return Entry(
        cluster=cluster,
        job=job,
        period=period,
        result=result,
        at=NOW + timedelta(minutes=minutes),
        verdict=None if result == "missed" else "ok",
        figures={f"rollouts.figure-{number}": number for number in range(figures)},
        report=report,
        passing=passing,
        seconds=seconds,
    )


def incompressible(size: int, seed: int = 0) -> bytes:
    """So many bytes that no compression makes smaller."""
    return Random(seed).randbytes(size)


def report_of(cluster: int, month: int, *, rollouts: int = 40) -> bytes:
    """A report of about the size of a real one, which differs from all others."""
    random = Random(1000 * cluster + month)
    lines = [f'"rollout-{random.getrandbits(40):x}": "{random.choice(["Healthy", "Paused"])}"' for _ in range(rollouts)]
    return packed("{" + ", ".join(lines) + "}")
