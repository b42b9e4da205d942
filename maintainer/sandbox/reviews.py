"""Answers SubjectAccessReviews, the only objects that can be posted to the simulated API. They are not stored."""

from typing import Any

import msgspec

from maintainer.sandbox.resources import Resource
from maintainer.sandbox.rights import Question, decide
from maintainer.sandbox.statuses import bad_request, invalid
from maintainer.sandbox.store import Store

REVIEWS = Resource("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False)
PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class _Spec(msgspec.Struct, rename="camel"):
    user: str = ""
    groups: list[str] = []
    resource_attributes: dict[str, Any] | None = None
    non_resource_attributes: dict[str, str] | None = None


class _Review(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    spec: _Spec = msgspec.field(default_factory=_Spec)


def review(store: Store, body: bytes) -> dict[str, Any]:
    """The review in the body, with its ``status`` added. Raises ``Refusal`` if the review is not valid."""
    try:
        decoded, posted = msgspec.json.decode(body, type=_Review), msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise bad_request(f"the object provided is unrecognized: {error}") from error
    if (decoded.api_version, decoded.kind) != (REVIEWS.api_version, REVIEWS.kind):
        raise bad_request(
            f"{REVIEWS.kind} in version {REVIEWS.version!r} cannot be handled as a {REVIEWS.kind}: "
            f'no kind "{decoded.kind}" is registered for version "{decoded.api_version}"'
        )
    spec = decoded.spec
    _check(spec)
    allowed, reason = decide(
        store, Question(spec.user, spec.groups, spec.resource_attributes, spec.non_resource_attributes)
    )
    status = {"allowed": allowed, **({"reason": reason} if reason else {})}
    return {**posted, "metadata": posted.get("metadata", {}), "status": status}


def _check(spec: _Spec) -> None:
    causes = []
    if (spec.resource_attributes is None) == (spec.non_resource_attributes is None):
        causes.append(
            ("spec.resourceAttributes", "exactly one of nonResourceAttributes or resourceAttributes must be specified")
        )
    if not spec.user and not spec.groups:
        causes.append(("spec.user", "at least one of user or group must be specified"))
    if causes:
        raise invalid(REVIEWS, causes)
