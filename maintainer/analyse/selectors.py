"""Which selectors of rules and dashboards can never match, by what the controller can emit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from maintainer.analyse.promql.judge import Fault, Known
from maintainer.analyse.promql.reading import Reading, read
from maintainer.analyse.promql.recorded import follow
from maintainer.analyse.promql.splice import spliced
from maintainer.analyse.promql.standing import Standing, standing
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


class _Said(NamedTuple):
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
    known = follow(queries, version)
    # Dashboards are copies of each other: what is said of a text is said of every query with it.
    texts = dict.fromkeys((query.text, query.asks) for query in queries)
    said = {text: found for text in texts if (found := tuple(_of_text(*text, known)))}
    return tuple(
        Remark(one.check, query, one.about, one.why, one.means, one.corrected)
        for query in queries
        for one in said.get((query.text, query.asks), ())
    )


def _of_text(text: str, asks: Asks, known: Known) -> Iterator[_Said]:
    reading = read(text, known)
    if reading is None:
        return
    if reading.tree is None:
        yield _not_checked(reading, message("query/not-checked.rejected", said=reading.said))
        return
    try:
        whole = standing(reading, asks, known)
    except (IndexError, RecursionError):
        yield _not_checked(reading, message("query/not-checked.unreadable"))
        return
    alone = len(reading.found.selectors) == 1
    for number, fault in whole.faults:
        means = _means(asks, fault, whole, number=number, alone=alone)
        right = spliced(text, reading.tree, fault.wrong, fault.right) if fault.right else ""
        yield _Said(fault.check, text[slice(*fault.about)], fault.why, means, right)


def _not_checked(reading: Reading, why: Message) -> _Said:
    pairs = zip(reading.found.selectors, reading.judged, strict=True)
    about = next(selector.names[0] for selector, judged in pairs if judged is not None)
    return _Said("query/not-checked", about, why, message("query/means.not-checked"), "")


def _means(asks: Asks, fault: Fault, whole: Standing, *, number: int, alone: bool) -> Message:
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
