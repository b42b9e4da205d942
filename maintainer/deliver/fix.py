"""Corrects queries in the text of their file, and changes nothing else in it.

Only the characters of names and matchers are replaced, in the raw text of the file. Then the new text is read again:
every query must be as intended, and everything else in the file must be the same as before. A correction that does not
pass this proof is not made.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise

from maintainer.errors import ConfigError
from maintainer.model.queries import Query, Remark
from maintainer.model.source_text import Edit, FoundQueries, SourceText, spliced

MOST_CHARACTERS, FEWEST_PROOFS = 64 << 20, 8
"""How much of a file is read again to find the corrections that cannot be made among those that can: so many
characters, and so often where it is large. Those that are left then are not made."""

_STRING = r"""(?:"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'|`[^`]*+`)"""
_UNCLOSED = r"""["'][^\n]*+|`[^`]*+"""
_BLANK = r"(?:\s++|\#[^\r\n]*+[\r\n])*+"
_TOKEN = re.compile(
    rf"\#[^\r\n]*+|(?:[A-Za-z_]\w*+|{_STRING}){_BLANK}(?:=~|!~|!=|=){_BLANK}{_STRING}|{_STRING}|\w++|\s++|{_UNCLOSED}|.",
    re.ASCII,
)
"""A comment, a matcher, a string, a word, white space, an unfinished string, or any other character of a query."""


@dataclass(frozen=True, slots=True)
class Change:
    """The correction of a query, and the ``remarks`` that it answers.

    ``edits`` apply to the text of the query, ``outer_edits`` to ``outer``: the text in the file that holds the query.
    """

    remarks: tuple[Remark, ...]
    query: Query
    edits: tuple[Edit, ...]
    outer: SourceText
    outer_edits: tuple[Edit, ...]

    @property
    def in_file(self) -> tuple[Edit, ...]:
        """The edits, with positions in the text of the file."""
        return tuple(self.outer.lift(edit) for edit in self.outer_edits)


@dataclass(frozen=True, slots=True)
class Reader:
    """How the text of a file is read: ``found`` returns its queries, ``leaves`` all keys and values in it."""

    found: Callable[[str], FoundQueries]
    leaves: Callable[[str], Iterable[str]]


def changes(text: str, remarks: Sequence[Remark], reader: Reader) -> tuple[Change, ...]:
    """The corrections of a file that pass the proof together: made at once, they change nothing else in the file."""
    queries = reader.found(text).queries
    remarks_on: dict[Query, list[Remark]] = {}
    for remark in remarks:
        remarks_on.setdefault(remark.query, []).append(remark)
    candidates = [change for query in queries for change in _candidates(query, remarks_on.get(query, ()))]
    proofs = max(FEWEST_PROOFS, MOST_CHARACTERS // (len(text) + 1))
    return _proven(_File(text, queries, reader, proofs), candidates, accepted=()) if candidates else ()


def changed(text: str, done: Iterable[Change]) -> str:
    """The text of the file with the changes made."""
    return spliced(text, (edit for change in done for edit in change.in_file))


def corrections(text: str, corrected: str) -> tuple[Edit, ...]:
    """The edits that turn a query into its correction: each replaces a name, a matcher, or another token by another.

    () if the two texts have another number of tokens.
    """
    tokens, others = list(_TOKEN.finditer(text)), list(_TOKEN.finditer(corrected))
    if len(tokens) != len(others):
        return ()
    pairs = zip(tokens, others, strict=True)
    return tuple(Edit(*token.span(), other[0]) for token, other in pairs if token[0] != other[0])


@dataclass(slots=True)
class _File:
    text: str
    queries: tuple[Query, ...]
    reader: Reader
    proofs: int

    def passes(self, made: Sequence[Change]) -> bool:
        """Whether the file, read again with these changes, differs from the old file in these changes only.

        After ``proofs`` readings no change passes any more.
        """
        self.proofs -= 1
        if self.proofs < 0:
            return False
        edits = sorted({edit for change in made for edit in change.in_file})
        if any(after.start < before.end for before, after in pairwise(edits)):
            return False
        text = spliced(self.text, edits)
        try:
            found = self.reader.found(text)
        except ConfigError:
            return False
        same = _identities(found.queries) == _identities(self._intended_queries(made))
        return same and _digest(self.reader.leaves(text)) == _digest(self._intended_leaves(made))

    def _intended_queries(self, made: Sequence[Change]) -> Iterable[Query]:
        edits: dict[int, list[Edit]] = {}
        for change in made:
            edits.setdefault(id(change.query), []).extend(change.edits)
        for query in self.queries:
            yield replace(query, text=spliced(query.text, edits.get(id(query), ())))

    def _intended_leaves(self, made: Sequence[Change]) -> Iterable[str]:
        edits: dict[int, list[Edit]] = {}
        for change in made:
            edits.setdefault(change.outer.start, []).extend(change.outer_edits)
        for leaf in self.reader.leaves(self.text):
            yield spliced(leaf, edits.get(leaf.start, ())) if isinstance(leaf, SourceText) else leaf


def _identities(queries: Iterable[Query]) -> list[tuple[str, str, str]]:
    return [(query.text, query.asks, query.name) for query in queries]


def _digest(leaves: Iterable[str]) -> bytes:
    """The same for the same texts. With it, only one of the two trees of a large file is in memory."""
    digest = sha256()
    for leaf in leaves:
        digest.update(f"{len(leaf)} {leaf}".encode("utf-8", "surrogatepass"))
    return digest.digest()


def _candidates(query: Query, remarks: Sequence[Remark]) -> Iterable[Change]:
    """A change for each correction of a query; several remarks have the same."""
    for corrected in dict.fromkeys(remark.corrected for remark in remarks if remark.corrected):
        edits = corrections(query.text, corrected)
        if edits and isinstance(query.text, SourceText):
            outer, outer_edits = query.text.lifted(edits)
            own = tuple(remark for remark in remarks if remark.corrected == corrected)
            yield Change(own, query, edits, outer, tuple(outer_edits))


def _proven(file: _File, candidates: Sequence[Change], *, accepted: tuple[Change, ...]) -> tuple[Change, ...]:
    """``accepted`` and the candidates that pass together with it. If not all of them pass, each half is tried."""
    if not candidates or file.passes((*accepted, *candidates)):
        return (*accepted, *candidates)
    if len(candidates) == 1:
        return accepted
    middle = len(candidates) // 2
    first_half = _proven(file, candidates[:middle], accepted=accepted)
    return _proven(file, candidates[middle:], accepted=first_half)
