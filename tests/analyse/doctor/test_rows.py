"""How the rows lean on each other, and what the facts of single rows come to."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.analyse.doctor.calendar_row import calendar
from maintainer.analyse.doctor.clocks import clocks
from maintainer.analyse.doctor.cluster_rows import kubernetes
from maintainer.analyse.doctor.commands import Commands
from maintainer.analyse.doctor.prometheus_rows import engine, impact, kept_seconds, retention
from maintainer.analyse.doctor.rows import ROWS, examined
from maintainer.analyse.doctor.subject import Subject, Verdict, Wanted
from maintainer.analyse.reproduce import Access
from maintainer.model.doctor import Checkup, ClockLook, ClusterLook, ImpactLook, PrometheusLook, State
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.render.words import load, say

LOST = Unavailable("cluster", message("gap/cluster-unauthorized", url="https://api", said="no"))
CLUSTER = ClusterLook("https://api", "v1.34.4", "me", 0.1)
PROMETHEUS = PrometheusLook("http://p", "Prometheus", "3.9.1", evaluates=True, keeps="15d")


def subject(**seen: object) -> Subject:
    facts = replace(Checkup(CLUSTER), **seen)  # type: ignore[arg-type]  # each test gives facts of the right type
    return Subject(facts, Wanted(keeps={"sample": 8 * 86400.0, "monthly": 86400.0}), Commands(Access()))


def state(verdict: Verdict | None) -> State | None:
    return verdict.row.state if verdict else None


def test_a_row_stands_after_those_that_it_needs() -> None:
    order = [rule.id for rule in ROWS]

    for rule in ROWS:
        assert all(order.index(need) < order.index(rule.id) for need in rule.needs)


def test_what_needs_a_broken_row_names_the_first_cause() -> None:
    rows = {row.id: row for row in examined(subject(cluster=LOST, proxied=True))}

    assert rows["kubernetes"].state == "broken"
    assert {row.because for row in rows.values()} == {"", "kubernetes"}
    assert rows["retention"].because == "kubernetes"


@pytest.mark.parametrize(
    ("version", "seconds", "expected"),
    [
        ("v1.27.0", 0.1, "ok"),
        ("v1.26.9", 0.1, "warning"),
        ("v1.34.4+k3s1", 0.1, "ok"),
        ("unknown", 0.1, "ok"),
        ("v1.34.4", 2.5, "warning"),
    ],
)
def test_an_old_or_slow_api_server_is_a_warning(version: str, seconds: float, expected: State) -> None:
    assert state(kubernetes(subject(cluster=replace(CLUSTER, version=version, seconds=seconds)))) == expected


@pytest.mark.parametrize(
    ("version", "expected"), [("2.42.0", "ok"), ("2.41.0", "warning"), ("3.0.0", "ok"), ("", "ok")]
)
def test_an_engine_that_is_older_than_any_tested_one_is_a_warning(version: str, expected: State) -> None:
    assert state(engine(subject(prometheus=replace(PROMETHEUS, version=version)))) == expected


@pytest.mark.parametrize(
    ("keeps", "expected"),
    [
        ("8d", "ok"),
        ("1w", "broken"),
        ("7d23h or 45GiB", "broken"),
        ("30d or 45GiB", "ok"),
        ("45GiB", "ok"),
        ("", "warning"),
    ],
)
def test_samples_are_kept_for_as_long_as_the_job_that_looks_back_farthest_needs(keeps: str, expected: State) -> None:
    assert state(retention(subject(prometheus=replace(PROMETHEUS, keeps=keeps)))) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15d", 1296000.0), ("1h30m or 1GiB", 5400.0), ("1GiB", None), ("1d1w or 2h", 7200.0), ("0s", None)],
)
def test_a_retention_is_read_as_prometheus_writes_it(text: str, seconds: float | None) -> None:
    assert kept_seconds(text) == seconds


@pytest.mark.parametrize(
    ("kubernetes_ahead", "prometheus_ahead", "expected"),
    [
        (0.0, 0.0, "doctor/clocks.ok"),
        (29.0, 29.0, "doctor/clocks.ok"),
        (300.0, 300.0, "doctor/clocks.wrong"),
        (300.0, 0.0, "doctor/clocks.wrong"),
        (0.0, -300.0, "doctor/clocks.wrong"),
        (300.0, -300.0, "doctor/clocks.apart"),
        (300.0, None, "doctor/clocks.apart"),
        (None, 0.0, "doctor/clocks.ok"),
        (None, None, "doctor/clocks.alone"),
    ],
)
def test_clocks_that_differ_are_told_and_the_wrong_one_is_named_if_it_is_certain(
    kubernetes_ahead: float | None, prometheus_ahead: float | None, expected: str
) -> None:
    ahead = {"kubernetes": kubernetes_ahead, "prometheus": prometheus_ahead}
    looks = {name: ClockLook(seconds - 0.5, seconds + 0.5) for name, seconds in ahead.items() if seconds is not None}
    verdict = clocks(subject(clocks=looks))

    assert verdict
    assert verdict.row.seen.id == expected


def test_a_clock_that_was_read_slowly_is_not_called_wrong() -> None:
    slow = {"kubernetes": ClockLook(-40.0, 1.0), "prometheus": ClockLook(-0.1, 0.1)}

    assert state(clocks(subject(clocks=slow))) == "ok"


def test_the_next_date_of_each_job_is_in_the_time_zone_of_the_settings() -> None:
    dates = {"monthly": datetime(2026, 12, 1, 0, 0, tzinfo=UTC), "never": None}
    wanted = Wanted(dates=dates, time_zone="Asia/Seoul")
    verdict = calendar(Subject(Checkup(CLUSTER), wanted, Commands(Access())))

    assert verdict
    assert say(load("en"), verdict.row.seen).startswith("The next dates in Asia/Seoul: monthly 2026-12-01 09:00. ")


def test_every_row_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text("utf-8")
    table = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    assert re.findall(r"`([a-z]+)`", " ".join(table)) == [rule.id for rule in ROWS]


def about_users(**seen: object) -> Subject:
    return replace(subject(**seen), wanted=Wanted(impact="errors > 1"))


def test_a_query_about_users_is_tried_and_has_no_row_without_one() -> None:
    refused = Unavailable("impact", message("gap/web-auth", who="Prometheus", url="http://p"))
    looks = {"ok": ImpactLook(2, there=True), "warning": ImpactLook(0, there=False), "broken": refused}

    assert {state(impact(about_users(impact=look))) for look in looks.values()} == {"ok", "warning", "broken"}
    for expected, look in looks.items():
        assert state(impact(about_users(impact=look))) == expected
    assert impact(subject(impact=looks["ok"])) is None


def test_without_prometheus_a_query_about_users_is_not_checked() -> None:
    rows = {row.id: row for row in examined(about_users())}

    assert (rows["impact"].state, rows["impact"].because) == ("not-checked", "prometheus")
