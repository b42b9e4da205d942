"""The series of the controller are counted as they are now, and as they were in the last day."""

import pytest

from maintainer.collect.storage.cardinality import cardinality_facts
from maintainer.model.cardinality import MetricSeries
from tests.collect.storage.stored import ANSWERS, NOW, stored

TARGET = {"job": "argo-rollouts", "instance": "10.0.0.1:8090"}


def counts(**series: int) -> list[dict[str, object]]:
    return [{"metric": {"__name__": name}, "value": [NOW, str(count)]} for name, count in series.items()]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ({}, {MetricSeries("rollout_info", 3, 3), MetricSeries("rollout_phase", 18, 18)}),
        (
            {"rollout_info": 5, "experiment_info": 2},
            {
                MetricSeries("rollout_info", 3, 5),
                MetricSeries("rollout_phase", 18, 18),
                MetricSeries("experiment_info", 0, 2),
            },
        ),
    ],
    ids=["a server that is younger than an hour", "what came and went"],
)
def test_what_is_there_now_counts_also_where_the_day_does_not_have_it(
    day: dict[str, int], expected: set[MetricSeries]
) -> None:
    def answered(promql: str) -> list[dict[str, object]]:
        if "last_over_time" in promql:
            return counts(**day)
        return (
            counts(rollout_info=3, rollout_phase=18)
            if "__name__" in promql
            else [{"metric": TARGET, "value": [NOW, "3"]}]
        )

    with stored({**ANSWERS, "targets": {"activeTargets": []}}, results=answered) as sources:
        controller, *_ = cardinality_facts(sources)

    assert controller is not None
    assert set(controller.metrics) == expected
