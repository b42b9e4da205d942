"""The correction of a query as a whole: all certain replacements together, judged again.

A correction may bring another fault to light, such as a metric's right name and then a phase that it does not have.
So the query is corrected until nothing certain is left, and the result is offered only if it can return a sample and is
not always true.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from maintainer.analyse.promql.corrections import only_replaced
from maintainer.analyse.promql.faults import Fault, Key
from maintainer.analyse.promql.lexical import label_values_label
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query
from maintainer.analyse.promql.query_faults import QueryFaults, query_faults, range_matters_without_faults
from maintainer.analyse.promql.selector_faults import KnownSeries, selector_faults
from maintainer.analyse.promql.tokens import Selector
from maintainer.model.queries import Asks
from maintainer.model.source_text import Edit, spliced

_STEPS = 5
_VALUE = re.compile(r"""\s*=~?\s*(?:"[\w+|\\ .-]*"|'[\w+|\\ .-]*'|`[\w+|\\ .-]*`)""", re.ASCII)
_USELESS = frozenset(("never", "always", "whole"))


class JudgedQuery(NamedTuple):
    """A query that the parser accepts, what it is asked for, and its faults."""

    parsed: ParsedQuery
    asks: Asks
    found: QueryFaults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Its faults, without the numbers of their selectors."""
        return tuple(fault for _, fault in self.found.faults)

    @property
    def keys(self) -> frozenset[Key]:
        """What its faults are, wherever they stand."""
        return frozenset(fault.key for fault in self.faults)


def judged_query(parsed: ParsedQuery, asks: Asks, known: KnownSeries) -> JudgedQuery:
    """A query with its faults.

    Raises IndexError if tree and scan differ in their selectors, RecursionError if the tree is too deep.
    """
    return JudgedQuery(parsed, asks, query_faults(parsed, asks, known))


class CorrectedQuery(NamedTuple):
    """The text of a query after its corrections, and what its faults still are."""

    text: str
    keys: frozenset[Key] = frozenset()


def corrected_query(query: JudgedQuery, known: KnownSeries) -> CorrectedQuery | None:
    """The query with all corrections that are right together; ``None`` where there is none."""
    sure = surely_corrected(query, known)
    if sure is not None:
        return sure
    judged = judged_again(query, known)
    return judged and CorrectedQuery(judged.parsed.text, judged.keys)


def surely_corrected(query: JudgedQuery, known: KnownSeries) -> CorrectedQuery | None:
    """The correction of a query with a single selector and fault where it is surely right; ``None`` says nothing.

    A name or a string is replaced by another, perhaps with ``=~`` for ``=``, so that all around it is parsed as before.
    The corrected selector has no fault, and nothing else depends on what it selects: nothing has to be judged again.
    """
    before = query.parsed
    if len(query.found.faults) != 1 or len(before.scan.selectors) != 1 or before.text != before.replaced:
        return None
    fault, selector = query.found.faults[0][1], before.scan.selectors[0]
    if not (fault.right and (_value_surely_right(fault, selector) or _name_surely_right(fault, before, known))):
        return None
    text = spliced(before.text, [Edit(*fault.wrong, fault.right)])
    grown, at = len(text) - len(before.text), fault.wrong[0]
    moved = [(start + grown, end + grown) if start > at else (start, end) for start, end in before.scan.comparisons]
    return None if range_matters_without_faults(text, moved, known) else CorrectedQuery(text)


def _value_surely_right(fault: Fault, selector: Selector) -> bool:
    """Whether the fault is a value that never occurs, and its correction leaves the selector without a fault.

    The new values are all of the label's own, so that the matcher lets them through. Neither the matchers beside it
    nor they together have a fault, if they must all match and each is about another label.
    """
    if fault.why.id != "query/dead-selector.value" or not _VALUE.fullmatch(fault.right):
        return False
    written = selector.written
    labels = {label for label, *_ in written if label.isidentifier()}
    return len(selector.names) == 1 and len(labels) == len(written) and not any(word for *_, word in written)


