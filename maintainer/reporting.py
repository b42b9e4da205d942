"""Runs a job on the open sources, and makes its report: in order, with what the settings accept marked."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Literal, TypeVar, cast

from maintainer.analyse.checks import CHECKS, Check
from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.clients.limits import Limits
from maintainer.collect.connections import open_sources
from maintainer.collect.sources import Sources, attempt
from maintainer.deliver.written_to import Notes
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.faults import Faults
from maintainer.jobs import arguments
from maintainer.jobs.context import Archived, JobContext
from maintainer.model.acceptance import accept, accept_gaps, unused
from maintainer.model.clock import Clock
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import Message
from maintainer.model.report import Conclusion, Finding, Gap, Period, Report, in_order
from maintainer.render.words import Catalogue, load, say
from maintainer.settings import Settings

S = TypeVar("S")
T = TypeVar("T")
Job = Callable[[Settings, JobContext], Conclusion]
Reports = Literal["always", "news", "never"]


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run of a job of the calendar.

    ``period`` is that of the report, ``label`` the one of the calendar by which the ledger has its entry. What the job
    says of the past begins ``since``. ``checks`` are the ids of the checks that the job has. ``reports`` is when the
    report is written, and not only recorded: ``news`` is if something was found, is gone, or was done.
    """

    name: str
    job: Job
    period: Period
    label: str
    since: datetime
    checks: tuple[str, ...]
    reports: Reports = "always"

    def writes(self, report: Report) -> bool:
        """Whether the report is written."""
        news = any(finding.counts for finding in report.findings) or report.resolved or report.actions
        return self.reports == "always" or (self.reports == "news" and bool(news))


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run gets from the machine that it runs on.

    ``clock`` measures waits and ``now`` is the time of the run. ``version`` is that of this program. ``kubeconfig`` is
    a path, or several as in ``$KUBECONFIG``; "" is the ServiceAccount of the pod. ``kubeconfig_named``: somebody named
    it, so that it is an error if it cannot be used. ``secrets`` are those that nothing may show, and learns more of
    them in the run. ``before_step`` is called before each step, and ends the run by an exception that is no error if
    that was asked for. ``slack_token`` is the one of the environment, "" for none.
    """

    clock: Clock
    now: datetime
    version: str
    kubeconfig: str = ""
    kubeconfig_named: bool = False
    secrets: KnownSecrets = field(default_factory=KnownSecrets)
    before_step: Callable[[], None] = lambda: None
    slack_token: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a job reads and writes of the store: the archive, and the notes of what was restored."""

    archived: Archived
    notes: Callable[[], Notes]


