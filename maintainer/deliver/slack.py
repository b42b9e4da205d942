"""Delivers a report to Slack: the message, then its files in the thread, each exactly once.

Slack cannot be asked to do something only once. So each step is noted before it is taken: after a run that was killed,
or an answer that was lost, the next one knows what may have been done. It looks for the message by its metadata. A file
that may have been shown is deleted before it is uploaded again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from maintainer.clients.slack import Shown, Slack, Webhook
from maintainer.clients.slack_answers import NotDone, Unanswered
from maintainer.model.ledger import SlackFile, SlackMessage
from maintainer.model.slack_post import SlackPost

LOOKS = 10
"""How often Slack is asked whether a file that it has taken is shown, once a second."""
UPLOADS = 2
"""How often a file is uploaded in a run, if Slack takes it and does not show it."""
GONE = "message_not_found"
"""The error for a message that somebody has deleted: it is posted anew."""
NO_THREAD = frozenset({"cannot_reply_to_message", "invalid_thread_ts", "thread_not_found", GONE})
"""The errors for a thread that is gone with its message: what belongs there is posted in the channel."""

Save = Callable[[SlackMessage], None]


class Wording(Protocol):
    """Makes the message; ``maybe_repeat``: it says that it may stand there twice."""

    def __call__(self, *, maybe_repeat: bool) -> SlackPost:
        """The message."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is delivered of a report.

    ``about`` names the report, and the message is found by it, since ``since`` in seconds. ``channel`` is the one of
    the settings, a name with # or an id. ``files`` are texts by name. ``thread`` is the time stamp of the message in
    whose thread it stands, "" if it stands in the channel.
    """

    channel: str
    about: Mapping[str, str]
    since: float
    wording: Wording
    files: Mapping[str, str]
    thread: str = ""


def deliver(slack: Slack, parcel: Parcel, message: SlackMessage, *, save: Save) -> SlackMessage:
    """Do what is left to do of a message, and return it as it stands then. ``save`` remembers each step.

    Raises :class:`NotDone` and :class:`Unanswered`: the next run goes on from what was saved.
    """
    if message.state == "sending":
        message = _looked_for(slack, parcel, message)
    if message.timestamp and message.state == "waiting":
        message = _updated(slack, parcel, message)
        save(message)
    if not message.timestamp:
        message = _posted(slack, parcel, message, save=save)
    for name, text in parcel.files.items():
        message = _with_file(slack, (name, text.encode()), message, save=save)
    message = replace(message, state="done")
    save(message)
    return message


def deliver_by_webhook(hook: Webhook, parcel: Parcel, message: SlackMessage, *, save: Save) -> SlackMessage:
    """Post the message by a webhook, which takes no files and does not say where it stands.

    Raises as :func:`deliver`.
    """
    post = parcel.wording(maybe_repeat=message.state == "sending")
    save(replace(message, state="sending"))
    try:
        hook.post(post)
    except NotDone:
        save(message)
        raise
    message = replace(message, state="done")
    save(message)
    return message


def _looked_for(slack: Slack, parcel: Parcel, message: SlackMessage) -> SlackMessage:
    """The message of a posting that began: ``sending`` only if it may stand there unseen."""
    found, unseen = _found(slack, parcel, message.channel)
    if found:
        return SlackMessage(found.channel, found.timestamp, "waiting")
    return message if unseen else replace(message, state="waiting")


def _updated(slack: Slack, parcel: Parcel, message: SlackMessage) -> SlackMessage:
    """The message that stands there with its new text, or one to be posted if it is gone."""
    try:
        slack.update(_shown(message), parcel.wording(maybe_repeat=False), parcel.about)
    except NotDone as refused:
        if refused.error != GONE:
            raise
        return SlackMessage(parcel.channel, state="waiting")
    return replace(message, state="posted")


def _posted(slack: Slack, parcel: Parcel, message: SlackMessage, *, save: Save) -> SlackMessage:
    """The message after it was posted. One that is ``sending`` may stand there already, and says so."""
    doubtful = message.state == "sending"
    before = SlackMessage(parcel.channel, state="sending" if doubtful else "waiting")
    save(replace(before, state="sending"))
    try:
        shown = slack.post(parcel.channel, parcel.wording(maybe_repeat=doubtful), parcel.about, thread=parcel.thread)
    except NotDone as refused:
        save(before)
        if parcel.thread and refused.error in NO_THREAD:
            return _posted(slack, replace(parcel, thread=""), before, save=save)
        raise
    except Unanswered:
        found, _ = _found(slack, parcel, parcel.channel)
        if not found:
            raise
        shown = found
    message = SlackMessage(shown.channel, shown.timestamp, "posted")
    save(message)
    return message


def _found(slack: Slack, parcel: Parcel, channel: str) -> tuple[Shown | None, bool]:
    """The message if it stands there, and whether it may stand there unseen."""
    try:
        return slack.find(channel, parcel.about, parcel.since, thread=parcel.thread), False
    except NotDone:
        return None, True


def _with_file(slack: Slack, file: tuple[str, bytes], message: SlackMessage, *, save: Save) -> SlackMessage:
    """The message with a file in its thread, in the place of one of this name that an unfinished run has left."""
    name, content = file
    digest = sha256(content).hexdigest()[:16]
    known = next((one for one in message.files if one.name == name), None)
    if known and known.digest == digest:
        if known.shared:
            return message
        if slack.is_shared(known.id):
            return _noted(message, replace(known, shared=True), save)
    if known:
        slack.delete(known.id)
    for _ in range(UPLOADS):
        uploaded = SlackFile(name, slack.upload(name, content), digest)
        message = _noted(message, uploaded, save)
        if _arrives(slack, uploaded, message):
            return _noted(message, replace(uploaded, shared=True), save)
        slack.delete(uploaded.id)
    raise NotDone(f"Slack takes {name} and does not show it")


def _arrives(slack: Slack, file: SlackFile, message: SlackMessage) -> bool:
    """Share a file, and look whether it is shown. Where the token may not look, the answer of Slack is believed."""
    answered = True
    try:
        slack.share(file.id, file.name, _shown(message))
    except Unanswered:
        answered = False
    for _ in range(LOOKS):
        shared = slack.is_shared(file.id)
        if shared is None:
            return answered
        if shared:
            return True
        slack.wait(1.0)
    return False


def _noted(message: SlackMessage, file: SlackFile, save: Save) -> SlackMessage:
    others = tuple(one for one in message.files if one.name != file.name)
    message = replace(message, files=(*others, file))
    save(message)
    return message


def _shown(message: SlackMessage) -> Shown:
    return Shown(message.channel, message.timestamp)
