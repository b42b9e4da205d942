"""Looks at all that a run needs: servers, rights, clocks, the store. Writes nothing."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from maintainer.analyse.doctor.commands import Commands
from maintainer.analyse.doctor.rights import Object, Places, When, needed_rights, stored_rights
from maintainer.analyse.doctor.rows import examined
from maintainer.analyse.doctor.subject import Subject, Wanted
from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.limits import Limits
from maintainer.clients.slack import URL as SLACK_URL
from maintainer.clients.slack import Slack, Webhook
from maintainer.clients.slack_answers import NotDone
from maintainer.collect.doctor.folders import blocked_by
from maintainer.collect.doctor.opening import Opened, open_all
from maintainer.collect.doctor.servers import controller_look, granted, impact_look, namespace_exists, others
from maintainer.collect.drift.deployed import deployed
from maintainer.collect.drift.kinds import KINDS, group_of
from maintainer.collect.pipeline.cluster_state import lease_names, service_of
from maintainer.collect.sources import attempt
from maintainer.errors import ConfigError, DeliveryFailed
from maintainer.jobs import arguments
from maintainer.model.clock import Clock
from maintainer.model.doctor import Checkup, ImpactLook, Row, SlackLook, SlackTrouble, StoreLook
from maintainer.model.documents import LEDGER, MOST_PARTS, part_name
from maintainer.model.drift import Deployed, ObjectId
from maintainer.model.facts import Key, Unavailable
from maintainer.model.guard import Guard
from maintainer.model.ledger import Entry, archive_names
from maintainer.settings import Settings
from maintainer.store.interface import MOST_ASIDE, Store
from maintainer.store.memory import Memory

T = TypeVar("T")

_DAY = 86400.0
LOOKS_BACK: Mapping[str, float] = {"sample": 8 * _DAY, "harvest": 8 * _DAY, "monthly": _DAY}
"""For how many seconds each job needs samples in Prometheus: those of each day are tried again for a week, and the
monthly one looks at the resync of the controller."""
_OPERATOR = "monitoring.coreos.com/v1"
_ARCHIVE = range(-24, 16)
"""The months whose archives a role names: what is kept, and what will be written in the next two years."""


@dataclass(frozen=True, slots=True)
class DoctorContext:
    """What doctor gets of its process.

    ``connect`` and ``open_store`` are as for a run; ``folder`` is that of a store in a folder. ``watched`` learns the
    secrets of an endpoint. ``dates`` has the next date of each job of the calendar. ``open_slack`` is as for a run,
    ``None`` if nothing of Slack is set up. ``options`` are those with which doctor was called, for the commands that it
    prints.
    """

    connect: Callable[[Limits], Cluster]
    open_store: Callable[[], Store]
    folder: str
    clock: Clock
    now: datetime
    guard: Guard
    watched: Callable[[Endpoint], Endpoint]
    dates: Mapping[str, datetime | None]
    open_slack: Callable[[], Slack | Webhook] | None = None
    options: tuple[tuple[str, str], ...] = ()

    def wall(self) -> Callable[[], float]:
        """The clock of this machine, in seconds since the epoch."""
        began, now = self.clock.now(), self.now.timestamp()
        return lambda: now + self.clock.now() - began

    def look(self, source: str, step: Callable[[], T]) -> T | Unavailable:
        """The result of a step, or why there is none."""
        result, why = attempt(source, step, self.guard)
        return why[0] if why else result  # type: ignore[return-value]  # without a reason there is a result


def doctor(settings: Settings, context: DoctorContext) -> tuple[Row, ...]:
    """The rows. Raises ``ConfigError`` for settings that contradict each other, and for secrets that cannot be read."""
    limits = Limits.of_run(settings.timeout)
    access = arguments.prometheus_access(settings, limits)
    grafana = arguments.grafana_endpoint(settings, limits)
    opened = open_all(
        partial(context.connect, limits),
        access=replace(access, endpoint=context.watched(access.endpoint)),
        grafana=context.watched(grafana) if grafana else None,
        guard=context.guard,
        now=context.wall(),
    )
    with closing(opened.sources):
        found = deployed(opened.sources, arguments.deployment(settings))
        wanted = _wanted(settings, opened, context, found=found)
        seen = _checkup(settings, context, opened=opened, wanted=wanted, found=found)
        commands = Commands(arguments.access(settings, opened.sources), context.options)
    return examined(Subject(seen, wanted, commands))


def _wanted(settings: Settings, opened: Opened, context: DoctorContext, *, found: Deployed) -> Wanted:
    store = settings.store
    documents = (*(part_name("ledger", number) for number in range(1, MOST_PARTS + 1)), *_asides())
    archives = (part_name(name, number) for name in archive_names(context.now, _ARCHIVE) for number in (1, 2))
    return Wanted(
        rights=needed_rights(_places(settings, opened, found), arguments.chosen(settings)),
        store=stored_rights(store.namespace, store.name, (*documents, *archives, "")),
        writes=store.record or store.kind != "auto",
        namespace=settings.controller.namespace,
        service=settings.controller.service,
        keeps={job: seconds for job, seconds in LOOKS_BACK.items() if job in context.dates},
        dates=context.dates,
        time_zone=settings.schedule.time_zone,
        releases=settings.desired.helm_releases,
        named=arguments.deployment(settings).expected,
        paths=settings.desired.paths,
        channel=settings.slack.channel,
        impact=settings.alerts.impact,
        slack_url=f"{settings.slack.base_url.rstrip('/')}/" if settings.slack.base_url else SLACK_URL,
    )


def _asides() -> tuple[str, ...]:
    return tuple(f"aside-{number}" for number in range(1, MOST_ASIDE + 1))


def _places(settings: Settings, opened: Opened, found: Deployed) -> Places:
    """Where the rights are needed, and which of the conditions of the table hold."""
    url, scope = settings.prometheus.url, arguments.scope(settings)
    groups = frozenset[str]() if isinstance(opened.cluster, Unavailable) else opened.cluster.groups
    holds: Mapping[When, bool] = {
        "always": True,
        "operator": _OPERATOR in groups,
        "by-label": _OPERATOR in groups and opened.by_label,
        "searched": not url and not settings.prometheus.service,
        "unnamed": bool(url) and not settings.prometheus.service and not service_of(url),
        "replicated": opened.replicated,
    }
    controller, releases = scope.controller_namespace, arguments.deployment(settings)
    return Places(
        objects={
            "cluster": (("", ""),),
            "rollouts": tuple((namespace, "") for namespace in scope.namespaces or ("",)),
            "controller": ((controller, ""),),
            "metrics": ((controller, scope.service),),
            "lock": tuple((controller, name) for name in lease_names(scope)),
            "servers": opened.servers,
            "server-pods": tuple((namespace, "") for namespace, _ in opened.servers),
            "proxy": opened.proxy,
            "mounted": opened.mounted,
            "claims": () if settings.storage.disk_size else opened.claims,
            "dashboards": tuple(_key(name) for name in settings.grafana.dashboards),
            "releases": tuple((_key(name)[0], "") for name in releases.releases if releases.expected),
        },
        holds=frozenset(when for when, is_so in holds.items() if is_so),
        deployed=tuple(_object(each.id) for each in found.objects),
    )


def _object(id_: ObjectId) -> Object:
    group = group_of(id_.api_version)
    return Object(group, KINDS[group, id_.kind].plural, id_.namespace, id_.name)


def _key(name: str) -> Key:
    """Namespace and name of ``namespace/name``."""
    namespace, _, own = name.partition("/")
    return namespace, own


def _checkup(settings: Settings, context: DoctorContext, *, opened: Opened, wanted: Wanted, found: Deployed) -> Checkup:
    cluster, store = opened.sources.cluster, settings.store
    prometheus, clock = opened.prometheus(context.wall())
    clocks = {"kubernetes": opened.clock, "prometheus": clock}
    look = context.look("store", partial(_store_look, context))
    asked = cluster and (store.kind == "configmaps" or (isinstance(look, StoreLook) and look.in_cluster))
    samples = ("ledger", "aside-1", *archive_names(context.now, range(1)), "")
    rights = stored_rights(store.namespace, store.name, samples)
    return Checkup(
        cluster=opened.cluster,
        granted=context.look("cluster", partial(granted, cluster, wanted.rights)) if cluster else None,
        controller=controller_look(opened.sources, cluster, arguments.scope(settings)) if cluster else None,
        candidates=tuple(map(str, opened.candidates)),
        proxied=opened.proxied,
        prometheus=prometheus,
        impact=_impact_look(settings.alerts.impact, opened, context),
        clocks={name: shown for name, shown in clocks.items() if shown},
        store=look,
        stored=context.look("store", partial(granted, cluster, rights)) if asked and cluster else None,
        namespaced=namespace_exists(cluster, store.namespace) if asked and cluster else None,
        others=others(opened.sources, settings.alertmanager.url),
        deployed=found,
        slack=_slack_look(context.open_slack, settings.slack.channel) if context.open_slack else None,
    )


def _impact_look(expr: str, opened: Opened, context: DoctorContext) -> ImpactLook | Unavailable | None:
    """What the query about users says now; ``None`` if there is none, or nobody to ask."""
    client, query = opened.sources.prometheus, arguments.impact_query(expr)
    if query is None or client is None or opened.several:
        return None
    return context.look("impact", partial(impact_look, client, query.promql))


def _slack_look(
    open_slack: Callable[[], Slack | Webhook], channel: str
) -> SlackLook | SlackTrouble | Literal["webhook"]:
    """What Slack says of the token, or why it says nothing. A webhook is not asked, since it can only post."""
    try:
        sender = open_slack()
        return "webhook" if isinstance(sender, Webhook) else sender.look(channel)
    except ConfigError as error:
        return SlackTrouble("setting", str(error))
    except NotDone as refused:
        return SlackTrouble("refused" if refused.error else "reached", str(refused))
    except DeliveryFailed as lost:
        return SlackTrouble("reached", str(lost))


def _store_look(context: DoctorContext) -> StoreLook:
    """The store and what is in it. Raises :class:`SourceUnavailable`."""
    with closing(context.open_store()) as store:
        blocked = "" if store.own else blocked_by(context.folder)
        if blocked and blocked != str(Path(context.folder).absolute()):  # the folder does not exist yet
            return StoreLook(store.place, in_cluster=False, blocked=blocked)
        ledger: Memory[Entry] = Memory(store, LEDGER, "ledger")
        remembered = ledger.read()
        damaged = tuple(problem.name for problem in remembered.problems)
        return StoreLook(store.place, store.own, len(remembered.records), damaged, blocked)
