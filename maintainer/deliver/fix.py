"""Writes corrected queries into the file they stand in, and changes nothing else.

Only the characters of the matcher are replaced, in the raw text. Then the file is read again: every query and every
other text must say exactly what was intended. What does not pass is left as it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile

from maintainer.errors import ConfigError, DeliveryFailed
from maintainer.model.queries import Query, Remark
from maintainer.model.source_text import Edit, FoundQueries, SourceText, spliced

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about a remark: the edits of the query's text, and the same of the file's."""

    remark: Remark
    query: Query
    edits: tuple[Edit, ...]
    outer: SourceText
    outer_edits: tuple[Edit, ...]

    @property
    def in_file(self) -> tuple[Edit, ...]:
        """The edits of the file's text."""
        return tuple(self.outer.lift(edit) for edit in self.outer_edits)


@dataclass(frozen=True, slots=True)
class Reader:
    """How a file is read: ``found`` gives its queries, ``leaves`` everything that it says."""

    found: Callable[[str], FoundQueries]
    leaves: Callable[[str], Iterable[str]]


def changes(text: str, remarks: Sequence[Remark], reader: Reader) -> tuple[Change, ...]:
    """What can be corrected in a file, proven: with all of it done, nothing else in the file is another."""
    queries = reader.found(text).queries
    remarked: dict[Query, list[Remark]] = {}
    for remark in remarks:
        remarked.setdefault(remark.query, []).append(remark)
    wanted = [change for query in queries for change in _wanted(query, remarked.get(query, ()))]
    return _proven(_File(text, queries, reader), wanted, ())


def changed(text: str, done: Iterable[Change]) -> str:
    """The file's text with the changes."""
    return spliced(text, (edit for change in done for edit in change.in_file))


def corrections(remark: Remark) -> tuple[Edit, ...]:
    """What to replace in the query's text to correct it, the occurrences of ``about``; () where that cannot be told."""
    about, text = remark.about, remark.query.text
    if not (about and remark.corrected):
        return ()
    parts = re.split(rf"(?<!\w){re.escape(about)}(?!\w)", text)
    starts = accumulate((len(part) + len(about) for part in parts[1:-1]), initial=len(parts[0]))
    between = _between(parts, remark.corrected)
    return tuple(Edit(at, at + len(about), new) for at, new in zip(starts, between, strict=False) if new != about)


def write(path: str, before: str, after: str) -> None:
    """Put a text in the place of the one that was read, whole or not at all. Raises :class:`DeliveryFailed`."""
    target = Path(path).resolve()
    try:
        content = target.read_bytes()
        if content.removeprefix(BOM) != before.encode():
            raise DeliveryFailed(f"{path} was changed by somebody else meanwhile and is left alone; run it again")
        mark = BOM if content.startswith(BOM) else b""
        with NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            file.write(mark + after.encode())
        Path(file.name).chmod(target.stat().st_mode & 0o7777)
        Path(file.name).replace(target)
    except OSError as error:
        raise DeliveryFailed(f"cannot write the correction to {path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _File:
    text: str
    queries: tuple[Query, ...]
    reader: Reader

    def proves(self, wanted: Sequence[Change]) -> bool:
        """Whether the file, read again with the changes, says what it said but for them."""
        raw = sorted({edit for change in wanted for edit in change.in_file})
        if any(after.start < before.end for before, after in pairwise(raw)):
            return False
        text = spliced(self.text, raw)
        try:
            found = self.reader.found(text)
        except ConfigError:
            return False
        same = _asked(found.queries) == _asked(self._queries(wanted))
        return same and list(self.reader.leaves(text)) == list(self._leaves(wanted))

    def _queries(self, wanted: Sequence[Change]) -> Iterable[Query]:
        for query in self.queries:
            edits = [edit for change in wanted if change.query is query for edit in change.edits]
            yield replace(query, text=spliced(query.text, edits))

    def _leaves(self, wanted: Sequence[Change]) -> Iterable[str]:
        edits: dict[int, list[Edit]] = {}
        for change in wanted:
            edits.setdefault(change.outer.start, []).extend(change.outer_edits)
        for leaf in self.reader.leaves(self.text):
            yield spliced(leaf, edits.get(leaf.start, ())) if isinstance(leaf, SourceText) else leaf


def _asked(queries: Iterable[Query]) -> list[tuple[str, str, str]]:
    return [(query.text, query.asks, query.name) for query in queries]


def _between(parts: Sequence[str], text: str) -> list[str]:
    """What stands between the parts in a text that is made of them in their order; nothing if it is not."""
    if len(parts) < 2 or not (text.startswith(parts[0]) and text.endswith(parts[-1])):
        return []
    found: list[str] = []
    begin, end = len(parts[0]), len(text) - len(parts[-1])
    for part in parts[1:-1]:
        at = text.find(part, begin, end)
        if at < 0:
            return []
        found.append(text[begin:at])
        begin = at + len(part)
    return [*found, text[begin:end]] if begin <= end else []


def _wanted(query: Query, remarks: Sequence[Remark]) -> Iterable[Change]:
    for remark in remarks:
        edits = corrections(remark)
        if edits and isinstance(query.text, SourceText):
            outer, outer_edits = query.text.lifted(edits)
            yield Change(remark, query, edits, outer, tuple(outer_edits))


def _proven(file: _File, wanted: Sequence[Change], base: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes that pass together with ``base``: all if they do, else those of each half that do."""
    if not wanted or file.proves((*base, *wanted)):
        return (*base, *wanted)
    if len(wanted) == 1:
        return base
    middle = len(wanted) // 2
    return _proven(file, wanted[middle:], _proven(file, wanted[:middle], base))
