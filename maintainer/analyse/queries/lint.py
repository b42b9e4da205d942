"""The linter: remarks on the queries of rules and dashboards, by what a controller can emit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from maintainer.analyse.promql.corrected import CorrectedQuery, JudgedQuery, corrected_query, judged_query
from maintainer.analyse.promql.faults import Fault, Key
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query
from maintainer.analyse.promql.recorded import with_recorded
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.model.contract import Release
from maintainer.model.message import Message, message
from maintainer.model.pipeline import StoredHistograms
from maintainer.model.queries import Asks, Query, Remark
from maintainer.model.report import Severity

_STEPS = 5
_Text = tuple[str, Asks]


class _TextRemark(NamedTuple):
    """A remark on a text, for all queries with it."""

    check: str
    about: str
    why: Message
    means: Message
    corrected: str = ""
    severity: Severity = "error"


_Judged = tuple[JudgedQuery | _TextRemark, CorrectedQuery | None]


def remarks(
    queries: Sequence[Query],
    *,
    version: Release | None,
    added: frozenset[str] = frozenset(),
    histograms: StoredHistograms | None = None,
) -> tuple[Remark, ...]:
    """Remarks on the queries, in their order, by what a controller of this version emits.

    A ``version`` of ``None`` is taken for the newest. ``added`` are labels that the series have besides its own.
    ``histograms`` is how Prometheus stores those of the controller, ``None`` if that is not known. The series of
    recording rules among the queries are known. Queries that read no metric of the controller get no remark.
    """
    known = with_recorded(KnownSeries({}, version, added, histograms), queries)
    # Dashboards are copied, so many queries have the same text: each text is checked once.
    texts = dict.fromkeys((query.text, query.asks) for query in queries)
    judged = dict(_judged(texts, known))
    corrections = _corrections(queries, judged, known)
    by_text = {
        text: [judgement]
        if isinstance(judgement, _TextRemark)
        else list(_remarks_on_text(judgement, corrections.get(text)))
        for text, (judgement, _) in judged.items()
    }
    return tuple(
        Remark(remark.check, query, remark.about, remark.why, remark.means, remark.corrected, remark.severity)
        for query in queries
        for remark in by_text.get((query.text, query.asks), ())
    )


def _judged(texts: Iterable[_Text], known: KnownSeries) -> Iterator[tuple[_Text, _Judged]]:
    """The texts with something to say, as they are judged and as they should be. Their trees are not kept."""
    for text in texts:
        judgement = _judgement(text, known)
        if isinstance(judgement, JudgedQuery):
            corrected = corrected_query(judgement, known)
            parsed, asks, found = judgement
            yield text, (JudgedQuery(parsed.without_tree, asks, found), corrected)
        elif judgement:
            yield text, (judgement, None)


def _judgement(text: _Text, known: KnownSeries) -> JudgedQuery | _TextRemark | None:
    """The query with its faults, or why it was not checked; ``None`` where there is nothing to say."""
    parsed = parse_query(text[0], known)
    if parsed is None:
        return None
    if parsed.why_not:
        return _not_checked(parsed, parsed.why_not)
    try:
        judged = judged_query(parsed, text[1], known)
    except (IndexError, RecursionError):
        return _not_checked(parsed, message("query/not-checked.unreadable"))
    return judged if judged.found.faults else None


def _corrections(
    queries: Sequence[Query], judged: Mapping[_Text, _Judged], known: KnownSeries
) -> Mapping[_Text, CorrectedQuery]:
    """The faulty queries as they should be, each judged beside recording rules that are corrected as well."""
    corrections = {text: corrected for text, (_, corrected) in judged.items() if corrected}
    records = [query for query in queries if query.asks == "record"]
    for _ in range(_STEPS if records else 0):
        now = [_with_correction(query, corrections) for query in records]
        if now == records:
            break
        records, known = now, with_recorded(known, now)
        corrections |= {text: corrected for text, (_, corrected) in _judged(judged, known) if corrected}
    return corrections


def _with_correction(query: Query, corrections: Mapping[_Text, CorrectedQuery]) -> Query:
    correction = corrections.get((query.text, query.asks))
    return replace(query, text=correction.text) if correction else query


def _remarks_on_text(query: JudgedQuery, corrected: CorrectedQuery | None) -> Iterator[_TextRemark]:
    """The remarks on a query, one for each cause: where several faults have the same, on what never matches."""
    text = query.parsed.text
    alone = len(query.parsed.scan.selectors) == 1
    by_key: dict[Key, tuple[int, Fault]] = {}
    several = len(query.found.faults) > 1
    for number, fault in query.found.faults if several else ():
        if fault.key not in by_key or (fault.effect == "never" != by_key[fault.key][1].effect):
            by_key[fault.key] = number, fault
    for number, fault in by_key.values() if several else query.found.faults:
        means = _means(query, fault, number=number, alone=alone)
        right = corrected.text if corrected and fault.key not in corrected.keys else ""
        yield _TextRemark(fault.check, text[slice(*fault.about)], fault.why, means, right, fault.severity)


def _not_checked(parsed: ParsedQuery, why: Message) -> _TextRemark:
    pairs = zip(parsed.scan.selectors, parsed.faults, strict=True)
    about = next(parsed.text[slice(*selector.name_at)] for selector, faults in pairs if faults is not None)
    return _TextRemark("query/not-checked", about, why, message("query/means.not-checked"), severity="info")


def _means(query: JudgedQuery, fault: Fault, *, number: int, alone: bool) -> Message:
    """What a fault means for the alert or the panel; ``alone``: the query has a single selector."""
    result, asks = query.found.result, query.asks
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
        kind = "part-always" if number in query.found.trace.inverted else "part-never"
    return message(f"query/means.{kind}")
