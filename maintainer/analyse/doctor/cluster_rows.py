"""The rows about the Kubernetes API: whether it answers, what may be asked, and the controller in it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from shlex import quote

from maintainer.analyse.doctor.manifest import manifest
from maintainer.analyse.doctor.remedies import Trouble
from maintainer.analyse.doctor.rights import rbac
from maintainer.analyse.doctor.subject import Subject, Verdict, unavailable, unwell, well
from maintainer.analyse.pipeline.version import tags_of
from maintainer.model.contract import newest, release
from maintainer.model.doctor import Right, Row
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message, message
from maintainer.model.pipeline import Pod

SLOW = 2.0
"""Seconds for an answer to the smallest request. A run makes dozens, and lists that are a thousand times as large."""
OLDEST_KUBERNETES = (1, 27)
"""The first version in which a CronJob has a time zone for sure."""
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_INSTALL = "https://github.com/argoproj/argo-rollouts/releases/latest/download/install.yaml"
_MOST_NAMED = 3


def kubernetes(subject: Subject) -> Verdict:
    """The API server answers, soon enough, and its version is known to have what is needed."""
    seen = subject.seen.cluster
    if isinstance(seen, Unavailable):
        return unavailable(seen, Trouble(seen.reason, subject.commands, "The API server"))
    who = seen.user or "?"
    found = _VERSION.match(seen.version)
    if seen.seconds > SLOW:
        slow = message("doctor/kubernetes.slow", url=seen.url, seconds=round(seen.seconds, 1))
        return unwell("warning", slow, subject.commands.kubectl("get --raw '/readyz?verbose'"))
    if found and (int(found[1]), int(found[2])) < OLDEST_KUBERNETES:
        oldest = ".".join(map(str, OLDEST_KUBERNETES))
        old = message("doctor/kubernetes.old", version=seen.version, oldest=oldest)
        return unwell("warning", old, subject.commands.kubectl("version"))
    return well(message("doctor/kubernetes.ok", version=seen.version, url=seen.url, user=who))


def permissions(subject: Subject) -> Verdict | None:
    """The account of this run has every right that the checks of the jobs need."""
    granted = subject.seen.granted
    if granted is None:
        return None
    if isinstance(granted, Unavailable):
        return unavailable(granted, Trouble(granted.reason, subject.commands, "The API server"))
    missing = [right for right in subject.wanted.rights if not granted.get(right, False)]
    if not missing:
        return well(message("doctor/permissions.ok", count=len(granted)))
    checks = sorted({check for right in missing for check in subject.wanted.rights[right]})
    rights, needed = some(described(missing)), some(checks)
    return lacking(subject, missing, message("doctor/permissions.missing", rights=rights, needed=needed))


def lacking(subject: Subject, missing: Iterable[Right], seen: Message) -> Verdict:
    """What is said of rights that lack, and the manifest that gives them."""
    cluster = subject.seen.cluster
    user = "" if isinstance(cluster, Unavailable) else cluster.user
    objects = manifest(rbac(missing, user if user.isprintable() else ""))
    return Verdict(Row("", "broken", seen, subject.commands.apply(objects), rbac=objects))


def described(rights: Iterable[Right]) -> list[str]:
    """``list rollouts``, ``get/create configmaps in monitoring``: the verbs on a resource together."""
    verbs: dict[str, dict[str, None]] = defaultdict(dict)
    for right in rights:
        where = f" in {right.namespace}" if right.namespace else ""
        verbs[f"{right.resource}{where}"][right.verb] = None
    return [f"{'/'.join(of_resource)} {resource}" for resource, of_resource in verbs.items()]


def some(words: Iterable[str]) -> str:
    """The first words, and how many more there are."""
    every = tuple(words)
    more = len(every) - _MOST_NAMED
    return ", ".join(every[:_MOST_NAMED]) + (f" (+{more})" if more > 0 else "")


def rollouts(subject: Subject) -> Verdict:
    """Argo Rollouts' resources are served."""
    cluster = subject.seen.cluster
    if not isinstance(cluster, Unavailable) and "argoproj.io/v1alpha1" in cluster.groups:
        return well(message("doctor/rollouts.ok"))
    namespace = quote(subject.wanted.namespace)
    return unwell(
        "broken",
        message("doctor/rollouts.none"),
        subject.commands.kubectl(f"apply --server-side -n {namespace} -f {_INSTALL}"),
    )


def controller(subject: Subject) -> Verdict | None:
    """A pod of the controller runs in its namespace, behind its Service, in a version that this tool knows."""
    look, namespace = subject.seen.controller, subject.wanted.namespace
    if look is None:
        return None
    if why := next((why for why in look.state.unavailable if why.source in {"pods", "services"}), None):
        return unavailable(why, Trouble(why.reason, subject.commands, "The API server"))
    pods = [pod for pod in look.state.pods or () if pod.controls]
    if not pods and look.elsewhere:
        other = look.elsewhere[0].namespace
        seen = message("doctor/controller.elsewhere", namespace=namespace, other=other)
        return unwell("broken", seen, subject.commands.doctor(value=other, variable="MAINTAINER_CONTROLLER_NAMESPACE"))
    if not pods:
        seen = message("doctor/controller.none", namespace=namespace)
        return unwell("broken", seen, subject.commands.kubectl(f"get deployments -n {quote(namespace)}"))
    return _running(subject, pods)


def _running(subject: Subject, pods: list[Pod]) -> Verdict:
    wanted, service = subject.wanted, subject.seen.controller and subject.seen.controller.state.service
    if service is None:
        seen = message("doctor/controller.no-service", namespace=wanted.namespace, service=wanted.service)
        return unwell("broken", seen, subject.commands.kubectl(f"get services -n {quote(wanted.namespace)}"))
    ready = [pod for pod in pods if pod.ready]
    if not ready:
        pod, namespace = pods[0], quote(wanted.namespace)
        seen = message("doctor/controller.not-ready", pod=pod.name, why=pod.why_not)
        return unwell("broken", seen, subject.commands.kubectl(f"describe pod {quote(pod.name)} -n {namespace}"))
    tags = sorted({tag for pod in pods for tag in tags_of(pod)})
    known, number = newest(), release(tags[-1]) if tags else None
    if number and number[:2] > known[:2]:
        last = "v" + ".".join(map(str, known))
        seen = message("doctor/controller.newer", version=tags[-1], known=last)
        return unwell("warning", seen, "pip install --upgrade maintainer")
    version = ", ".join(tags) or "?"
    return well(message("doctor/controller.ok", count=len(ready), namespace=wanted.namespace, version=version))
