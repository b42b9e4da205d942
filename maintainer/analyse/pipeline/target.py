"""Whether metrics come through at all: the controllers' targets, and the one pod that emits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO
from maintainer.model.facts import FleetObservation, Labels, Target, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject
from maintainer.model.scope import Scope

_UNREACHED = re.compile(r"^(Get|Post) |deadline exceeded|i/o timeout|dial tcp|connection refused|no route|no such host")
"""What Prometheus says of a scrape that got no answer: the words of Go's HTTP client."""
_REFUSED: Mapping[str, re.Pattern[str]] = {
    "status": re.compile(r"HTTP status"),
    "limit": re.compile(r"limit"),
}


def pipeline_target(observation: FleetObservation, scope: Scope, access: Access) -> Iterator[Finding]:
    """No target of the controller, one that is down, or one of which no new scrape arrives."""
    service = Subject("Service", scope.controller_namespace, scope.service)
    if observation.targets == () and not _emitting(observation):
        yield _of_target("none", service, [], access)
    for target in observation.targets or ():
        if target.labels in observation.down:
            if reached(target.error):
                continue
            yield _of_target("down", Subject("Target", "", target.name), [target], access)
        elif target.labels in observation.still:
            yield _of_target("still", Subject("Target", "", target.name), [target], access)
    if observation.targets is None and observation.brackets:
        for labels in observation.brackets[-1].stale:
            yield _of_target("still", Subject("Target", "", target_name(dict(labels))), [], access)


def pipeline_scrape(observation: FleetObservation, access: Access) -> Iterator[Finding]:
    """A target that answers, and whose answer Prometheus refuses, at both ends of the run."""
    for target in observation.targets or ():
        if target.labels in observation.down and reached(target.error):
            cause = next((cause for cause, said in _REFUSED.items() if said.search(target.error)), "unreadable")
            yield Finding(
                check="pipeline/scrape",
                severity="error",
                subjects=(Subject("Target", "", target.name),),
                cause=cause,
                summary=message(f"pipeline/scrape/{cause}.summary", subject=target.name, error=target.error),
                action=message(f"pipeline/scrape/{cause}.action"),
                evidence={"url": target.url, "error": target.error, "lastScrape": target.last_scrape},
                reproduce=f"{access.ask('targets', state='active')}\ncurl -si {quote(target.url)} | head -20",
            )


def reached(error: str) -> bool:
    """Whether a scrape that failed had an answer: then its error is not the connection's."""
    return bool(error) and not _UNREACHED.search(error)


def _emitting(observation: FleetObservation) -> frozenset[Labels]:
    return frozenset(scrape.target for bracket in observation.brackets for scrape in bracket.scrapes)


def _of_target(cause: str, subject: Subject, targets: Sequence[Target], access: Access) -> Finding:
    error = next((one.error for one in targets if one.error), "")
    return Finding(
        check="pipeline/target",
        severity="error",
        subjects=(subject,),
        cause=cause,
        summary=message(
            f"pipeline/target/{cause}.summary",
            subject=subject.name,
            namespace=subject.namespace,
            error=error or "?",
        ),
        action=message(f"pipeline/target/{cause}.action", subject=subject.name, namespace=subject.namespace),
        evidence={
            "targets": [
                {"target": one.name, "url": one.url, "error": one.error, "lastScrape": one.last_scrape}
                for one in targets
            ]
        },
        reproduce=access.ask("targets", state="active"),
    )


def pipeline_emitter(observation: FleetObservation, scope: Scope, access: Access) -> Iterator[Finding]:
    """Targets are up, the API has Rollouts, and nobody emits one: ``up`` is not enough."""
    up = [one for one in observation.targets or () if one.healthy and one.labels not in observation.still]
    if not observation.silent or (observation.targets is not None and not up):
        return
    cause = "unknown" if observation.targets is None else "silent"
    ours = [one for one in observation.brackets[-1].before.values() if one.instance_id == scope.instance_id]
    targets = ", ".join(one.name for one in up)
    yield Finding(
        check="pipeline/emitter",
        severity="error",
        subjects=(Subject("Service", scope.controller_namespace, scope.service),),
        cause=cause,
        summary=message(f"pipeline/emitter/{cause}.summary", count=len(ours), targets=targets),
        action=message(f"pipeline/emitter/{cause}.action", namespace=scope.controller_namespace),
        evidence={"targets": [{"target": one.name, "url": one.url, "up": True} for one in up]},
        reproduce=access.ask("query", query=f"count by (job, instance) ({access.selector(INFO)})"),
    )
