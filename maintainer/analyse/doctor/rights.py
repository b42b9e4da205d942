"""The rights that the jobs need in the cluster: a table, what it means for these settings, and RBAC for what lacks."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from maintainer.analyse.checks import CHECKS, READ_FROM
from maintainer.model.doctor import Right
from maintainer.model.facts import Key

Where = Literal[
    "cluster",
    "rollouts",
    "controller",
    "metrics",
    "lock",
    "servers",
    "server-pods",
    "proxy",
    "mounted",
    "claims",
    "dashboards",
    "releases",
    "deployed",
]
When = Literal["always", "operator", "by-label", "searched", "unnamed", "replicated"]

_CORE, _ARGO, _OPERATOR = "", "argoproj.io", "monitoring.coreos.com"
_RBAC = "rbac.authorization.k8s.io"


class Object(NamedTuple):
    """An object, or with the name "" all of a resource."""

    group: str
    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class NeededRight:
    """Verbs on a resource, and the facts of the checks that are read with them.

    ``where`` is a key of :class:`Places`. ``when`` they are needed: ``operator``: where the Prometheus operator is
    installed; ``by-label``: where one of its objects selects namespaces by their labels; ``searched``: where no setting
    names Prometheus; ``unnamed``: where there is a URL that does not tell which Service is behind it; ``replicated``:
    where several pods are behind a Service of Prometheus that is asked through the API server. The ``resource`` "" is
    that of each object itself.
    """

    verbs: tuple[str, ...]
    group: str
    resource: str
    where: Where
    facts: tuple[str, ...]
    when: When = "always"


_OF_PROMETHEUS = tuple(fact for fact, source in READ_FROM.items() if source == "prometheus")

NEEDED: tuple[NeededRight, ...] = (
    NeededRight(("list",), _ARGO, "rollouts", "rollouts", ("rollouts",)),
    NeededRight(("get",), _CORE, "services", "metrics", ("services",)),
    NeededRight(("list",), _CORE, "pods", "controller", ("pods",)),
    NeededRight(("list",), "discovery.k8s.io", "endpointslices", "controller", ("endpointslices",)),
    NeededRight(("get",), "coordination.k8s.io", "leases", "lock", ("leases",)),
    NeededRight(("get",), _CORE, "services", "servers", ("prometheus-pods", "ruler-pods", "loaded", "disk")),
    NeededRight(("list",), _CORE, "pods", "server-pods", ("prometheus-pods", "ruler-pods", "loaded", "disk")),
    NeededRight(("get",), _CORE, "configmaps", "mounted", ("configmaps",)),
    NeededRight(("get",), _CORE, "persistentvolumeclaims", "claims", ("disk",)),
    NeededRight(("get",), _CORE, "configmaps", "dashboards", ("dashboards",)),
    NeededRight(("list",), _CORE, "configmaps", "cluster", ("dashboards",)),
    NeededRight(("create",), "authorization.k8s.io", "subjectaccessreviews", "cluster", ("reviews",)),
    # The API server refuses first, and only then says that there is no such kind.
    NeededRight(("list",), _OPERATOR, "servicemonitors", "cluster", ("servicemonitors",)),
    NeededRight(("list",), _OPERATOR, "podmonitors", "cluster", ("podmonitors",)),
    NeededRight(("list",), _OPERATOR, "prometheusrules", "cluster", ("prometheusrules",)),
    NeededRight(("list",), _OPERATOR, "prometheuses", "cluster", ("prometheuses",), "operator"),
    NeededRight(("list",), _OPERATOR, "prometheusagents", "cluster", ("prometheuses",), "operator"),
    NeededRight(("list",), _OPERATOR, "thanosrulers", "cluster", ("prometheuses",), "operator"),
    NeededRight(("list",), _CORE, "services", "cluster", ("service-list",), "operator"),
    NeededRight(("list",), _CORE, "namespaces", "cluster", ("namespace-labels",), "by-label"),
    NeededRight(("list",), _CORE, "services", "cluster", _OF_PROMETHEUS, "searched"),
    NeededRight(("list",), _CORE, "services", "cluster", ("prometheus-pods", "disk"), "unnamed"),
    NeededRight(("get", "create"), _CORE, "services/proxy", "proxy", _OF_PROMETHEUS),
    NeededRight(("get",), _CORE, "pods/proxy", "server-pods", ("loaded",), "replicated"),
    # RBAC cannot require the label by which Helm finds its Secrets.
    NeededRight(("get", "list"), _CORE, "secrets", "releases", ("deployed",)),
    NeededRight(("get",), "", "", "deployed", ("stored",)),
)
"""What the checks of the jobs read in the cluster. What a run only tries, and does without, is not here."""

STORED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "ledger": ("", "configmaps", ("get", "create", "patch")),
    "aside": ("", "configmaps", ("get", "create", "patch")),
    "archive": ("", "configmaps", ("get", "create", "patch", "delete")),
    "": ("coordination.k8s.io", "leases", ("get", "create", "patch")),
}
"""Group, resource and verbs that a store of ConfigMaps needs, by the beginning of a document's name; "" is the lock."""


