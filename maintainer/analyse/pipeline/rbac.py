"""The check whether Prometheus' ServiceAccount may list and watch what its service discovery needs."""

from collections.abc import Iterator
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.message import message
from maintainer.model.pipeline import Permission, Permissions
from maintainer.model.report import Finding, Subject


def pipeline_rbac(pipeline: Pipeline) -> Iterator[Finding]:
    """Prometheus' ServiceAccount lacks permissions that its service discovery needs."""
    permissions = pipeline.facts.rights
    if permissions is None or permissions.account is None or not permissions.refused:
        return
    namespace, name = permissions.account
    yield _lacking(permissions, Subject("ServiceAccount", namespace, name), pipeline=pipeline)


def _lacking(permissions: Permissions, subject: Subject, *, pipeline: Pipeline) -> Finding:
    account, first = f"{subject.namespace}/{subject.name}", permissions.refused[0]
    user = f"system:serviceaccount:{subject.namespace}:{subject.name}"
    return Finding(
        check="pipeline/rbac",
        severity=pipeline.severity,
        subjects=(subject,),
        cause="refused",
        summary=message(
            "pipeline/rbac/refused.summary",
            count=len(permissions.refused),
            account=account,
            rights=", ".join(map(_in_words, permissions.refused)),
        ),
        action=message("pipeline/rbac/refused.action", account=account),
        evidence={
            "account": user,
            "refused": [_row(permission) for permission in permissions.refused],
            "granted": [_row(permission) for permission in permissions.granted],
        },
        reproduce=pipeline.access.kubectl(
            f"auth can-i {first.verb} {_resource(first)} --as={user} {_namespace_flag(first)}"
        ),
    )


def _resource(permission: Permission) -> str:
    return f"{permission.resource}.{permission.group}" if permission.group else permission.resource


def _namespace_flag(permission: Permission) -> str:
    return f"-n {quote(permission.namespace)}" if permission.namespace else "--all-namespaces"


def _in_words(permission: Permission) -> str:
    namespace = f" ({permission.namespace})" if permission.namespace else ""
    return f"{permission.verb} {_resource(permission)}{namespace}"


def _row(permission: Permission) -> dict[str, str]:
    return {"verb": permission.verb, "resource": _resource(permission), "namespace": permission.namespace or "*"}
