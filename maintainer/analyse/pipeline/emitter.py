"""Whether the controller's pod emits Rollouts, and whether the pod that emits is the leader."""

from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.contract import INFO, release
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject

_NAMED = (1, 10, 0)
"""From this release on a Lease's name holds the instance id: one without it is another controller's."""


def pipeline_emitter(pipeline: Pipeline) -> Iterator[Finding]:
    """No target emits a Rollout, although targets are up, or a pod emits that is not the leader."""
    yield from _silent(pipeline)
    yield from _not_the_leader(pipeline)


def _silent(pipeline: Pipeline) -> Iterator[Finding]:
    """Targets are up, the API has Rollouts, and nobody emits one: ``up`` is not enough."""
    observation, scope, access = pipeline.observation, pipeline.scope, pipeline.access
    up = [one for one in observation.targets or () if one.healthy and one.labels not in observation.still]
    if not observation.silent or (observation.targets is not None and not up):
        return
    cause = "unknown" if observation.targets is None else "silent"
    targets = ", ".join(one.name for one in up)
    yield Finding(
        check="pipeline/emitter",
        severity="error",
        subjects=(pipeline.service,),
        cause=cause,
        summary=message(f"pipeline/emitter/{cause}.summary", count=len(pipeline.rollouts), targets=targets),
        action=message(f"pipeline/emitter/{cause}.action", namespace=scope.controller_namespace),
        evidence={"targets": [{"target": one.name, "url": one.url, "up": True} for one in up]},
        reproduce=access.ask("query", query=f"count by (job, instance) ({access.selector(INFO)})"),
    )


def _not_the_leader(pipeline: Pipeline) -> Iterator[Finding]:
    """Another pod than the holder of the Lease emits, though the Lease did not change hands during the run."""
    first, last, scope = pipeline.facts.first, pipeline.facts.last, pipeline.scope
    pods = {pod.name: pod for pod in last.pods or ()}
    emitting = [pipeline.pod_of(target) for target in pipeline.emitting]
    named = sorted(pod.name for pod in emitting if pod)
    if not named or len(named) != len(emitting) or last.holder in named or last.holder not in pods:
        return
    if (first.lease, first.holder) != (last.lease, last.holder) or _of_others(pipeline):
        return
    yield Finding(
        check="pipeline/emitter",
        severity="error",
        subjects=tuple(Subject("Pod", scope.controller_namespace, name) for name in named),
        cause="lease",
        summary=message("pipeline/emitter/lease.summary", pods=", ".join(named), lease=last.lease, holder=last.holder),
        action=message("pipeline/emitter/lease.action"),
        evidence={"emitting": list(named), "lease": last.lease, "holder": last.holder},
        reproduce=pipeline.access.kubectl(
            f"-n {quote(scope.controller_namespace)} get lease {quote(last.lease)} -o jsonpath='{{.spec}}'"
        ),
    )


def _of_others(pipeline: Pipeline) -> bool:
    """Whether the Lease may be that of a controller without an instance id in the same namespace."""
    if not pipeline.scope.instance_id or pipeline.facts.last.lease.endswith(f"-{pipeline.scope.instance_id}"):
        return False
    versions = [release(pipeline.facts.versions.get(target, "")) for target in pipeline.emitting]
    return any(version is None or version >= _NAMED for version in versions)
