"""Two sets of rules on the same history: what is the same rule, what became of it, and what both have done."""

from dataclasses import replace

import pytest

from maintainer.analyse.alerts.comparison import History, Tried, compared, pairs
from maintainer.analyse.alerts.presence import replayed
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.rule_files import rule_file
from maintainer.model.alerts import HOUR, MINUTE, AlertRule, Run
from maintainer.model.incidents import Incident
from maintainer.model.message import message
from maintainer.model.trees import Broken
from tests.analyse.alerts.advice_samples import QUARTER, RULE, START, noisy, record

CRITICAL = replace(RULE, labels=(("severity", "critical"),))


def became(before: list[AlertRule], after: list[AlertRule]) -> list[tuple[str, str]]:
    return [(pair.rule.name, pair.became) for pair in pairs(before, after)]


def test_a_rule_is_known_again_in_another_group_and_with_other_labels() -> None:
    assert became([RULE], [replace(RULE, group="other")]) == [("RolloutStuck", "unchanged")]
    assert became([RULE], [CRITICAL]) == [("RolloutStuck", "changed")]


def test_rules_of_one_name_are_told_apart_by_their_labels() -> None:
    after = [replace(CRITICAL, hold=0), RULE]
    assert became([RULE, CRITICAL], after) == [("RolloutStuck", "changed"), ("RolloutStuck", "unchanged")]


def test_what_stands_in_one_set_alone_is_added_or_removed() -> None:
    other = replace(RULE, name="Other")
    assert became([RULE], [other]) == [("Other", "added"), ("RolloutStuck", "removed")]


def test_blanks_and_comments_change_nothing_and_an_interval_does() -> None:
    written = replace(RULE, expr="# Ours.\nrollout_info{ phase = 'Progressing' }  == 1")
    assert became([RULE], [written]) == [("RolloutStuck", "unchanged")]
    assert became([RULE], [replace(RULE, interval=30_000)]) == [("RolloutStuck", "changed")]


def test_pages_and_incidents_before_and_after() -> None:
    recorded, _ = record(noisy())
    longer = replace(RULE, hold=25 * MINUTE)
    present, end = recorded_presences(RULE, recorded.episodes), QUARTER.last + 1
    tried = {rule.version: Tried(replayed(rule, present, end), QUARTER) for rule in (RULE, longer)}
    incidents = tuple(
        Incident(f"{name} {first}", begin, begin + count * MINUTE, (("name", name), ("namespace", "shop")))
        for name, first, count, verdict in noisy()
        if verdict == "real"
        for begin in [START + first * MINUTE]
    )
    found = compared(pairs([RULE], [longer]), tried, History(QUARTER, incidents))
    (outcome,) = found.rules
    lasting = [count for *_, count, verdict in noisy() if verdict == "real" and count > 25]
    assert (outcome.before, outcome.after) == (54, len(lasting))
    assert (outcome.caught_before, outcome.caught_after) == (9, len(lasting))
    assert outcome.late == 20 * MINUTE
    assert found.incidents
    assert {one.before for one in found.incidents} == {("RolloutStuck",)}
    assert sum(not one.after for one in found.incidents) == 9 - len(lasting)
    assert found.complete


def test_both_are_counted_over_the_time_that_is_known_of_both() -> None:
    recorded, _ = record(noisy())
    longer = replace(RULE, hold=6 * MINUTE)
    late = Run(START + 24 * HOUR * 45, QUARTER.last)
    present, end = recorded_presences(RULE, recorded.episodes), QUARTER.last + 1
    tried = {
        RULE.version: Tried(replayed(RULE, present, end), QUARTER),
        longer.version: Tried(replayed(longer, present, end), late, shift=True),
    }
    (outcome,) = compared(pairs([RULE], [longer]), tried, History(QUARTER)).rules
    assert outcome.time == late
    assert outcome.shift
    assert 0 < outcome.before < 54


def test_a_rule_that_could_not_be_tried_has_its_reason_and_no_numbers() -> None:
    why = message("gap/prometheus-not-found")
    found = compared(pairs([], [RULE]), {}, History(QUARTER, None, {RULE.version: why}))
    assert found.rules[0].unknown == why
    assert found.incidents is None
    assert not found.complete


RULES = """
groups:
  - name: rollouts
    interval: 30s
    rules:
      - record: job:up
        expr: sum(up)
      - alert: Stuck
        expr: job:up == 0
        for: 1h30m
        keep_firing_for: 5m
        labels: {severity: critical}
        annotations: {summary: s}
  - name: others
    rules: [{alert: Other, expr: up == 0}]
"""


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    "text",
    [
        RULES,
        "kind: PrometheusRule\nspec:\n" + indented(RULES, 2),
        "kind: List\nitems:\n- kind: ConfigMap\n  data:\n    a.rules.yml: |\n" + indented(RULES, 6),
        "# Source: a chart\nkind: Other\n---\nkind: PrometheusRule\nspec:\n" + indented(RULES, 2),
    ],
)
def test_the_rules_of_a_file_in_any_form(text: str) -> None:
    found = rule_file(text, "r.yml")
    stuck, other = found.rules
    assert (stuck.name, stuck.group, stuck.expr) == ("Stuck", "rollouts", "job:up == 0")
    assert (stuck.hold, stuck.keep, stuck.interval) == (90 * MINUTE, 5 * MINUTE, 30_000)
    assert stuck.labels == (("severity", "critical"),)
    assert (other.hold, other.keep, other.interval) == (0, 0, 0)
    assert found.records == {"job:up"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1", 1),
        ("groups: [", 2),
        ("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    for: soon\n", 6),
        ("groups:\n- name: g\n  rules:\n  - alert: A\n", 4),
    ],
)
def test_what_is_no_file_of_rules_is_an_error_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Broken) as broken:
        rule_file(text, "r.yml")
    assert broken.value.line == line
