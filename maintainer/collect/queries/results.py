"""Runs a query plan: few requests to Prometheus, one after the other, all as of the same scrape."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import ceil, isfinite

from maintainer.clients.engine import REFUSALS
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import Sources, unavailable
from maintainer.errors import SourceUnavailable
from maintainer.model.loaded_queries import QueryPlan, QueryResults, Reading

SELECTORS_PER_QUERY = 25
_SCALAR = "got scalar"
"""Part of Prometheus' error where ``count`` is given a scalar: the query itself runs, and returns a number."""


def query_results(sources: Sources, plan: QueryPlan) -> QueryResults:
    """The results of a plan. After a request that fails, the rest is unavailable and not asked for."""
    results, prometheus = QueryResults(), sources.prometheus
    if prometheus is None:
        return results
    matched, why = sources.attempt("results", partial(_matched, prometheus, plan))
    results = replace(results, matched=matched or {}, unavailable=why)
    if not why:
        results = _run(sources, prometheus, plan, results=results)
    if results.unavailable:
        return results
    values, why = sources.attempt("results", lambda: {
        count: prometheus.groups(count.promql, count.labels, at=plan.at) for count in plan.counts
    })  # fmt: skip
    return replace(results, values=values or {}, unavailable=why)


def _matched(prometheus: Prometheus, plan: QueryPlan) -> dict[str, bool]:
    """Whether each selector matches something. A query counts several, each under its number as a label."""
    matched: set[str] = set()
    for batch in _batches(plan.selectors):
        counts = (f'label_replace(count({selector}), "selector", "{number}", "", "")' for number, selector in batch)
        matched |= {sample.labels["selector"] for sample in prometheus.vector(" or ".join(counts), at=plan.at)}
    return {selector: str(number) in matched for number, selector in enumerate(plan.selectors)}


def _batches(selectors: Sequence[str]) -> Iterator[Sequence[tuple[int, str]]]:
    numbered = list(enumerate(selectors))
    for start in range(0, len(numbered), SELECTORS_PER_QUERY):
        yield numbered[start : start + SELECTORS_PER_QUERY]


def _run(sources: Sources, prometheus: Prometheus, plan: QueryPlan, *, results: QueryResults) -> QueryResults:
    """How many series each query returns, or Prometheus' error; nothing of a query that would read too much."""
    sizes: dict[str, int] = {}
    errors: dict[str, str] = {}
    spared: dict[str, int] = {}
    guard, most = sources.guard, sources.limits.samples
    for query in plan.runs:
        try:
            samples = guard(partial(_samples, prometheus, plan.heavy.get(query, ()), at=plan.at))
            if prometheus.cost.samples + samples > most:
                spared[query] = samples
                continue
            sizes[query] = guard(partial(_size, prometheus, query, at=plan.at))
        except SourceUnavailable as error:
            text = str(error.params.get("said", ""))
            if error.params.get("kind") not in REFUSALS:
                why = (unavailable("results", error),)
                return replace(results, sizes=sizes, errors=errors, spared=spared, unavailable=why)
            if _SCALAR in text:
                sizes[query] = 1
            else:
                errors[query] = text
    return replace(results, sizes=sizes, errors=errors, spared=spared)


def _samples(prometheus: Prometheus, read: Sequence[Reading], *, at: float) -> int:
    """About how many samples a query reads, by the number of series that there are now."""
    return ceil(sum(_size(prometheus, reading.selector, at=at) * reading.samples for reading in read))


def _size(prometheus: Prometheus, query: str, *, at: float) -> int:
    counted = prometheus.vector(f"count(\n{query}\n)", at=at)
    value = counted[0].value if counted else 0.0
    if not isfinite(value):
        who, url = prometheus.who, prometheus.url
        raise SourceUnavailable("prometheus-not-a-number", who=who, url=url, query=query, value=str(value))
    return int(value)
