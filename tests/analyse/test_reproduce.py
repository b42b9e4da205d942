"""The commands of findings: valid shell and PromQL, whatever the names of Rollouts, targets and servers are."""

import re
import shlex
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import promql_parser
import pytest

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.values import accuracy_phase
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO, UPDATED
from maintainer.model.facts import labels
from tests.analyse.builders import ACCESS, B, compared, confirmed, rollout, scraped, wrong_phase
from tests.analyse.faults import (
    CART,
    FAULTS,
    PAY,
    fault_finding,
    of_comparison,
    only_finding,
    with_access,
)

HOSTILE = [
    "cart; rm -rf ~",
    "$(reboot)",
    "`reboot`",
    "it's",
    'a"b',
    "a\\b",
    "a b\tc",
    "a\nb",
    "*",
    "{}",
    "&&",
    "-o=x",
    "",
    "쇼핑",
]
PROXY = "/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy"
ACCESSES = {
    "plain": ACCESS,
    "in a context": Access(context="prod; reboot"),
    "with a hostile URL": Access(prometheus="http://prometheus/$(reboot)?it's"),
    "of one cluster": Access(matchers=('cluster="a\\"b"', "replica!~'x|$y'".replace("'", '"'))),
    "through the API server": Access(prometheus=PROXY, context="prod", matchers=('cluster="a&b=c"',)),
}


NEWLINE = '{"\\n"}'
"""What a JSONPath ends with, so that the next line of a terminal begins after it."""


def commands(text: str) -> list[list[str]]:
    """The commands of a text, each as the words that a shell splits it into."""
    lexer = shlex.shlex(text.replace("\nkubectl ", "\n;kubectl ").replace("\ncurl ", "\n;curl "), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    split: list[list[str]] = [[]]
    for word in lexer:
        if word.startswith(";"):
            split.append([])
        split[-1].append(word.removeprefix(";"))
    return split


def chosen(selector: str) -> str:
    """The name that a field selector asks for."""
    field, _, value = selector.partition("=")
    assert field == "metadata.name"
    return re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)


def promql(command: list[str]) -> str:
    """The query that a command sends to Prometheus."""
    if command[0] == "curl":
        (query,) = (word.removeprefix("query=") for word in command if word.startswith("query="))
        return query
    return parse_qs(urlsplit(command[-1]).query)["query"][0]


def matchers(query: str) -> dict[str, str]:
    """The values of a selector's matchers by label."""
    parsed = promql_parser.parse(query)
    assert isinstance(parsed, promql_parser.VectorSelector)
    return {matcher.name: matcher.value for matcher in parsed.matchers.matchers}


def with_ghost(name: str) -> Comparison:
    """Prometheus has a Rollout with this name and namespace that the API does not have."""
    return confirmed(CART, scrapes=(scraped(CART, rollout(name, namespace=name)),))


@pytest.mark.parametrize("access", ACCESSES.values(), ids=ACCESSES)
@pytest.mark.parametrize("id_", FAULTS)
def test_reproduce_commands_are_valid_shell_and_valid_promql(id_: str, access: Access) -> None:
    split = commands(only_finding(with_access(FAULTS[id_].audit, access)).reproduce)

    assert {words[0] for words in split} <= {"kubectl", "curl"}
    for words in split:
        assert not access.context or words[0] == "curl" or words[1:3] == ["--context", access.context]
        if any("query=" in word for word in words):
            promql_parser.parse(promql(words))
    if access.prometheus == PROXY:
        assert all(words[0] == "kubectl" for words in split if "/api/v1/" in words[-1])


@pytest.mark.parametrize("access", [ACCESS, ACCESSES["of one cluster"], ACCESSES["through the API server"]])
def test_a_command_selects_the_rollout_and_adds_the_matchers(access: Access) -> None:
    audit = with_access(FAULTS["accuracy/phase/drift"].audit, access)
    kubectl, query = commands(only_finding(audit).reproduce)
    selected = matchers(promql(query))

    assert kubectl[-5:] == ["get", "rollouts.argoproj.io", "cart", "-o", f"jsonpath={{.status.conditions}}{NEWLINE}"]
    assert kubectl[-7:-5] == ["-n", "shop"]
    assert {"__name__": INFO, "namespace": "shop", "name": "cart"}.items() <= selected.items()
    assert len(selected) == 3 + len(access.matchers)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_stays_a_single_word(hostile: str) -> None:
    kubectl, curl = commands(only_finding(of_comparison(with_ghost(hostile))).reproduce)

    assert kubectl[:-1] == ["kubectl", "-n", hostile, "get", "rollouts.argoproj.io", "--field-selector"]
    assert chosen(kubectl[-1]) == hostile
    assert [word[:6] for word in curl] == ["curl", "-sSG", "--data", "query=", "http:/"]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("access", [ACCESS, ACCESSES["through the API server"]], ids=["curl", "proxy"])
