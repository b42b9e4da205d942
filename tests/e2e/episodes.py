"""Four Rollouts to which something is done that an alert tells of: the real controller makes the rest of it."""

from tests.e2e.fleets import image, rollout, template
from tests.e2e.kube import ROLLOUT, Kube, Object

NAMESPACE = "judged"
NODE_KIND, POD = ("v1", "Node"), ("v1", "Pod")
FAILING: Object = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AnalysisTemplate",
    "metadata": {"namespace": NAMESPACE, "name": "errors"},
    "spec": {
        "metrics": [
            {
                "name": "served",
                "successCondition": "result[0] > 0",
                "provider": {"prometheus": {"address": "http://prometheus.monitoring.svc:9090", "query": "vector(0)"}},
            }
        ]
    },
}
"""An analysis that always fails."""
ANALYSED = {"canary": {"steps": [{"setWeight": 50}, {"analysis": {"templates": [{"templateName": "errors"}]}}]}}
WAITING = {"canary": {"steps": [{"setWeight": 50}, {"pause": {}}]}}
NAMES = ("short", "undone", "slow", "paused")


def make(kube: Kube) -> None:
    """Create the Rollouts, which have two pods each."""
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, FAILING)
    strategies = {"undone": ANALYSED, "paused": WAITING}
    for name in NAMES:
        kube.create(rollout(NAMESPACE, name, replicas=2, strategy=strategies.get(name)))


def disturb(kube: Kube) -> None:
    """Take a pod of one away, and give the others a version that fails, that starts slowly, and that waits."""
    _ready(kube, "short", is_ready=False)
    kube.patch(ROLLOUT, (NAMESPACE, "undone"), image(2))
    slowly = {"spec": {"template": template("slow", nodeSelector={"disk": "slow"})}}
    kube.patch(ROLLOUT, (NAMESPACE, "slow"), slowly)
    kube.patch(ROLLOUT, (NAMESPACE, "paused"), image(2))


def heal(kube: Kube) -> None:
    """Let the pods start that could not, without a change of a Rollout."""
    _ready(kube, "short", is_ready=True)
    kube.patch(NODE_KIND, ("", "node-1"), {"metadata": {"labels": {"disk": "slow"}}})


def _ready(kube: Kube, name: str, *, is_ready: bool) -> None:
    """Say of a pod of a Rollout what its kubelet would say when its probe fails, or passes again."""
    pod = kube.list(POD, NAMESPACE, f"app={name}")[0]
    status = "True" if is_ready else "False"
    changed = {"type": "Ready", "status": status, "lastTransitionTime": pod["metadata"]["creationTimestamp"]}
    conditions = [one for one in pod["status"]["conditions"] if one["type"] != "Ready"]
    kube.patch_status(POD, (NAMESPACE, pod["metadata"]["name"]), {"conditions": [*conditions, changed]})
