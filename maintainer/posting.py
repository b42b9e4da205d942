"""Posts the reports that the ledger has: those of this run, and those that an earlier run could not post."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import quote

from maintainer.clients.endpoint import secret
from maintainer.clients.slack import Slack, Webhook
from maintainer.collect.sources import unavailable
from maintainer.deliver.slack import Parcel, Save, deliver, deliver_by_webhook
from maintainer.errors import ConfigError, DeliveryFailed, SourceUnavailable
from maintainer.model.ledger import Entry, SlackMessage
from maintainer.model.message import Message, message
from maintainer.model.report import Report
from maintainer.notices import EARLIER, deliver_notice, notices
from maintainer.remembering import Ran, Remembering
from maintainer.render.document import Document
from maintainer.render.formats import FORMATS, attached, file_name
from maintainer.render.slack import slack_post
from maintainer.render.stored import stored_document
from maintainer.render.words import Catalogue, say
from maintainer.reporting import Machine, Shared
from maintainer.settings_results import SlackSettings

POSTED_FORMATS = ("html", "md")
"""The files in the thread of a message."""


def is_set_up(settings: SlackSettings, machine: Machine) -> bool:
    """Whether anything says that reports are to be posted, or by what."""
    return bool(settings.post or settings.token_file or settings.webhook_url_file or machine.slack_token)


def open_sender(settings: SlackSettings, machine: Machine) -> Slack | Webhook:
    """What posts by these settings. Raises ``ConfigError`` if there is no token and no webhook."""
    token = secret(settings.token_file) if settings.token_file else machine.slack_token
    if token:
        machine.secrets.learn([token])
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ConfigError("the token of Slack is no token: it is a single word of ASCII characters")
        return Slack(token, settings.base_url, machine.clock)
    if not settings.webhook_url_file:
        raise ConfigError(
            "to post to Slack, set slack.tokenFile or SLACK_BOT_TOKEN (a bot token), or slack.webhookUrlFile"
        )
    url = secret(settings.webhook_url_file)
    machine.secrets.learn([url, url.rpartition("/")[2]])
    if not url.startswith(("https://", "http://")):
        raise ConfigError(f"the file {settings.webhook_url_file} of slack.webhookUrlFile does not hold a URL")
    return Webhook(url)


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts what the ledger says is to be posted, by the ``sender``."""

    sender: Slack | Webhook
    memory: Remembering
    shared: Shared

    def intent(self, report: Report, same: Entry | None) -> SlackMessage | None:
        """What is to be done about the message of a report; ``same`` is the entry of the run before for its period."""
        settings, before = self.shared.settings.slack, same.message if same else None
        if same and before and before.state in {"waiting", "sending"} and not before.timestamp:
            return before
        if before and before.timestamp:
            unfinished = () if before.state == "done" else before.files
            return SlackMessage(before.channel, before.timestamp, "waiting", unfinished)
        if before and same and same.verdict == report.verdict and not is_told(report, "changes"):
            return before  # by a webhook, which cannot update it
        return SlackMessage(settings.channel, state="waiting") if is_told(report, settings.when) else None

    def notices(self, ran: Ran, cluster: str, known: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """What is to be told at once of the findings of a run that has no report."""
        return notices(ran, cluster, known, shared=self.shared)

    def deliver(self, entry: Entry) -> DeliveryFailed | None:
        """Do what is left to do of an entry's message. The error says in a line why that failed."""
        if not entry.to_post:
            return None
        try:
            self.shared.faults.guard(partial(self._deliver, entry))
        except SourceUnavailable as error:
            return self._failed(entry, say(self.shared.catalogue, unavailable("slack", error).reason))
        except DeliveryFailed as error:
            return self._failed(entry, str(error))
        self.memory.notes.append(_posted(entry, self.shared.settings.slack.channel))
        return None

    def deliver_left(self, entries: Iterable[Entry], *, but: Collection[tuple[str, str]]) -> tuple[DeliveryFailed, ...]:
        """Deliver what earlier runs have left, except of these jobs and periods; why that failed."""
        left = [entry for entry in entries if (entry.job, entry.period) not in but]
        return tuple(failed for entry in left if (failed := self.deliver(entry)))

    def _deliver(self, entry: Entry) -> None:
        note = self.memory.note_posting
        if entry.notice:
            deliver_notice(entry, entry.notice, send=self._send, note=note, shared=self.shared)
        elif entry.message:
            self._send(self._parcel(entry), entry.message, save=lambda message: note(replace(entry, message=message)))

    def _send(self, parcel: Parcel, message: SlackMessage, *, save: Save) -> SlackMessage:
        if isinstance(self.sender, Webhook):
            return deliver_by_webhook(self.sender, parcel, message, save=save)
        return deliver(self.sender, parcel, message, save=save)

    def _parcel(self, entry: Entry) -> Parcel:
        """The message and the files of an entry, made of the report that the ledger has."""
        document = _stored(entry)
        catalogue, settings = self.shared.catalogue, self.shared.settings
        by_webhook, public_url = isinstance(self.sender, Webhook), settings.reports.public_url
        formats = () if by_webhook else POSTED_FORMATS
        place = _place(entry, document, public_url=public_url, catalogue=catalogue) if by_webhook else ""
        return Parcel(
            channel=settings.slack.channel,
            about={"cluster": entry.cluster, "job": entry.job, "period": entry.period},
            since=((entry.first_at or entry.at) - EARLIER).timestamp(),
            wording=partial(slack_post, document, catalogue, place=place),
            files={
                **{file_name(document, kind): FORMATS[kind](document, catalogue) for kind in formats},
                **({} if by_webhook else attached(document)),
            },
        )

    def _failed(self, entry: Entry, why: str) -> DeliveryFailed:
        text = self.shared.machine.secrets.hide_in_error(" ".join(why.split()))
        what = f"the report of {entry.job} for {entry.period}"
        if entry.notice:
            what = f"what the daily sample found of {entry.notice.seen.check}"
        return DeliveryFailed(
            f"{what} was not posted to Slack: {text}. It is recorded, and the next maintainer run due --post goes on "
            "from there"
        )


def is_told(report: Report, when: str) -> bool:
    """Whether a report is posted by the setting ``slack.when``. That the cluster was changed is always told."""
    if report.actions:
        return True
    if when == "findings":
        return report.verdict != "ok"
    if when == "changes":
        open_findings = [finding for finding in report.findings if finding.counts]
        differs = any(finding.state == "new" or finding.grown or finding.shrunk for finding in open_findings)
        expired = any(acceptance.why == "expired" for acceptance in report.unused)
        first = report.compared_with is None and report.verdict != "ok"
        return differs or expired or bool(report.resolved) or first
    return True


def _posted(entry: Entry, channel: str) -> Message:
    """What was posted of an entry, for a person."""
    if entry.notice:
        return message("slack/posted.notice", channel=channel, summary=entry.notice.summary)
    return message("slack/posted", channel=channel, job=entry.job, period=entry.period)


def _stored(entry: Entry) -> Document:
    """The report that the ledger keeps. Raises :class:`DeliveryFailed` if this program cannot read it."""
    try:
        return stored_document(entry.report)
    except ValueError as error:
        raise DeliveryFailed(f"the report in the store cannot be read: {error}") from error


def _place(entry: Entry, document: Document, *, public_url: str, catalogue: Catalogue) -> str:
    """Where a reader finds the report if it is not in the thread: its URL, or the command that shows it."""
    if public_url:
        url = f"{public_url.rstrip('/')}/{quote(file_name(document, 'html'))}"
        return say(catalogue, message("slack/place.url", url=url))
    return say(catalogue, message("slack/place.command", job=entry.job, period=entry.period))
