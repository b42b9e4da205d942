"""How much a query makes Prometheus read, and which queries are not sent because of that."""

import pytest

from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.queries.reading import readings
from maintainer.model.loaded_queries import Reading
from tests.analyse.queries.builders import loaded, one_question, panel, planned

DAY, YEAR = 5760.0, 365 * 5760.0
"""Samples of a series, one every 15 seconds."""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sum(rollout_info)", [("rollout_info", 1.0)]),
        ("rollout_info[1d]", [("rollout_info", DAY)]),
        ("rate(rollout_reconcile_count[1d] offset 1w)", [("rollout_reconcile_count", DAY)]),
        ("max_over_time(rollout_info[1d:1m])", [("rollout_info", 1440.0)]),
        ("max_over_time(rollout_info[1d:])", [("rollout_info", DAY)]),
        ("max_over_time(rollout_info[1d:1ms])", [("rollout_info", 86_400_000.0)]),
        ("max_over_time(rate(rollout_info[5m])[1h:1m])", [("rollout_info", 60 * 20.0)]),
        ("rollout_info[1s]", [("rollout_info", 1.0)]),
        (
            "-(rollout_info + on (name) max_over_time(rollout_info[1d:1d]))",
            [("rollout_info", 1.0), ("rollout_info", 1.0)],
        ),
        ("topk(scalar(up), rollout_info) or vector(0)", [("up", 1.0), ("rollout_info", 1.0)]),
        ('{__name__=~"rollout_info|up"}', [('{__name__=~"rollout_info|up"}', 1.0)]),
        ('count_over_time({__name__=~"rollout_.*"}[1d])', [('{__name__=~"rollout_.*"}', DAY)]),
        ('rollout_info or count_over_time({__name__=~".+"}[365d])', [("rollout_info", 1.0), ("", YEAR)]),
        (
            'count_over_time({__name__!="", job="rollout_info"}[365d]) / rollout_info',
            [("", YEAR), ("rollout_info", 1.0)],
        ),
    ],
)
def test_a_selector_reads_its_range_as_often_as_it_is_evaluated(text: str, read: list[tuple[str, float]]) -> None:
    parsed = parse_query(text, KnownSeries({}, (1, 9, 2)))
    assert parsed
    assert readings(parsed.tree, parsed.scan.selectors) == tuple(Reading(*one) for one in read)


@pytest.mark.parametrize(
    "text",
    [
        'rollout_info or count_over_time({__name__=~".+"}[365d])',
        'rollout_info or count(rate({job="argo-rollouts"}[5m]))',
        'sum(rollout_info) or sum(max_over_time({__name__=~".*info|up"}[1h:1m]))',
    ],
)
def test_a_query_of_all_metrics_over_a_time_is_not_sent(text: str) -> None:
    question = one_question(text)
    assert question.run == ""
    assert question.why_not is not None
    assert question.why_not.id == "query/not-checked.all-metrics"


def test_the_series_of_a_long_range_are_counted_before_it_is_sent() -> None:
    short, long = "sum(increase(rollout_reconcile_count[4h]))", "sum(increase(rollout_reconcile_count[30d]))"
    plan = planned(loaded(panel(short), panel(long))).plan
    assert plan.runs == (short, long)
    assert plan.heavy == {long: (Reading("rollout_reconcile_count", 30 * DAY),)}
