"""Families that nothing reads and metrics that churn are told; what could not be read claims nothing."""

from dataclasses import replace

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.cardinality import (
    CardinalityReview,
    cardinality_churn,
    cardinality_sections,
    cardinality_top,
)
from maintainer.model.cardinality import ControllerSeries, Counted, HeadStatistics, MetricSeries
from maintainer.model.sections import Bars, Table

METRICS = (
    MetricSeries("rollout_info", 300, 310),
    MetricSeries("rollout_phase", 1800, 1860),
    MetricSeries("analysis_run_info", 40, 6000, (Counted("name", 6000), Counted("phase", 4))),
    MetricSeries("rollout_events_total", 30, 30),
)
CONTROLLER = ControllerSeries(METRICS, (("job", "argo-rollouts"),), 30.0, {"rollout_info": ("RolloutStuck", "Fleet")})
REVIEW = CardinalityReview(CONTROLLER, HeadStatistics(9000, (Counted("up", 7),)), Access(), sample=2.0, kept=86400.0)


def test_what_nothing_reads_is_told_with_the_lines_that_drop_it() -> None:
    (finding,) = cardinality_top(REVIEW)

    assert [subject.name for subject in finding.subjects] == ["rollout_phase"]
    assert finding.evidence["values"] == "scrape:\n  argoRollouts:\n    drop: [rollout_phase]"
    assert (finding.evidence["series"], finding.severity) == (1800, "info")
    assert finding.evidence["savedGiB"] == round(1800 * 2880 * 2 / 2**30, 3)
    assert 'job="argo-rollouts"' in finding.reproduce


def test_a_metric_that_churns_is_told_with_its_labels() -> None:
    (finding,) = cardinality_churn(REVIEW)

    assert finding.subjects[0].name == "analysis_run_info"
    assert {("label", "name"), ("values", 6000)} <= set(finding.summary.params)
    assert finding.evidence["valuesADay"] == "name (6000), phase (4)"


def test_without_the_readers_nothing_is_said_to_be_unread() -> None:
    unread = replace(REVIEW, controller=replace(CONTROLLER, readers=None))
    assert list(cardinality_top(unread)) == []
    (bars, table, _) = cardinality_sections(unread)
    assert isinstance(bars, Bars)
    assert (bars.legend, {bar.tone for bar in bars.bars}) == ((), {"neutral"})
    assert isinstance(table, Table)
    assert {getattr(row[3], "id", "") for row in table.rows} == {"cardinality/readers.unknown"}


def test_without_the_series_nothing_is_claimed() -> None:
    nothing = CardinalityReview(None, None, Access())
    assert [*cardinality_top(nothing), *cardinality_churn(nothing), *cardinality_sections(nothing)] == []


def test_the_space_of_each_family_is_drawn_with_what_nothing_reads() -> None:
    (bars, _, _) = cardinality_sections(REVIEW)
    dropped = {subject.name for finding in cardinality_top(REVIEW) for subject in finding.subjects}

    assert isinstance(bars, Bars)
    assert dropped == {dict(bar.label.params)["name"] for bar in bars.bars if bar.tone == "warning"} != set()
    assert [chip.tone for chip in bars.legend] == ["neutral", "warning"]
    assert bars.bars[0].value > bars.bars[-1].value > 0


def test_the_largest_families_are_shown_with_who_reads_them() -> None:
    (table, bars) = cardinality_sections(replace(REVIEW, sample=None))

    assert isinstance(table, Table)
    assert isinstance(bars, Bars)
    assert [row[0] for row in table.rows] == [
        "rollout_phase",
        "rollout_info",
        "analysis_run_info",
        "rollout_events_total",
    ]
    assert [getattr(row[3], "id", "") for row in table.rows] == [
        "cardinality/readers.none",
        "cardinality/readers.named",
        "cardinality/readers.none",
        "cardinality/readers.here",
    ]
