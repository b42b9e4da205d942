"""pipeline/alertmanager: Alertmanagers that are missing, notifications that are lost, alerts without a receiver."""

from dataclasses import replace

import pytest

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.facts import NotificationCounts
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.pipeline import PrometheusConfig, Route
from tests.analyse.faults import GROWN, NO_ALERTMANAGER
from tests.analyse.pipeline.builders import (
    NOTIFIED,
    SLACK,
    causes,
    facts,
    findings,
    observation,
    pipeline,
    route,
    rule,
)


def test_an_alertmanager_at_the_beginning_of_the_run_is_no_finding() -> None:
    assert causes(pipeline(NO_ALERTMANAGER)) == []


def test_without_alerts_about_rollouts_a_missing_alertmanager_is_a_warning() -> None:
    without = pipeline(
        facts(alertmanagers=(), alertmanager=None, stored=()),
        observation(notified=None),
        rules=(rule("X", "vector(1)"),),
    )

    assert {(finding.check, finding.severity) for finding in findings(without)} == {
        ("pipeline/alertmanager", "warning"),
        ("pipeline/rules-loaded", "warning"),
    }


def test_counts_of_two_processes_are_not_compared() -> None:
    assert causes(pipeline(facts(notified=(NOTIFIED, replace(GROWN, started=2.0))))) == []


@pytest.mark.parametrize(
    ("after", "counter"), [(GROWN, "dropped"), (replace(NOTIFIED, errors=1.0), "errors")], ids=["dropped", "errors"]
)
def test_the_command_shows_the_counter_that_grew(after: NotificationCounts, counter: str) -> None:
    (finding,) = findings(pipeline(facts(notified=(NOTIFIED, after))))

    assert f"prometheus_notifications_{counter}_total" in finding.reproduce


def routed(*routes: Route, config: PrometheusConfig | None = None) -> Pipeline:
    """An alert with severity critical and a template for its team; the root route has no integration."""
    alertmanager = replace(SLACK, root=route("nobody", routes=routes))
    return replace(
        pipeline(facts(alertmanager=alertmanager, config=config or PrometheusConfig())),
        loaded=LoadedQueries((rule(severity="critical", team="{{ $labels.team }}"),)),
    )


@pytest.mark.parametrize(
    ("pipeline", "unrouted"),
    [
        pytest.param(routed(route("slack", "severity=critical")), False, id="a route"),
        pytest.param(routed(route("slack", "severity=warning")), True, id="another's route"),
        pytest.param(routed(route("slack", "severity=~crit.*")), False, id="a regular expression"),
        pytest.param(routed(route("slack", "severity!=critical")), True, id="not equal"),
        pytest.param(routed(route("slack", "namespace=shop")), False, id="a label of the query may match"),
        pytest.param(routed(route("slack", "team=shop")), False, id="a template may match"),
        pytest.param(routed(route("slack", "severity=~\\pL+")), False, id="a regular expression of Go only"),
        pytest.param(routed(route("nobody", "namespace=shop"), route("slack")), False, id="the next route"),
        pytest.param(routed(route("nobody", "severity=critical"), route("slack")), True, id="the first match only"),
        pytest.param(routed(route("nobody", "severity=critical", goes_on=True), route("slack")), False, id="continue"),
        pytest.param(
            routed(route("slack", "cluster=a"), config=PrometheusConfig(external={"cluster": "b"})),
            True,
            id="external label",
        ),
        pytest.param(
            routed(route("slack", "severity=warning"), config=PrometheusConfig(relabelled=True)),
            False,
            id="relabelled",
        ),
    ],
)
def test_an_alert_is_unrouted_only_if_that_is_certain(pipeline: Pipeline, *, unrouted: bool) -> None:
    assert causes(pipeline) == (["pipeline/alertmanager/unrouted"] if unrouted else [])


def test_a_route_that_may_not_match_leaves_its_parents_receiver() -> None:
    root = route("slack", routes=(route("nobody", "namespace=shop"),))

    assert causes(pipeline(facts(alertmanager=replace(SLACK, root=root)))) == []


def test_a_receiver_that_is_not_defined_is_not_called_silent() -> None:
    assert causes(pipeline(facts(alertmanager=replace(SLACK, root=route("undefined"))))) == []
