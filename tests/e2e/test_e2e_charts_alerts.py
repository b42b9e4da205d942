"""The guide's four alerts: each fires for the right Rollouts only, reaches Slack, and resolves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.e2e.fleets import QUOTA, STATES, begin, image, rollout
from tests.e2e.kube import ROLLOUT
from tests.e2e.plane import control_plane
from tests.e2e.processes import until
from tests.e2e.sites import PROMETHEUS, QUICK, Site, site
from tests.servers.scripted import Says, Scripted

FIRING = {
    ("RolloutFailed", "aborted"),
    ("RolloutFailed", "invalid"),
    ("RolloutFailed", "no-replica-set"),
    ("RolloutFailed", "timed-out"),
    ("RolloutHighErrorRate", "invalid"),
    ("RolloutHighErrorRate", "no-replica-set"),
    ("RolloutReplicaMismatch", "short"),
    ("RolloutStuck", "progressing"),
    ("RolloutStuck", "short"),
}
"""The alert of each state; other states have none. The phase of a Rollout that lost a pod is Progressing."""
RULES = {
    "RolloutFailed": {"for": "10s"},
    "RolloutHighErrorRate": {"for": "10s", "window": "3m"},
    "RolloutStuck": {"for": "40s"},
    "RolloutReplicaMismatch": {"for": "10s"},
}
NODE, POD = ("v1", "Node"), ("v1", "Pod")


@dataclass(frozen=True, slots=True)
class Watch:
    """A site and the server that gets its messages to Slack."""

    site: Site
    slack: Scripted

    def firing(self) -> dict[tuple[str, str], str]:
        """The summaries of the alerts that fire, by alert and Rollout; without the alert on all Rollouts together."""
        alerts = requests.get(f"{PROMETHEUS}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return {
            (alert["labels"]["alertname"], alert["labels"].get("name", "")): alert["annotations"]["summary"]
            for alert in alerts
            if alert["state"] == "firing" and alert["annotations"]["summary"] != "Many reconciles of Rollouts fail"
        }

    def lines(self) -> set[str]:
        """All lines of the received messages."""
        messages = [json.loads(asked.body) for asked in list(self.slack.asked)]
        assert {message["channel"] for message in messages} <= {"#deployments"}
        return {line for message in messages for part in message["attachments"] for line in part["text"].splitlines()}


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with (
        Scripted(Says(200, b"ok"), port=9094) as slack,
        control_plane(tmp_path_factory.mktemp("plane")) as plane,
        site(plane, {**QUICK, "alertRules": {"argo-rollouts": RULES}}) as made,
    ):
        begin(plane.kube, STATES, calm=0)
        lose_a_pod(made)
        yield Watch(made, slack)


def lose_a_pod(made: Site) -> None:
    """A Rollout that is complete loses a pod, and no node takes a new pod."""
    kube = made.plane.kube
    kube.create(rollout("states", "short", replicas=2))
    made.wait_for('rollout_info{name="short", phase="Completed"}')
    kube.patch(NODE, ("", "node-1"), {"spec": {"unschedulable": True}})
    pod = kube.list(POD, "states", "app=short")[0]["metadata"]["name"]
    kube.delete(POD, "states", pod)


def test_the_four_alerts_fire_for_what_they_mean_and_arrive_in_slack(watch: Watch) -> None:
    until(lambda: watch.firing().keys() >= FIRING, 120, lambda: f"these fire: {sorted(watch.firing())}")
    summaries = watch.firing()
    assert summaries.keys() == FIRING
    wanted = {f"*{summary}*" for summary in summaries.values()}
    until(lambda: wanted <= watch.lines(), 60, lambda: f"missing in Slack: {wanted - watch.lines()}")
    assert watch.firing().keys() == FIRING


def test_they_resolve_once_the_cause_is_gone(watch: Watch) -> None:
    summaries, kube = watch.firing(), watch.site.plane.kube
    kube.patch(NODE, ("", "node-1"), {"spec": {"unschedulable": None}})
    kube.delete((QUOTA["apiVersion"], QUOTA["kind"]), "refused", QUOTA["metadata"]["name"])
    kube.patch(ROLLOUT, ("states", "aborted"), image(1))
    kube.patch(ROLLOUT, ("states", "invalid"), {"spec": {"strategy": {"canary": {"steps": [{"setWeight": 50}]}}}})
    for name in ("timed-out", "progressing"):
        kube.patch(ROLLOUT, ("states", name), {"spec": {"template": {"spec": {"nodeSelector": None}}}})
    until(lambda: not watch.firing(), 120, lambda: f"still firing: {sorted(watch.firing())}")
    wanted = {f"*{summary}*: resolved" for summary in summaries.values()}
    until(lambda: wanted <= watch.lines(), 60, lambda: f"missing in Slack: {wanted - watch.lines()}")