class Shared:
    """What the jobs of one process share: the sources, which are opened when they are needed, and what was read."""

    def __init__(self, settings: Settings, machine: Machine, faults: Faults) -> None:
        self.settings = settings
        self.machine = machine
        self.faults = faults
        self._sources: Sources | None = None
        self._made: dict[str, object] = {}

    @property
    def sources(self) -> Sources:
        """The sources. Raises ``ConfigError`` as ``open_sources``, and for a named cluster that is not there."""
        if self._sources is None:
            self._sources = opened(self.settings, self.machine, self.faults)
            if self.settings.cluster.context or self.machine.kubeconfig_named:
                _require_named_cluster(self._sources, self.catalogue)
        return self._sources

    @cached_property
    def catalogue(self) -> Catalogue:
        """The words of the reports, which take longer to read than a small job takes to run."""
        return load(self.settings.reports.language)

    @property
    def cluster(self) -> str:
        """The name of the cluster in reports, "" if it is not known. Reads no source."""
        if name := self.settings.cluster.name or (self._sources.name if self._sources else ""):
            return name
        cluster, _ = attempt("cluster", partial(cluster_of, self.settings, self.machine, Limits()), self.faults.guard)
        if cluster is None:
            return ""
        cluster.close()
        return cluster.name

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` returns for the first job that asks by this name, and for all after it."""
        if name not in self._made:
            self._made[name] = make()
        return cast(T, self._made[name])

    def close(self) -> None:
        """Close the connections."""
        if self._sources:
            self._sources.close()


def make_report(scheduled: ScheduledRun, settings: Settings, machine: Machine, *, faults: Faults) -> Report:
    """The report of a run that neither reads nor writes a store."""
    with closing(Shared(settings, machine, faults)) as shared:
        return concluded(scheduled, shared, Remembered(_nothing_archived, _no_notes))[0]


def concluded(scheduled: ScheduledRun, shared: Shared, memory: Remembered) -> tuple[Report, Conclusion]:
    """The report of a run in the order of all outputs, with accepted findings marked, and what it was made of.

    A job that fails as a whole is a gap of each of its checks. What is not read when the time of the settings is over
    is a gap as well.
    """
    settings, machine, faults = shared.settings, shared.machine, shared.faults
    accepted, today = arguments.acceptances(settings), arguments.today(settings, machine.now)
    chosen = arguments.chosen(settings) & frozenset(scheduled.checks)
    context = JobContext(
        sources=shared.sources,
        clock=machine.clock,
        now=machine.now,
        period=scheduled.period,
        since=scheduled.since,
        examine=partial(_examine, faults, chosen),
        chosen=chosen,
        sift=faults.sift,
        sections=faults.sections,
        archived=memory.archived,
        once=shared.once,
        notes=memory.notes,
    )
    conclusion, why = attempt(scheduled.name, partial(scheduled.job, settings, context), faults.guard)
    if conclusion is None:
        conclusion = Conclusion(gaps=tuple(Gap(check, "passing", why[0].reason) for check in scheduled.checks))
    gaps = tuple(dict.fromkeys(gap for gap in conclusion.gaps if gap.check in chosen))
    marked, _ = attempt("accept", partial(accept, conclusion.findings, accepted, today), faults.guard)
    unseen = CHECKS.keys() - conclusion.checks | {gap.check for gap in gaps}
    report = Report(
        job=scheduled.name,
        cluster=settings.cluster.name or shared.sources.name,
        period=scheduled.period,
        generated_at=machine.now,
        version=machine.version,
        findings=conclusion.findings if marked is None else marked,
        actions=conclusion.actions,
        gaps=accept_gaps(gaps, accepted, today),
        figures=conclusion.figures,
        sections=conclusion.sections,
        files=conclusion.files,
        unused=unused(accepted, conclusion.findings, today=today, unseen=unseen),
        passed=_passed(conclusion),
        not_chosen=tuple(check for check in scheduled.checks if check not in chosen),
    )
    return in_order(report), conclusion


def _passed(conclusion: Conclusion) -> tuple[str, ...]:
    """The checks that ran, could look at everything, and found nothing."""
    noticed = {*(finding.check for finding in conclusion.findings), *(gap.check for gap in conclusion.gaps)}
    return tuple(sorted(conclusion.checks - noticed))


def _no_notes() -> Notes:
    raise SourceUnavailable("store-not-opened", permanent=True)


def _nothing_archived(_kind: str, _since: datetime) -> tuple[ArchiveLine, ...]:
    return ()


def cluster_of(settings: Settings, machine: Machine, limits: Limits) -> Cluster:
    """A client of the cluster of the settings. Raises :class:`SourceUnavailable` if it cannot be opened."""
    context, user = settings.cluster.context, settings.cluster.as_user
    return connect(context, machine.kubeconfig, user=user, secrets=machine.secrets, limits=limits)


def opened(settings: Settings, machine: Machine, faults: Faults) -> Sources:
    """The sources of the settings; the caller closes them."""
    limits = Limits.of_run(settings.timeout, settings.prometheus.max_samples_per_run)
    prometheus, grafana = arguments.prometheus_access(settings, limits), arguments.grafana_endpoint(settings, limits)
    return open_sources(
        partial(cluster_of, settings, machine, limits),
        prometheus=replace(prometheus, endpoint=machine.secrets.watched(prometheus.endpoint)),
        grafana=machine.secrets.watched(grafana) if grafana else None,
        guard=faults.guard,
    )


def _require_named_cluster(sources: Sources, catalogue: Catalogue) -> None:
    """Raise ``ConfigError`` for a context or a kubeconfig that is not there: a report of no cluster misleads."""
    for unavailable in sources.unavailable:
        why = unavailable.reason.named.get("why")
        reason = why if isinstance(why, Message) else unavailable.reason
        if unavailable.source == "cluster" and reason.id in {"gap/cluster-no-context", "gap/cluster-config"}:
            raise ConfigError(say(catalogue, reason))


def _examine(
    faults: Faults, chosen: frozenset[str], checks: Sequence[Check[S]], subject: S
) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    return faults.examine([check for check in checks if check.id in chosen], subject)
