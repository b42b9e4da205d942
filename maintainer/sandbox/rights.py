"""Who may do what, by the Role objects of the store, as the API server's own RBAC decides it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maintainer.sandbox.store import Object, Store

GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Question:
    """The spec of a SubjectAccessReview: a user with groups, and what is to be done.

    Groups are those that the asker names: a ServiceAccount's own are not filled in, as in the real one.
    """

    user: str
    groups: Sequence[str]
    resource: Mapping[str, str] | None
    path: Mapping[str, str] | None

    @property
    def namespace(self) -> str:
        """The namespace of what is asked for; "" is the whole cluster."""
        return (self.resource or {}).get("namespace", "")


def decide(store: Store, question: Question) -> tuple[bool, str]:
    """Whether it is allowed, and by which binding; where not, the roles that are bound and missing."""
    missing = []
    for binding, subject in _bindings(store, question):
        role = _role(store, binding)
        if role is None:
            kind, name = binding["roleRef"]["kind"].lower(), binding["roleRef"]["name"]
            missing.append(f'{kind}.{GROUP} "{name}" not found')
        elif any(_covers(rule, question) for rule in role.get("rules") or ()):
            return True, f"RBAC: allowed by {_described(binding, subject)}"
    several = f"[{', '.join(missing)}]" if len(missing) > 1 else "".join(missing)
    return False, f"RBAC: {several}" if missing else ""


def _bindings(store: Store, question: Question) -> Iterator[tuple[Object, Mapping[str, str]]]:
    """The bindings that reach so far, each with the subject in it that the user is."""
    found = list(store.snapshot("clusterrolebindings").objects)
    if question.namespace:
        found += store.snapshot("rolebindings", question.namespace).objects
    for binding in found:
        for subject in binding.get("subjects") or ():
            if _is(subject, question, home=binding["metadata"].get("namespace", "")):
                yield binding, subject
                break


def _is(subject: Mapping[str, str], question: Question, *, home: str) -> bool:
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
    asked = question.path or {}
    paths = rule.get("nonResourceURLs", ())
    reached = any(path == asked.get("path") or _below(path, asked.get("path", "")) for path in paths)
    return reached and _named(rule.get("verbs", ()), asked.get("verb", ""))


def _covers_resource(rule: Mapping[str, Sequence[str]], asked: Mapping[str, str]) -> bool:
    """A rule for some names does not cover a list or a watch, which names none."""
    names, subresource = rule.get("resourceNames"), asked.get("subresource", "")
    resource = f"{asked.get('resource', '')}/{subresource}" if subresource else asked.get("resource", "")
    resources = rule.get("resources", ())
    return (
        _named(rule.get("verbs", ()), asked.get("verb", ""))
        and _named(rule.get("apiGroups", ()), asked.get("group", ""))
        and (_named(resources, resource) or (subresource != "" and f"*/{subresource}" in resources))
        and (not names or asked.get("name", "") in names)
    )


def _named(allowed: Sequence[str], asked: str) -> bool:
    return "*" in allowed or asked in allowed


def _below(pattern: str, path: str) -> bool:
    return pattern.endswith("*") and path.startswith(pattern.rstrip("*"))


def _described(binding: Object, subject: Mapping[str, Any]) -> str:
    metadata, reference = binding["metadata"], binding["roleRef"]
    home = metadata.get("namespace", "")
    name = f"{metadata['name']}/{home}" if home else metadata["name"]
    account = subject["kind"] == "ServiceAccount"
    who = f"{subject['name']}/{subject.get('namespace') or home}" if account else subject["name"]
    kind = "RoleBinding" if home else "ClusterRoleBinding"
    return f'{kind} "{name}" of {reference["kind"]} "{reference["name"]}" to {subject["kind"]} "{who}"'
