"""Markdown as a reader of GitHub's dialect sees it: its structure, and the texts in it."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_FOLD = re.compile(r"<details><summary>[^<>]*</summary>\n|</details>\n")
_OF_TEXTS = {"text", "code_inline", "softbreak"}


def shape(source: str) -> list[str]:
    """Blocks and markup in their order, without the texts, which may be code; the tags of folds with their words."""
    return [part for token in _PARSER.parse(source) for part in _shape(token)]


def words(source: str) -> list[str]:
    """The text of each block of the rendered page, on a line."""
    return [_words(token) for token in _PARSER.parse(source) if token.content]


def fences(source: str) -> list[tuple[str, str]]:
    """The language and the code of each block of code."""
    return [(token.info, token.content) for token in _PARSER.parse(source) if token.type == "fence"]


def rows(source: str) -> list[list[list[str]]]:
    """The cells of each row of each table."""
    tables: list[list[list[str]]] = []
    for token in _PARSER.parse(source):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "inline" and tables and token.level > 3:
            tables[-1][-1].append(_words(token))
    return tables


def html(source: str) -> str:
    """The HTML of the source."""
    return str(_PARSER.render(source))


def _shape(token: Token) -> list[str]:
    if token.type == "html_block":
        assert _FOLD.fullmatch(token.content), token.content
        return ["fold" if "summary" in token.content else "end of a fold"]
    inner = [child for child in token.children or () if child.type not in _OF_TEXTS]
    # Only what cannot be written between backticks in a cell is in tags.
    return [token.type, *(child.type for child in inner if child.content not in {"<code>", "</code>"})]


def _words(token: Token) -> str:
    texts = [
        " " if child.type == "softbreak" else child.content for child in token.children or () if child.type in _OF_TEXTS
    ]
    return "".join(texts) if token.children else token.content
