"""Whole runs against an engine that answers as VictoriaMetrics does: samples arrive late, and much is not answered."""

from collections.abc import Iterator

import pytest

from maintainer.model.report import Report
from maintainer.render.words import load, say
from maintainer.sandbox.exporter import Distortion
from maintainer.sandbox.world import World
from tests.scenarios.audits import audit, named, told
from tests.scenarios.front import Front
from tests.scenarios.small_worlds import ROLLOUTS, eventually
from tests.scenarios.stacks import loaded, rule
from tests.servers.scripted import Scripted, success
from tests.servers.victoria import Victoria

pytestmark = pytest.mark.extended

OF_RULES = {
    "pipeline/rules-loaded", "query/always-true", "query/dead-selector", "query/deprecated", "query/error",
    "query/no-data", "query/unknown-label", "query/unknown-metric",
}  # fmt: skip
UNANSWERED = {"pipeline/alertmanager", "pipeline/reload", "pipeline/rbac"}
"""What the engine does not tell: its notifications, whether its configuration was accepted, which pods are its own."""


@pytest.fixture
def engine(healthy: World) -> Victoria:
    return Victoria(healthy.prometheus)


@pytest.fixture
def front(healthy: World, engine: Victoria) -> Iterator[Front]:
    with Front(healthy.prometheus, engine) as front:
        yield front


def gaps(report: Report) -> dict[str, set[str]]:
    """The checks that each reason keeps from running; all of them are permanent."""
    assert {gap.kind for gap in report.gaps} == {"permanent"}, told(report)
    english, reasons = load("en"), dict[str, set[str]]()
    for gap in report.gaps:
        reasons.setdefault(say(english, gap.reason), set()).add(gap.check)
    return reasons


def checks(report: Report) -> set[str]:
    return {gap.check for gap in report.gaps}


def test_a_healthy_fleet_is_compared_once_its_samples_have_arrived(
    healthy: World, engine: Victoria, front: Front
) -> None:
    report = audit(healthy, {"prometheus.url": front.url})

    assert named(report) == set(), told(report)
    assert report.figures["rollouts.compared"] == len(ROLLOUTS)
    assert engine.early == []
    reasons = gaps(report)
    assert checks(report) == UNANSWERED | OF_RULES, told(report)
    assert all("VictoriaMetrics at" in reason or "--prometheus-service" in reason for reason in reasons)
    (ruler,) = [reason for reason in reasons if "Set ruler.url" in reason]
    assert reasons[ruler] == {*OF_RULES, "pipeline/alertmanager"}


def test_the_same_faults_are_found(healthy: World, front: Front) -> None:
    leader = healthy.controllers[0]
    missing, wrong = ROLLOUTS[2].key, ROLLOUTS[5].key
    leader.distortion = Distortion(missing=frozenset({missing}), phases={wrong: "Error"})
    eventually(healthy, 'count(rollout_info{phase="Error"})', 1)
    try:
        report = audit(healthy, {"prometheus.url": front.url})
    finally:
        leader.distortion = Distortion()
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    of_rollouts = {pair for pair in named(report) if not pair[0].startswith(("panel/", "query/"))}
    assert of_rollouts == {
        ("accuracy/phase", "Rollout/" + "/".join(wrong)),
        ("coverage/missing", "Rollout/" + "/".join(missing)),
    }, told(report)


def test_one_that_is_written_to_does_not_know_the_targets(healthy: World, engine: Victoria, front: Front) -> None:
    engine.scrapes = False
    report = audit(healthy, {"prometheus.url": front.url})

    assert named(report) == set(), told(report)
    assert report.figures["rollouts.compared"] == len(ROLLOUTS)
    reasons = gaps(report)
    (targets,) = [reason for reason in reasons if "scrapes nothing itself" in reason]
    assert reasons[targets] == {"pipeline/scrape", "pipeline/target"}
    (config,) = [reason for reason in reasons if "no configuration of its own" in reason]
    assert reasons[config] == {"pipeline/alertmanager", "pipeline/rbac", "pipeline/scrape"}


def test_rules_of_a_ruler_are_judged(healthy: World, front: Front) -> None:
    """What is stored for it is not known, because its URL is none of the cluster."""
    dead = {**rule("RolloutFailed", severity="critical"), "query": 'rollout_info{phase="Degraded"} == 1'}
    with Scripted(success(loaded(dead))) as ruler:
        report = audit(healthy, {"prometheus.url": front.url, "ruler.url": ruler.url})

    assert ("query/dead-selector", "alert/RolloutFailed") in named(report), told(report)
    assert {asked.path for asked in ruler.asked} >= {"/api/v1/rules", "/api/v1/alertmanagers", "/metrics"}
    (reason,) = [reason for reason, of in gaps_of_any_kind(report).items() if of == {"pipeline/rules-loaded"}]
    assert "Set ruler.url to its name in the cluster" in reason


def gaps_of_any_kind(report: Report) -> dict[str, set[str]]:
    english, reasons = load("en"), dict[str, set[str]]()
    for gap in report.gaps:
        reasons.setdefault(say(english, gap.reason), set()).add(gap.check)
    return reasons


def test_a_ruler_that_is_lost_costs_what_it_alone_knows(healthy: World, front: Front) -> None:
    with Scripted(success({})) as gone:
        pass
    report = audit(healthy, {"prometheus.url": front.url, "ruler.url": gone.url})

    assert named(report) == set(), told(report)
    (reason,) = [reason for reason in gaps_of_any_kind(report) if "The ruler could not be reached" in reason]
    assert gaps_of_any_kind(report)[reason] == {*OF_RULES, "pipeline/alertmanager"}
    assert report.figures["rollouts.compared"] == len(ROLLOUTS)
