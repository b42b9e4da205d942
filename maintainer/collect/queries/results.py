"""Asks Prometheus what a plan says, as of one scrape: few requests, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import attempt, unavailable
from maintainer.errors import SourceUnavailable
from maintainer.model.loaded_queries import QueryPlan, QueryResults

TOGETHER = 25
"""Selectors that one query asks about."""
_REFUSED = ("bad_data", "execution")
_SCALAR = "got scalar"
"""What Prometheus says where a number was counted that is no vector: it was answered, with one number."""


def query_results(prometheus: Prometheus | None, plan: QueryPlan) -> QueryResults:
    """The answers; what could not be asked is unseen, and nothing more is asked then."""
    answers = QueryResults()
    if prometheus is None:
        return answers
    matched, why = attempt("results", partial(_matched, prometheus, plan))
    answers = replace(answers, matched=matched or {}, unavailable=why)
    if not why:
        answers = _run(prometheus, plan, answers)
    if answers.unavailable:
        return answers
    values, why = attempt("results", lambda: {
        one: prometheus.groups(one.promql, one.labels, at=plan.at) for one in plan.counts
    })  # fmt: skip
    return replace(answers, values=values or {}, unavailable=why)


def _matched(prometheus: Prometheus, plan: QueryPlan) -> dict[str, bool]:
    found: set[str] = set()
    for some in _batches(plan.selectors):
        query = " or ".join(f'label_replace(count({one}), "selector", "{number}", "", "")' for number, one in some)
        found |= {sample.labels["selector"] for sample in prometheus.vector(query, at=plan.at)}
    return {selector: str(number) in found for number, selector in enumerate(plan.selectors)}


def _batches(selectors: Sequence[str]) -> Iterator[Sequence[tuple[int, str]]]:
    numbered = list(enumerate(selectors))
    for start in range(0, len(numbered), TOGETHER):
        yield numbered[start : start + TOGETHER]


def _run(prometheus: Prometheus, plan: QueryPlan, answers: QueryResults) -> QueryResults:
    """How many series each query returns, or why Prometheus refuses it."""
    sizes: dict[str, int] = {}
    errors: dict[str, str] = {}
    for query in plan.runs:
        try:
            found = prometheus.vector(f"count(\n{query}\n)", at=plan.at)
            sizes[query] = int(found[0].value) if found else 0
        except SourceUnavailable as error:
            said = str(error.params.get("said", ""))
            if error.params.get("kind") not in _REFUSED:
                return replace(answers, sizes=sizes, errors=errors, unavailable=(unavailable("results", error),))
            if _SCALAR in said:
                sizes[query] = 1
            else:
                errors[query] = said
    return replace(answers, sizes=sizes, errors=errors)