def test_a_hostile_name_stays_a_single_value_in_promql(hostile: str, access: Access) -> None:
    finding = only_finding(with_access(of_comparison(with_ghost(hostile)), access))
    selected = matchers(promql(commands(finding.reproduce)[1]))

    assert (selected["namespace"], selected["name"]) == (hostile, hostile)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_target_stays_a_single_value_in_promql(hostile: str) -> None:
    foreign = labels({"instance": hostile, "job": hostile})
    finding = only_finding(of_comparison(confirmed(CART, scrapes=(scraped(CART), scraped(PAY, target=foreign)))))
    selected = matchers(promql(commands(finding.reproduce)[0]))

    assert (selected["instance"], selected["job"]) == (hostile, hostile)


def test_a_renamed_namespace_is_selected_by_its_new_label() -> None:
    shown = replace(wrong_phase(CART), namespace_label="exported_namespace", controller_namespace="argo-rollouts")
    (finding,) = accuracy_phase(compared(confirmed(CART, scrapes=(shown,))))

    assert matchers(promql(commands(finding.reproduce)[1])) == {
        "__name__": INFO,
        "exported_namespace": "shop",
        "name": "cart",
    }


def test_a_namespace_that_only_another_target_renames_is_selected_by_its_own_label() -> None:
    comparison = confirmed(
        CART, PAY, scrapes=(wrong_phase(CART), scraped(PAY, target=B, namespace_label="exported_namespace"))
    )
    (finding,) = accuracy_phase(compared(comparison))

    assert matchers(promql(commands(finding.reproduce)[1]))["namespace"] == "shop"


def test_the_command_for_a_missing_gauge_selects_the_gauges() -> None:
    command = commands(fault_finding("coverage/missing/partly").reproduce)[1]

    assert re.fullmatch(matchers(promql(command))["__name__"], UPDATED)


def test_the_commands_for_replicas_show_spec_and_status() -> None:
    kubectl, curl = commands(fault_finding("accuracy/replicas/drift").reproduce)

    assert kubectl[-1] == f"jsonpath={{.spec.replicas}} {{.status}}{NEWLINE}"
    assert matchers(promql(curl))["__name__"] == "rollout_info_replicas_.+"


@pytest.mark.parametrize("server", ["https://10.0.0.1:6443", "https://rancher.example.com/k8s/clusters/c-1"])
def test_what_the_api_server_proxies_is_asked_with_the_credentials_of_kubectl(server: str) -> None:
    """``kubectl get --raw`` itself adds the path that the API server's URL has."""
    access = Access(prometheus=f"{server}{PROXY}", context="prod")

    assert access.ask("rules") == f"kubectl --context prod get --raw {PROXY}/api/v1/rules"
    assert access.ask("query", query="up == 0") == (
        f"kubectl --context prod get --raw '{PROXY}/api/v1/query?query=up%20%3D%3D%200'"
    )
    assert access.fetch("http://alertmanager:9093/api/v2/status") == "curl -sS http://alertmanager:9093/api/v2/status"


@pytest.mark.parametrize(
    ("id_", "command"),
    [
        ("pipeline/service/missing", "kubectl -n argo-rollouts get services --show-labels"),
        (
            "pipeline/dashboard/absent",
            "kubectl -n monitoring get configmaps --field-selector metadata.name=grafana-dashboard-argo-rollouts",
        ),
    ],
)
def test_what_is_missing_is_looked_for_by_a_command_that_does_not_fail(id_: str, command: str) -> None:
    assert fault_finding(id_).reproduce.splitlines()[0] == command


def test_the_command_for_silent_targets_counts_by_target() -> None:
    (command,) = commands(fault_finding("pipeline/emitter/silent").reproduce)

    assert promql(command) == f"count by (job, instance) ({INFO}{{}})"


def test_kubectl_asks_as_the_run_did() -> None:
    access = Access(context="prod", kubeconfig="/home/me/my kubeconfig", user="bob")

    assert (
        access.kubectl("get pods") == "kubectl --kubeconfig '/home/me/my kubeconfig' --context prod --as bob get pods"
    )
    assert Access().kubectl("get pods") == "kubectl get pods"
