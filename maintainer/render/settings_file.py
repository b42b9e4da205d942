"""The settings as a file: each with its value, and what it is for in a comment."""

import re
from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap
from typing import Any

import yaml

from maintainer.model.first_look import FirstSettings
from maintainer.model.message import Message, message
from maintainer.render.visible import on_a_line
from maintainer.render.words import Catalogue, say

_COLUMN = 33
"""The width of the settings, after which the comments stand."""
_WIDTH = 120
_PLAIN = re.compile(r"[A-Za-z0-9][\w.:/-]*", re.ASCII)
"""A text that needs no quotes, unless YAML takes it for something else, such as ``no``."""

_Line = Callable[[str, Any], Iterator[str]]
"""The lines of a setting, by its dotted key and its default."""


def settings_file(defaults: Mapping[str, Any], first: FirstSettings, catalogue: Catalogue) -> str:
    """A file with the first settings. All others are commented out, with their defaults.

    ``defaults`` are all settings as a file gives them, by section and key.
    """

    def lines(key: str, default: Any) -> Iterator[str]:
        yield from _comment(first.remarks[key], catalogue) if key in first.remarks else ()
        value = first.values.get(key, default)
        if _text(value) != _text(default):
            yield _line(key, value, catalogue)
        else:
            yield _line(key, first.offers.get(key, default), catalogue, off="#")

    return "".join(f"{line}\n" for line in (*_comment(message("init/head"), catalogue), "", *_lines(defaults, lines)))


def settings_block(defaults: Mapping[str, Any], catalogue: Catalogue) -> str:
    """All settings with their defaults."""

    def lines(key: str, default: Any) -> Iterator[str]:
        yield _line(key, default, catalogue)

    return "".join(f"{line}\n" for line in _lines(defaults, lines))


def _lines(defaults: Mapping[str, Any], lines: _Line) -> Iterator[str]:
    """The lines of all settings, with those of a section below its name."""
    last = ""
    for key, default in _by_key(defaults):
        section = key.rpartition(".")[0]
        if section and section != last:
            yield f"{section}:"
        last = section
        yield from (f"  {line}" if section else line for line in lines(key, default))


def _by_key(defaults: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The default of each setting by its dotted key. A mapping at the top is a section; one in a section is a value."""
    for name, default in defaults.items():
        if isinstance(default, Mapping):
            yield from ((f"{name}.{key}", value) for key, value in default.items())
        else:
            yield name, default


def _line(key: str, value: Any, catalogue: Catalogue, *, off: str = "") -> str:
    name = key.rpartition(".")[2]
    width = _COLUMN - 2 if "." in key else _COLUMN
    return f"{f'{off}{name}: {_text(value)}':<{width}} # {say(catalogue, message(f'setting/{key}'))}"


def _comment(remark: Message, catalogue: Catalogue) -> list[str]:
    text = " ".join(on_a_line(say(catalogue, remark)).split())
    return [f"# {line}" for line in wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _text(value: Any) -> str:
    """A value in YAML, on a line. Texts have double quotes where they need some."""
    match value:
        case Mapping():
            return f"{{{', '.join(f'{key}: {_text(inner)}' for key, inner in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(_text, value))}]"
        case str() if _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
            return value
        case str():
            quoted: str = yaml.safe_dump(value, default_style='"', width=float("inf"), allow_unicode=True)
            return quoted.rstrip("\n")
        case _:
            return str(value).lower()
