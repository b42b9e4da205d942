"""The lint job: reads the queries of files, lints them, and corrects them in place with ``--fix``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from maintainer.collect.queries.documents import leaves
from maintainer.collect.queries.files import files, load_text, read_queries
from maintainer.deliver.fix import Change, Reader, changed, changes
from maintainer.errors import ConfigError
from maintainer.model.queries import Query, Remark
from maintainer.model.report import Severity
from maintainer.model.source_text import Edit, FoundQueries
from maintainer.render.lint_document import NOT_CHECKED, Lint, Region

Linter = Callable[[Sequence[Query]], tuple[Remark, ...]]

PASSES = 5
"""A correction may uncover another fault: a phase is only checked once its metric has the right name."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its queries. ``text`` is after corrections, ``before`` as it was read."""

    file: str
    text: str
    before: str
    found: FoundQueries


def sources(paths: Sequence[str], stdin: Callable[[], str]) -> tuple[tuple[Source, ...], tuple[ConfigError, ...]]:
    """The files at the paths, in folders, and on standard input (``-``), and the errors of those not readable."""
    good: list[Source] = []
    bad: list[ConfigError] = []
    for path in files(paths):
        try:
            file, text = ("stdin", stdin()) if path == "-" else (path, load_text(path))
            good.append(Source(file, text, text, read_queries(text, file)))
        except ConfigError as error:
            bad.append(error)
    return tuple(good), tuple(bad)


def lint(sources: Sequence[Source], linter: Linter, severities: Mapping[str, Severity]) -> Lint:
    """The remarks on the files, with the corrections that can be made in place."""
    remarks = _remarks(sources, linter)
    regions = {
        change.remark: tuple(_region(source.text, edit) for edit in change.in_file)
        for source, own in _by_source(sources, remarks)
        for change in _changes(source, own)
    }
    return Lint(
        remarks=remarks,
        unchecked=tuple(unchecked for source in sources for unchecked in source.found.unchecked),
        files=len(sources),
        queries=sum(len(source.found.queries) for source in sources),
        severities=severities,
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
                now[source.file] = replace(source, text=text, found=read_queries(text, source.file))
                done = True
        if not done:
            break
    return tuple(now.values())


def left(lint: Lint) -> Lint:
    """The result after the corrections: remarks that still have one are those that could not be corrected."""
    stands = frozenset(remark for remark in lint.remarks if remark.corrected)
    return replace(lint, left=stands, regions={})


def complete(lint: Lint) -> bool:
    """Whether everything could be checked."""
    return not lint.unchecked and all(remark.check != NOT_CHECKED for remark in lint.remarks)


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
    return changes(source.text, remarks, Reader(partial(read_queries, file=source.file), leaves))


def _region(text: str, edit: Edit) -> Region:
    line, column = _position(text, edit.start)
    end_line, end_column = _position(text, edit.end)
    return Region(line, column, end_line, end_column, edit.text)


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
