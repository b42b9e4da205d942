"""The real kubectl against the simulated API."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.certificates import new_certificate
from maintainer.sandbox.cluster import Addresses, furnish
from maintainer.sandbox.store import Store
from tests.servers.shell import pasted

ACCOUNT = "--as=system:serviceaccount:monitoring:prometheus"
MONITOR = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "ServiceMonitor",
    "metadata": {"namespace": "monitoring", "name": "rollouts"},
    "spec": {"endpoints": [{"port": "web"}]},
}
SPEC = "-n monitoring get servicemonitor rollouts -o jsonpath='{.metadata.labels} {.spec}'"

Kubectl = Callable[[str], tuple[int, str]]


@pytest.fixture
def api(store: Store) -> Iterator[ApiServer]:
    furnish(store, Addresses({"controller-0": "127.0.0.1:8090"}, 9090, 9093), led=True, now=datetime.now(UTC))
    store.put("servicemonitors", MONITOR)
    server = ApiServer(store, certificate=new_certificate()).start()
    server.install("monitoring.coreos.com")
    yield server
    server.stop()


@pytest.fixture
def kubectl(api: ApiServer, tmp_path: Path) -> Kubectl:
    """The exit code and the output of kubectl with these arguments."""
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(api.url, authority=api.authority), "utf-8")

    def run(arguments: str) -> tuple[int, str]:
        done = pasted(f"kubectl {arguments}", {"KUBECONFIG": str(file)}, home=tmp_path)
        return done.returncode, done.stdout

    return run


def test_a_list_is_a_table_with_names_and_labels(kubectl: Kubectl) -> None:
    code, output = kubectl("-n argo-rollouts get pods --show-labels")
    title, row = output.splitlines()

    assert (code, title.split()) == (0, ["NAME", "CREATED", "AT", "LABELS"])
    assert (row.split()[0], "app.kubernetes.io/name=argo-rollouts" in row) == ("controller-0", True)


def test_an_object_is_printed_as_yaml_and_by_a_path(kubectl: Kubectl) -> None:
    assert kubectl("-n team-0 get rollouts.argoproj.io svc-00001 -o jsonpath='{.metadata.name}'") == (0, "svc-00001")
    code, output = kubectl("get servicemonitor -A -o yaml")
    assert (code, "port: web" in output) == (0, True)


def test_a_field_selector_finds_one_object_or_none(kubectl: Kubectl) -> None:
    code, output = kubectl("-n team-0 get rollouts.argoproj.io --field-selector metadata.name=svc-00001")
    assert (code, [line.split()[0] for line in output.splitlines()]) == (0, ["NAME", "svc-00001"])
    nothing = kubectl("-n team-0 get rollouts.argoproj.io --field-selector metadata.name=gone")
    assert nothing == (0, "No resources found in team-0 namespace.\n")
    code, output = kubectl("get pods -A --field-selector spec.nodeName=node-1")
    assert (code, "field label not supported: spec.nodeName" in output) == (1, True)


def test_a_service_is_described(kubectl: Kubectl) -> None:
    code, output = kubectl("-n argo-rollouts describe service argo-rollouts-metrics")
    assert (code, ["Endpoints:", "127.0.0.1:8090"] in map(str.split, output.splitlines())) == (0, True), output


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (f"list endpoints {ACCOUNT} -n argo-rollouts", (0, "yes\n")),
        (f"delete pods {ACCOUNT} -n argo-rollouts", (1, "no\n")),
        (f"get /metrics {ACCOUNT}", (1, "no\n")),
        ("list rollouts.argoproj.io -n team-0", (0, "yes\n")),
        ("list rollouts.argoproj.io -n team-1", (1, "no\n")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_kubectl_is_told_who_may_do_what(kubectl: Kubectl, api: ApiServer, question: str, answer: object) -> None:
    api.forbid("list", "rollouts", "team-1")
    assert kubectl(f"auth can-i {question}") == answer


def test_labels_and_fields_are_changed(kubectl: Kubectl) -> None:
    assert kubectl("-n monitoring label servicemonitor rollouts release=prometheus") == (
        0,
        "servicemonitor.monitoring.coreos.com/rollouts labeled\n",
    )
    add, merge = '[{"op":"add","path":"/spec/endpoints/0/port","value":"metrics"}]', '{"spec":{"jobLabel":"a"}}'
    assert kubectl(f"-n monitoring patch servicemonitor rollouts --type json -p '{add}'")[0] == 0
    assert kubectl(f"-n monitoring patch servicemonitor rollouts --type merge -p '{merge}'")[0] == 0
    code, output = kubectl(SPEC)
    assert (code, output) == (0, '{"release":"prometheus"} {"endpoints":[{"port":"metrics"}],"jobLabel":"a"}')
    assert kubectl("-n monitoring label servicemonitor rollouts release-")[0] == 0
    assert kubectl(SPEC)[1].startswith("{} ")


def test_an_annotation_is_written(kubectl: Kubectl, store: Store) -> None:
    assert kubectl("-n team-0 annotate rollouts.argoproj.io svc-00001 maintainer.io/touched=1 --overwrite")[0] == 0
    stored = store.get("rollouts", ("team-0", "svc-00001"))
    assert stored
    assert stored["metadata"]["annotations"]["maintainer.io/touched"] == "1"


def test_a_patch_can_be_forbidden(kubectl: Kubectl, api: ApiServer) -> None:
    api.forbid("patch", "servicemonitors")
    code, output = kubectl("-n monitoring label servicemonitor rollouts release=prometheus")
    assert (code, 'cannot patch resource "servicemonitors"' in output) == (1, True), output


def test_a_request_without_the_token_is_unauthorized(api: ApiServer, tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_text(api.authority, "utf-8")
    refused = pasted(f"curl -s --cacert {authority} {api.url}/api", {}, home=tmp_path)
    status = json.loads(refused.stdout)
    assert (status["code"], status["reason"]) == (401, "Unauthorized")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{api.url}/api", timeout=5)
