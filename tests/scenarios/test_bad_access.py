"""Whole runs of the real command where it is not certain which Prometheus is asked, and what a user can do about it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from maintainer.sandbox.world import World
from maintainer.schedule import JOBS
from tests.scenarios.front import Front
from tests.scenarios.runs import ALL, assert_incomplete, assert_refused, monthly
from tests.scenarios.small_worlds import ROLLOUTS
from tests.scenarios.stacks import having
from tests.scenarios.test_bad_prometheus import says

pytestmark = pytest.mark.extended

OTHER: dict[str, Any] = {
    "metadata": {
        "namespace": "central", "name": "prometheus-k8s", "labels": {"app.kubernetes.io/name": "prometheus"}},
    "spec": {"clusterIP": "10.0.0.9", "ports": [{"name": "web", "port": 9090}], "selector": {"app": "prometheus"}},
}  # fmt: skip
UNKNOWN = {"pipeline/rbac", "pipeline/rules-loaded"}
"""The checks that need to know which Service is behind the URL."""


def without_url(world: World) -> dict[str, str]:
    """The world's environment, in which Prometheus is to be looked up."""
    return {name: value for name, value in world.environment().items() if name != "MAINTAINER_PROMETHEUS_URL"}


def accepting(folder: Path, *checks: str) -> str:
    """A file of settings that accepts the gaps of these checks."""
    common = {"subject": "", "reason": "run from outside", "until": "2100-01-31"}
    accepted = [{"check": check, **common} for check in checks]
    file = folder / "accepting.yaml"
    file.write_text(yaml.safe_dump({"accept": accepted}), "utf-8")
    return str(file)


def test_with_two_prometheus_the_gap_gives_advice_that_is_possible_and_can_be_accepted(
    twice: World, tmp_path: Path
) -> None:
    with having(twice, "services", OTHER):
        open_ = monthly(twice.environment(), tmp_path, "--fail-on", "error")
        config = accepting(tmp_path, *{gap["check"] for gap in open_.report["gaps"]})
        accepted = monthly(twice.environment(), tmp_path, "--fail-on", "error", "--config", config)

    assert_incomplete(open_, "central/prometheus-k8s", "--prometheus-service NAMESPACE/NAME", checks=UNKNOWN)
    assert not [reason for reason in open_.gaps() if ".svc" in reason]
    assert accepted.code == 1, accepted.err
    assert accepted.report["complete"] is True
    assert {gap["accepted"] for gap in accepted.report["gaps"]} == {"run from outside"}
    assert all("run from outside" in text for text in (*accepted.texts.values(), accepted.out))


def test_a_service_that_is_named_is_asked_through_the_api_server(healthy: World, tmp_path: Path) -> None:
    with having(healthy, "services", OTHER):
        refused = monthly(without_url(healthy), tmp_path / "refused")
        named = monthly(without_url(healthy), tmp_path, "--prometheus-service", "monitoring/prometheus")

    assert_refused(refused, "--prometheus-service monitoring/prometheus:")
    assert (named.code, named.report["gaps"]) == (0, []), named.gaps()
    assert named.figures["rollouts.compared"] == len(ROLLOUTS)


def test_a_service_beside_a_url_tells_what_is_behind_it(healthy: World, tmp_path: Path) -> None:
    with having(healthy, "services", OTHER):
        ended = monthly(healthy.environment(), tmp_path, "--prometheus-service", "monitoring/prometheus")

    assert (ended.code, ended.report["gaps"]) == (0, []), ended.gaps()


def test_basic_auth_is_said_not_to_pass_the_api_server(healthy: World, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hidden", "utf-8")
    environ = {
        **without_url(healthy),
        "MAINTAINER_PROMETHEUS_BASIC_AUTH_USERNAME": "user",
        "MAINTAINER_PROMETHEUS_BASIC_AUTH_PASSWORD_FILE": str(secret),
    }
    ended = monthly(environ, tmp_path, "--prometheus-service", "monitoring/prometheus")

    assert_refused(ended, "do not pass")
    assert "hidden" not in ended.err


MEANT = {
    "route prefix": (says(404, b"404 page not found\n"), "--web.route-prefix"),
    "https": (says(400, b"Client sent an HTTP request to an HTTPS server.\n"), "Write https:// in the URL"),
    "SigV4": (
        says(403, b'{"message":"Missing Authentication Token"}', "application/json", **{"x-amzn-RequestId": "1"}),
        "AWS SigV4",
    ),
}


@pytest.mark.parametrize("name", MEANT)
def test_an_answer_that_stays_so_is_a_permanent_gap_that_says_what_it_means(
    healthy: World, prometheus: Front, name: str, tmp_path: Path
) -> None:
    prometheus.fault, said = MEANT[name]
    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, said, checks=ALL)
    assert {gap["kind"] for gap in ended.report["gaps"]} == {"permanent"}


def test_without_any_access_everything_is_unknown_and_the_cause_is_the_first_thing_to_do(tmp_path: Path) -> None:
    ended = monthly({}, tmp_path)

    (job,) = (job for job in JOBS if job.name == "monthly")
    blocked = set(job.checks) - {"query/not-checked"}
    assert_incomplete(ended, "there is no usable kubeconfig", "--prometheus-url", checks=blocked)
    assert ended.report["cluster"] == ""
    assert not {"rollouts.listed", "rollouts.compared", "targets.emitting"} & ended.figures.keys()
    assert "\n1. The cluster cannot be reached" in ended.out
    assert "**The cluster cannot be reached" in ended.texts["md"]
    # In the verdict's list, on its card, and in the list of the checks.
    assert ended.texts["html"].count("there is no usable kubeconfig") == 3
    for text in (*ended.texts.values(), ended.out):
        assert "unknown" in text or text is ended.out
        assert not re.search(r"\b0 (Rollouts|of|targets)\b", text)
