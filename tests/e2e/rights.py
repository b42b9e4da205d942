"""The rights that roles give, and the requests that used them, from the API server's audit log."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import requests as http

from tests.e2e.faults import changed
from tests.e2e.plane import Plane
from tests.e2e.processes import until
from tests.e2e.sites import Site

ACCOUNT = "maintainer", "maintainer"
RBAC = "rbac.authorization.k8s.io/v1"
MADE = 201
"""The status of a server-side apply that made an object, for which the API server asks for the right to create."""
_SERIES = {
    re.compile(r"maintainer-ledger(-\d)?"): "maintainer-ledger",
    re.compile(r"maintainer-restored(-\d)?"): "maintainer-restored",
    re.compile(r"maintainer-aside-\d"): "maintainer-aside-1",
    re.compile(r"maintainer-archive-\d{4}-\d\d(-\d)?"): "maintainer-archive-2026-11",
}
"""Documents of the store that stand for all of their series: the use of one proves the use of all."""


class Right(NamedTuple):
    """A verb that a role allows; ``namespace`` "" is the whole cluster, ``name`` "" is every name."""

    namespace: str
    group: str
    resource: str
    name: str
    verb: str


class Request(NamedTuple):
    """A request of the account, and whether it was allowed."""

    right: Right
    allowed: bool


def given(manifests: Iterable[Mapping[str, Any]]) -> set[Right]:
    """The rights of all roles; names of a series of documents are one."""
    return {
        Right(role["metadata"].get("namespace", ""), group, resource, _series(name), verb)
        for role in manifests
        if role["kind"] in {"Role", "ClusterRole"}
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
        for verb in rule["verbs"]
    }


def requests(plane: Plane) -> Iterator[Request]:
    """The requests of maintainer's account for objects. An apply that made its object has used two verbs."""
    for line in plane.audit_log.read_text().splitlines():
        event = json.loads(line)
        if not (about := event.get("objectRef")):
            continue
        verbs = [event["verb"]]
        if event["verb"] == "patch" and event["responseStatus"]["code"] == MADE:
            verbs.append("create")
        for verb in verbs:
            where = about.get("namespace", ""), about.get("apiGroup", ""), about["resource"]
            allowed = event["annotations"]["authorization.k8s.io/decision"] == "allow"
            yield Request(Right(*where, _series(about.get("name", "")), verb), allowed)


def unused(rights: Iterable[Right], made: Iterable[Request]) -> set[Right]:
    """The rights that no request has used."""
    used = {request.right for request in made}
    return {right for right in rights if not any(_covers(right, one) for one in used)}


def _covers(right: Right, used: Right) -> bool:
    return right.name in {"", used.name} and used._replace(name=right.name) == right


def _series(name: str) -> str:
    return next((first for series, first in _SERIES.items() if series.fullmatch(name)), name)


@contextmanager
def without(site: Site, *taken: Right) -> Iterator[None]:
    """The account without these rights, and with them again after that."""
    with ExitStack() as held:
        for kind in ("Role", "ClusterRole"):
            for role in site.plane.kube.list((RBAC, kind)):
                key = role["metadata"].get("namespace", ""), role["metadata"]["name"]
                if not key[1].startswith("maintainer"):
                    continue
                rules = [left for rule in role["rules"] for left in _left(rule, key[0], taken)]
                if rules != role["rules"]:
                    held.enter_context(changed(site, (RBAC, kind), key, {"rules": rules}))
        _wait_until(site.plane, taken, allowed=False)
        yield
    _wait_until(site.plane, taken, allowed=True)


def _left(rule: Mapping[str, Any], namespace: str, taken: Iterable[Right]) -> Iterator[Mapping[str, Any]]:
    """What is left of a rule, as a rule for each resource."""
    for resource in rule["resources"]:
        lost = {
            right.verb
            for right in taken
            if (right.namespace, right.resource) == (namespace, resource)
            and right.group in rule["apiGroups"]
            and right.name in {"", *map(_series, rule.get("resourceNames", [""]))}
        }
        if verbs := [verb for verb in rule["verbs"] if verb not in lost]:
            yield {**rule, "resources": [resource], "verbs": verbs}


def _wait_until(plane: Plane, rights: Iterable[Right], *, allowed: bool) -> None:
    """Wait until the API server knows that the account has all of the rights, or none."""
    until(lambda: {_may(plane, right) for right in rights} <= {allowed}, 30, lambda: f"{rights}: {not allowed}")


def _may(plane: Plane, right: Right) -> bool:
    """Whether the account has a right, by a SubjectAccessReview."""
    kube = plane.kube
    spec = {"user": f"system:serviceaccount:{ACCOUNT[0]}:{ACCOUNT[1]}", "resourceAttributes": right._asdict()}
    answer = http.post(
        f"{kube.url}/apis/authorization.k8s.io/v1/subjectaccessreviews",
        json={"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec},
        headers={"Authorization": f"Bearer {kube.token}"},
        verify=str(kube.ca_file),
        timeout=10,
    )
    allowed: bool = answer.json()["status"]["allowed"]
    return allowed
