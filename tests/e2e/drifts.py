"""What was deployed against what an API server stores."""

from contextlib import closing
from datetime import UTC, datetime

from maintainer.analyse.drift.audit import DriftAudit, drift_audit
from maintainer.analyse.reproduce import Access
from maintainer.clients.cluster import connect
from maintainer.collect.drift.deployed import Wanted
from maintainer.collect.drift.drift import drift_facts
from maintainer.collect.sources import Sources
from tests.e2e.plane import Plane


def compared(plane: Plane, wanted: Wanted) -> DriftAudit:
    """What was deployed against what the API server stores, all of which could be read."""
    with closing(connect("", str(plane.folder / "kubeconfig"))) as cluster:
        facts = drift_facts(Sources(cluster, None), wanted)
    assert (facts.deployed.unavailable, facts.unavailable) == ((), ())
    return drift_audit(facts, access=Access("http://prometheus", ""), now=datetime.now(UTC))
