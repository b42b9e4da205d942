"""The lint job: reads the queries of files, lints them, and corrects them in place with ``--fix``."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from os.path import realpath
from pathlib import Path

from maintainer.analyse.promql.mentions import mentioned_metrics, reads_controller
from maintainer.collect.queries.files import (
    STDIN,
    is_document,
    load_foreign,
    load_text,
    may_ask,
    read_texts,
)
from maintainer.collect.queries.named_files import Folder, named_files
from maintainer.collect.queries.texts import Recogniser
from maintainer.deliver.fix import Change, Reader, changed, changes
from maintainer.errors import ConfigError
from maintainer.model.message import message
from maintainer.model.queries import Place, Query, Remark
from maintainer.model.source_text import Edit, FoundQueries, Unchecked, line_starts
from maintainer.model.trees import leaves
from maintainer.render.lint_document import NOT_CHECKED, Lint, Region

Linter = Callable[[Sequence[Query]], tuple[Remark, ...]]

RECOGNISER = Recogniser(mentioned_metrics, reads_controller)

PASSES = 5
"""A correction that can be written may be judged anew beside one that cannot, such as that of a recording rule."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its queries. ``text`` is after corrections, ``before`` as it was read.

    ``corrected`` is how many of its queries were corrected. ``is_folder``: a folder in which nothing is read,
    which is all that is said of it.
    """

    file: str
    text: str
    before: str
    found: FoundQueries
    corrected: int = 0
    is_folder: bool = False


def sources(paths: Sequence[str], stdin: Callable[[], str]) -> tuple[tuple[Source, ...], tuple[ConfigError, ...]]:
    """The files, folders and standard input (``-``) that were named; what could not be read beside what could.

    Of a folder, files that are not YAML or JSON count only if they name a metric of the controller, and broken ones
    only if they may ask something.
    """
    good: list[Source] = []
    bad: list[ConfigError] = []
    named = named_files(paths)
    for path in named.files:
        file, text = STDIN if path == "-" else path, None
        try:
            text = stdin() if path == "-" else _text(path, named=path in paths)
            if text or path in paths or is_document(file):
                good.append(Source(file, text, text, read_file(text, file)))
        except ConfigError as error:
            if text is None or path in paths or may_ask(text, RECOGNISER):
                bad.append(error)
    read = {realpath(source.file) for source in good}
    good += (_unread_folder(folder.path, "folder") for folder in named.folders if _has_nothing_to_read(folder, read))
    good += (_unread_folder(link, "linked-folder") for link in named.linked)
    return tuple(good), (*(error for folder in named.folders for error in folder.unreadable), *bad)


def read_file(text: str, file: str) -> FoundQueries:
    """What a file asks. Raises :class:`ConfigError`."""
    return read_texts(text, file, RECOGNISER)


def _has_nothing_to_read(folder: Folder, read: Collection[str]) -> bool:
    """Whether a folder was looked at and has neither YAML nor JSON, nor another file that was ``read``."""
    could_look = not (folder.unreadable or folder.linked)
    return could_look and not any(is_document(file) or realpath(file) in read for file in folder.files)


def _unread_folder(folder: str, why: str) -> Source:
    unchecked = Unchecked(Place(folder), Path(folder).name or folder, message(f"lint/unchecked.{why}"))
    return Source(folder, "", "", FoundQueries(unchecked=(unchecked,)), is_folder=True)


def _text(path: str, *, named: bool) -> str:
    return load_text(path) if named or is_document(path) else load_foreign(path, RECOGNISER.names)


def lint(sources: Sequence[Source], linter: Linter) -> Lint:
    """The remarks on the files, with the corrections that can be made in place."""
    remarks = _remarks(sources, linter)
    regions = {
        remark: tuple(_region(starts, edit) for edit in change.in_file)
        for source, own in _by_source(sources, remarks)
        for starts in [line_starts(source.text)]
        for change in _changes(source, own)
        for remark in change.remarks
    }
    return Lint(
        remarks=remarks,
        unchecked=tuple(unchecked for source in sources for unchecked in source.found.unchecked),
        passed=tuple(passed for source in sources for passed in source.found.passed),
        files=sum(not source.is_folder for source in sources),
        queries=sum(len(source.found.queries) for source in sources),
        regions=regions,
    )


def fixed(sources: Sequence[Source], linter: Linter) -> tuple[Source, ...]:
    """The files with all corrections that can be made, also of faults that a correction uncovers."""
    now = {source.file: source for source in sources}
    for _ in range(PASSES):
        done = False
        for source, own in _by_source(tuple(now.values()), _remarks(tuple(now.values()), linter)):
            if made := _changes(source, own):
                text = changed(source.text, made)
                now[source.file] = replace(source, text=text, found=read_file(text, source.file))
                done = True
        if not done:
            break
    return tuple(replace(now[source.file], corrected=_differing(source, now[source.file])) for source in sources)


def left(lint: Lint, sources: Sequence[Source]) -> Lint:
    """The result after the corrections: remarks that still have one are those that could not be corrected."""
    stands = frozenset(remark for remark in lint.remarks if remark.corrected)
    return replace(lint, left=stands, regions={}, corrected=sum(source.corrected for source in sources))


def complete(lint: Lint) -> bool:
    """Whether everything could be checked."""
    return not lint.unchecked and all(remark.check != NOT_CHECKED for remark in lint.remarks)


def _differing(before: Source, after: Source) -> int:
    """How many queries are not what they were."""
    pairs = zip(before.found.queries, after.found.queries, strict=True)
    return sum(old.text != new.text for old, new in pairs)


def _remarks(sources: Sequence[Source], linter: Linter) -> tuple[Remark, ...]:
    return linter([query for source in sources for query in source.found.queries])


def _by_source(sources: Sequence[Source], remarks: Sequence[Remark]) -> list[tuple[Source, list[Remark]]]:
    """Each file with its remarks that have a correction; files without such remarks are left out."""
    ordered = sorted((remark for remark in remarks if remark.corrected), key=_file)
    of_file = {file: list(own) for file, own in groupby(ordered, key=_file)}
    return [(source, of_file[source.file]) for source in sources if source.file in of_file]


def _file(remark: Remark) -> str:
    return remark.query.place.file


def _changes(source: Source, remarks: Sequence[Remark]) -> tuple[Change, ...]:
    return changes(source.text, remarks, Reader(partial(read_file, file=source.file), leaves))


def _region(starts: Sequence[int], edit: Edit) -> Region:
    line, column = _position(starts, edit.start)
    end_line, end_column = _position(starts, edit.end)
    return Region(line, column, end_line, end_column, edit.text)


def _position(starts: Sequence[int], at: int) -> tuple[int, int]:
    """The line and the column, from 1, by where each line starts."""
    line = bisect_right(starts, at)
    return line, at - starts[line - 1] + 1