@dataclass(frozen=True, slots=True)
class Places:
    """Namespace and name of the objects of each :data:`Where`, and each :data:`When` that holds.

    The namespace "" is the whole cluster, the name "" is every object. ``metrics`` is the controller's Service and
    ``lock`` its Leases; ``servers`` are the Services of Prometheus and of the ruler, ``server-pods`` their pods, and
    ``mounted`` the ConfigMaps that these mount. ``claims`` are the PersistentVolumeClaims that the pods of Prometheus
    mount. ``proxy`` is the Service of Prometheus as the API server's proxy names it, none if it is not asked there.
    ``releases`` are the namespaces of the Helm releases that the settings name. ``deployed`` are the objects of all
    kinds that were deployed.
    """

    objects: Mapping[Where, tuple[Key, ...]]
    holds: frozenset[When]
    deployed: tuple[Object, ...] = ()

    def of(self, row: NeededRight) -> Iterator[Object]:
        """The objects on which a row of the table needs its verbs."""
        if row.where == "deployed":
            yield from self.deployed
        for namespace, name in self.objects.get(row.where, ()):
            yield Object(row.group, row.resource, namespace, name)


def needed_rights(places: Places, chosen: frozenset[str]) -> Mapping[Right, tuple[str, ...]]:
    """The rights that the ``chosen`` checks need, each with the ids of those checks."""
    rights: dict[Right, tuple[str, ...]] = {}
    for row in NEEDED:
        checks = tuple(id_ for id_ in CHECKS if id_ in chosen and set(row.facts) & set(CHECKS[id_].needs))
        if not checks or row.when not in places.holds:
            continue
        for group, resource, namespace, name in places.of(row):
            for verb in row.verbs:
                right = Right(group, resource, verb, namespace, name)
                rights[right] = tuple(sorted({*rights.get(right, ()), *checks}))
    return _without_covered(rights)


def _without_covered(rights: Mapping[Right, tuple[str, ...]]) -> Mapping[Right, tuple[str, ...]]:
    """The rights without those that a wider one of them includes."""
    return {
        right: checks
        for right, checks in rights.items()
        if not {right._replace(namespace="", name=""), right._replace(name="")} - {right} & rights.keys()
    }


def stored_rights(namespace: str, name: str, documents: Iterable[str]) -> tuple[Right, ...]:
    """The rights on these documents of the store with this ``name``; the document "" is its lock."""
    rights = []
    for document in documents:
        group, resource, verbs = STORED[document.partition("-")[0]]
        called = f"{name}-{document}" if document else name
        rights += [Right(group, resource, verb, namespace, called) for verb in verbs]
    return tuple(rights)


def rbac(missing: Iterable[Right], user: str) -> tuple[Mapping[str, object], ...]:
    """The roles with these rights, each bound to the ``user``; "" is somebody unknown, to whom nothing is bound.

    A role has a name of its own, made of its rules, so that applying it never takes a right away.
    """
    by_namespace: dict[str, list[Right]] = defaultdict(list)
    for right in missing:
        by_namespace[right.namespace].append(right)
    return tuple(
        object_ for namespace, rights in by_namespace.items() for object_ in _bound_role(namespace, rights, user=user)
    )


def _bound_role(namespace: str, rights: Iterable[Right], *, user: str) -> Iterable[Mapping[str, object]]:
    kind, rules = "Role" if namespace else "ClusterRole", _rules(rights)
    name = f"maintainer-{hashlib.sha256(json.dumps([namespace, rules, user]).encode()).hexdigest()[:8]}"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    yield {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, "rules": rules}
    if user:
        yield {
            "apiVersion": f"{_RBAC}/v1",
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": name},
            "subjects": [_subject(user)],
        }


def _rules(rights: Iterable[Right]) -> list[dict[str, Any]]:
    """The rights as few rules: verbs on the same object together, then objects with the same verbs."""
    verbs: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for right in rights:
        verbs[right.group, right.resource, right.name][right.verb] = None
    names: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource, name), of_name in verbs.items():
        names[group, resource, tuple(of_name)].append(name)
    return [
        {
            "apiGroups": [group],
            "resources": [resource],
            **({"resourceNames": objects} if all(objects) else {}),
            "verbs": list(of_names),
        }
        for (group, resource, of_names), objects in names.items()
    ]


def _subject(user: str) -> Mapping[str, str]:
    match user.split(":"):
        case ["system", "serviceaccount", namespace, name]:
            return {"kind": "ServiceAccount", "namespace": namespace, "name": name}
        case _:
            return {"kind": "User", "apiGroup": _RBAC, "name": user}
