"""The change of a file as a patch that ``git apply`` and ``patch -p1`` take."""

from collections.abc import Iterator
from difflib import unified_diff


def patch(file: str, before: str, after: str) -> str:
    """The unified diff of a file, "" if nothing changes. Line ends and a last line without one stay as they are."""
    lines = unified_diff([*_lines(before)], [*_lines(after)], f"a/{file}", f"b/{file}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; only a line feed ends one, as in git."""
    *whole, last = text.split("\n")
    yield from (f"{line}\n" for line in whole)
    if last:
        yield last
