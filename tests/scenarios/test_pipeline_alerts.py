"""Whole runs along the way of the alerts, from the rules to a receiver, with one link broken each time."""

import pytest

from tests.scenarios.audits import told
from tests.scenarios.stacks import CONFIG, Stack, blind, found, having, loaded, rule, rule_file
from tests.servers.scripted import Scripted, says


def test_a_reload_that_failed_is_found(stack: Stack) -> None:
    stack.says["status/runtimeinfo"] = {"reloadConfigSuccess": False}

    assert found(stack.run()) == {("pipeline/reload", "failed")}


def test_a_stored_rule_that_is_not_loaded_is_found(stack: Stack) -> None:
    rules = {"metadata": {"namespace": "monitoring", "name": "prometheus-config"}}
    stuck = rule_file("RolloutFailed", "RolloutStuck")
    with having(stack.world, "configmaps", {**rules, "data": {"alert-rules.yml": stuck}}):
        report = stack.run()

    assert found(report) == {("pipeline/rules-loaded", "not-loaded")}, told(report)
    (finding,) = [finding for finding in report.findings if finding.check == "pipeline/rules-loaded"]
    assert [str(subject) for subject in finding.subjects] == ["alert/RolloutStuck"]


def test_no_alert_about_rollouts_is_found(stack: Stack) -> None:
    stack.says["rules"] = {"groups": []}
    rules = {"metadata": {"namespace": "monitoring", "name": "prometheus-config"}, "data": {}}
    with having(stack.world, "configmaps", rules):
        report = stack.run()

    assert found(report) == {("pipeline/rules-loaded", "none")}, told(report)


def test_no_alertmanager_at_both_ends_is_found(stack: Stack) -> None:
    stack.says["alertmanagers"] = {"activeAlertmanagers": []}
    stack.pages = [own(alertmanagers=0), own(alertmanagers=0)]

    assert found(stack.run()) == {("pipeline/alertmanager", "none")}


def own(**counts: float) -> str:
    """Prometheus' own metrics, of one process."""
    usual = {"alertmanagers": 1.0, "dropped": 0.0, "errors": 0.0, "started": 1e9, **counts}
    return (
        f"process_start_time_seconds {usual['started']}\n"
        f"prometheus_notifications_alertmanagers_discovered {usual['alertmanagers']}\n"
        f"prometheus_notifications_dropped_total {usual['dropped']}\n"
        f'prometheus_notifications_errors_total{{alertmanager="a"}} {usual["errors"]}\n'
    )


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        pytest.param({"dropped": 3}, "dropped", id="lost"),
        pytest.param({"errors": 2}, "errors", id="tried in vain"),
        pytest.param({"dropped": 3, "started": 2e9}, None, id="another replica"),
        pytest.param({}, None, id="as before"),
    ],
)
def test_notifications_that_are_lost_during_the_run_are_found(
    stack: Stack, end: dict[str, float], cause: str | None
) -> None:
    stack.pages = [own(), own(**end)]
    report = stack.run()

    assert found(report) == ({("pipeline/alertmanager", cause)} if cause else set()), told(report)


def test_an_alert_that_reaches_nobody_is_found(stack: Stack) -> None:
    quiet = [rule("RolloutFailed", severity="critical"), rule("RolloutStuck", severity="warning")]
    stack.says["rules"] = loaded(*quiet)
    report = stack.run()

    assert found(report) == {("pipeline/alertmanager", "unrouted")}, told(report)
    (finding,) = [finding for finding in report.findings if finding.check == "pipeline/alertmanager"]
    assert [str(subject) for subject in finding.subjects] == ["alert/RolloutStuck"]


def test_what_labels_a_ruler_gives_its_alerts_is_not_known(stack: Stack) -> None:
    """The external labels of Prometheus are certain of its own alerts only: one of another server may have others."""
    stack.says["rules"] = loaded(rule("RolloutFailed", severity="critical"))
    stack.says["status/config"] = {"yaml": CONFIG.replace("cluster: a", "cluster: b")}

    assert found(stack.run()) == {("pipeline/alertmanager", "unrouted")}
    elsewhere = stack.run(**{"ruler.url": stack.prometheus.url})

    assert found(elsewhere) == set(), told(elsewhere)
    assert blind(elsewhere) == {"pipeline/rules-loaded": {"gap/no-ruler-service"}}


def test_an_alertmanager_out_of_reach_is_a_gap_that_names_the_setting_and_the_setting_helps(stack: Stack) -> None:
    with Scripted(says({})) as gone:
        pass
    stack.says["alertmanagers"] = {"activeAlertmanagers": [{"url": f"{gone.url}/api/v2/alerts"}]}

    stack.world.api.forbid("*", "services/proxy")
    try:
        without = stack.run()
    finally:
        stack.world.api.allow_all()
    with_setting = stack.run(**{"alertmanager.url": stack.alertmanager.url})

    assert blind(without) == {"pipeline/alertmanager": {"gap/other-alertmanager"}}
    assert (found(with_setting), blind(with_setting)) == (set(), {})
