"""Two quarters of a fleet: one with an alert for each way in which alerts go wrong, and one without a fault."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from maintainer.model.alerts import MINUTE, Run
from maintainer.model.facts import Key
from maintainer.sandbox.story import Story

DAYS = 90
STORED_DAYS = 30
"""So many of the days are in Prometheus, and those before in the archive."""
SUNDAY = 6

OUTAGES: Sequence[tuple[Key, int, str]] = (
    (("payments", "payment-api"), 6, "10:20"),
    (("identity", "login"), 19, "15:40"),
    (("catalog", "product-api"), 33, "23:10"),
    (("payments", "payment-api"), 47, "14:06"),
    (("logistics", "shipment-api"), 66, "11:30"),
    (("identity", "login"), 81, "16:12"),
)
SLOW: Sequence[tuple[Key, int, str]] = (
    (("catalog", "price-api"), 2, "09:40"),
    (("identity", "users"), 9, "23:30"),
    (("logistics", "tracking-api"), 14, "13:10"),
    (("catalog", "price-api"), 18, "17:20"),
    (("identity", "users"), 24, "04:50"),
    (("logistics", "tracking-api"), 29, "10:30"),
    (("catalog", "price-api"), 36, "22:40"),
    (("identity", "users"), 41, "15:00"),
    (("logistics", "tracking-api"), 46, "20:10"),
    (("catalog", "price-api"), 54, "11:50"),
    (("identity", "users"), 60, "08:20"),
    (("logistics", "tracking-api"), 68, "16:40"),
    (("catalog", "price-api"), 74, "03:10"),
    (("identity", "users"), 84, "18:30"),
)
"""Deployments that take a little longer than the alert RolloutStuck waits."""
QUICK: Sequence[tuple[Key, int, str]] = tuple(
    (rollout, day, f"{9 + day % 9:02}:{10 * number:02}")
    for number, rollout in enumerate((("catalog", "price-api"), ("identity", "users"), ("logistics", "tracking-api")))
    for day in range(1 + number, DAYS, 4)
)
ABORTED_BY_HAND: Sequence[tuple[Key, int, str]] = (
    (("search", "query-api"), 22, "14:20"),
    (("catalog", "inventory"), 51, "10:50"),
    (("search", "query-api"), 77, "17:04"),
)
ABORTED_BY_ANALYSIS: Sequence[tuple[Key, int, str]] = (
    (("checkout", "cart"), 4, "11:10"),
    (("checkout", "order-api"), 16, "15:20"),
    (("checkout", "cart"), 31, "09:50"),
    (("checkout", "order-api"), 43, "16:30"),
    (("checkout", "cart"), 62, "13:40"),
    (("checkout", "order-api"), 79, "10:10"),
)
NEAR_MISSES: Sequence[tuple[Key, int, str]] = (
    (("identity", "sessions"), 11, "12:10"),
    (("identity", "sessions"), 38, "19:30"),
    (("identity", "sessions"), 57, "06:20"),
    (("identity", "sessions"), 82, "14:40"),
)
FLAPPING: Sequence[tuple[Key, int, str]] = (
    (("search", "suggest"), 13, "21:10"),
    (("search", "suggest"), 44, "13:30"),
    (("search", "suggest"), 72, "01:20"),
)
PROBES: Sequence[tuple[Key, int, str]] = (
    (("payments", "wallet"), 3, "10:00"),
    (("payments", "wallet"), 12, "18:20"),
    (("payments", "wallet"), 21, "02:40"),
    (("payments", "wallet"), 34, "12:30"),
    (("payments", "wallet"), 49, "15:10"),
    (("payments", "wallet"), 59, "20:50"),
    (("payments", "wallet"), 70, "09:20"),
    (("payments", "wallet"), 86, "05:30"),
)
NIGHTLY: Key = ("logistics", "warehouse-tasks")
PAUSED: Key = ("payments", "ledger")


def days_until(now: datetime) -> tuple[datetime, ...]:
    """The midnights of the days before ``now``, which is a time ten minutes after a midnight or later."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return tuple(today - timedelta(days=ago) for ago in range(DAYS, -1, -1))


def noisy_quarter(midnights: tuple[datetime, ...]) -> Story:
    """Real trouble, and an alert for each way in which alerts go wrong."""
    story = Story(midnights)
    _quick(story)
    for rollout, day, clock in SLOW:
        story.deployed(rollout, story.at(day, clock), minutes=16 + 2 * (day % 2))
    for number, (rollout, day, clock) in enumerate(OUTAGES):
        story.outage(rollout, story.at(day, clock))
        if number % 2:
            story.probe_fails(rollout, story.at(day, clock) + 4 * MINUTE, pods=_pods(rollout, day), minutes=8)
    _aborts(story)
    for rollout, day, clock in NEAR_MISSES:
        story.short(rollout, story.at(day, clock), minutes=10, available=2)
    for rollout, day, clock in FLAPPING:
        for number in range(4):
            story.unready(rollout, story.at(day, clock) + 14 * number * MINUTE, minutes=12)
    for rollout, day, clock in PROBES:
        story.probe_fails(rollout, story.at(day, clock), pods=_pods(rollout, day), minutes=8)
    for night in range(DAYS):
        if midnights[night].weekday() != SUNDAY:
            story.phase(NIGHTLY, "Timeout", story.at(night, "02:00"), minutes=20)
    story.phase(PAUSED, "Paused", story.deployed(PAUSED, story.at(55, "09:50"), minutes=10), minutes=9 * 24 * 60 + 300)
    restarted = story.at(75, "14:16")
    story.unready(("search", "suggest"), story.at(75, "14:00"), minutes=40)
    story.outages.append(Run(restarted, restarted + 2 * MINUTE))
    return story


def quiet_quarter(midnights: tuple[datetime, ...]) -> Story:
    """Deployments, real trouble that was told, and a deployment that was aborted."""
    story = Story(midnights)
    _quick(story)
    for rollout, day, clock in OUTAGES[1::2]:
        story.outage(rollout, story.at(day, clock))
    for rollout, day, clock in ABORTED_BY_HAND[::2]:
        story.aborted(rollout, story.at(day, clock), by_analysis=False, minutes=44)
    return story


def _quick(story: Story) -> None:
    slow = {(rollout, day) for rollout, day, _ in SLOW}
    for rollout, day, clock in QUICK:
        if (rollout, day) not in slow:
            story.deployed(rollout, story.at(day, clock), minutes=6)


def _aborts(story: Story) -> None:
    for rollout, day, clock in ABORTED_BY_ANALYSIS:
        story.aborted(rollout, story.at(day, clock), by_analysis=True, minutes=74)
    for rollout, day, clock in ABORTED_BY_HAND:
        story.aborted(rollout, story.at(day, clock), by_analysis=False, minutes=44)


def _pods(rollout: Key, day: int) -> tuple[str, ...]:
    """The names of three pods of a day."""
    return tuple(f"{rollout[1]}-{0x5B000 + 7919 * day:x}-{suffix}" for suffix in ("4kq2z", "8xvd6", "t7m9c"))
