"""Which queries can say when something is so: those that have no result while it is not."""

import pytest

from maintainer.analyse.promql.filtering import condition_problem


@pytest.mark.parametrize(
    "promql",
    [
        "probe_success == 0",
        'sum by (namespace, name) (rate(http_errors_total{code=~"5.."}[5m])) > 1',
        "sum(rate(errors[5m])) / sum(rate(requests[5m])) > 0.01 and sum(rate(requests[5m])) > 10",
        "(a > 1) or (b < 0.5)",
        "a unless b",
        "absent(heartbeat)",
        "count by (job) (up == 0)",
        "max_over_time((latency > 0.5)[10m:1m])",
        "a > 1 # the limit",
    ],
)
def test_a_query_with_a_comparison_can(promql: str) -> None:
    assert condition_problem(promql) == ""


@pytest.mark.parametrize(
    ("promql", "problem"),
    [
        ("sum(rate(errors[5m]))", "always has a result"),
        ("errors > bool 1", "always has a result"),
        ("errors > 1 or vector(0)", "always has a result"),
        ("errors[5m]", "always has a result"),
        ("vector(1) > 5", "name the metrics"),
        ('{job="shop"} > 1', "name the metrics"),
        ("errors >", "no PromQL"),
        ("(" * 400 + "a > 1" + ")" * 400, "too large"),
    ],
)
def test_one_that_always_has_a_result_or_none_that_anybody_knows_cannot(promql: str, problem: str) -> None:
    assert problem in condition_problem(promql)
