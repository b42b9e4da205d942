"""The audit on a real VictoriaMetrics: the same comparisons and findings as on Prometheus, and gaps that name it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from maintainer.model.report import Report
from maintainer.render.words import load, say
from maintainer.sandbox.fleet import Fleet, read_fleet, synthetic
from maintainer.sandbox.world import Plan, World
from tests.e2e.victoria import prometheus, scraping, victoria_metrics, vmalert, wait_for
from tests.scenarios.audits import audit, named, newborn, told

RUNS = 3
ROLLOUTS = 120
PERMANENT = {"pipeline/alertmanager", "pipeline/reload"}
"""What neither VictoriaMetrics nor vmalert can answer for."""
DROPPED = "rollout_info_replicas_available"
DROPPING = {"source_labels": ["__name__"], "regex": DROPPED, "action": "drop"}


@dataclass(frozen=True, slots=True)
class Servers:
    """URLs: ``scraping`` scrapes a healthy world by itself, ``written`` is written to by ``writer``, a Prometheus.

    ``faulty`` scrapes a world with faults, ``dropping`` the healthy one without a metric. ``ruler`` and
    ``faulty_ruler`` are vmalert with the rules of both worlds.
    """

    scraping: str
    written: str
    writer: str
    faulty: str
    dropping: str
    ruler: str
    faulty_ruler: str


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of audits that run side by side, because they mostly wait."""

    servers: Servers
    scraping: tuple[Future[Report], ...]
    written: tuple[Future[Report], ...]
    faulty: Future[Report]
    faulty_on_prometheus: Future[Report]
    dropping: Future[Report]
    without_ruler: Future[Report]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reports]:
    folder = tmp_path_factory.mktemp("victoria")
    with ExitStack() as end:
        healthy = end.enter_context(World.start(Plan(fleet=restless(), moving=True)))
        faulty = end.enter_context(World.start(Plan(fleet=newborn(read_fleet()), moving=True, faults=True)))
        servers = _servers(end, folder, healthy, faulty)
        pool = end.enter_context(ThreadPoolExecutor(16))

        def submit(world: World, url: str, ruler: str) -> Future[Report]:
            return pool.submit(audit, world, {"prometheus.url": url, "ruler.url": ruler})

        yield Reports(
            servers,
            scraping=tuple(submit(healthy, servers.scraping, servers.ruler) for _ in range(RUNS)),
            written=tuple(submit(healthy, servers.written, servers.writer) for _ in range(RUNS)),
            faulty=submit(faulty, servers.faulty, servers.faulty_ruler),
            faulty_on_prometheus=pool.submit(audit, faulty),
            dropping=submit(healthy, servers.dropping, servers.ruler),
            without_ruler=submit(healthy, servers.scraping, ""),
        )


def restless() -> Fleet:
    """Every Rollout changes about once a minute and then rests: a scrape of half a minute ago is wrong about many."""
    return newborn(read_fleet().with_rollouts([replace(placed, moving=True) for placed in synthetic(ROLLOUTS)]))


def _servers(end: ExitStack, folder: Path, healthy: World, faulty: World) -> Servers:
    first = end.enter_context(victoria_metrics(folder / "scraping", scraping(healthy)))
    written = end.enter_context(victoria_metrics(folder / "written"))
    of_faulty = end.enter_context(victoria_metrics(folder / "faulty", scraping(faulty)))
    servers = Servers(
        scraping=first,
        written=written,
        writer=end.enter_context(prometheus(folder / "writer", healthy, written)),
        faulty=of_faulty,
        dropping=end.enter_context(victoria_metrics(folder / "dropping", scraping(healthy, DROPPING))),
        ruler=end.enter_context(vmalert(folder / "ruler", healthy, first)),
        faulty_ruler=end.enter_context(vmalert(folder / "faulty-ruler", faulty, of_faulty)),
    )
    for url in (servers.scraping, servers.written, servers.faulty, servers.dropping):
        wait_for(url, "count_over_time(rollout_info[1m]) > 2")
    return servers


def gaps(report: Report) -> dict[str, set[str]]:
    """The reasons of each check's permanent gaps, in words; no other gap is there."""
    english = load("en")
    assert [gap for gap in report.gaps if gap.kind != "permanent"] == [], told(report)
    words: dict[str, set[str]] = {}
    for gap in report.gaps:
        words.setdefault(gap.check, set()).add(say(english, gap.reason))
    return words


def compared(report: Report) -> float:
    return int(report.figures["rollouts.compared"]) / int(report.figures["rollouts.listed"])


def test_a_healthy_fleet_in_motion_is_compared_and_not_accused(reports: Reports) -> None:
    for report in (future.result() for future in reports.scraping):
        assert named(report) == set(), told(report)
        assert compared(report) > 0.9, told(report)
        reasons = gaps(report)
        assert reasons.keys() == PERMANENT, told(report)
        assert all("VictoriaMetrics at" in reason for reason in reasons["pipeline/reload"])
        assert all("vmalert at" in reason for reason in reasons["pipeline/alertmanager"])


def test_one_that_a_prometheus_writes_to_is_compared_and_not_accused(reports: Reports) -> None:
    """Its targets and its configuration are those of the Prometheus, which also has the rules and an Alertmanager."""
    for report in (future.result() for future in reports.written):
        assert named(report) == set(), told(report)
        assert compared(report) > 0.9, told(report)
        reasons = gaps(report)
        targets = {"pipeline/scrape", "pipeline/target"}
        config = {"pipeline/alertmanager", "pipeline/rbac"}
        assert reasons.keys() == {"pipeline/reload", *targets, *config}, told(report)
        assert all("VictoriaMetrics at" in reason for found in reasons.values() for reason in found)


def test_the_same_faults_are_found_as_on_prometheus(reports: Reports) -> None:
    """Ghosts, missing and wrong series, a second job, a relabelled namespace, rules, a rule not loaded, panels."""
    here, there = reports.faulty.result(), reports.faulty_on_prometheus.result()
    assert gaps(here).keys() == PERMANENT, told(here)
    assert named(here) == {pair for pair in named(there) if pair[0] not in PERMANENT}, told(here)
    assert len(named(here)) > 20
    assert {"coverage/duplicate", "label/namespace", "pipeline/rules-loaded"} <= {check for check, _ in named(here)}


def test_a_dropped_metric_is_found(reports: Reports) -> None:
    report = reports.dropping.result()
    assert gaps(report).keys() == PERMANENT, told(report)
    assert {check for check, _ in named(report)} == {"coverage/missing", "panel/value"}, told(report)
    assert ("coverage/missing", f"Metric/{DROPPED}") in named(report)


def test_rules_that_nobody_names_are_a_gap_and_not_absent(reports: Reports) -> None:
    report = reports.without_ruler.result()
    assert named(report) == set(), told(report)
    (reason,) = gaps(report)["pipeline/rules-loaded"]
    assert "VictoriaMetrics at" in reason
    assert "Set ruler.url" in reason
