"""The steps of a harvest: which days to read, the plan, and then one day after another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.harvest_audit import HarvestAudit
from maintainer.analyse.alerts.harvested_day import harvested_day
from maintainer.analyse.alerts.wanted_days import MOST_DAYS, wanted_days
from maintainer.analyse.alerts.watched_alerts import watched_alerts
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.day import read_day
from maintainer.collect.alerts.planning import Wanted, harvest_plan, log_plan, log_read
from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.rules import loaded_alerting
from maintainer.collect.alerts.selectors import WATCHDOG, selectors
from maintainer.collect.alerts.silences import silences
from maintainer.collect.sources import SourceReader
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.jobs.harvest_replays import Replaying, replayed, replayed_rules
from maintainer.model.alert_archive import KIND, HarvestedDay, harvested_days
from maintainer.model.alerts import Silence
from maintainer.model.harvest import IMPACT, DaySamples, LoadedAlerting, PlannedDay, Unreplayed
from maintainer.model.message import Message
from maintainer.settings import Settings

FACT = "alert-history"
"""What could not be read of the past of alerts: the fact that the check needs."""

MOST_FAILED = 2
"""Days that cannot be read for a reason that may pass, before the others are left for the next run."""


@dataclass(frozen=True, slots=True)
class _Harvest:
    """What the days have in common."""

    context: JobContext
    reader: Reader
    wanted: Wanted
    most: int
    silences: tuple[Silence, ...] | Message


def read_history(settings: Settings, context: JobContext) -> HarvestAudit:
    """Read all days that are over and not in the archive, as far as Prometheus has them and they do not cost too much.

    A day of which something cannot be read for a reason that may pass is left for the next run.
    """
    sources, zone = context.sources, ZoneInfo(settings.schedule.time_zone)
    audit = HarvestAudit(zone, arguments.access(settings, sources), unavailable=sources.unavailable)
    prometheus, evaluator = sources.prometheus, sources.evaluator
    if prometheus is None or evaluator is None:
        return audit
    read = SourceReader(sources.guard)
    known = read(FACT, partial(_known, context))
    now = read(FACT, prometheus.time)
    loaded = read(FACT, partial(loaded_alerting, evaluator))
    if known is None or now is None or loaded is None:
        return replace(audit, unavailable=read.unavailable)
    reader = Reader(prometheus, context.clock, settings.prometheus.replica_labels)
    wanted = _wanted(loaded, settings)
    days = wanted_days(known, datetime.fromtimestamp(now, UTC), zone)
    most = settings.prometheus.max_samples_per_run - prometheus.cost.samples
    plan = read(FACT, partial(harvest_plan, reader, wanted, days, most=most))
    if plan is None:
        return replace(audit, unavailable=read.unavailable)
    log_plan(plan)
    audit = replace(audit, plan=plan, first=min((day.start for day in known), default=None))
    found = _silences(settings, context, evaluator) if plan.days else ()
    harvest = _Harvest(context, reader, wanted, settings.prometheus.max_samples_per_run, found)
    return _with_days(audit, harvest)


def _known(context: JobContext) -> tuple[HarvestedDay, ...]:
    """The days that the archive has. Raises :class:`SourceUnavailable`."""
    return harvested_days(context.archived(KIND, context.now - timedelta(days=MOST_DAYS + 1)))


def _wanted(loaded: LoadedAlerting, settings: Settings) -> Wanted:
    rules = watched_alerts(loaded, settings.alerts.names)
    watchdog = any(rule.name == WATCHDOG for rule in loaded.rules)
    each, newest = (len(replayed_rules(rules, newest=newest)) for newest in (False, True))
    read = selectors(rules, arguments.scope(settings), watchdog=watchdog)
    return Wanted(rules, read, each, newest, arguments.impact_query(settings.alerts.impact))


def _silences(settings: Settings, context: JobContext, evaluator: Prometheus) -> tuple[Silence, ...] | Message:
    """The silences that Alertmanager has now, or why they are not known."""

    def read() -> tuple[Silence, ...]:
        named = settings.alertmanager.url
        urls = (named,) if named else evaluator.alertmanagers()
        return silences(context.sources, urls) if urls else ()

    found, why = context.sources.attempt("silences", read)
    return why[0].reason if found is None else found


def _with_days(audit: HarvestAudit, harvest: _Harvest) -> HarvestAudit:
    """The audit with the days of its plan, read one after another: the samples of one are much.

    The newest comes first, so that days that cannot be read do not keep it from being read.
    """
    plan, prometheus = audit.plan, harvest.reader.prometheus
    before, failed = prometheus.cost, 0
    newest = max((day.end for day in (*plan.days, *plan.gone, *plan.left)), default=0)
    for number, planned in enumerate((*plan.days[-1:], *plan.days[:-1])):
        read = read_day(harvest.reader, planned, harvest.wanted.asked_on(planned), guard=harvest.context.sources.guard)
        passing = [why for name, why in read.unread.items() if not why.permanent and name != IMPACT]
        if passing:
            audit = replace(audit, unavailable=(*audit.unavailable, replace(passing[0], source=FACT)))
            failed += 1
        else:
            rest = plan.days[:-1][number:]
            audit = _with_day(audit, read, harvest, rest=rest, newest=planned.end == newest)
        if failed == MOST_FAILED:
            break
    log_read(len(audit.days), len(plan.days), prometheus.cost, before=before)
    return audit


def _with_day(
    audit: HarvestAudit, read: DaySamples, harvest: _Harvest, *, rest: Sequence[PlannedDay], newest: bool
) -> HarvestAudit:
    """The audit with what is kept of a day; the days of the ``rest`` are read after it."""
    sources, wanted = harvest.context.sources, harvest.wanted
    same_server = sources.ruler is None
    day = harvested_day(read, wanted.rules, same_server=same_server)
    unreplayed: tuple[Unreplayed, ...] = ()
    if "episodes" not in day.unread:
        left = harvest.most - harvest.reader.prometheus.cost.samples - sum(other.total for other in rest)
        replaying = Replaying(harvest.reader, sources.guard, left, wanted.replays * len(rest), same_server)
        day, unreplayed = replayed(day, read, replaying, newest=newest)
    if isinstance(harvest.silences, Message):
        day = replace(day, unread={**day.unread, "silences": harvest.silences})
    else:
        overlapping = (one for one in harvest.silences if one.starts < day.end and one.ends > day.start)
        day = replace(day, silences=tuple(overlapping))
    return replace(audit, days=(*audit.days, day), unreplayed=audit.unreplayed + unreplayed)
