"""Tells on the same day what the daily sample finds of ``slack.daily``, each finding once, and that it is over.

What is told is in the ledger before it is sent, so a later run goes on from there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import Protocol

from maintainer.analyse.sampling import SAMPLED
from maintainer.deliver.slack import Parcel
from maintainer.jobs import arguments
from maintainer.model.ledger import Entry, Notice, SeenFinding, SlackMessage
from maintainer.model.notices import JOB, about, followed, untold
from maintainer.model.report import Finding, Report
from maintainer.remembering import Ran
from maintainer.render.slack_notice import notice_end_post, notice_post
from maintainer.render.words import say
from maintainer.reporting import Shared

SAMPLE = "sample"
"""The job whose findings are told: it has no report."""

EARLIER = timedelta(days=1)
"""For how long before the run a message is looked for, because clocks differ."""


class Send(Protocol):
    """Does what is left to do of a message, and returns it as it stands then; ``save`` remembers each step."""

    def __call__(self, parcel: Parcel, message: SlackMessage, *, save: Callable[[SlackMessage], None]) -> SlackMessage:
        """The message."""


def notices(ran: Ran, cluster: str, known: tuple[Entry, ...], *, shared: Shared) -> tuple[Entry, ...]:
    """The entries of notices that begin, change or are over with a run; ``known`` are those of the cluster."""
    report, settings = ran.report, shared.settings
    if report.job != SAMPLE:
        return ()
    today = arguments.today(settings, report.generated_at)
    looked = SAMPLED - {gap.check for gap in report.gaps}
    new = (
        _begun(finding, report, cluster, shared=shared)
        for finding in untold(report, known)
        if any(fnmatchcase(finding.check, pattern) for pattern in settings.slack.daily)
    )
    seen = followed(report, known, today, looked=looked, undecided=ran.conclusion.undecided)
    return (*(_without_secrets(entry, shared.machine.secrets.hide) for entry in seen), *new)


def deliver_notice(entry: Entry, notice: Notice, *, send: Send, note: Callable[[Entry], None], shared: Shared) -> None:
    """Do what is left to do of the messages of a notice, the second in the thread of the first."""
    named = {"cluster": entry.cluster, "job": entry.job, "period": entry.period}
    since = (entry.at - EARLIER).timestamp()
    begun = entry.message or SlackMessage("", state="waiting")
    if begun.state != "done":
        wording = partial(notice_post, notice, entry.cluster, shared.catalogue)
        parcel = Parcel(shared.settings.slack.channel, named, since, wording, {})
        begun = send(parcel, begun, save=lambda message: note(replace(entry, message=message)))
    entry = replace(entry, message=begun)
    if notice.end and notice.end.state != "done":
        ended = {**named, "part": "end"}
        wording = partial(notice_end_post, notice, entry.cluster, shared.catalogue)
        parcel = Parcel(begun.channel, ended, since, wording, {}, thread=begun.timestamp)
        send(parcel, notice.end, save=lambda message: note(replace(entry, notice=replace(notice, end=message))))


def _without_secrets(entry: Entry, hide: Callable[[str], str]) -> Entry:
    """The entry without those that the settings may have in the reason of an acceptance."""
    notice = entry.notice
    return replace(entry, notice=replace(notice, accepted=hide(notice.accepted))) if notice else entry


def _begun(finding: Finding, report: Report, cluster: str, *, shared: Shared) -> Entry:
    """The entry of a finding that is to be told."""
    today, hide = arguments.today(shared.settings, report.generated_at), shared.machine.secrets.hide
    seen = SeenFinding(finding.check, finding.fingerprint, today)
    summary, action = (hide(say(shared.catalogue, text)) for text in (finding.summary, finding.action))
    return Entry(
        cluster=cluster,
        job=JOB,
        period=f"{today} {finding.check} {finding.fingerprint}",
        result="done",
        at=report.generated_at,
        message=SlackMessage(shared.settings.slack.channel, state="waiting"),
        notice=about(Notice(seen, (), finding.severity, summary, action), [finding]),
    )
