"""The samples of a day, whatever a server answers."""

from contextlib import closing

import pytest

from maintainer.analyse.alerts.harvested_day import MOST_HARMED, harvested_day
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.day import read_day
from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.selectors import selectors
from maintainer.model.alerts import DAY, MINUTE, AlertRule, RawSeries
from maintainer.model.clock import Clock
from maintainer.model.guard import unguarded
from maintainer.model.harvest import DaySamples, PlannedDay
from maintainer.model.scope import Scope
from tests.servers.scripted import Scripted, success

START = 20_000 * DAY
PLANNED = PlannedDay(START, START + DAY, grids={"replicas": MINUTE, "events": MINUTE})
RULE = AlertRule("A", "g", "f", "x", 0, 0, 30_000)


def read_from(answer: object) -> DaySamples:
    """What is read where every answer is this."""
    with Scripted(success(answer)) as server, closing(Prometheus(Endpoint(server.url))) as prometheus:
        reader = Reader(prometheus, Clock(lambda: 0.0, lambda _: None))
        return read_day(reader, PLANNED, selectors([RULE], Scope(), watchdog=False), guard=unguarded)


@pytest.mark.parametrize("name", ["ALERTS_FOR_STATE", "ALERTS", "rollout_info_replicas_desired", "odd", ""])
@pytest.mark.parametrize("values", [["+Inf", "1"], ["1", "-Inf", "NaN"], ["NaN"], ["+Inf"], []])
def test_values_that_no_such_metric_has_cost_nothing_else(name: str, values: list[str]) -> None:
    points = [[(START + number * MINUTE) / 1000, text] for number, text in enumerate(values)]
    labels = {"__name__": name, "alertname": "A", "rule_group": "f;g", "reason": "RolloutAborted"}
    read = read_from({"resultType": "matrix", "result": [{"metric": labels, "values": points}]})

    assert read.unread == {}
    assert harvested_day(read, [RULE], same_server=True).end == START + DAY


@pytest.mark.parametrize("at", [1e300, -1e300])
def test_times_that_no_clock_has_are_a_broken_answer(at: float) -> None:
    read = read_from({"resultType": "matrix", "result": [{"metric": {}, "values": [[at, "1"]]}]})
    assert {fact.reason.id for fact in read.unread.values()} == {"gap/web-broken-answer"}


def test_harm_to_more_than_can_be_kept_is_not_known() -> None:
    many = tuple(RawSeries((("pod", str(number)),), [START], [1.0]) for number in range(MOST_HARMED + 1))
    kept, lost = (
        harvested_day(DaySamples(PLANNED, {"impact": series}), [], same_server=True) for series in (many[1:], many)
    )

    assert (kept.impact and len(kept.impact.runs), kept.unread) == (MOST_HARMED, {})
    assert (lost.impact, lost.unread["impact"].id) == (None, "harvest/impact-many")
