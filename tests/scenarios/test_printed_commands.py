"""The commands of every fault that the checks find, as real kubectl takes them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.certificates import new_certificate
from maintainer.sandbox.cluster import Addresses, furnish
from maintainer.sandbox.resources import OPERATOR
from maintainer.sandbox.store import Store
from tests.analyse.faults import FAULTS, only_finding
from tests.servers.shell import pasted

FAILS = {
    "(NotFound)": "the object of the fault is not in this cluster",
    "no\n": "kubectl auth can-i says that a right is missing, which is the finding",
}
"""How the output of a command may end that is right and fails here, with the reason."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of a cluster with the controller, the Prometheus operator, and no Rollout."""
    store = Store()
    furnish(store, Addresses({"controller-0": "127.0.0.1:8090"}, 9090, 9093), led=True, now=datetime.now(UTC))
    api = ApiServer(store, certificate=new_certificate()).start()
    api.install(OPERATOR)
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(api.url, authority=api.authority), "utf-8")
    yield file
    api.stop()


def commands() -> set[str]:
    """The kubectl commands of all findings: those that show it, and those that mend it."""
    lines: set[str] = set()
    for fault in FAULTS.values():
        finding = only_finding(fault.audit)
        texts = (finding.reproduce, finding.evidence.get("commands", ""), finding.action.named.get("command", ""))
        lines.update(line for text in texts for line in str(text).splitlines())
    return {line for line in lines if line.startswith("kubectl ")}


def test_kubectl_understands_every_command_that_a_finding_has(cluster: Path, tmp_path: Path) -> None:
    """A command works, or fails for a reason of :data:`FAILS`: never for its flags, its quotes or its resource."""
    wanted = sorted(commands())
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda line: pasted(line, {"KUBECONFIG": str(cluster)}, home=tmp_path), wanted))
    wrong = {
        command: done.stdout
        for command, done in zip(wanted, ran, strict=True)
        if done.returncode and not any(words in done.stdout for words in FAILS)
    }

    assert len(wanted) > 20
    assert wrong == {}
