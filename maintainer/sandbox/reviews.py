"""Answers reviews of rights, the only objects that can be posted to the simulated API. They are not stored."""

from collections.abc import Callable
from typing import Any

import msgspec

from maintainer.sandbox.protobuf import MAGIC, self_review
from maintainer.sandbox.resources import Resource
from maintainer.sandbox.rights import Question
from maintainer.sandbox.statuses import bad_request, invalid

_GROUP, _CREATE = "authorization.k8s.io", ("create",)
REVIEWS = Resource(_GROUP, "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False, verbs=_CREATE)
SELF_REVIEWS = Resource(
    _GROUP, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False, verbs=_CREATE
)
WHO = Resource(
    "authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False, verbs=_CREATE
)
PATHS = {f"/apis/{row.api_version}/{row.plural}": row for row in (REVIEWS, SELF_REVIEWS, WHO)}
"""The resource by its path."""


class _Spec(msgspec.Struct, rename="camel"):
    user: str = ""
    groups: list[str] = []
    resource_attributes: dict[str, Any] | None = None
    non_resource_attributes: dict[str, str] | None = None


class _Review(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    spec: _Spec = msgspec.field(default_factory=_Spec)


def review(
    body: bytes, resource: Resource, *, asker: str, decide: Callable[[Question], tuple[bool, str]]
) -> dict[str, Any]:
    """The review in the body, with its ``status`` added: whether it is allowed, and why, as ``decide`` says.

    A review of one's own rights is about the ``asker``, and one of oneself names it. Raises ``Refusal`` if the
    review is not valid.
    """
    try:
        posted = self_review(body) if body.startswith(MAGIC) else msgspec.json.decode(body, type=dict[str, Any])
        decoded = msgspec.convert(posted, _Review)
    except (msgspec.DecodeError, ValueError) as error:
        raise bad_request(f"the object provided is unrecognized: {error}") from error
    if (decoded.api_version, decoded.kind) != (resource.api_version, resource.kind):
        raise bad_request(
            f"{resource.kind} in version {resource.version!r} cannot be handled as a {resource.kind}: "
            f'no kind "{decoded.kind}" is registered for version "{decoded.api_version}"'
        )
    if resource is WHO:
        return {**posted, "status": {"userInfo": {"username": asker, "groups": _groups(asker)}}}
    spec = decoded.spec
    user, groups = (asker, _groups(asker)) if resource is SELF_REVIEWS else (spec.user, spec.groups)
    question = Question(user, groups, spec.resource_attributes, spec.non_resource_attributes)
    _check(question, resource)
    allowed, reason = decide(question)
    status = {"allowed": allowed, **({"reason": reason} if reason else {})}
    return {**posted, "metadata": posted.get("metadata", {}), "status": status}


def _groups(user: str) -> list[str]:
    """The groups that the API server adds to a user who asks, or who is impersonated."""
    match user.split(":"):
        case ["system", "serviceaccount", namespace, _]:
            return ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        case _:
            return ["system:authenticated"]


def _check(question: Question, resource: Resource) -> None:
    causes = []
    if (question.resource is None) == (question.path is None):
        causes.append(
            ("spec.resourceAttributes", "exactly one of nonResourceAttributes or resourceAttributes must be specified")
        )
    if not question.user and not question.groups:
        causes.append(("spec.user", "at least one of user or group must be specified"))
    if causes:
        raise invalid(resource, causes)
