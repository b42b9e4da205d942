"""The faults of operators and functions that never give a result because of the labels of what they are about."""

import re

from maintainer.analyse.promql.faults import Fault
from maintainer.analyse.promql.label_sets import Conflict, label_conflicts
from maintainer.analyse.promql.parsed_query import ParsedQuery
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.model.message import message

_LE = re.compile(r"\ble\b")
_BUCKET = re.compile(r"\w+_bucket").fullmatch
_AGGREGATION = re.compile(
    r"\b(?:sum|avg|count|min|max|group|stddev|stdvar|topk|bottomk|quantile|count_values|limitk|limit_ratio)\b",
    re.IGNORECASE,
)


def query_conflicts(parsed: ParsedQuery, known: KnownSeries) -> tuple[Conflict, ...]:
    """The conflicts of labels in a query; only looked for where there is something that may be in conflict.

    Raises IndexError if tree and scan differ in their selectors, RecursionError if the tree is too deep.
    """
    selectors = parsed.scan.selectors
    if len(selectors) < 2 and ("histogram_quantile" not in parsed.text or _keeps_buckets(parsed)):
        return ()
    series = [known.series(selector.names[0]) if len(selector.names) == 1 else None for selector in selectors]
    return label_conflicts(parsed.tree, series) if any(series) else ()


def _keeps_buckets(parsed: ParsedQuery) -> bool:
    """Whether a bucket's label surely comes through all aggregations of a query with one selector. A cheap test."""
    groupings = parsed.scan.groupings
    kept = all(grouping.kind == "by" and _LE.search(grouping.text, *grouping.labels_at) for grouping in groupings)
    buckets = parsed.scan.selectors[0].names[0:1]
    return kept and len(groupings) == len(_AGGREGATION.findall(parsed.replaced)) and all(map(_BUCKET, buckets))


def conflict_fault(parsed: ParsedQuery, conflict: Conflict) -> Fault:
    """What is wrong with an operator or a function, at the first selector of the side that has other labels."""
    selectors = parsed.scan.selectors
    selector = selectors[conflict.owner if conflict.owner >= 0 else conflict.other]
    metric = parsed.text[slice(*(selector.name_at if selector.names else selector.at))]
    labels = ", ".join(conflict.labels)
    if conflict.kind == "histogram_quantile":
        why = message("query/dead-selector.no-le", metric=metric)
        return Fault("query/dead-selector", selector.name_at, why, "never")
    if conflict.kind == "unless":
        why = message("query/always-true.unless", metric=metric, labels=labels)
        return Fault("query/always-true", selector.name_at, why, "excludes-nothing")
    why = message("query/dead-selector.labels", operator=conflict.kind, metric=metric, labels=labels)
    return Fault("query/dead-selector", selector.name_at, why, "never")
