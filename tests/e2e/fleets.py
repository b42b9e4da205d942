"""Rollouts in every state that the controller knows. The real controller brings them there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import sleep
from typing import Any

from tests.e2e.kube import ROLLOUT, Kube, Object
from tests.e2e.processes import until

NOWHERE = {"nodeSelector": {"disk": "none-such"}}
"""Pods that no node accepts, so that an update with them makes no progress."""
QUOTA: Object = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"namespace": "refused", "name": "no-replica-sets"},
    "spec": {"hard": {"count/replicasets.apps": "0"}},
}
CALM = 50
"""The number of healthy Rollouts in each namespace of a team."""
TEAMS = ("shop", "search", "billing", "media", "identity")


def rollout(namespace: str, name: str, *, strategy: Mapping[str, Any] | None = None, **spec: Any) -> Object:
    """A Rollout with 1 replica; without ``strategy`` it is a canary without steps."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "strategy": strategy or {"canary": {}},
            "template": template(name),
            **spec,
        },
    }


def template(name: str, image: str = "example.com/app:1", **spec: Any) -> Object:
    """The pod template of a Rollout."""
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "app", "image": image}], **spec}}


def image(version: int) -> Object:
    """The patch that changes the version of a Rollout."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": f"example.com/app:{version}"}]}}}}


@dataclass(frozen=True, slots=True)
class State:
    """How a Rollout gets into a state: the objects to create, the patch or abort after that, and the final phase."""

    make: Callable[[str], list[Object]]
    phase: str
    then: Mapping[str, Any] | None = None
    aborted: bool = False


def _canary(**spec: Any) -> Callable[[str], list[Object]]:
    steps = [{"setWeight": 50}, {"pause": {}}]
    return lambda name: [rollout("states", name, strategy={"canary": {"steps": steps}}, **{"replicas": 2, **spec})]


def _plain(**spec: Any) -> Callable[[str], list[Object]]:
    return lambda name: [rollout("states", name, **spec)]


def _blue_green(name: str) -> list[Object]:
    services = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"namespace": "states", "name": f"{name}-{role}"},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80}]},
        }
        for role in ("active", "preview")
    ]
    strategy = {
        "blueGreen": {
            "activeService": f"{name}-active",
            "previewService": f"{name}-preview",
            "autoPromotionEnabled": False,
        }
    }
    return [*services, rollout("states", name, strategy=strategy)]


def _of_a_deployment(name: str) -> list[Object]:
    metadata = {"namespace": "states", "name": name}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template(name)}
    referring = rollout("states", name, workloadRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": name})
    del referring["spec"]["template"]
    return [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}, referring]


def _refused(name: str) -> list[Object]:
    return [rollout("refused", name)]


UNPLACED = {"spec": {"template": {"spec": NOWHERE}}}
STATES: Mapping[str, State] = {
    "healthy": State(_plain(), "Completed"),
    "zero": State(_plain(replicas=0), "Completed"),
    "paused": State(_canary(), "Paused", image(2)),
    "aborted": State(_canary(), "Abort", image(2), aborted=True),
    "progressing": State(_plain(progressDeadlineSeconds=3600), "Progressing", UNPLACED),
    "timed-out": State(_plain(progressDeadlineSeconds=10), "Timeout", UNPLACED),
    "invalid": State(_plain(strategy={"canary": {"steps": [{"setWeight": 150}]}}), "InvalidSpec"),
    "preview": State(_blue_green, "Paused", image(2)),
    "workload": State(_of_a_deployment, "Completed"),
    "no-replica-set": State(_refused, "Error"),
}


def begin(kube: Kube, states: Mapping[str, State], calm: int = CALM) -> None:
    """Create the fleet and wait until each Rollout is in its state. A further Rollout is created and deleted."""
    for namespace in (*TEAMS, "states", "refused"):
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    kube.apply(QUOTA)
    until(lambda: "status" in kube.get(("v1", "ResourceQuota"), "refused", "no-replica-sets"), 30, lambda: "the quota")
    for name, state in states.items():
        kube.apply(*state.make(name))
    kube.apply(rollout("states", "deleted"))
    for namespace, number in every_calm(calm):
        kube.create(rollout(namespace, f"app-{number}"))
    for name, state in states.items():
        _lead(kube, ("states", name), state)
    kube.delete(ROLLOUT, "states", "deleted")


def every_calm(calm: int = CALM) -> Iterator[tuple[str, int]]:
    """The namespace and the number of each healthy Rollout."""
    return ((namespace, number) for number in range(calm) for namespace in TEAMS)


def _lead(kube: Kube, key: tuple[str, str], state: State) -> None:
    """Patch or abort a Rollout after its first version is rolled out."""
    if state.then:
        _wait_until_out(kube, key)
        kube.patch(ROLLOUT, key, state.then)
    if state.aborted:
        _wait_for_phase(kube, key, "Paused")
        _abort(kube, key)


def _abort(kube: Kube, key: tuple[str, str]) -> None:
    """Abort like ``kubectl argo rollouts abort``, and repeat it until the controller reacts.

    The controller stores what it has written in its cache. That can replace a newer version, so it can miss an abort.
    """

    def aborted() -> bool:
        for abort in (None, True):
            kube.patch_status(ROLLOUT, key, {"abort": abort})
        sleep(2)
        return bool(kube.get(ROLLOUT, *key)["status"]["phase"] == "Degraded")

    until(aborted, 30, lambda: f"{key} is not aborted: {kube.get(ROLLOUT, *key)['status']}")


def _wait_until_out(kube: Kube, key: tuple[str, str]) -> None:
    """Wait until the first version is rolled out. The phase is Healthy earlier, but a change then is no update."""

    def out() -> bool:
        conditions = kube.get(ROLLOUT, *key).get("status", {}).get("conditions", [])
        return ("Healthy", "True") in {(condition["type"], condition["status"]) for condition in conditions}

    until(out, 120, lambda: f"{key} is not out: {kube.get(ROLLOUT, *key).get('status')}")


def _wait_for_phase(kube: Kube, key: tuple[str, str], phase: str) -> None:
    def shown() -> object:
        return kube.get(ROLLOUT, *key).get("status", {}).get("phase")

    until(lambda: shown() == phase, 120, lambda: f"{key} is {shown()}, not {phase}")
