"""The selectors of a harvest."""

import pytest

from maintainer.collect.alerts.selectors import counts, selectors, starts
from maintainer.model.alerts import AlertRule
from maintainer.model.scope import Scope

RULES = (
    AlertRule("Rollout.Stuck", "g", "/etc/r.yml", "x", 0, 0, 30_000),
    AlertRule("Other", "g", "/etc/r.yml", "x", 0, 0, 30_000),
)


def test_alerts_and_groups_are_selected_by_their_names_as_they_are() -> None:
    found = selectors(RULES, Scope(), watchdog=False)
    assert found["alerts"] == r'{__name__=~"ALERTS|ALERTS_FOR_STATE",alertname=~"Other|Rollout\\.Stuck"}'
    assert found["heartbeat"].endswith(r'rule_group=~"/etc/r\\.yml;g"}')


def test_the_watchdog_is_read_where_it_is_loaded() -> None:
    assert "Watchdog" in selectors(RULES, Scope(), watchdog=True)["alerts"]


@pytest.mark.parametrize(
    ("matcher", "loose"),
    [
        ('cluster="a"', 'cluster=~"a|"'),
        (r'cluster="a.b\"c"', r'cluster=~"a\\.b\"c|"'),
        ('cluster=~"a|b"', 'cluster=~"a|b"'),
    ],
)
def test_alerts_that_lost_the_label_of_the_cluster_are_read_and_rollouts_of_others_are_not(
    matcher: str, loose: str
) -> None:
    found = selectors(RULES, Scope(matchers=(matcher,)), watchdog=False)
    assert found["alerts"].endswith(f",{loose}}}")
    assert found["phases"].endswith(f",{matcher}}}")


def test_counts_are_told_apart_by_a_label() -> None:
    assert counts({"a": "{x}", "b": "{y}"}) == (
        'label_replace(count({x}), "read", "a", "", "") or label_replace(count({y}), "read", "b", "", "")'
    )


def test_the_start_of_a_process_is_that_of_its_target() -> None:
    assert starts("prom", "a:9090") == '{__name__="process_start_time_seconds",job="prom",instance="a:9090"}'
