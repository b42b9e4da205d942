"""Asking Prometheus about queries: few requests, its own words, and an end where it does not answer."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.queries.results import SELECTORS_PER_QUERY, query_results
from maintainer.collect.sources import Sources
from maintainer.model.loaded_queries import Grouped, QueryPlan, QueryResults
from tests.servers.scripted import Says, Scripted, says, success


def vector(*samples: tuple[dict[str, str], str]) -> Says:
    """The answer to an instant query."""
    result: list[Any] = [{"metric": labels, "value": [1.0, value]} for labels, value in samples]
    return success({"resultType": "vector", "result": result})


def refused(kind: str, error: str, status: int = 400) -> Says:
    return says({"status": "error", "errorType": kind, "error": error}, status)


def answers(plan: QueryPlan, script: Sequence[Says]) -> tuple[QueryResults, Scripted]:
    """What is made of these answers."""
    with Scripted(*script) as server, closing(Prometheus(Endpoint(url=server.url))) as client:
        return query_results(Sources(None, client), plan), server


def test_many_selectors_are_one_query_as_of_the_scrape() -> None:
    plan = QueryPlan(at=1700.25, selectors=('a{job="x"}', 'b{job="y"}'))
    found, server = answers(plan, [vector(({"selector": "1"}, "3"))])

    assert found.matched == {'a{job="x"}': False, 'b{job="y"}': True}
    (request,) = server.asked
    assert request.form["time"] == "1700.250"
    assert request.form["query"] == (
        'label_replace(count(a{job="x"}), "selector", "0", "", "") or '
        'label_replace(count(b{job="y"}), "selector", "1", "", "")'
    )


def test_no_query_grows_without_end() -> None:
    plan = QueryPlan(selectors=tuple(f'a{{job="{number}"}}' for number in range(SELECTORS_PER_QUERY + 1)))
    found, server = answers(plan, [vector()])

    assert len(server.asked) == 2
    assert len(found.matched) == SELECTORS_PER_QUERY + 1


@pytest.mark.parametrize(
    ("answer", "sizes", "errors"),
    [
        (vector(({}, "7")), {"q # note": 7}, {}),
        (vector(), {"q # note": 0}, {}),
        (refused("bad_data", "1:1: parse error"), {}, {"q # note": "1:1: parse error"}),
        (refused("execution", "many-to-many", 422), {}, {"q # note": "many-to-many"}),
        (refused("422", "unsupported function", 422), {}, {"q # note": "unsupported function"}),
        (refused("400", "unparsed data left", 400), {}, {"q # note": "unparsed data left"}),
        (refused("bad_data", "expected instant vector, got scalar"), {"q # note": 1}, {}),
    ],
)
def test_a_query_is_counted_or_refused(answer: Says, sizes: dict[str, int], errors: dict[str, str]) -> None:
    found, server = answers(QueryPlan(runs=("q # note",)), [answer])

    assert (found.sizes, found.errors, found.unavailable) == (sizes, errors, ())
    assert server.asked[0].form["query"] == "count(\nq # note\n)"


def test_what_runs_too_long_is_unseen_and_nothing_more_is_asked() -> None:
    plan = QueryPlan(runs=("one", "two", "three"), counts=(Grouped("sum(x)", ()),))
    found, server = answers(plan, [vector(({}, "1")), refused("timeout", "query timed out", 503)])

    assert found.sizes == {"one": 1}
    assert [unavailable.source for unavailable in found.unavailable] == ["results"]
    assert len(server.asked) == 2


def test_groups_have_the_values_of_their_labels() -> None:
    grouped = Grouped("sum by (exported_namespace, name, phase) (x)", ("exported_namespace", "name", "phase"))
    first = {"exported_namespace": "shop", "name": "cart", "phase": "Paused"}
    found, _ = answers(QueryPlan(counts=(grouped,)), [vector((first, "2"), ({"name": "pay"}, "1"))])

    assert found.values == {grouped: {("shop", "cart", "Paused"): 2.0, ("", "pay", ""): 1.0}}


def test_without_prometheus_nothing_is_answered() -> None:
    assert query_results(Sources(None, None), QueryPlan(runs=("x",))) == QueryResults()
