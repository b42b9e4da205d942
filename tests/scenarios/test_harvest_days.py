"""Harvests of several days: each day once, as much as may be read, and what is lost is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.analyse.alerts.history import alert_history
from maintainer.model.alerts import DAY
from maintainer.sandbox.programs import Program
from tests.collect.alerts.backfilled import prometheus_with
from tests.render.valid import problems
from tests.scenarios.harvests import FIRST, FREED, STUCK, TODAY, gaps, harvested, history, lines, moved, past

pytestmark = pytest.mark.extended


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Program]:
    with prometheus_with(past()) as running:
        yield running


def test_a_second_harvest_reads_and_adds_nothing(prometheus: Program, tmp_path: Path) -> None:
    first = harvested(prometheus.url, tmp_path)
    kept = lines(tmp_path)

    second = harvested(prometheus.url, tmp_path)
    assert first.report.figures["harvest.days"] == 3
    assert second.report.figures["harvest.days"] == 0
    assert second.report.figures["prometheus.requests"] <= 4
    assert lines(tmp_path) == kept


def test_a_report_of_a_harvest_says_what_was_read(prometheus: Program, tmp_path: Path) -> None:
    outcome = harvested(prometheus.url, tmp_path)

    (page,) = (text for name, text in outcome.texts.items() if name.endswith(".md"))
    assert "No day of the history of alerts is lost" in page
    assert "3 days were read, with 3 episodes of alerts." in page
    assert problems(outcome.document) == []


def test_a_harvest_that_would_read_too_much_reads_nothing_and_says_so(prometheus: Program, tmp_path: Path) -> None:
    outcome = harvested(prometheus.url, tmp_path, **{"prometheus.maxSamplesPerRun": 500})

    (told,) = gaps(outcome)
    assert "prometheus.maxSamplesPerRun allows fewer. Nothing was read" in told
    assert (outcome.exit_code, lines(tmp_path)) == (3, ())


def test_what_is_too_much_for_a_run_is_left_for_the_next(prometheus: Program, tmp_path: Path) -> None:
    whole = harvested(prometheus.url, tmp_path / "other").report.figures["prometheus.samples"]
    first = harvested(prometheus.url, tmp_path, **{"prometheus.maxSamplesPerRun": round(whole / 2)})
    assert 0 < first.report.figures["harvest.days"] < 3
    assert "left for the next run" in gaps(first)[0]

    second = harvested(prometheus.url, tmp_path)
    assert first.report.figures["harvest.days"] + second.report.figures["harvest.days"] == 3
    assert (gaps(second), history(tmp_path).missing) == ([], ())


def test_days_that_prometheus_does_not_have_any_more_are_told(prometheus: Program, tmp_path: Path) -> None:
    """The archive has a day of a week before, and Prometheus nothing of the days in between."""
    harvested(prometheus.url, tmp_path)
    store = tmp_path / "older"
    for line in lines(tmp_path):
        if line.at.timestamp() == FIRST:
            moved(store, line, 6)
    outcome = harvested(prometheus.url, store)

    (finding,) = outcome.report.findings
    assert (finding.check, len(finding.subjects)) == ("alert/history", 5)
    assert outcome.report.figures["harvest.lost"] == 5
    known = alert_history(lines(store), (FIRST - 6 * 86_400) * 1000, TODAY * 1000)
    assert [(each.start, each.end) for each in known.missing] == [(FIRST * 1000 - 5 * DAY, FIRST * 1000)]


def test_alerts_that_are_named_are_kept_instead(prometheus: Program, tmp_path: Path) -> None:
    harvested(prometheus.url, tmp_path, **{"alerts.names": ["RolloutHigh*"]})

    known = history(tmp_path)
    assert {rule.name for rule in known.rules.values()} == {"RolloutHighErrorRate"}
    assert known.episodes == ()


def test_a_prometheus_that_does_not_answer_is_a_gap_and_nothing_is_kept(tmp_path: Path) -> None:
    outcome = harvested("http://127.0.0.1:9", tmp_path)
    assert [gap.check for gap in outcome.report.gaps] == ["alert/history"]
    assert (outcome.exit_code, outcome.report.may_pass, lines(tmp_path)) == (3, True, ())


LACKS_A_POD = "1 / ((max by (namespace, name) (rollout_info_replicas_available) < 3) - 2) > 0"
"""Its value is infinite, as a share of nothing is: that there is a result counts."""


def test_harm_to_users_is_kept_with_one_request_more_a_day(prometheus: Program, tmp_path: Path) -> None:
    without = harvested(prometheus.url, tmp_path / "without")
    outcome = harvested(prometheus.url, tmp_path, **{"alerts.impact": LACKS_A_POD})

    asked, before = (one.report.figures["prometheus.requests"] for one in (outcome, without))
    assert asked == before + 3
    known = history(tmp_path)
    (run,) = known.impact.runs
    assert (dict(run.labels), run.first // 1000, run.last // 1000) == (
        {"namespace": "shop", "name": "web"},
        STUCK,
        FREED - 60,
    )
    assert known.impact_unseen == ()
    assert [line for line in lines(tmp_path) if line.kind != "alerts/impact"] == list(lines(tmp_path / "without"))


@pytest.mark.parametrize(
    ("expr", "told"),
    [
        ("nobody_has_this > 0", ()),
        ("rollout_info_replicas_available * on () rollout_info_replicas_desired > 0", ("many-to-many",) * 3),
    ],
)
def test_where_it_cannot_be_seen_how_users_fared_nothing_is_quiet_and_all_else_is_kept(
    prometheus: Program, tmp_path: Path, expr: str, told: tuple[str, ...]
) -> None:
    outcome = harvested(prometheus.url, tmp_path, **{"alerts.impact": expr})

    assert outcome.report.figures["harvest.days"] == 3
    assert len(gaps(outcome)) == len(told)
    for gap, part in zip(gaps(outcome), told, strict=True):
        assert "Whether users were harmed" in gap
        assert part in gap
    known = history(tmp_path)
    assert sum(run.last - run.first for run in known.impact_unseen) == 3 * DAY
    assert len(known.episodes) == 2
