from typing import Any

import pytest

from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_shown import shown
from maintainer.sandbox.slack_workspace import File, Posted


def section(*elements: Any) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "header", "text": {"type": "plain_text", "text": "A title"}}, "A title"),
        ({"type": "section", "fields": [{"type": "plain_text", "text": "Rollouts: 120"}]}, "  Rollouts: 120"),
        ({"type": "context", "elements": [{"type": "plain_text", "text": "All ran."}]}, "  All ran."),
        (
            {"type": "rich_text", "elements": [section({"type": "emoji", "name": "red_circle"}, said(" 1 thing"))]},
            "🔴 1 thing",
        ),
        (
            {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [section(said("503"))]}]},
            "• 503",
        ),
    ],
)
def test_a_message_is_shown_as_text_with_the_files_in_its_thread(block: dict[str, Any], text: str) -> None:
    with Slack() as slack:
        slack.files["F1"] = File("F1", "monthly.md", 1579, shared=True)
        slack.messages = [
            Posted("C0123456789", "1.1", "", [block]),
            Posted("C0123456789", "1.2", "", [], thread_ts="1.1", files=("F1",)),
        ]

        assert shown(slack) == f"#deployments\n{text}\n  ↳ monthly.md (1,579 bytes)"


def test_replies_and_other_messages_are_shown_apart() -> None:
    def text(words: str) -> list[dict[str, Any]]:
        return [{"type": "rich_text", "elements": [section(said(words))]}]

    with Slack() as slack:
        slack.messages = [
            Posted("C0123456789", "1.1", "", text("It began.")),
            Posted("C0123456789", "1.2", "", text("The report.")),
            Posted("C0123456789", "1.3", "", text("It is over.\nIt was so."), thread_ts="1.1"),
        ]

        assert shown(slack) == ("#deployments\nIt began.\n  ↳ It is over.\n  ↳ It was so.\n\n#deployments\nThe report.")
