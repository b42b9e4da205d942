"""The cheap proof that a correction is right agrees with judging the corrected query again."""

from itertools import islice
from random import Random

import pytest
from hypothesis import given

from maintainer.analyse.promql.corrected import (
    CorrectedQuery,
    JudgedQuery,
    judged_again,
    judged_query,
    surely_corrected,
)
from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.model.queries import Asks
from tests.analyse.promql.builders import CURRENT, FAILED
from tests.analyse.promql.generated_queries import QUERIES
from tests.analyse.promql.mutations import mutated

KNOWN = KnownSeries({}, CURRENT)
SURE = {
    'rollout_info{phase="Degraded",name="x"} == 1': f'rollout_info{{{FAILED},name="x"}} == 1',
    'count(rollout_info{phase = "Healthy"}) by (name) > 0': 'count(rollout_info{phase = "Completed"}) by (name) > 0',
    "rate(rollout_reconcile_bucket{le=~`inf|0.01`}[5m])": None,
    "rollout_reconcile_bucket{le=~`inf`}": "rollout_reconcile_bucket{le=~`\\+Inf`}",
    'rollout_info{phase="Degraded",name=~"$name"}': f'rollout_info{{{FAILED},name=~"$name"}}',
    '{__name__="argo_rollout_info",phase="Paused"}': '{__name__="rollout_info",phase="Paused"}',
    'rollout_phase{phase="Paused"} == 1': 'rollout_info{phase="Paused"} == 1',
}
UNSURE = (
    'rollout_info{phase="Degraded",phase="Paused"}',
    'rollout_info{phase="Degraded",traffic_router="istio"}',
    'rollout_info{phase="Degraded" or phase="Degraded"}',
    'rollout_info{"phase"="Degraded"}',
    'rollout_info{phase # =\n = "Degraded"}',
    'sum by ($by) (rollout_info{phase="Degraded"})',
    '{__name__=~"rollout_info|experiment_info",phase="Degraded"}',
    'changes(rollout_info{phase="Degraded"}[5m])',
    'rollout_info{phase="Degraded"} > 2',
    'vector(1) == 1 or rollout_info{phase="Degraded"}',
    'rollout_info{phase="Degraded"} and rollout_info_replicas_desired',
    'sum by (phase) (argo_rollout_info{phase="Paused"})',
    'argo_rollout_info{phase="Degraded"}',
    "histogram_quantile(0.9, rollout_reconcile_duration_seconds_bucket)",
    'absent(rollout_info{phase="Degraded"})',
)


def judged(text: str, asks: Asks = "alert") -> JudgedQuery | None:
    """A query with its faults; ``None`` if it reads no metric of the controller."""
    parsed = parse_query(text, KNOWN)
    return parsed and judged_query(parsed, asks, KNOWN)


def full(query: JudgedQuery) -> CorrectedQuery | None:
    """The correction that was judged by itself."""
    again = judged_again(query, KNOWN)
    return again and CorrectedQuery(again.parsed.text, again.keys)


@pytest.mark.parametrize(("text", "right"), SURE.items())
def test_a_correction_is_sure_where_nothing_else_depends_on_it(text: str, right: str | None) -> None:
    query = judged(text)
    assert query is not None
    assert surely_corrected(query, KNOWN) == full(query) == (right and CorrectedQuery(right))


@pytest.mark.parametrize("text", UNSURE)
def test_a_correction_is_not_sure_where_something_else_may_be_wrong(text: str) -> None:
    query = judged(text)
    assert query is not None
    assert surely_corrected(query, KNOWN) is None


def test_a_sure_correction_of_a_random_mistake_is_that_of_the_query_judged_again() -> None:
    texts = [wrong.text for wrong in islice(mutated(Random(12)), 2000)]
    sure = [(query, right) for text in texts if (query := judged(text)) and (right := surely_corrected(query, KNOWN))]
    assert len(sure) > 200
    assert [query.parsed.text for query, right in sure if right != full(query)] == []


@given(QUERIES)
def test_a_sure_correction_of_any_query_is_that_of_the_query_judged_again(text: str) -> None:
    query = judged(text)
    right = query and surely_corrected(query, KNOWN)
    assert query is None or right is None or right == full(query)
