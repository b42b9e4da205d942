"""The page that looks as the messages do in Slack: it shows what the server got, and nothing of it acts."""

import re
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maintainer.sandbox.slack_preview import preview
from maintainer.sandbox.slack_workspace import File, Posted, Workspace
from tests.render.sample_report import HOSTILE

SEOUL = ZoneInfo("Asia/Seoul")
CHANNEL = "C0123456789"


def section(*elements: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def words(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def page(*blocks: Any, more: tuple[Posted, ...] = (), files: tuple[File, ...] = ()) -> str:
    posts = [Posted(CHANNEL, "1764500000.000001", "", list(blocks)), *more]
    return preview(Workspace(messages=posts, files={file.id: file for file in files}), SEOUL, language="ko")


def visible(html: str) -> str:
    """The text of the page without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<body>")[2])).split())


def test_every_kind_of_block_is_shown() -> None:
    shown = page(
        {"type": "header", "text": {"type": "plain_text", "text": "A title"}},
        section({"type": "emoji", "name": "red_circle"}, words(" is wrong", bold=True), words("→ mend", italic=True)),
        {"type": "section", "fields": [{"type": "plain_text", "text": "Rollouts: 120"}]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_list", "style": "bullet", "elements": section(words("503"))["elements"]}],
        },
        {"type": "context", "elements": [{"type": "plain_text", "text": "All ran."}]},
    )

    for said in (
        "<h2><bdi>A title</bdi></h2>",
        "<b><bdi> is wrong</bdi></b>",
        "<i><bdi>→ mend</bdi></i>",
        "Rollouts: 120",
        "<ul><li><bdi>503</bdi></li></ul>",
        "All ran.",
        'aria-label="red_circle"',
        "#deployments",
        ">19:53<",
        '<html lang="ko">',
    ):
        assert said in shown


def test_files_and_replies_stand_in_the_thread() -> None:
    first = "1764500000.000001"
    more = (
        Posted(CHANNEL, "1764500001.000001", "", [], thread_ts=first, files=("F1",)),
        Posted(CHANNEL, "1764500002.000001", "", [section(words("It is over."))], thread_ts=first),
    )
    shown = page(section(words("It began.")), more=more, files=(File("F1", "monthly.md", 15791, shared=True),))
    thread = shown.partition('<ul class="thread">')[2]

    assert visible(f"<body>{thread}") == "MD monthly.md 16 kB m maintainer APP 19:53 It is over."


def test_an_emoji_that_is_not_drawn_is_shown_by_its_name() -> None:
    assert ":&lt;tada&gt;:" in page(section({"type": "emoji", "name": "<tada>"}))


@pytest.mark.parametrize("hostile", [*HOSTILE, "\ud800 \x00 \x1b[31m", '"><script>alert(1)</script>', "</style>"])
def test_other_peoples_text_is_text(hostile: str) -> None:
    plain = {"type": "plain_text", "text": hostile}
    blocks = (
        {"type": "header", "text": plain},
        section(words(hostile), {"type": "link", "url": hostile}, {"type": "emoji", "name": hostile}),
        {"type": "section", "fields": [plain]},
        {"type": "context", "elements": [plain]},
    )
    more = Posted(CHANNEL, "2.0", "", [], thread_ts="1764500000.000001", files=("F1",))
    shown = page(*blocks, more=(more,), files=(File("F1", hostile, 1),))
    harmless = page(section(words("x")))

    shown.encode()
    tags = set(re.findall(r"<[^>]*>", shown)) - set(re.findall(r"<[^>]*>", harmless))
    assert not [tag for tag in tags if re.search(r"script|href|src|onload|@import|style=", tag)]
    assert shown.count("<style>") == shown.count("</style>") == 1
    assert all(one.isprintable() or one == "\n" for one in shown)


def test_the_page_may_load_and_run_nothing() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page(section(words("x"))))

    assert policy
    assert unescape(policy[1]).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
