"""The daily harvest on a real Prometheus: what it keeps of alerts and Rollouts."""

from pathlib import Path

from maintainer.model.alerts import HOUR, Run
from maintainer.model.outcomes import CounterIncrease, PhaseRun, RevisionChange, ShortRun
from tests.collect.alerts.backfilled import INTERVAL, prometheus_with
from tests.scenarios.harvests import FIRST, FREED, STUCK, WEB, gaps, harvested, history, past


def test_a_harvest_keeps_alerts_and_what_became_of_rollouts(tmp_path: Path) -> None:
    with prometheus_with(past()) as prometheus:
        outcome = harvested(prometheus.url, tmp_path)
    assert (outcome.exit_code, gaps(outcome), outcome.faults) == (0, [], ())
    known = history(tmp_path)
    assert known.missing == ()

    stuck, pending = sorted(known.episodes, key=lambda episode: episode.active_at)
    assert (stuck.alert, dict(stuck.labels)["name"], stuck.end) == ("RolloutStuck", "web", "resolved")
    assert (stuck.active_at, stuck.fired_at, stuck.resolved_at) == (STUCK * 1000, (STUCK + 900) * 1000, FREED * 1000)
    assert stuck.runs == (Run(STUCK * 1000, (FREED - INTERVAL) * 1000),)
    assert (dict(pending.labels)["name"], pending.fired_at) == ("api", None)

    outcomes = known.outcomes
    assert outcomes.phases == (PhaseRun(WEB, "Progressing", STUCK * 1000, (FREED - INTERVAL) * 1000),)
    assert outcomes.short == (ShortRun(WEB, STUCK * 1000, (FREED - 60) * 1000, 3, 2),)
    assert outcomes.revisions == (RevisionChange(WEB, STUCK * 1000),)
    assert outcomes.increases == (CounterIncrease(WEB, "RolloutAborted", FREED * 1000, 1),)

    rules = {rule.name: rule for rule in known.rules.values()}
    rule = rules["RolloutStuck"]
    assert rules.keys() == {"RolloutStuck", "RolloutHighErrorRate"}
    assert (rule.hold, rule.keep, rule.interval, rule.labels) == (900_000, 0, 30_000, (("severity", "warning"),))
    covered = {hour.start: hour.evaluated for hour in known.coverage}
    assert min(covered[FIRST * 1000 + hour * HOUR] for hour in range(71)) == 1.0
