"""Posts to Slack, and says what of it was done: see :mod:`maintainer.clients.slack_answers`."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from maintainer.clients.slack_answers import Later, NotDone, Said, Unanswered, by_status, called, reached, text_of
from maintainer.model.clock import Clock
from maintainer.model.doctor import Membership, SlackLook
from maintainer.model.slack_post import SlackPost

URL = WebClient.BASE_URL
"""Where Slack's own methods are."""
TIMEOUT = 10
"""Seconds until a request is given up."""
ATTEMPTS = 3
LONGEST_WAIT = 30.0
"""Seconds. Where Slack asks to wait for longer, the message is left for the next run."""
EVENT = "maintainer_report"
PAGE = 200
MOST_PAGES = 20

Payload = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a message stands: the id of its channel, and its time stamp."""

    channel: str
    timestamp: str


class Slack:
    """A façade over the Web API for one bot token; ``base_url`` "" is Slack's own. The ``clock`` waits.

    All methods raise :class:`NotDone` and :class:`Unanswered`. What can be done twice without harm is tried again.
    """

    def __init__(self, token: str, base_url: str, clock: Clock, *, timeout: int = TIMEOUT) -> None:
        self._clock = clock
        self._timeout = timeout
        # The SDK's own retries would post twice. Its logger would quote what is posted.
        self._web = WebClient(token, timeout=timeout, retry_handlers=[], logger=_SILENT, base_url=base_url or URL)
        self._web.proxy = (
            None  # so that urllib takes that of the environment, and heeds $NO_PROXY, which the SDK does not
        )

    def post(self, channel: str, post: SlackPost, about: Payload, *, thread: str = "") -> Shown:
        """Post a message; ``about`` says what it is about, so that it can be found again. Never tried twice.

        ``thread`` is the time stamp of the message in whose thread it is to stand.
        """
        content = {**_content(post, about), **({"thread_ts": thread} if thread else {})}
        call = partial(self._web.chat_postMessage, channel=channel, **content)
        said = self._said("the message", call, again=False)
        return Shown(text_of(said, "channel"), text_of(said, "ts"))

    def update(self, at: Shown, post: SlackPost, about: Payload) -> None:
        """Put this message in the place of the one that stands there."""
        content = {key: value for key, value in _content(post, about).items() if not key.startswith("unfurl")}
        self._said("the message", partial(self._web.chat_update, channel=at.channel, ts=at.timestamp, **content))

    def find(self, channel: str, about: Payload, since: float, *, thread: str = "") -> Shown | None:
        """The newest message about this that was posted ``since`` a time in seconds; ``None`` if there is none.

        It is looked for in the channel, or in a ``thread``.

        Raises :class:`NotDone` also if the token may not read the channel, and if too many messages are in it.
        """
        id_ = channel if _is_id(channel) else self._channel_id(channel)
        ask: Callable[..., Said] = partial(
            self._web.conversations_history, channel=id_, include_all_metadata=True, oldest=f"{since:.6f}"
        )
        if thread:
            ask = partial(self._web.conversations_replies, channel=id_, ts=thread, include_all_metadata=True)
        for message in self._pages("the messages of the channel", ask, "messages"):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT and metadata.get("event_payload") == about:
                return Shown(id_, text_of(message, "ts"))
        return None

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file that nobody sees yet, and return its id."""
        ask = partial(self._web.files_getUploadURLExternal, filename=name, length=len(content))
        said = self._said(name, ask)
        url, file = text_of(said, "upload_url"), text_of(said, "file_id")
        self._tried(name, partial(self._send, url, content), again=True)
        return file

    def share(self, file: str, name: str, at: Shown) -> None:
        """Show an uploaded file in the thread of a message. Never tried twice."""
        named: Any = [{"id": file, "title": name}]
        complete = self._web.files_completeUploadExternal
        call = partial(complete, files=named, channel_id=at.channel, thread_ts=at.timestamp)
        self._said(name, call, again=False)

    def is_shared(self, file: str) -> bool | None:
        """Whether a file is shown anywhere by now; ``None`` if the token may not see that."""
        try:
            said = self._said("the file", partial(self._web.files_info, file=file))
        except NotDone as refused:
            if refused.error in {"file_not_found", "file_deleted"}:
                return False
            if refused.error == "missing_scope":
                return None
            raise
        shares = (said.get("file") or {}).get("shares") or {}
        return any(shares.values())

    def delete(self, file: str) -> None:
        """Delete a file, shown or not; one that is not there is no error."""
        try:
            self._said("the file", partial(self._web.files_delete, file=file))
        except NotDone as refused:
            if refused.error not in {"file_not_found", "file_deleted"}:
                raise

    def wait(self, seconds: float) -> None:
        """Wait, because Slack shows a file some time after it was shared."""
        self._clock.sleep(seconds)

    def look(self, channel: str) -> SlackLook:
        """Who the token is, what it may do, and whether it reaches the channel. Changes nothing."""
        said = self._said("the token", self._web.auth_test)
        headers = {name.lower(): value for name, value in said.headers.items()}
        scopes = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip())
        return SlackLook(text_of(said, "team"), text_of(said, "user"), scopes, self._membership(channel))

    def _membership(self, channel: str) -> Membership:
        try:
            if _is_id(channel):
                found = self._said("the channel", partial(self._web.conversations_info, channel=channel)).get("channel")
            else:
                found = self._channel_named(channel)
        except NotDone as refused:
            known: Mapping[str, Membership] = {"channel_not_found": "absent", "missing_scope": "unknown"}
            if refused.error in known:
                return known[refused.error]
            raise
        return "joined" if (found or {}).get("is_member") else "outside"

    def _channel_id(self, name: str) -> str:
        return text_of(self._channel_named(name), "id")

    def _channel_named(self, name: str) -> Mapping[str, Any]:
        """A channel. Public and private ones are asked for apart: each needs a scope of its own."""
        refusal = NotDone(f"Slack shows no channel {name}", "channel_not_found")
        for kind in ("public_channel", "private_channel"):
            ask = partial(self._web.conversations_list, exclude_archived=True, types=kind)
            try:
                for channel in self._pages("the channels", ask, "channels"):
                    if channel.get("name") == name.removeprefix("#"):
                        return channel
            except NotDone as refused:
                refusal = refused
        raise refusal

    def _pages(self, what: str, ask: Callable[..., Said], key: str) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(MOST_PAGES):
            said = self._said(what, partial(ask, limit=PAGE, cursor=cursor))
            yield from said.get(key) or ()
            cursor = (said.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise NotDone(f"Slack has too many pages of {what}")

    def _send(self, url: str, content: bytes) -> None:
        """Send the bytes of a file. A file that is sent twice is the same file."""
        try:
            answer = requests.post(url, data=content, timeout=self._timeout, allow_redirects=False)
        except (requests.RequestException, ValueError) as error:
            raise Unanswered(f"Slack did not answer ({type(error).__name__})") from error
        if not answer.ok:
            raise by_status(answer.status_code, answer.headers)

    def _said(self, what: str, call: Callable[[], Said], *, again: bool = True) -> Said:
        """The answer of a method."""
        answer: Said = self._tried(what, partial(called, call), again=again)
        return answer

    def _tried(self, what: str, step: Callable[[], Any], *, again: bool) -> Any:
        """The result of a step. What was not done is tried again if that may help, other failures only ``again``."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return step()
            except Later as later:
                problem: NotDone | Unanswered = NotDone(f"Slack did not take {what}: {later}")
                pause = later.seconds
            except Unanswered as lost:
                problem, pause = Unanswered(f"it is not known whether Slack took {what}: {lost}"), float(attempt)
                if not again:
                    raise problem from lost
            except NotDone as refused:
                raise NotDone(f"Slack did not take {what}: {refused}", refused.error) from refused
            if attempt == ATTEMPTS or pause > LONGEST_WAIT:
                raise problem
            self._clock.sleep(pause)
        raise AssertionError


class Webhook:
    """An incoming webhook, which posts messages and nothing else; its ``url`` is a secret."""

    def __init__(self, url: str) -> None:
        self._hook = WebhookClient(url, timeout=TIMEOUT, retry_handlers=[], logger=_SILENT)
        self._hook.proxy = None

    def post(self, post: SlackPost) -> None:
        """Post a message, once. Raises :class:`NotDone` and :class:`Unanswered`."""
        answer = reached(partial(self._hook.send, text=post.text, blocks=[dict(block) for block in post.blocks]))
        if answer.status_code >= 300:
            try:
                raise by_status(answer.status_code, answer.headers)
            except Later as later:
                raise NotDone(str(later)) from later


def _content(post: SlackPost, about: Payload) -> dict[str, Any]:
    metadata = {"event_type": EVENT, "event_payload": dict(about)}
    blocks = json.loads(json.dumps(post.blocks))
    return {"text": post.text, "blocks": blocks, "metadata": metadata, "unfurl_links": False, "unfurl_media": False}


def _is_id(channel: str) -> bool:
    return channel[:1] in {"C", "G", "D"} and len(channel) >= 9 and channel.isalnum() and channel.upper() == channel


_SILENT = logging.getLogger("maintainer.slack-sdk")
_SILENT.disabled = True
