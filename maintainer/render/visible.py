"""What would act on the reader's screen, made visible instead."""

from typing import Any

_BIDI = (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_C1 = range(0x80, 0xA0)
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = 0xFFFD

VISIBLE: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys((*_C1, *_BIDI, *_SURROGATES), _REPLACEMENT),
}
"""For ``str.translate``: control characters become their pictures, and marks that change the direction of the text, and
halves of characters, become replacement characters. Tabs and line ends stay."""

IN_JSON: dict[int, int | str] = {
    **{code: f"\\u{code:04x}" for code in (0x7F, *_C1, *_BIDI)},
    **dict.fromkeys(_SURROGATES, _REPLACEMENT),
}
"""For ``str.translate`` of JSON, where these characters can only stand in strings: they are escaped.

Half a character is replaced, because not every reader of JSON takes one."""

_ON_A_LINE = VISIBLE | dict.fromkeys(map(ord, "\n\u2028\u2029"), " ")


def on_a_line(text: str) -> str:
    """The text on a single line, in which no character acts on a terminal."""
    return text.translate(_ON_A_LINE)


def visible_document(value: Any) -> Any:
    """A document, or a part of it, with every value that is a text on a single line."""
    match value:
        case str():
            return on_a_line(value)
        case dict():
            return {key: visible_document(inner) for key, inner in value.items()}
        case list():
            return [visible_document(inner) for inner in value]
        case _:
            return value
