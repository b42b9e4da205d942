"""What nothing reads can be dropped; what is read, in whatever part, is never proposed."""

import re

import pytest
import yaml

from maintainer.analyse.storage.unread import READ_HERE, bytes_a_day, dropping, unread
from maintainer.model.cardinality import ControllerSeries, MetricSeries
from maintainer.model.contract import families

REQUESTS = "controller_clientset_k8s_request_total"


def controller(*metrics: MetricSeries, readers: dict[str, tuple[str, ...]] | None) -> ControllerSeries:
    return ControllerSeries(metrics, (("job", "argo-rollouts"),), interval=30, readers=readers)


def series(name: str, now: int = 600, *, day: int = 0) -> MetricSeries:
    return MetricSeries(name, now, day or now)


def names(of: ControllerSeries) -> list[str]:
    return [one.family for one in unread(of)]


def test_a_large_family_that_nothing_reads_is_proposed_the_largest_first() -> None:
    of = controller(series("rollout_info", 300), series("rollout_phase", 1800), series(REQUESTS, 5000), readers={})
    assert names(of) == [REQUESTS, "rollout_phase"]


def test_a_family_that_a_panel_reads_is_kept() -> None:
    assert names(controller(series("rollout_phase"), readers={"rollout_phase": ("Fleet / Phases",)})) == []


def test_a_histogram_of_which_one_series_is_read_is_kept_whole() -> None:
    parts = [series(f"analysis_run_reconcile_{part}") for part in ("bucket", "sum", "count")]
    assert names(controller(*parts, readers={})) == ["analysis_run_reconcile"]
    assert names(controller(*parts, readers={"analysis_run_reconcile_count": ("A rule",)})) == []


@pytest.mark.parametrize("family", sorted(READ_HERE))
def test_what_this_program_reads_is_kept(family: str) -> None:
    assert names(controller(*map(series, families()[family].series), readers={})) == []


def test_what_the_controller_does_not_expose_is_left_alone() -> None:
    assert names(controller(series("my_recording:of_rollouts"), readers={})) == []


def test_nothing_is_proposed_if_the_readers_are_not_known() -> None:
    assert names(controller(series("rollout_phase"), readers=None)) == []


def test_a_few_series_are_not_worth_a_line() -> None:
    assert names(controller(series("rollout_phase", 99), readers={})) == []
    assert names(controller(series("rollout_phase", 150), series("rollout_info", 10_000), readers={})) == []


def test_the_rule_drops_the_metrics_of_the_proposal_and_no_other() -> None:
    of = controller(series("rollout_phase"), series(REQUESTS), readers={})
    (rule,) = yaml.safe_load(dropping(unread(of)))["metric_relabel_configs"]
    assert (rule["source_labels"], rule["action"]) == (["__name__"], "drop")
    assert [name for name in families() if re.fullmatch(rule["regex"], name)] == ["rollout_phase", REQUESTS]


def test_a_series_takes_a_sample_for_each_scrape() -> None:
    assert bytes_a_day(100, interval=30, sample=2.0) == 100 * 2880 * 2


def test_a_metric_churns_if_far_more_series_came_and_went_than_are_there() -> None:
    steady, restarted, churns = series("a", 600, day=700), series("b", 600, day=1200), series("c", 600, day=6000)
    assert [metric.churns for metric in (steady, restarted, churns)] == [False, False, True]
