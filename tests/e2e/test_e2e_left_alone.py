"""Releases on a real API server that nobody touches: no change is reported."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from maintainer.analyse.drift.audit import drift_audit
from maintainer.analyse.reproduce import Access
from maintainer.clients.cluster import connect
from maintainer.collect.drift.deployed import Wanted
from maintainer.collect.drift.drift import drift_facts
from maintainer.collect.sources import Sources
from maintainer.settings import defaults
from tests.e2e.plane import Plane, api_server
from tests.e2e.releases import MONITORING, SERVICE, install
from tests.helm.value_sets import VALUES

RUNS = 20


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane:
        yield plane


@pytest.mark.parametrize("name", VALUES)
def test_a_release_that_was_left_alone_has_no_changes_in_20_runs(name: str, plane: Plane) -> None:
    install(plane, "argo-rollouts", SERVICE)
    install(plane, "monitoring", MONITORING, VALUES[name])
    kinds: Mapping[str, Any] = defaults()["desired"]
    wanted = Wanted(tuple(kinds["helmReleases"]), (), frozenset(kinds["kinds"]))
    with closing(connect("", str(plane.folder / "kubeconfig"))) as cluster:
        for _ in range(RUNS):
            facts = drift_facts(Sources(cluster, None), wanted)
            audit = drift_audit(facts, access=Access("http://prometheus", ""), now=datetime.now(UTC))

            assert (facts.deployed.unavailable, facts.unavailable) == ((), ())
            assert [change for compared in audit.objects for change in compared.changes] == []
            assert all(compared.stored for compared in audit.objects)
            assert len(audit.objects) >= 5
