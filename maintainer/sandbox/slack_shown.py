"""A message of Slack as plain text, for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from maintainer.sandbox.slack_workspace import Posted, Workspace

MARKS: Mapping[str, str] = {
    "white_check_mark": "✅",
    "red_circle": "🔴",
    "large_yellow_circle": "🟡",
    "white_circle": "⚪",
}


def shown(slack: Workspace) -> str:
    """The messages that a Slack has, each with what is in its thread: replies, and files by name and size."""
    return "\n\n".join("\n".join(_message(slack, message)) for message in slack.posts)


def _message(slack: Workspace, message: Posted) -> Iterator[str]:
    yield f"#{slack.channels[message.channel]}"
    for block in message.blocks:
        yield _block(block)
    for reply in slack.messages:
        if reply.thread_ts == message.ts:
            yield from (f"  ↳ {slack.files[id_].name} ({slack.files[id_].length:,} bytes)" for id_ in reply.files)
            yield from (f"  ↳ {line}" for block in reply.blocks for line in _block(block).splitlines())


def _block(block: Mapping[str, Any]) -> str:
    """The text of a block; one of these that :mod:`maintainer.sandbox.block_kit` knows."""
    if block["type"] == "rich_text":
        return "\n".join(map(_rich, block["elements"])).rstrip()
    if block["type"] == "header":
        return str(block["text"]["text"])
    parts = block.get("fields") or block.get("elements") or [block["text"]]
    return "\n".join(f"  {part['text']}" for part in parts)


def _rich(element: Mapping[str, Any]) -> str:
    """The text of an element of rich text."""
    if element["type"] == "emoji":
        return MARKS.get(element["name"], f":{element['name']}:")
    if element["type"] == "rich_text_list":
        return "\n".join(f"• {_rich(inner)}" for inner in element["elements"])
    if element["type"] == "rich_text_section":
        return "".join(map(_rich, element["elements"]))
    return str(element.get("text", element.get("url", "")))
