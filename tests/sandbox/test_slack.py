"""The local Slack refuses what Slack refuses, as Slack's own client sees it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_workspace import NEEDED_SCOPES, TOKEN


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as opened:
        yield opened


def client(slack: Slack, token: str = TOKEN) -> WebClient:
    return WebClient(token, base_url=f"{slack.url}/api/", retry_handlers=[])


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def uploaded(web: WebClient, name: str, content: bytes) -> str:
    asked = web.files_getUploadURLExternal(filename=name, length=len(content))
    requests.post(str(asked["upload_url"]), content, timeout=10).raise_for_status()
    return str(asked["file_id"])


def test_a_message_to_a_name_says_the_id_of_its_channel(slack: Slack) -> None:
    said = client(slack).chat_postMessage(channel="#deployments", text="hello")

    assert (said["channel"], said["ts"]) == ("C0123456789", slack.posts[0].ts)


def test_slack_refuses_a_wrong_token_and_a_missing_scope(slack: Slack) -> None:
    assert refusal(client(slack, "xoxb-wrong").chat_postMessage, channel="#deployments", text="x") == "invalid_auth"

    slack.scopes = NEEDED_SCOPES
    assert refusal(client(slack).conversations_history, channel="C0123456789") == "missing_scope"


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "section", "fields": [{"type": "plain_text", "text": "x"}] * 11}],
        [{"type": "section", "text": {"type": "plain_text", "text": "x"}, "colour": "red"}],
        [{"type": "rich_text", "elements": []}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x"}}] * 51,
    ],
    ids=["long header", "markup in a header", "11 fields", "unknown field", "empty", "51 blocks"],
)
def test_slack_refuses_blocks_beyond_its_limits(slack: Slack, blocks: Any) -> None:
    assert "invalid_blocks" in refusal(client(slack).chat_postMessage, channel="#deployments", text="x", blocks=blocks)
    assert slack.messages == []


def test_a_file_goes_to_a_channel_by_its_id_and_once(slack: Slack) -> None:
    slack.share_delay = 1
    web = client(slack)
    file = uploaded(web, "report.html", "보고서".encode())
    named: Any = [{"id": file, "title": "report.html"}]

    assert refusal(web.files_completeUploadExternal, files=named, channel_id="#deployments") == "channel_not_found"
    web.files_completeUploadExternal(files=named, channel_id="C0123456789", thread_ts="1.2")
    assert refusal(web.files_completeUploadExternal, files=named, channel_id="C0123456789") == "file_not_found"
    assert [web.files_info(file=file)["file"]["shares"] != {} for _ in range(2)] == [False, True]
    assert slack.thread("1.2") == ["report.html"]


def test_slack_can_drop_a_file_and_say_that_all_is_well(slack: Slack) -> None:
    slack.drops = ["report.html"]
    web = client(slack)
    file = uploaded(web, "report.html", b"x")

    named: Any = [{"id": file, "title": "report.html"}]
    assert web.files_completeUploadExternal(files=named, channel_id="C0123456789", thread_ts="1.2")["ok"]
    assert slack.thread("1.2") == []
