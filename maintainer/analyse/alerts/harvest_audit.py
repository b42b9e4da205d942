"""The check of a harvest: days of which the history of alerts is lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from maintainer.analyse.reproduce import Access
from maintainer.model.alert_archive import ASKED, HarvestedDay
from maintainer.model.facts import Unavailable
from maintainer.model.harvest import HarvestPlan, PlannedDay, Unreplayed
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap, Subject, divisible

CHECK = "alert/history"


@dataclass(frozen=True, slots=True)
class HarvestAudit:
    """What a harvest has read: its ``plan``, and the ``days`` that are kept.

    ``first`` is the start of the first day that the archive has, ``None`` if it has none. ``zone`` is that of the days.
    ``unreplayed`` are alerts that could not be replayed on a day.
    """

    zone: ZoneInfo
    access: Access
    plan: HarvestPlan = field(default_factory=HarvestPlan)
    days: tuple[HarvestedDay, ...] = ()
    first: int | None = None
    unavailable: tuple[Unavailable, ...] = ()
    unreplayed: tuple[Unreplayed, ...] = ()


def alert_history(audit: HarvestAudit) -> Iterator[Finding]:
    """Days that no harvest has read, and of which Prometheus has nothing any more."""
    lost = [day for day in audit.plan.gone if audit.first is not None and day.start > audit.first]
    if lost:
        yield divisible(lost, partial(_lost, audit))


def alert_history_gaps(audit: HarvestAudit) -> Iterator[Gap]:
    """What could be read and was not, because it is too much for a run; and what of a day cannot be read at all."""
    plan = audit.plan
    if plan.left:
        samples = plan.left[0].total
        why = "harvest/left" if plan.days else "harvest/too-much"
        told = message(why, count=len(plan.left), day=_date(plan.left[0].start, audit.zone), samples=samples)
        yield Gap(CHECK, "passing" if plan.days else "permanent", told)
    for day in audit.days:
        for reason in dict.fromkeys(_unread(kind, day.unread[kind]) for kind in sorted(day.unread)):
            told = message("harvest/of-day", day=_date(day.start, audit.zone), why=reason)
            yield Gap(CHECK, "permanent", told)
    for one in dict.fromkeys(audit.unreplayed):
        yield Gap(CHECK, "permanent", message("harvest/not-replayed", alert=one.alert, why=one.why))


def _unread(kind: str, why: Message) -> Message:
    """Why a kind is not known; of what a setting asks for, also which one."""
    return message(f"harvest/unread.{kind}", why=why) if kind in ASKED else why


def harvest_figures(audit: HarvestAudit) -> Mapping[str, int]:
    """How many days, episodes and rules were kept, and how many samples there were to read."""
    return {
        "harvest.days": len(audit.days),
        "harvest.episodes": sum(len(day.episodes) for day in audit.days),
        "harvest.rules": len({rule.version for day in audit.days for rule in day.rules}),
        "harvest.lost": len([day for day in audit.plan.gone if audit.first is not None and day.start > audit.first]),
    }


def _lost(audit: HarvestAudit, days: Sequence[PlannedDay]) -> Finding:
    dates = [_date(day.start, audit.zone) for day in days]
    return Finding(
        check=CHECK,
        severity="warning",
        subjects=tuple(Subject("Day", "", date) for date in dates),
        cause="lost",
        summary=message(f"{CHECK}/lost.summary", count=len(days), first=dates[0], last=dates[-1]),
        action=message(f"{CHECK}/lost.action", count=len(days)),
        evidence={"days": dates},
        reproduce=audit.access.ask("query", query="count(ALERTS)", time=str((days[0].start + days[0].end) // 2000)),
    )


def _date(start: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(start / 1000, zone).date().isoformat()