def _name_surely_right(fault: Fault, query: ParsedQuery, known: KnownSeries) -> bool:
    """Whether the fault is the metric's name, the metric that is meant has no fault, and no label matters elsewhere."""
    selector = query.scan.selectors[0]
    if fault.wrong != selector.name_at or query.scan.groupings or "histogram_quantile" in query.text:
        return False
    return selector_faults(selector._replace(names=(fault.right,)), query.text, known) == ()


def judged_again(query: JudgedQuery, known: KnownSeries) -> JudgedQuery | None:
    """The query with all corrections that are right together, as judged by itself; ``None`` where there is none.

    If the corrections of all faults do not pass together, those are left out with which the others do not pass.
    """
    fixable = [fault for fault in query.faults if fault.right]
    done = _corrected(query, known, skipped=frozenset()) if fixable else None
    if done is not None or len(fixable) < 2:
        return done
    keys = tuple(dict.fromkeys(fault.key for fault in fixable))
    skipped = frozenset(keys)
    for key in keys:
        attempt = _corrected(query, known, skipped=skipped - {key})
        if attempt is not None:
            done, skipped = attempt, skipped - {key}
    return done


def _corrected(query: JudgedQuery, known: KnownSeries, *, skipped: frozenset[Key]) -> JudgedQuery | None:
    """The query corrected until nothing is left but what is ``skipped``; ``None`` if the result is of no use."""
    last = query
    for _ in range(_STEPS):
        edits = _edits(last, skipped)
        if not edits:
            break
        following = _following(last, edits, known)
        if following is None:
            return None
        last = following
    return last if last is not query and _useful(last, query) else None


def _edits(query: JudgedQuery, skipped: frozenset[Key]) -> list[Edit]:
    """The certain replacements; of two that overlap only the first."""
    edits = sorted(
        {
            Edit(*fault.wrong, fault.right)
            for fault in query.faults
            if fault.right and not (skipped and fault.key in skipped)
        }
    )
    overlapping = {after for before, after in pairwise(edits) if after.start < before.end}
    return [edit for edit in edits if edit not in overlapping]


def _following(query: JudgedQuery, edits: Sequence[Edit], known: KnownSeries) -> JudgedQuery | None:
    """The query after the edits, judged again; ``None`` if anything else changed in its tree."""
    text = query.parsed.text
    parsed = parse_query(spliced(text, edits), known)
    if parsed is None or parsed.tree is None:
        return None
    if not (_within_selector(query.parsed, parsed, edits) or _only_replaced(query.parsed, parsed, edits)):
        return None
    try:
        return judged_query(parsed, query.asks, known)
    except (IndexError, RecursionError):
        return None


def _within_selector(before: ParsedQuery, after: ParsedQuery, edits: Sequence[Edit]) -> bool:
    """Whether a query's only selector is all that changed: it ends where it has to. A cheap proof for most queries."""
    if len(before.scan.selectors) != 1 or len(after.scan.selectors) != 1:
        return False
    (start, end), grown = before.scan.selectors[0].at, len(after.text) - len(before.text)
    inside = all(start <= edit.start and edit.end <= end for edit in edits)
    return inside and after.scan.selectors[0].at == (start, end + grown)


def _only_replaced(before: ParsedQuery, after: ParsedQuery, edits: Sequence[Edit]) -> bool:
    label = label_values_label(before.text)
    in_tree = sum(not (label and label[1] == (edit.start, edit.end)) for edit in edits)
    return only_replaced(before.tree, after.tree, at_most=in_tree)


def _useful(query: JudgedQuery, original: JudgedQuery) -> bool:
    """Whether a corrected query can return something, is not always true, and has no such fault that it had not."""
    result = query.found.result
    if result.never or (result.always and query.asks == "alert"):
        return False
    if not query.faults:
        return True
    worse = {fault.key for fault in query.faults if fault.severity == "error" and fault.effect in _USELESS}
    return worse <= original.keys and not original.keys <= query.keys
