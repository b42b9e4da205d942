"""Harvests of what is not as it should be: other versions, clocks that differ, gaps, and stores with few samples."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maintainer.model.alerts import DAY, HOUR
from maintainer.sandbox.programs import Program
from tests.collect.alerts.backfilled import RULES, Past, every, prometheus_with
from tests.e2e.parts import found
from tests.scenarios.harvests import (
    FIRST,
    STUCK,
    TODAY,
    gaps,
    harvested,
    harvested_at,
    history,
    lines,
    moved,
    past,
)

pytestmark = pytest.mark.extended


def test_prometheus_3_gives_the_same_history(tmp_path: Path) -> None:
    with prometheus_with(past()) as second:
        harvested(second.url, tmp_path / "2")
    programs = (str(found("prometheus")), str(found("promtool")))
    with prometheus_with(past(), programs=programs) as third:
        harvested(third.url, tmp_path / "3")

    of_second, of_third = history(tmp_path / "2"), history(tmp_path / "3")
    assert of_third.episodes
    # The path of the rules is another one.
    assert {rule.version for rule in of_third.rules.values()} == {rule.version for rule in of_second.rules.values()}
    assert replace(of_third, rules={}) == replace(of_second, rules={})


def test_a_store_that_keeps_a_sample_every_five_minutes_is_refused(tmp_path: Path) -> None:
    thin = Past()
    thin.rollout("web", FIRST, TODAY)
    own = {"alertname": "RolloutStuck", "severity": "warning", "namespace": "shop", "name": "web"}
    thin.add("ALERTS", every(FIRST + 7_200, TODAY - 7_200, step=300), alertstate="firing", **own)
    thin.add("ALERTS_FOR_STATE", every(FIRST + 7_200, TODAY - 7_200, FIRST, step=300), **own)
    with prometheus_with(thin) as prometheus:
        outcome = harvested(prometheus.url, tmp_path)

    assert len(gaps(outcome)) == 3
    assert all("a long-term store has kept a part of them only" in gap for gap in gaps(outcome))
    known = history(tmp_path)
    assert (known.episodes, known.coverage) == ((), ())
    assert {time.reason.id for time in known.missing} >= {"harvest/unread.episodes", "harvest/unread.outcomes"}
    assert (
        sum(time.end - time.start for time in known.missing if time.reason.id == "harvest/unread.episodes") == 3 * DAY
    )


@pytest.mark.parametrize("ahead", [timedelta(days=3), timedelta(days=-2)])
def test_a_clock_that_is_wrong_neither_loses_nor_makes_up_days(ahead: timedelta, tmp_path: Path) -> None:
    with prometheus_with(past()) as prometheus:
        harvested_at(datetime.now(UTC) + ahead, prometheus.url, tmp_path / "wrong")
        harvested(prometheus.url, tmp_path / "right")
    assert lines(tmp_path / "wrong") == lines(tmp_path / "right")


def test_a_start_of_prometheus_within_an_alert_leaves_one_episode(tmp_path: Path) -> None:
    born = FIRST + 39_990
    world = Past()
    world.rollout("web", FIRST, TODAY)
    world.evaluated(FIRST - 1_200, born - 60, born=FIRST - 86_400)
    world.evaluated(born + 60, TODAY, born=born)
    world.alert("RolloutStuck", born - 3_600, born - 60, hold=900, namespace="shop", name="web")
    world.alert("RolloutStuck", born + 90, born + 3_600, hold=900, namespace="shop", name="web")
    with prometheus_with(world) as prometheus:
        harvested(prometheus.url, tmp_path)

    known = history(tmp_path)
    (episode,) = known.episodes
    assert (episode.active_at, episode.restarts, episode.end) == (
        (born - 3_600) * 1000,
        ((born + 90) * 1000,),
        "resolved",
    )
    (hour,) = (hour for hour in known.coverage if hour.restarts)
    assert hour.restarts == (born * 1000,)
    assert hour.start <= born * 1000 < hour.start + HOUR


def test_a_gap_of_evaluations_is_not_covered_and_an_alert_that_went_into_it_has_no_end(tmp_path: Path) -> None:
    world = Past()
    world.rollout("web", FIRST, TODAY)
    gap = FIRST + 10 * 3_600
    world.evaluated(FIRST - 1_200, gap, born=FIRST - 86_400)
    world.evaluated(gap + 2 * 3_600, TODAY, born=FIRST - 86_400)
    world.alert("RolloutStuck", gap - 1_800, gap, hold=900, namespace="shop", name="web")
    with prometheus_with(world) as prometheus:
        harvested(prometheus.url, tmp_path)

    known = history(tmp_path)
    assert [hour.start for hour in known.coverage if hour.start >= FIRST * 1000 and hour.evaluated < 0.9] == [
        gap * 1000,
        gap * 1000 + HOUR,
    ]
    (episode,) = known.episodes
    assert (episode.end, episode.resolved_at) == ("gap", None)


def test_a_rule_that_was_changed_is_another_version_from_then_on(tmp_path: Path) -> None:
    changed = deepcopy(RULES)
    changed["groups"][0]["rules"][0]["for"] = "20m"
    with prometheus_with(past()) as prometheus:
        harvested(prometheus.url, tmp_path, **{"prometheus.maxSamplesPerRun": _samples_of_a_day(prometheus, tmp_path)})
    with prometheus_with(past(), rules=changed) as prometheus:
        harvested(prometheus.url, tmp_path)

    known = history(tmp_path)
    versions = {rule.hold: version for version, rule in known.rules.items() if rule.name == "RolloutStuck"}
    assert versions.keys() == {900_000, 1_200_000}
    assert known.loaded[versions[900_000]].last <= known.loaded[versions[1_200_000]].first
    assert known.loaded[versions[1_200_000]].last == TODAY * 1000


def _samples_of_a_day(prometheus: Program, folder: Path) -> int:
    """Enough for one day, and not for three."""
    return round(harvested(prometheus.url, folder / "other").report.figures["prometheus.samples"] / 2)


def test_a_harvest_after_forty_days_reads_what_is_there_and_tells_what_is_lost(tmp_path: Path) -> None:
    with prometheus_with(past()) as prometheus:
        harvested(prometheus.url, tmp_path)
        older = tmp_path / "older"
        for line in lines(tmp_path):
            if line.at.timestamp() == FIRST:
                moved(older, line, 40)
        outcome = harvested(prometheus.url, older)

    (finding,) = outcome.report.findings
    assert (finding.check, len(finding.subjects)) == ("alert/history", 39)
    assert outcome.report.figures["harvest.days"] == 3
    assert STUCK * 1000 in {episode.active_at for episode in history(older).episodes}
