"""Asking Prometheus about queries: few requests, its own words, and an end where it does not answer."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.limits import Limits
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.queries.results import SELECTORS_PER_QUERY, query_results
from maintainer.collect.sources import Sources
from maintainer.model.loaded_queries import Grouped, QueryPlan, QueryResults, Reading
from tests.servers.scripted import Says, Scripted, says, success


def vector(*samples: tuple[dict[str, str], str]) -> Says:
    """The answer to an instant query."""
    result: list[Any] = [{"metric": labels, "value": [1.0, value]} for labels, value in samples]
    return success({"resultType": "vector", "result": result})


def refused(kind: str, error: str, status: int = 400) -> Says:
    return says({"status": "error", "errorType": kind, "error": error}, status)


def answers(plan: QueryPlan, script: Sequence[Says], samples: int = 50_000_000) -> tuple[QueryResults, Scripted]:
    """What is made of these answers."""
    with Scripted(*script) as server, closing(Prometheus(Endpoint(url=server.url))) as client:
        return query_results(Sources(None, client, limits=Limits(samples=samples)), plan), server


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


HEAVY = QueryPlan(runs=("a[1d]", "b"), heavy={"a[1d]": (Reading("a", 5760.0), Reading("c", 2000.0))})


def test_what_would_read_too_much_is_counted_and_not_sent() -> None:
    found, server = answers(HEAVY, [vector(({}, "100")), vector(({}, "7")), vector(({}, "1"))], samples=500_000)

    assert (found.spared, found.sizes, found.errors) == ({"a[1d]": 590_000}, {"b": 1}, {})
    assert [asked.form["query"] for asked in server.asked] == ["count(\na\n)", "count(\nc\n)", "count(\nb\n)"]


def test_what_reads_less_is_sent_after_it_was_counted() -> None:
    found, server = answers(HEAVY, [vector(({}, "10"))], samples=500_000)

    assert (found.spared, found.sizes) == ({}, {"a[1d]": 10, "b": 10})
    assert len(server.asked) == 4


def test_when_a_run_has_read_its_share_it_sends_no_more() -> None:
    plan = QueryPlan(runs=("a", "b", "c"))
    costly = {"stats": {"samples": {"totalQueryableSamples": 600}}, "resultType": "vector", "result": []}
    found, server = answers(plan, [success(costly)], samples=1000)

    assert (found.sizes, found.spared) == ({"a": 0, "b": 0}, {"c": 0})
    assert len(server.asked) == 2


@pytest.mark.parametrize("value", ["NaN", "+Inf"])
def test_a_count_that_is_no_number_is_a_reason(value: str) -> None:
    found, _ = answers(QueryPlan(runs=("a",)), [vector(({}, value))])
    assert [unavailable.reason.id for unavailable in found.unavailable] == ["gap/prometheus-not-a-number"]


def test_groups_have_the_values_of_their_labels() -> None:
    grouped = Grouped("sum by (exported_namespace, name, phase) (x)", ("exported_namespace", "name", "phase"))
    first = {"exported_namespace": "shop", "name": "cart", "phase": "Paused"}
    found, _ = answers(QueryPlan(counts=(grouped,)), [vector((first, "2"), ({"name": "pay"}, "1"))])

    assert found.values == {grouped: {("shop", "cart", "Paused"): 2.0, ("", "pay", ""): 1.0}}


def test_without_prometheus_nothing_is_answered() -> None:
    assert query_results(Sources(None, None), QueryPlan(runs=("x",))) == QueryResults()
