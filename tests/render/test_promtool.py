"""The real promtool confirms each piece of advice: the file passes, and fails for rules that do otherwise."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from maintainer.analyse.alerts.proofs import proof_of
from maintainer.analyse.alerts.record import RuleRecord
from maintainer.analyse.alerts.remedies import aggregation_advice, for_advice, guard_advice, keep_advice
from maintainer.analyse.alerts.threshold_remedy import threshold_advice
from maintainer.model.alert_advice import Advice, NoAdvice
from maintainer.model.alerts import HOUR, MINUTE
from maintainer.model.outcomes import ShortRun
from maintainer.render.promtool import PRESENT, promtool_files
from tests.analyse.alerts.advice_samples import RULE, START, True_, churning, noisy, record, spikes
from tests.e2e.parts import found
from tests.render.promtool_said import said_of

if TYPE_CHECKING:
    from maintainer.model.incidents import Verdict


def files_of(result: Advice | NoAdvice, recorded: RuleRecord, short: tuple[ShortRun, ...] = ()) -> dict[str, str]:
    assert isinstance(result, Advice), result
    return promtool_files("advice", proof_of(result, recorded, short))


def longer_for() -> dict[str, str]:
    recorded, judgement = record(noisy(noise=12, real=3))
    return files_of(for_advice(recorded, judgement), recorded)


def longer_for_between_evaluations() -> dict[str, str]:
    rule = replace(RULE, hold=45_000, interval=30_000)
    recorded, judgement = record(noisy(noise=12, real=3), rule)
    return files_of(for_advice(recorded, judgement), recorded)


def keep_firing() -> dict[str, str]:
    flaps: list[True_] = [("app1", hour * 360 + 9 * number, 7, "noise") for hour in range(10) for number in range(3)]
    recorded, judgement = record(flaps)
    return files_of(keep_advice(recorded, judgement), recorded)


def guard() -> dict[str, str]:
    history = [(name, first, 60, verdict) for name, first, _, verdict in noisy(noise=12, real=3)]
    recorded, judgement = record(history)
    short = tuple(
        ShortRun(("shop", name), START + first * MINUTE + 20_000, START + first * MINUTE + HOUR, 3, 1)
        for name, first, _, verdict in history
        if verdict == "real"
    )
    return files_of(guard_advice(recorded, short, judgement), recorded, short)


def threshold() -> dict[str, str]:
    heights: list[tuple[float, Verdict]] = [(12.0 + number % 3, "noise") for number in range(12)]
    heights[::4] = [(19.0, "real")] * 3
    recorded, judgement = spikes(heights)
    result = threshold_advice(recorded, judgement)
    assert result
    return files_of(result, recorded)


def aggregation() -> dict[str, str]:
    recorded, judgement = churning()
    return files_of(aggregation_advice(recorded, judgement), recorded)


MAKERS = (threshold, longer_for, longer_for_between_evaluations, keep_firing, guard, aggregation)


@pytest.mark.parametrize("make", MAKERS)
def test_promtool_confirms_the_advice(make: Callable[[], dict[str, str]], tmp_path: Path) -> None:
    assert "SUCCESS" in said_of(make(), tmp_path)


@pytest.mark.extended
@pytest.mark.parametrize("make", MAKERS)
def test_promtool_3_confirms_it_as_well(make: Callable[[], dict[str, str]], tmp_path: Path) -> None:
    assert "SUCCESS" in said_of(make(), tmp_path, str(found("promtool")))


def test_the_pages_of_the_present_rule_are_in_the_file_and_the_spared_ones_are_not_the_advised_rules() -> None:
    document = yaml.safe_load(longer_for()["advice.test.yml"])
    firing = [
        {part["eval_time"] for part in test["alert_rule_test"] if part["alertname"] == name and part["exp_alerts"]}
        for test in document["tests"]
        for name in (f"RolloutStuck{PRESENT}", "RolloutStuck")
    ]
    assert sum(map(bool, firing[::2])) == 15
    assert sum(map(bool, firing[1::2])) == 3


@pytest.mark.parametrize(("advised", "other"), [("for: 600s", "for: 540s"), ("for: 300s", "for: 360s")])
def test_promtool_refuses_other_rules(tmp_path: Path, advised: str, other: str) -> None:
    files = longer_for()
    assert advised in files["advice.rules.yml"]
    files["advice.rules.yml"] = files["advice.rules.yml"].replace(advised, other)
    assert "FAILED" in said_of(files, tmp_path)
