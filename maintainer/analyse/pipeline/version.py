"""Whether the controller's version in its metrics is the one of its image, and one that this tool knows."""

import re
from collections.abc import Iterator

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.contract import newest, release
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, GapKind, Subject

_TAGGED = re.compile(r"(?:.*/)?argo-rollouts:(v\d+\.\d+\.\d+)(?:[-+@].*)?")
"""An image of upstream's name and a tag of upstream's form: the tag of any other image may count differently."""


def pipeline_version(pipeline: Pipeline) -> Iterator[Finding]:
    """The emitting pod's image and its metrics tell different versions, or one that this tool does not know yet."""
    for target in pipeline.emitting:
        told, pod = pipeline.facts.versions.get(target, ""), pipeline.pod_of(target)
        tags = [found[1] for image in (pod.images if pod else ()) if (found := _TAGGED.fullmatch(image))]
        version = release(told)
        if pod and version and len(tags) == 1 and release(tags[0]) != version:
            yield _of_version(pipeline, "image", Subject("Pod", pod.namespace, pod.name), told=told, other=tags[0])
        if version and version[:2] > newest()[:2]:
            known = "v" + ".".join(map(str, newest()))
            yield _of_version(
                pipeline, "newer", Subject("Target", "", target_name(dict(target))), told=told, other=known
            )


def _of_version(pipeline: Pipeline, cause: str, subject: Subject, *, told: str, other: str) -> Finding:
    return Finding(
        check="pipeline/version",
        severity="warning" if cause == "image" else "info",
        subjects=(subject,),
        cause=cause,
        summary=message(f"pipeline/version/{cause}.summary", subject=subject.name, told=told, other=other),
        action=message(f"pipeline/version/{cause}.action"),
        evidence={"metrics": told, cause: other},
        reproduce=pipeline.access.ask("query", query=pipeline.access.selector("argo_rollouts_controller_info")),
    )


def pipeline_version_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """Prometheus answered, and none of the targets has a version in its metrics."""
    asked = not {fact.source for fact in pipeline.unavailable} & {"prometheus", "versions"}
    versions = pipeline.facts.versions
    if asked and not any(versions.get(target) for target in pipeline.emitting or tuple(versions)):
        kind: GapKind = "permanent" if pipeline.emitting else "passing"
        yield Gap("pipeline/version", kind, message("gap/no-version"))
