"""Which selectors of rules and dashboards can never match, by what the controller can emit."""

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
"""How bad each of the checks is. In a report, ``query/not-checked`` is a gap."""


class _TextRemark(NamedTuple):
    """A remark on a text, whoever asks it."""

    check: str
    about: str
    why: Message
    means: Message
    corrected: str


def remarks(queries: Sequence[Query], *, version: Release | None) -> tuple[Remark, ...]:
    """What the queries cannot do, by what a controller of this version emits, in the order of the queries.

    ``version`` is ``None`` if it is not known: it is then taken for the newest. Recording rules among the queries are
    followed. Other people's queries, which read no metric of the controller, are passed over in silence.
    """
    known = known_series(queries, version)
    # Dashboards are copies of each other: what is said of a text is said of every query with it.
    texts = dict.fromkeys((query.text, query.asks) for query in queries)
    said = {text: found for text in texts if (found := tuple(_remarks_on_text(*text, known)))}
    return tuple(
        Remark(one.check, query, one.about, one.why, one.means, one.corrected)
        for query in queries
        for one in said.get((query.text, query.asks), ())
    )


def _remarks_on_text(text: str, asks: Asks, known: KnownSeries) -> Iterator[_TextRemark]:
    parsed = parse_query(text, known)
    if parsed is None:
        return
    if parsed.tree is None:
        yield _not_checked(parsed, message("query/not-checked.rejected", said=parsed.error))
        return
    try:
        whole = query_faults(parsed, asks, known)
    except (IndexError, RecursionError):
        yield _not_checked(parsed, message("query/not-checked.unreadable"))
        return
    alone = len(parsed.scan.selectors) == 1
    for number, fault in whole.faults:
        means = _means(asks, fault, whole, number=number, alone=alone)
        right = spliced(text, parsed.tree, fault.wrong, fault.right) if fault.right else ""
        yield _TextRemark(fault.check, text[slice(*fault.about)], fault.why, means, right)


def _not_checked(parsed: ParsedQuery, why: Message) -> _TextRemark:
    pairs = zip(parsed.scan.selectors, parsed.faults, strict=True)
    about = next(selector.names[0] for selector, faults in pairs if faults is not None)
    return _TextRemark("query/not-checked", about, why, message("query/means.not-checked"), "")


def _means(asks: Asks, fault: Fault, whole: QueryFaults, *, number: int, alone: bool) -> Message:
    """What follows from a fault for whoever reads the alert or the panel; ``alone``: it has only this selector."""
    result = whole.result
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
        kind = "part-always" if number in whole.trace.inverted else "part-never"
    return message(f"query/means.{kind}")
