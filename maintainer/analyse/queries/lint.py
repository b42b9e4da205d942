"""The linter: remarks on the queries of rules and dashboards, by what a controller can emit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from maintainer.analyse.promql.corrections import spliced
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query
from maintainer.analyse.promql.query_faults import QueryFaults, query_faults
from maintainer.analyse.promql.recorded import known_series
from maintainer.analyse.promql.selector_faults import Fault, KnownSeries
from maintainer.model.contract import Release
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks, Query, Remark
from maintainer.model.report import Severity

SEVERITY: Mapping[str, Severity] = {
    "query/dead-selector": "error",
    "query/always-true": "error",
    "query/unknown-metric": "error",
    "query/unknown-label": "error",
    "query/deprecated": "warning",
    "query/not-checked": "info",
}
"""The severity of each check. In a report, ``query/not-checked`` is a gap instead."""


class _TextRemark(NamedTuple):
    """A remark on a text, for all queries with it."""

    check: str
    about: str
    why: Message
    means: Message
    corrected: str


def remarks(queries: Sequence[Query], *, version: Release | None) -> tuple[Remark, ...]:
    """Remarks on the queries, in their order, by what a controller of this version emits.

    A ``version`` of ``None`` is taken for the newest. The series of recording rules among the queries are known.
    Queries that read no metric of the controller get no remark.
    """
    known = known_series(queries, version)
    # Dashboards are copied, so many queries have the same text: each text is checked once.
    texts = dict.fromkeys((query.text, query.asks) for query in queries)
    by_text = {text: found for text in texts if (found := tuple(_remarks_on_text(*text, known)))}
    return tuple(
        Remark(remark.check, query, remark.about, remark.why, remark.means, remark.corrected)
        for query in queries
        for remark in by_text.get((query.text, query.asks), ())
    )


def _remarks_on_text(text: str, asks: Asks, known: KnownSeries) -> Iterator[_TextRemark]:
    parsed = parse_query(text, known)
    if parsed is None:
        return
    if parsed.tree is None:
        yield _not_checked(parsed, message("query/not-checked.rejected", said=parsed.error))
        return
    try:
        found = query_faults(parsed, asks, known)
    except (IndexError, RecursionError):
        yield _not_checked(parsed, message("query/not-checked.unreadable"))
        return
    alone = len(parsed.scan.selectors) == 1
    for number, fault in found.faults:
        means = _means(asks, fault, found, number=number, alone=alone)
        right = spliced(text, parsed.tree, fault.wrong, fault.right) if fault.right else ""
        yield _TextRemark(fault.check, text[slice(*fault.about)], fault.why, means, right)


def _not_checked(parsed: ParsedQuery, why: Message) -> _TextRemark:
    pairs = zip(parsed.scan.selectors, parsed.faults, strict=True)
    about = next(selector.names[0] for selector, faults in pairs if faults is not None)
    return _TextRemark("query/not-checked", about, why, message("query/means.not-checked"), "")


def _means(asks: Asks, fault: Fault, found: QueryFaults, *, number: int, alone: bool) -> Message:
    """What a fault means for the alert or the panel; ``alone``: the query has a single selector."""
    result = found.result
    if fault.check == "query/deprecated":
        kind = "deprecated"
    elif fault.effect == "whole" or (fault.effect == "never" and result.never):
        kind = f"never.{asks}"
    elif fault.effect == "always":
        kind = f"everything.{asks}" if alone else "part-everything"
    elif fault.effect != "never":
        kind = fault.effect
    elif result.always and result.low == result.high and asks != "alert":
        return message(f"query/means.constant.{asks}", value=result.low)
    elif result.always:
        kind = f"always.{asks}"
    else:
        kind = "part-always" if number in found.trace.inverted else "part-never"
    return message(f"query/means.{kind}")
