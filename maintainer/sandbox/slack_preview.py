"""The messages of a Slack as a page that looks as they do there: made of the blocks that the server got.

The page loads nothing and runs nothing, whatever is in the messages.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from maintainer.sandbox.slack_shown import MARKS
from maintainer.sandbox.slack_workspace import File, Posted, Workspace

STYLE = Path(__file__).with_name("slack_preview.css").read_text("utf-8")
POLICY = "; ".join((
    "default-src 'none'",
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
    "base-uri 'none'",
    "form-action 'none'",
))  # fmt: skip

_STYLES: Mapping[str, str] = {"bold": "b", "italic": "i", "strike": "s", "code": "code"}


def preview(slack: Workspace, zone: tzinfo, *, language: str) -> str:
    """The page; times of messages are those of the zone, and ``language`` is that of the messages."""
    posts = slack.posts
    channels = " ".join(dict.fromkeys(f"#{slack.channels[post.channel]}" for post in posts))
    messages = "\n".join(_message(slack, post, zone) for post in posts)
    return f"""<!doctype html>
<html lang="{_safe(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_safe(POLICY)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Slack {_safe(channels)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{_shown(channels)}</h1>
{messages}
</main>
</body>
</html>
"""


def _message(slack: Workspace, posted: Posted, zone: tzinfo) -> str:
    """A message with what is in its thread."""
    at = datetime.fromtimestamp(float(posted.ts), zone)
    blocks = "\n".join(map(_block, posted.blocks))
    replies = [reply for reply in slack.messages if reply.thread_ts == posted.ts]
    thread = "\n".join(f"<li>{line}</li>" for reply in replies for line in _reply(slack, reply, zone))
    return f"""<article class="message">
<div class="avatar" aria-hidden="true">m</div>
<div class="said">
<p class="who"><b>maintainer</b><span class="app">APP</span><time datetime="{at.isoformat()}">{at:%H:%M}</time></p>
{blocks}
</div>
{f'<ul class="thread">{thread}</ul>' if thread else ""}
</article>"""


def _reply(slack: Workspace, reply: Posted, zone: tzinfo) -> Iterator[str]:
    if not reply.files:
        yield _message(slack, reply, zone)
    for id_ in reply.files:
        yield _file(slack.files[id_])


def _file(file: File) -> str:
    kind = file.name.rpartition(".")[2].upper()
    named = f"<span><b>{_shown(file.name)}</b><small>{file.length / 1000:,.0f} kB</small></span>"
    return f'<div class="file"><span aria-hidden="true">{_safe(kind[:4])}</span>{named}</div>'


def _block(block: Mapping[str, Any]) -> str:
    """A block; one of these that :mod:`maintainer.sandbox.block_kit` knows."""
    if block["type"] == "rich_text":
        return f'<div class="rich">{"".join(map(_rich, block["elements"]))}</div>'
    if block["type"] == "header":
        return f"<h2>{_shown(block['text']['text'])}</h2>"
    parts = block.get("fields") or block.get("elements") or [block["text"]]
    kind = "context" if block["type"] == "context" else "fields"
    shown = "".join(f"<p>{_shown(part['text'])}</p>" for part in parts)
    return f'<div class="{kind}">{shown}</div>'


def _rich(element: Mapping[str, Any]) -> str:
    """An element of rich text. A link is shown, and leads nowhere."""
    if element["type"] == "rich_text_section":
        return f"<p>{_inline(element)}</p>"
    if element["type"] == "rich_text_list":
        tag = "ol" if element.get("style") == "ordered" else "ul"
        items = "".join(f"<li>{_inline(inner)}</li>" for inner in element["elements"])
        return f"<{tag}>{items}</{tag}>"
    return ""


def _inline(section: Mapping[str, Any]) -> str:
    return "".join(map(_piece, section["elements"]))


def _piece(element: Mapping[str, Any]) -> str:
    if element["type"] == "emoji":
        return _emoji(element["name"])
    shown = _shown(str(element.get("text") or element.get("url", "")))
    for style, tag in _STYLES.items():
        if element.get("style", {}).get(style):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _emoji(name: str) -> str:
    """An emoji, drawn by the style, because not every machine has a font with emoji."""
    if name not in MARKS:
        return _safe(f":{name}:")
    return f'<span class="emoji {name}" role="img" aria-label="{name}"></span>'


def _shown(text: str) -> str:
    """A text that turns nothing around it, whatever its direction."""
    return f"<bdi>{_safe(text)}</bdi>"


def _safe(text: str) -> str:
    """The text for HTML, without what no page can hold."""
    held = text.encode("utf-8", "replace").decode()
    return escape("".join(one if one.isprintable() or one == "\n" else "�" for one in held))
