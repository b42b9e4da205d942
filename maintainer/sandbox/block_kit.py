"""What Slack's reference of Block Kit allows in a message: its types, fields and limits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

MOST_BLOCKS = 50
LONGEST_OF_ALL = 13_200
"""Characters in all blocks together; more is refused as ``msg_blocks_too_long``."""
ESCAPES = ("amp;", "lt;", "gt;")
STYLES = {"bold", "italic", "strike", "code"}

Rule = Callable[[Any], Iterator[str]]


def problems(blocks: Any) -> list[str]:
    """Why Slack would refuse these blocks of a message."""
    if not isinstance(blocks, list):
        return ["blocks are no list"]
    found = [f"{index}: {problem}" for index, block in enumerate(blocks) for problem in _by_type(block, BLOCKS)]
    if len(blocks) > MOST_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if (size := sum(map(len, texts(blocks)))) > LONGEST_OF_ALL:
        found.append(f"msg_blocks_too_long: {size} characters")
    return found


def texts(value: Any) -> Iterator[str]:
    """All texts that a reader sees."""
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def pings(text: str, blocks: Any) -> list[str]:
    """The mentions that would notify somebody: those of mrkdwn in ``text`` and blocks, and elements of rich text."""
    found = [part for part in text.split("<")[1:] if part[:1] in set("@!#")]
    for value in _mappings(blocks):
        if value.get("type") == "mrkdwn":
            found += [part for part in value["text"].split("<")[1:] if part[:1] in set("@!#")]
        if value.get("type") in {"user", "usergroup", "broadcast", "channel", "team"}:
            found.append(str(value))
    return found


def mrkdwn_problems(text: str) -> list[str]:
    """Escapes that are cut or missing in a text of mrkdwn."""
    found = ["a bare < or >"] if set(text) & set("<>") else []
    return found + ["a bare or cut &" for part in text.split("&")[1:] if not part.startswith(ESCAPES)]


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _mappings(inner)


def _by_type(value: Any, types: Mapping[str, Mapping[str, Rule]]) -> Iterator[str]:
    """The problems of an object by its type; a field with ``?`` at the end of its name may be left out."""
    if not isinstance(value, Mapping) or value.get("type") not in types:
        yield f"no known type: {str(value)[:80]}"
        return
    rules = {name.rstrip("?"): rule for name, rule in types[value["type"]].items()}
    needed = {name for name in types[value["type"]] if not name.endswith("?")}
    yield from (f"{value['type']} lacks {name}" for name in needed - set(value))
    for name, inner in value.items():
        if name in rules:
            yield from (f"{value['type']}.{name}: {problem}" for problem in rules[name](inner))
        elif name not in {"type", "block_id"}:
            yield f"{value['type']} has the unknown field {name}"


def _text(longest: int) -> Rule:
    def rule(value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            yield f"not 1 to {longest} characters"
            return
        try:
            value.encode()
        except UnicodeEncodeError:
            yield "half a character"

    return rule


def _listed(rule: Rule, most: int) -> Rule:
    def listed(value: Any) -> Iterator[str]:
        if not isinstance(value, Sequence) or not 1 <= len(value) <= most:
            yield f"not 1 to {most} items"
            return
        for inner in value:
            yield from rule(inner)

    return listed


def _one_of(*allowed: object) -> Rule:
    return lambda value: iter(() if value in allowed else (f"{value!r} is none of {allowed}",))


def _object(longest: int, *kinds: str) -> Rule:
    def rule(value: Any) -> Iterator[str]:
        types = {kind: {"text": _text(longest), **_OF_TEXT[kind]} for kind in kinds}
        yield from _by_type(value, types)

    return rule


def _boolean(value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        yield "neither true nor false"


def _style(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping) or not set(value) <= STYLES or not all(one is True for one in value.values()):
        yield "no style"


def _typed(types: Callable[[], Mapping[str, Mapping[str, Rule]]]) -> Rule:
    return lambda value: _by_type(value, types())


_OF_TEXT: Mapping[str, Mapping[str, Rule]] = {
    "plain_text": {"emoji?": _boolean},
    "mrkdwn": {"verbatim?": _boolean},
}
_INLINE: Mapping[str, Mapping[str, Rule]] = {
    "text": {"text": _text(LONGEST_OF_ALL), "style?": _style},
    "emoji": {"name": _text(100)},
    "link": {"url": _text(3000), "text?": _text(3000), "style?": _style},
}
_INSIDE: Mapping[str, Mapping[str, Rule]] = {
    "rich_text_section": {"elements": _listed(_typed(lambda: _INLINE), 1000)},
    "rich_text_list": {
        "style": _one_of("bullet", "ordered"),
        "elements": _listed(_typed(lambda: {"rich_text_section": _INSIDE["rich_text_section"]}), 1000),
    },
}
BLOCKS: Mapping[str, Mapping[str, Rule]] = {
    "header": {"text": _object(150, "plain_text")},
    "section": {
        "text?": _object(3000, "plain_text", "mrkdwn"),
        "fields?": _listed(_object(2000, "plain_text", "mrkdwn"), 10),
    },
    "context": {"elements": _listed(_object(3000, "plain_text", "mrkdwn"), 10)},
    "rich_text": {"elements": _listed(_typed(lambda: _INSIDE), 1000)},
}
