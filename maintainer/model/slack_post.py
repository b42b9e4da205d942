"""A message for Slack, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass

Block = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SlackPost:
    """What is posted: ``blocks`` are those of Block Kit, and ``text`` stands in a notification, in Slack's mrkdwn."""

    text: str
    blocks: tuple[Block, ...]
