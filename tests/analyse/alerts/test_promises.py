"""What was promised in the quarter before: whether the change was made, by the hash, and what came of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maintainer.analyse.alerts.advice import AlertAdvice, alert_advice
from maintainer.analyse.alerts.promises import Kept, Promise, as_data, last_promises, outcomes, promises
from maintainer.model.alerts import DAY, MINUTE, AlertHistory, AlertRule, Episode
from maintainer.model.ledger import ArchiveLine
from tests.analyse.alerts.advice_samples import QUARTER, RULE, START, noisy, record

LONGER = replace(RULE, hold=10 * MINUTE)


def advised() -> AlertAdvice:
    recorded, judgement = record(noisy())
    history = AlertHistory(START, QUARTER.last + 1, rules={RULE.version: RULE}, episodes=tuple(recorded.episodes))
    return alert_advice(history, judgement.verdicts, incidents=(), missed=())


def promise() -> Promise:
    (made,) = promises(advised())
    return made


def quarter(rule: AlertRule, *, fired: int) -> AlertHistory:
    """The next quarter with a rule that fires so often."""
    start = QUARTER.last + 1
    episodes = tuple(
        Episode(rule.version, rule.name, (), at, at + rule.hold, at + rule.hold, at + rule.hold + MINUTE, "resolved")
        for at in range(start, start + fired * DAY // 2, DAY // 2)
    )
    return AlertHistory(start, start + 90 * DAY, rules={rule.version: rule}, episodes=episodes)


def result(rule: AlertRule, *, fired: int = 0) -> Kept:
    (found,) = outcomes([promise()], quarter(rule, fired=fired))
    return found


def test_a_promise_is_how_often_a_rule_fires_in_30_days() -> None:
    made = promise()
    assert (made.alert, made.kind, made.before, made.after) == ("RolloutStuck", "for", 18, 3)
    assert (made.version, made.advised) == (RULE.version, LONGER.version)


@pytest.mark.parametrize("fired", [9, 31, 32, 54])
def test_a_promise_is_kept_if_half_of_it_came(fired: int) -> None:
    found = result(LONGER, fired=fired)
    assert found.taken == "taken"
    assert found.measured == pytest.approx(fired / 3, abs=0.01)
    assert found.kept is (fired < 32)


def test_what_was_not_done_as_advised_is_not_measured() -> None:
    assert (result(RULE).taken, result(RULE).kept) == ("ignored", None)
    assert result(replace(RULE, hold=7 * MINUTE)).taken == "otherwise"
    assert result(replace(RULE, name="Other")).taken == "gone"


def test_an_expression_counts_as_made_however_prometheus_writes_it() -> None:
    written = replace(LONGER, expr="rollout_info{phase='Progressing'}   ==  1")
    assert written.version != LONGER.version
    assert result(written).taken == "taken"


def test_the_archive_keeps_promises_until_the_next_quarter() -> None:
    made = promise()
    lines = [
        ArchiveLine("c", "alert-advice", datetime(2026, month, 1, tzinfo=UTC), as_data([one], period))
        for month, period, one in (
            (4, "2026-Q1", replace(made, alert="Older")),
            (7, "2026-Q2", replace(made, alert="First run")),
            (8, "2026-Q2", made),
            (10, "2026-Q3", replace(made, alert="Now")),
        )
    ]
    assert last_promises(lines, "2026-Q3") == (made,)
    assert last_promises(lines[:1], "2026-Q1") == ()
    broken = replace(lines[2], data={"period": "2026-Q2", "promises": [{"alert": 1}, 7]})
    assert last_promises([broken], "2026-Q3") == ()
