"""The check whether the version in the controller's metrics is that of its image, and known to this tool."""

import re
from collections.abc import Iterator

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.contract import newest, release
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.pipeline import Pod
from maintainer.model.report import Finding, Gap, GapKind, Subject

_IMAGE = re.compile(r"(?:.*/)?argo-rollouts:(v\d+\.\d+\.\d+)(?:[-+@].*)?")
"""An image with upstream's name and a tag of upstream's form; tags of other images may number differently."""


def pipeline_version(pipeline: Pipeline) -> Iterator[Finding]:
    """The metrics of an emitting pod have another version than its image, or a release newer than this tool knows."""
    for target in pipeline.emitting:
        version, pod = pipeline.facts.versions.get(target, ""), pipeline.pod_of(target)
        tags = tags_of(pod) if pod else []
        number = release(version)
        if pod and number and len(tags) == 1 and release(tags[0]) != number:
            yield _finding(
                pipeline, "image", subject=Subject("Pod", pod.namespace, pod.name), version=version, other=tags[0]
            )
        if number and number[:2] > newest()[:2]:
            known = "v" + ".".join(map(str, newest()))
            subject = Subject("Target", "", target_name(dict(target)))
            yield _finding(pipeline, "newer", subject=subject, version=version, other=known)


def tags_of(pod: Pod) -> list[str]:
    """The tags of the pod's images of the controller, such as ``v1.9.2``."""
    return [match[1] for image in pod.images if (match := _IMAGE.fullmatch(image))]


def _finding(pipeline: Pipeline, cause: str, *, subject: Subject, version: str, other: str) -> Finding:
    return Finding(
        check="pipeline/version",
        severity="warning" if cause == "image" else "info",
        subjects=(subject,),
        cause=cause,
        summary=message(f"pipeline/version/{cause}.summary", subject=subject.name, told=version, other=other),
        action=message(f"pipeline/version/{cause}.action"),
        evidence={"metrics": version, cause: other},
        reproduce=pipeline.access.ask("query", query=pipeline.access.selector("argo_rollouts_controller_info")),
    )


def pipeline_version_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """Prometheus answered, and no target has a version in its metrics."""
    answered = not {fact.source for fact in pipeline.unavailable} & {"prometheus", "versions"}
    versions = pipeline.facts.versions
    if answered and not any(versions.get(target) for target in pipeline.emitting or tuple(versions)):
        kind: GapKind = "permanent" if pipeline.emitting else "passing"
        yield Gap("pipeline/version", kind, message("gap/no-version"))
