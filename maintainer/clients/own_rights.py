"""Who the account of this run is, and what it may do, by reviews that the API server answers and does not store."""

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.errors import SourceUnavailable
from maintainer.model.doctor import Right

_RIGHTS = "authorization.k8s.io/v1", "selfsubjectaccessreviews"
_SELF = "authentication.k8s.io/v1", "selfsubjectreviews"


class _RightStatus(msgspec.Struct, rename="camel"):
    allowed: bool
    evaluation_error: str = ""


class _RightReview(msgspec.Struct):
    status: _RightStatus


class _UserInfo(msgspec.Struct):
    username: str = ""


class _SelfStatus(msgspec.Struct, rename="camel"):
    user_info: _UserInfo


class _SelfReview(msgspec.Struct):
    status: _SelfStatus


def may_i(cluster: Cluster, right: Right) -> bool:
    """Whether the account of this run has a right. Raises :class:`SourceUnavailable`."""
    resource, _, subresource = right.resource.partition("/")
    attributes = {
        "group": right.group,
        "resource": resource,
        "subresource": subresource,
        "verb": right.verb,
        "namespace": right.namespace,
        "name": right.name,
    }
    spec = {"resourceAttributes": {key: value for key, value in attributes.items() if value}}
    body = {"apiVersion": _RIGHTS[0], "kind": "SelfSubjectAccessReview", "spec": spec}
    status = cluster.create(_RIGHTS, body, type_=_RightReview).status
    if status.evaluation_error and not status.allowed:
        raise SourceUnavailable("cluster-no-review", said=status.evaluation_error)
    return status.allowed


def who_am_i(cluster: Cluster) -> str:
    """The name by which the API server knows the account of this run.

    Raises :class:`SourceUnavailable`, also before Kubernetes 1.28, which does not tell.
    """
    body = {"apiVersion": _SELF[0], "kind": "SelfSubjectReview"}
    return cluster.create(_SELF, body, type_=_SelfReview).status.user_info.username
