"""The check whether a target emits Rollouts, and whether that is the pod of the leader."""

from collections.abc import Iterator, Sequence
from functools import partial
from shlex import quote
from typing import Literal

from maintainer.analyse.pipeline.arriving import Arriving, arriving
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO, release
from maintainer.model.facts import Target
from maintainer.model.matchers import matcher
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Subject, divisible

Silence = Literal["renamed", "dropped", "silent", "unknown"]
_INSTANCE_ID_IN_LEASE = (1, 10, 0)
"""From this release on, the name of a controller's Lease ends with its instance id."""


def pipeline_emitter(pipeline: Pipeline) -> Iterator[Finding]:
    """No target emits a Rollout, although targets are up, or a pod emits that is not the leader."""
    yield from _silent(pipeline)
    yield from _not_the_leader(pipeline)


def _silent(pipeline: Pipeline) -> Iterator[Finding]:
    """Targets are up, the API has Rollouts, and no target emits any; ``up`` does not show that."""
    observation, access = pipeline.observation, pipeline.access
    up = [target for target in pipeline.targets or () if target.healthy and target.labels not in observation.still]
    if not observation.silent or (observation.targets is not None and not up):
        return
    found = arriving(pipeline, up)
    cause = _silence(found, listed=observation.targets is not None)
    new, old = next(iter(found.renamed.items()), ("", ""))
    query = _names(access, up) if found.renamed or found.dropped else _emitters(access)
    yield Finding(
        check="pipeline/emitter",
        severity="error",
        subjects=(pipeline.service,),
        cause=cause,
        summary=message(
            f"pipeline/emitter/{cause}.summary",
            count=len(pipeline.rollouts),
            targets=", ".join(target.name for target in up),
            families=", ".join(found.families) or message("pipeline/emitter/no-family"),
            new=new,
            old=old,
        ),
        action=_silence_action(pipeline, cause, up=up, absent=found.absent),
        evidence={
            "targets": [{"target": target.name, "url": target.url, "up": True} for target in up],
            "arriving": [*found.families, *found.renamed],
        },
        reproduce=access.ask("query", query=query),
    )


def _silence(found: Arriving, *, listed: bool) -> Silence:
    """Why no Rollout arrives, by what does; nothing is known where Prometheus does not list its targets."""
    if not listed:
        return "unknown"
    if found.renamed:
        return "renamed"
    return "dropped" if found.dropped else "silent"


def _silence_action(pipeline: Pipeline, cause: Silence, *, up: Sequence[Target], absent: Sequence[str]) -> Message:
    last = pipeline.facts.last
    if cause == "silent" and last.holder in {pod.name for pod in last.pods or ()}:
        return message("pipeline/emitter/silent-leader.action", pod=last.holder, lease=last.lease)
    return message(
        f"pipeline/emitter/{cause}.action",
        namespace=pipeline.scope.controller_namespace,
        job=", ".join(dict.fromkeys(target.pool for target in up)),
        absent=", ".join(absent),
    )


def _emitters(access: Access) -> str:
    return f"count by (job, instance) ({access.selector(INFO)})"


def _names(access: Access, up: Sequence[Target]) -> str:
    """A query for the names of all metrics of a target."""
    own = dict(up[0].labels)
    identity = [matcher(name, own[name]) for name in ("job", "instance") if name in own]
    return f"count by (__name__) ({access.selector('', identity)})"


def _not_the_leader(pipeline: Pipeline) -> Iterator[Finding]:
    """Other pods than the holder of the Lease emit, and the holder was the same at both ends of the run."""
    first, last = pipeline.facts.first, pipeline.facts.last
    pods = {pod.name for pod in last.pods or () if not pipeline.another(pod)}
    emitting = [pipeline.pod_of(target) for target in pipeline.emitting]
    names = sorted(pod.name for pod in emitting if pod)
    if not names or len(names) != len(emitting) or last.holder in names or last.holder not in pods:
        return
    if (first.lease, first.holder) == (last.lease, last.holder) and not _may_be_foreign(pipeline):
        yield divisible(names, partial(_emitting_without_lease, pipeline))


def _emitting_without_lease(pipeline: Pipeline, pods: Sequence[str]) -> Finding:
    namespace, last = pipeline.scope.controller_namespace, pipeline.facts.last
    return Finding(
        check="pipeline/emitter",
        severity="error",
        subjects=tuple(Subject("Pod", namespace, pod) for pod in pods),
        cause="lease",
        summary=message("pipeline/emitter/lease.summary", pods=", ".join(pods), lease=last.lease, holder=last.holder),
        action=message("pipeline/emitter/lease.action"),
        evidence={"emitting": list(pods), "lease": last.lease, "holder": last.holder},
        reproduce=pipeline.access.kubectl(
            f"-n {quote(namespace)} get lease {quote(last.lease)} -o jsonpath='{{.spec}}{{\"\\n\"}}'"
        ),
    )


def _may_be_foreign(pipeline: Pipeline) -> bool:
    """Whether the Lease may belong to a controller without an instance id in the same namespace."""
    if not pipeline.scope.instance_id or pipeline.facts.last.lease.endswith(f"-{pipeline.scope.instance_id}"):
        return False
    versions = [release(pipeline.facts.versions.get(target, "")) for target in pipeline.emitting]
    return any(version is None or version >= _INSTANCE_ID_IN_LEASE for version in versions)
