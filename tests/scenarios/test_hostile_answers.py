"""Whole runs in which a server sends hostile answers to some requests: these are gaps, and the rest is reported."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.world import World
from tests.scenarios.audits import audit, told
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.small_worlds import HURRY
from tests.servers.hostile import BROKEN_CONTENTS

pytestmark = pytest.mark.extended

OF_PROMETHEUS: Mapping[str, Callable[[Asked], bool]] = {
    "a query": lambda asked: asked.target.startswith("/api/v1/query") and "rollout_info" in asked.query,
    "targets": lambda asked: "/api/v1/targets" in asked.target,
    "rules": lambda asked: "/api/v1/rules" in asked.target,
    "configuration": lambda asked: "/api/v1/status/config" in asked.target,
    "Alertmanagers": lambda asked: "/api/v1/alertmanagers" in asked.target,
}
OF_KUBERNETES: Mapping[str, Callable[[Asked], bool]] = {
    "Rollouts": lambda asked: "/rollouts" in asked.target,
    "ConfigMaps": lambda asked: "/configmaps" in asked.target,
    "pods": lambda asked: "/pods" in asked.target,
    "EndpointSlices": lambda asked: "/endpointslices" in asked.target,
    "PrometheusRules": lambda asked: "/prometheusrules" in asked.target,
}
REQUESTS = [*OF_PROMETHEUS, *OF_KUBERNETES]
PAIRS = [
    (kind, REQUESTS[(number + half) % len(REQUESTS)])
    for number, kind in enumerate(BROKEN_CONTENTS)
    for half in (0, len(OF_PROMETHEUS))
]
"""Each kind of answer to a request of Prometheus and to one of Kubernetes, and each request several times."""


@dataclass(frozen=True, slots=True)
class Fronts:
    """The servers of a world, each behind a front that may be at fault."""

    world: World
    prometheus: Front
    kubernetes: Front
    kubeconfig: Path


@pytest.fixture(scope="module")
def fronts(healthy: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronts]:
    file = tmp_path_factory.mktemp("fronts") / "kubeconfig"
    with Front(healthy.prometheus) as prometheus, Front(healthy.api.url, authority=healthy.api.authority) as kubernetes:
        file.write_text(kubeconfig(kubernetes.url), "utf-8")
        yield Fronts(healthy, prometheus, kubernetes, file)


@pytest.mark.parametrize(("kind", "requested"), PAIRS)
def test_a_hostile_answer_costs_what_it_should_have_told_and_no_more(fronts: Fronts, kind: str, requested: str) -> None:
    said = BROKEN_CONTENTS[kind]()
    answer = Answer(said.status, said.body, dict(said.headers))
    front, meant = (
        (fronts.prometheus, OF_PROMETHEUS[requested])
        if requested in OF_PROMETHEUS
        else (fronts.kubernetes, OF_KUBERNETES[requested])
    )
    usual = front.fault
    front.fault = lambda asked, forward: answer if meant(asked) else forward()
    try:
        flags = {"prometheus.url": fronts.prometheus.url}
        report = audit(fronts.world, flags, hurry=HURRY, kubeconfig=fronts.kubeconfig)
    finally:
        front.fault = usual

    blocked = {gap.check for gap in report.gaps}
    assert report.findings == (), told(report)
    assert blocked, "a hostile answer passed for a good one"
    assert blocked < set(CHECKS), told(report)
