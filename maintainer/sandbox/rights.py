"""Decides what a user may do by the RBAC objects of the store, by the rules of the real API server."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maintainer.sandbox.store import Object, Store

GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Question:
    """The spec of a SubjectAccessReview: a user, its groups, and the ``resource`` or the ``path`` to be accessed.

    As in the real API server, the groups of a ServiceAccount are not added: the review must name them.
    """

    user: str
    groups: Sequence[str]
    resource: Mapping[str, str] | None
    path: Mapping[str, str] | None

    @property
    def namespace(self) -> str:
        """The namespace of the resource; "" is the whole cluster."""
        return (self.resource or {}).get("namespace", "")


def decide(store: Store, question: Question) -> tuple[bool, str]:
    """Whether the access is allowed, and why: the binding that allows it, or the bound roles that do not exist."""
    missing = []
    for binding, subject in _bindings(store, question):
        role = _role(store, binding)
        if role is None:
            kind, name = binding["roleRef"]["kind"].lower(), binding["roleRef"]["name"]
            missing.append(f'{kind}.{GROUP} "{name}" not found')
        elif any(_covers(rule, question) for rule in role.get("rules") or ()):
            return True, f"RBAC: allowed by {_described(binding, subject)}"
    errors = f"[{', '.join(missing)}]" if len(missing) > 1 else "".join(missing)
    return False, f"RBAC: {errors}" if missing else ""


def _bindings(store: Store, question: Question) -> Iterator[tuple[Object, Mapping[str, str]]]:
    """The bindings of the user in the namespace and in the cluster, each with its first subject that is the user."""
    bindings = list(store.snapshot("clusterrolebindings").objects)
    if question.namespace:
        bindings += store.snapshot("rolebindings", question.namespace).objects
    for binding in bindings:
        for subject in binding.get("subjects") or ():
            if _is_user(subject, question, home=binding["metadata"].get("namespace", "")):
                yield binding, subject
                break


def _is_user(subject: Mapping[str, str], question: Question, *, home: str) -> bool:
    """Whether the subject is the user or a group of it; ``home`` is the namespace of the binding."""
    match subject["kind"]:
        case "User":
            return subject["name"] == question.user
        case "Group":
            return subject["name"] in question.groups
        case _:
            account = f"{subject.get('namespace') or home}:{subject['name']}"
            return question.user == f"system:serviceaccount:{account}"


def _role(store: Store, binding: Object) -> Object | None:
    reference = binding["roleRef"]
    if reference["kind"] == "ClusterRole":
        return store.get("clusterroles", ("", reference["name"]))
    return store.get("roles", (binding["metadata"]["namespace"], reference["name"]))


def _covers(rule: Mapping[str, Sequence[str]], question: Question) -> bool:
    if question.resource is not None:
        return _covers_resource(rule, question.resource)
    wanted = question.path or {}
    paths = rule.get("nonResourceURLs", ())
    matches = any(path == wanted.get("path") or _matches_prefix(path, wanted.get("path", "")) for path in paths)
    return matches and _allows(rule.get("verbs", ()), wanted.get("verb", ""))


def _covers_resource(rule: Mapping[str, Sequence[str]], wanted: Mapping[str, str]) -> bool:
    """Whether the rule allows the access. A rule with ``resourceNames`` never allows a list or a watch without name."""
    names, subresource = rule.get("resourceNames"), wanted.get("subresource", "")
    resource = f"{wanted.get('resource', '')}/{subresource}" if subresource else wanted.get("resource", "")
    resources = rule.get("resources", ())
    return (
        _allows(rule.get("verbs", ()), wanted.get("verb", ""))
        and _allows(rule.get("apiGroups", ()), wanted.get("group", ""))
        and (_allows(resources, resource) or (subresource != "" and f"*/{subresource}" in resources))
        and (not names or wanted.get("name", "") in names)
    )


def _allows(allowed: Sequence[str], wanted: str) -> bool:
    return "*" in allowed or wanted in allowed


def _matches_prefix(pattern: str, path: str) -> bool:
    return pattern.endswith("*") and path.startswith(pattern.rstrip("*"))


def _described(binding: Object, subject: Mapping[str, Any]) -> str:
    metadata, reference = binding["metadata"], binding["roleRef"]
    home = metadata.get("namespace", "")
    name = f"{metadata['name']}/{home}" if home else metadata["name"]
    account = subject["kind"] == "ServiceAccount"
    who = f"{subject['name']}/{subject.get('namespace') or home}" if account else subject["name"]
    kind = "RoleBinding" if home else "ClusterRoleBinding"
    return f'{kind} "{name}" of {reference["kind"]} "{reference["name"]}" to {subject["kind"]} "{who}"'
