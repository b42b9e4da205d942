"""Which alerts are kept: those about Rollouts however they read them, the chart's own, or those that are named."""

import pytest

from maintainer.analyse.alerts.watched_alerts import watched_alerts
from maintainer.model.alerts import AlertRule
from maintainer.model.harvest import LoadedAlerting
from maintainer.model.queries import Place, Query


def alert(name: str, expr: str, group: str = "team") -> AlertRule:
    return AlertRule(name, group, "r.yml", expr, 0, 0, 30_000)


def recording(name: str, expr: str) -> Query:
    return Query(expr, "record", name, Place("r.yml"))


LOADED = LoadedAlerting(
    rules=(
        alert("Direct", 'rollout_info{phase="Timeout"} == 1'),
        alert("Recorded", "team:bad > 0"),
        alert("Foreign", "up == 0"),
        alert("Chart", "prometheus_config_last_reload_successful == 0", "argo-rollouts-pipeline"),
        alert("Alike", "my_rollout_info == 1"),
    ),
    recording=(
        recording("team:bad", "sum(team:all)"),
        recording("team:all", 'count(rollout_info{phase="Abort"})'),
        recording("team:other", "sum(up)"),
    ),
)


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        ((), ["Direct", "Recorded", "Chart"]),
        (("Foreign",), ["Foreign"]),
        (("*e*", "Direct"), ["Direct", "Recorded", "Foreign", "Alike"]),
        (("None",), []),
    ],
)
def test_the_alerts_that_are_kept(names: tuple[str, ...], kept: list[str]) -> None:
    assert [rule.name for rule in watched_alerts(LOADED, names)] == kept
