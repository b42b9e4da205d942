"""Whether Prometheus' ServiceAccount may list and watch what its service discovery needs."""

from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.message import message
from maintainer.model.pipeline import Permission
from maintainer.model.report import Finding, Subject


def pipeline_rbac(pipeline: Pipeline) -> Iterator[Finding]:
    """Discovery lists and watches what Prometheus' ServiceAccount may not."""
    rights = pipeline.facts.rights
    if rights is None or rights.account is None or not rights.refused:
        return
    namespace, name = rights.account
    user = f"system:serviceaccount:{namespace}:{name}"
    first = rights.refused[0]
    yield Finding(
        check="pipeline/rbac",
        severity=pipeline.severity,
        subjects=(Subject("ServiceAccount", namespace, name),),
        cause="refused",
        summary=message(
            "pipeline/rbac/refused.summary",
            count=len(rights.refused),
            account=f"{namespace}/{name}",
            rights=", ".join(map(_right, rights.refused)),
        ),
        action=message("pipeline/rbac/refused.action", account=f"{namespace}/{name}"),
        evidence={
            "account": user,
            "refused": [_row(one) for one in rights.refused],
            "granted": [_row(one) for one in rights.granted],
        },
        reproduce=pipeline.access.kubectl(f"auth can-i {first.verb} {_resource(first)} --as={user} {_where(first)}"),
    )


def _resource(right: Permission) -> str:
    return f"{right.resource}.{right.group}" if right.group else right.resource


def _where(right: Permission) -> str:
    return f"-n {quote(right.namespace)}" if right.namespace else "--all-namespaces"


def _right(right: Permission) -> str:
    return f"{right.verb} {_resource(right)}" + (f" ({right.namespace})" if right.namespace else "")


def _row(right: Permission) -> dict[str, str]:
    return {"verb": right.verb, "resource": _resource(right), "namespace": right.namespace or "*"}
