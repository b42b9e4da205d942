"""Queries for tests, and what is remarked about one."""

from collections.abc import Sequence

from maintainer.analyse.queries.lint import remarks
from maintainer.model.contract import Release
from maintainer.model.queries import Asks, Place, Query, Remark

CURRENT = (1, 9, 2)
FAILED = 'phase=~"Timeout|Error|Abort|InvalidSpec"'


def query(text: str, asks: Asks = "alert", name: str = "query") -> Query:
    """A query as a rules file or a dashboard has it."""
    return Query(text, asks, name, Place("file.yaml"))


def remarked(text: str, asks: Asks = "alert", *, version: Release | None = CURRENT) -> tuple[Remark, ...]:
    """All remarks on one query."""
    return remarks([query(text, asks)], version=version)


def verdicts(found: Sequence[Remark]) -> list[str]:
    """Remarks as a table of verdicts has them: the check without its family, and what it is about."""
    return [f"{remark.check.removeprefix('query/')}: {remark.about}" for remark in found]
