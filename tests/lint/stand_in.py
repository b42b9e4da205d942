"""A linter that knows three faults, so that the lint job is tested without the real one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from maintainer.jobs.lint import Source, read_file
from maintainer.model.message import message
from maintainer.model.queries import Place, Query, Remark
from maintainer.model.report import Severity
from maintainer.render.words import Catalogue

DEAD = 'phase="Degraded"'
ALIVE = 'phase=~"Error|Timeout"'
WORDS = {
    "test/why": "{about} can never match",
    "test/means": "it never fires",
    "lint/closing": "{findings} in {queries} of {files}{rest}.",
}
FAULTS: Mapping[str, tuple[str, str, Severity]] = {
    DEAD: ("query/dead-selector", ALIVE, "error"),
    "argo_rollout_info": ("query/unknown-metric", "rollout_info", "error"),
    "rollout_phase": ("query/deprecated", "", "warning"),
    "$broken": ("query/not-checked", "", "info"),
}


def linter(queries: Sequence[Query]) -> tuple[Remark, ...]:
    """Each fault of each query. The dead phase shows only once the metric's name is right."""
    return tuple(remark for query in queries for remark in _remarks(query))


def words(english: Catalogue) -> Catalogue:
    """The catalogue with the sentences of the stand-in."""
    return Catalogue("en", {**english.entries, **WORDS})


def source(path: Path) -> Source:
    """A file of a test as lint reads it."""
    text = path.read_bytes().decode()
    return Source(str(path), text, text, read_file(text, str(path)))


def remark(about: str = DEAD, *, text: str = 'rollout_info{phase="Degraded"}', name: str = "Failed") -> Remark:
    """A remark about a query of no file."""
    return _remark(Query(text, "alert", name, Place("rules.yml", 3)), about)


def _remarks(query: Query) -> list[Remark]:
    hidden = {DEAD} if "argo_rollout_info" in query.text else set()
    return [_remark(query, about) for about in FAULTS if about in query.text and about not in hidden]


def _remark(query: Query, about: str) -> Remark:
    check, right, severity = FAULTS[about]
    corrected = query.text.replace(about, right) if right else ""
    return Remark(check, query, about, message("test/why", about=about), message("test/means"), corrected, severity)
