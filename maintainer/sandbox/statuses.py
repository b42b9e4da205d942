"""The error responses of the Kubernetes API, with its own messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from maintainer.sandbox.resources import Resource, Target

USER = "system:serviceaccount:maintainer:maintainer"

EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
    "the results. Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
)


class Refusal(Exception):
    """An error response; ``status`` is the Status object and ``code`` its HTTP code."""

    def __init__(self, code: int, reason: str, message: str, **extra: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            **extra,
            "code": code,
        }


def unauthorized() -> Refusal:
    """The token is missing or is not the kubeconfig's."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def forbidden(verb: str, target: Target, *, subresource: str = "") -> Refusal:
    """The user does not have this right."""
    resource = target.resource
    object_name = f' "{target.name}"' if target.name else ""
    scope = f'in the namespace "{target.namespace}"' if target.namespace else "at the cluster scope"
    plural = f"{resource.plural}/{subresource}" if subresource else resource.plural
    message = (
        f'{resource.qualified}{object_name} is forbidden: User "{USER}" cannot {verb} resource "{plural}" '
        f'in API group "{resource.group}" {scope}'
    )
    return Refusal(403, "Forbidden", message, details=_details(target))


def not_found(target: Target) -> Refusal:
    """The object does not exist."""
    message = f'{target.resource.qualified} "{target.name}" not found'
    return Refusal(404, "NotFound", message, details=_details(target))


def not_allowed() -> Refusal:
    """The request posts, puts, watches or deletes a list, which the sandbox does not serve."""
    message = "the server does not allow this method on the requested resource"
    return Refusal(405, "MethodNotAllowed", message, details={})


def unsupported(media_types: Iterable[str]) -> Refusal:
    """The body is of a media type that is not among these, which the sandbox reads."""
    message = "the body of the request was in an unknown format - accepted media types include: "
    return Refusal(415, "UnsupportedMediaType", message + ", ".join(media_types), details={})


def bad_request(message: str) -> Refusal:
    """A parameter or the body cannot be decoded."""
    return Refusal(400, "BadRequest", message)


def invalid(resource: Resource, causes: Sequence[tuple[str, str]]) -> Refusal:
    """The object can be decoded and is not valid; ``causes`` are the wrong fields, each with a message."""
    texts = [f"{field}: Invalid value: {message}" for field, message in causes]
    errors = f"[{', '.join(texts)}]" if len(texts) > 1 else texts[0]
    kind = f"{resource.kind}.{resource.group}"
    details = {
        "group": resource.group,
        "kind": resource.kind,
        "causes": [
            {"reason": "FieldValueInvalid", "message": f"Invalid value: {message}", "field": field}
            for field, message in causes
        ],
    }
    return Refusal(422, "Invalid", f'{kind} "" is invalid: {errors}', details=details)


def expired(resume: str) -> Refusal:
    """The continue token is too old; ``resume`` is a token for the rest of the list, from the current objects."""
    return Refusal(410, "Expired", EXPIRED, metadata={"continue": resume})


def unavailable(message: str) -> Refusal:
    """The service proxy cannot forward the request."""
    return Refusal(503, "ServiceUnavailable", message)


def _details(target: Target) -> dict[str, str]:
    details = {"name": target.name or "", "group": target.resource.group, "kind": target.resource.plural}
    return {name: value for name, value in details.items() if value}
