"""Versions of alerting rules."""

from dataclasses import replace

import pytest

from maintainer.model.alerts import MINUTE, AlertRule

RULE = AlertRule("RolloutStuck", "rollouts", "/etc/rules.yml", 'rollout_info{phase="Paused"} == 1', 300_000, 0, MINUTE)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RULE, name="RolloutPaused"),
        replace(RULE, expr="rollout_info"),
        replace(RULE, hold=600_000),
        replace(RULE, keep=300_000),
        replace(RULE, interval=30_000),
        replace(RULE, labels=(("severity", "page"),)),
    ],
)
def test_what_decides_when_an_alert_is_there_makes_another_version(changed: AlertRule) -> None:
    assert changed.version != RULE.version


def test_a_text_or_another_place_leaves_the_version() -> None:
    moved = replace(RULE, group="other", file="b.yml", annotations=(("summary", "a"),), phase=17)
    assert moved.version == RULE.version
