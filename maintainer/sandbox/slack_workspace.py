"""What a workspace of Slack has, takes and refuses, written from Slack's reference.

It knows nothing of HTTP: a method gets its arguments and the token, and returns its answer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from time import time
from typing import Any

from maintainer.sandbox.block_kit import pings, problems

TOKEN = "xoxb-1111-2222-local"  # noqa: S105 - of a server on this machine
ALL_SCOPES = frozenset({"chat:write", "files:write", "files:read", "channels:history", "channels:read"})
NEEDED_SCOPES = frozenset({"chat:write", "files:write"})

Arguments = Mapping[str, Any]


@dataclass
class Posted:
    """A message of the channel; ``files`` are the ids of those that it shows."""

    channel: str
    ts: str
    text: str
    blocks: Any
    metadata: Any = None
    thread_ts: str = ""
    files: tuple[str, ...] = ()
    edits: int = 0


@dataclass
class File:
    """A file that is being uploaded: ``asked`` counts down the questions until its share is seen."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    shared: bool = False
    asked: int = 0


class Refused(Exception):
    """The error of a method."""


@dataclass
class Workspace:
    """The messages and files of a workspace, and what the token may do.

    The app is in all ``channels`` but those with the names ``outside``. ``drops`` are names of files that are taken and
    never shared; each is dropped once. ``share_delay`` is for how many questions a share is not seen yet. ``url`` is
    where the methods are.
    """

    scopes: frozenset[str] = ALL_SCOPES
    channels: Mapping[str, str] = field(default_factory=lambda: {"C0123456789": "deployments"})
    outside: frozenset[str] = frozenset()
    drops: list[str] = field(default_factory=list)
    share_delay: int = 0
    messages: list[Posted] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    url: str = ""

    def __post_init__(self) -> None:
        self._ids = count(1)

    def replies(self, ts: str) -> list[Posted]:
        """The messages in the thread of a message, without its files."""
        return [message for message in self.messages if message.thread_ts == ts and not message.files]

    @property
    def posts(self) -> list[Posted]:
        """The messages that are no answer in a thread."""
        return [message for message in self.messages if not message.thread_ts]

    def thread(self, ts: str) -> list[str]:
        """The names of the files in the thread of a message, in their order."""
        found = [message for message in self.messages if message.thread_ts == ts]
        return [self.files[id_].name for message in found for id_ in message.files]

    def pings(self) -> list[str]:
        """The mentions in messages that would notify somebody."""
        return [ping for message in self.messages for ping in pings(message.text, message.blocks)]

    def answer(self, method: str, arguments: Arguments, token: str) -> Mapping[str, Any]:
        """What a method of the Web API answers, and does."""
        try:
            if token != TOKEN:
                raise Refused("invalid_auth" if token else "not_authed")
            do, scope = self._methods()[method]
            if scope and scope not in self.scopes:
                return {"ok": False, "error": "missing_scope", "needed": scope, "provided": ",".join(self.scopes)}
            return {"ok": True, **do(arguments)}
        except KeyError as error:
            return {"ok": False, "error": "unknown_method" if error.args == (method,) else f"no {error.args[0]}"}
        except Refused as error:
            return {"ok": False, "error": str(error)}

    def _methods(self) -> Mapping[str, tuple[Callable[[Arguments], Mapping[str, Any]], str]]:
        """Each method with the scope that it needs."""
        return {
            "auth.test": (self._whoami, ""),
            "chat.postMessage": (self._post, "chat:write"),
            "chat.update": (self._update, "chat:write"),
            "conversations.history": (self._history, "channels:history"),
            "conversations.replies": (self._replies, "channels:history"),
            "conversations.info": (self._channel_info, "channels:read"),
            "conversations.list": (self._list, "channels:read"),
            "files.getUploadURLExternal": (self._upload_url, "files:write"),
            "files.completeUploadExternal": (self._complete, "files:write"),
            "files.delete": (self._delete, "files:write"),
            "files.info": (self._info, "files:read"),
        }

    def _channel(self, given: str) -> str:
        """The id of a channel. Only chat.postMessage takes a name in its place."""
        if given in self.channels:
            return given
        raise Refused("channel_not_found")

    def _post(self, arguments: Arguments) -> Mapping[str, Any]:
        given = str(arguments["channel"])
        by_name = {f"#{name}": id_ for id_, name in self.channels.items()}
        channel = self._channel(by_name.get(given, given))
        if self.channels[channel] in self.outside and "chat:write.public" not in self.scopes:
            raise Refused("not_in_channel")
        _check(arguments)
        thread = arguments.get("thread_ts", "")
        if thread and thread not in {message.ts for message in self.posts}:
            raise Refused("cannot_reply_to_message")
        message = self._added(channel, arguments)
        return {"channel": channel, "ts": message.ts}

    def _added(self, channel: str, arguments: Arguments) -> Posted:
        text, blocks = arguments.get("text", ""), arguments.get("blocks", [])
        ts = f"{int(time())}.{next(self._ids):06}"
        posted = Posted(channel, ts, text, blocks, arguments.get("metadata"), arguments.get("thread_ts", ""))
        self.messages.append(posted)
        return posted

    def _update(self, arguments: Arguments) -> Mapping[str, Any]:
        channel = self._channel(arguments["channel"])
        _check(arguments)
        for message in self.messages:
            if (message.channel, message.ts) == (channel, arguments["ts"]):
                message.text, message.blocks = arguments.get("text", ""), arguments.get("blocks", [])
                message.metadata = arguments.get("metadata", message.metadata)
                message.edits += 1
                return {"channel": channel, "ts": message.ts}
        raise Refused("message_not_found")

    def _history(self, arguments: Arguments) -> Mapping[str, Any]:
        channel = self._channel(arguments["channel"])
        oldest = float(arguments.get("oldest") or 0)
        found = [one for one in reversed(self.posts) if one.channel == channel and float(one.ts) >= oldest]
        return _page(found, arguments)

    def _replies(self, arguments: Arguments) -> Mapping[str, Any]:
        """A message and what stands in its thread, the oldest first."""
        channel, ts = self._channel(arguments["channel"]), arguments["ts"]
        found = [one for one in self.messages if one.channel == channel and ts in {one.ts, one.thread_ts}]
        if not any(one.ts == ts for one in found):
            raise Refused("thread_not_found")
        return _page(found, arguments)

    def _list(self, arguments: Arguments) -> Mapping[str, Any]:
        """The public channels. It has no private one, and refuses who asks for these without their scope."""
        kinds = str(arguments.get("types", "public_channel")).split(",")
        if "private_channel" in kinds and "groups:read" not in self.scopes:
            raise Refused("missing_scope")
        if "public_channel" not in kinds:
            return {"channels": []}
        return {"channels": list(map(self._shown, self.channels)), "response_metadata": {"next_cursor": ""}}

    def _channel_info(self, arguments: Arguments) -> Mapping[str, Any]:
        return {"channel": self._shown(self._channel(arguments["channel"]))}

    def _shown(self, id_: str) -> Mapping[str, Any]:
        """A channel as the methods show it."""
        return {"id": id_, "name": self.channels[id_], "is_member": self.channels[id_] not in self.outside}

    def _whoami(self, _: Arguments) -> Mapping[str, Any]:
        return {"team": "Example", "user": "maintainer", "user_id": "U0000000001"}

    def _upload_url(self, arguments: Arguments) -> Mapping[str, Any]:
        id_ = f"F{next(self._ids):08}"
        self.files[id_] = File(id_, arguments["filename"], int(arguments["length"]))
        return {"upload_url": f"{self.url}/upload/v1/{id_}", "file_id": id_}

    def upload(self, id_: str, content: bytes) -> int:
        """Take the bytes of a file; returns the status."""
        file = self.files.get(id_)
        if file is None or len(content) != file.length:
            return 400
        file.content = content
        return 200

    def _complete(self, arguments: Arguments) -> Mapping[str, Any]:
        channel = self._channel(arguments["channel_id"])
        listed = arguments["files"]
        for named in json.loads(listed) if isinstance(listed, str) else listed:
            file = self.files.get(named["id"])
            if file is None or file.content is None or file.shared:
                raise Refused("file_not_found")
            if file.name in self.drops:
                self.drops.remove(file.name)
                continue
            file.shared, file.asked = True, self.share_delay
            self._added(channel, {"thread_ts": arguments.get("thread_ts", "")}).files = (file.id,)
        return {"files": [{"id": named["id"]} for named in json.loads(json.dumps(listed)) if isinstance(named, dict)]}

    def _delete(self, arguments: Arguments) -> Mapping[str, Any]:
        if self.files.get(arguments["file"]) is None:
            raise Refused("file_not_found")
        del self.files[arguments["file"]]
        self.messages = [one for one in self.messages if arguments["file"] not in one.files]
        return {}

    def _info(self, arguments: Arguments) -> Mapping[str, Any]:
        file = self.files.get(arguments["file"])
        if file is None or file.content is None:
            raise Refused("file_not_found")
        seen = file.shared and file.asked == 0
        file.asked = max(0, file.asked - 1)
        shares = [one for one in self.messages if file.id in one.files] if seen else []
        public = {one.channel: [{"ts": one.ts, "thread_ts": one.thread_ts}] for one in shares}
        return {"file": {"id": file.id, "name": file.name, "shares": {"public": public} if public else {}}}

    def hook(self, body: bytes) -> tuple[int, bytes]:
        """What the incoming webhook answers: a text, and no time stamp."""
        arguments = json.loads(body)
        try:
            _check(arguments)
        except Refused as error:
            return 400, str(error).encode()
        self._added(next(iter(self.channels)), arguments)
        return 200, b"ok"


def _page(found: list[Posted], arguments: Arguments) -> Mapping[str, Any]:
    """Some of the messages, and the cursor for those after them."""
    start, limit = int(arguments.get("cursor") or 0), min(int(arguments.get("limit", 100)), 2)
    with_metadata = arguments.get("include_all_metadata") in {True, "1", "true"}
    listed = [
        {"ts": one.ts, "text": one.text, **({"metadata": one.metadata} if with_metadata and one.metadata else {})}
        for one in found[start : start + limit]
    ]
    following = str(start + limit) if start + limit < len(found) else ""
    return {"messages": listed, "has_more": bool(following), "response_metadata": {"next_cursor": following}}


def _check(arguments: Arguments) -> None:
    """Refuse what no message may hold."""
    text, blocks = arguments.get("text", ""), arguments.get("blocks", [])
    if not text and not blocks:
        raise Refused("no_text")
    if found := problems(json.loads(blocks) if isinstance(blocks, str) else blocks):
        raise Refused("msg_blocks_too_long" if "too_long" in found[-1] else f"invalid_blocks: {found[0]}")
    metadata = arguments.get("metadata")
    if metadata is not None and set(metadata) != {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_format")
