"""The checks whether Prometheus scrapes the controller: there is a target, it is up, and its answer is accepted."""

import re
from collections.abc import Iterator, Mapping
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.facts import Target, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Json, Subject

_NO_ANSWER = re.compile(r"^(Get|Post) |deadline exceeded|i/o timeout|dial tcp|connection refused|no route|no such host")
"""Errors of a scrape that got no answer, as Go's HTTP client words them."""
_CAUSES: Mapping[str, re.Pattern[str]] = {
    "status": re.compile(r"HTTP status"),
    "limit": re.compile(r"limit"),
}
"""Why Prometheus refuses an answer, by what its error contains."""


def pipeline_target(pipeline: Pipeline) -> Iterator[Finding]:
    """The controller has no target, or a target is down, or gives no new scrape."""
    observation, access = pipeline.observation, pipeline.access
    # A series that could not be read, such as one that no matcher matches, may have a target.
    unread = any(fact.source == "scrapes" for fact in observation.unavailable)
    if observation.targets == () and not pipeline.emitting and not unread:
        yield _finding("none", pipeline.service, access=access)
    for target in pipeline.targets or ():
        if target.labels in observation.down:
            if reached(target.error):
                continue
            yield _finding("down", Subject("Target", "", target.name), access=access, target=target)
        elif target.labels in observation.still:
            yield _finding("still", Subject("Target", "", target.name), access=access, target=target)
    if observation.targets is None:
        for labels in pipeline.stale:
            yield _finding("still", Subject("Target", "", target_name(dict(labels))), access=access)


def pipeline_scrape(pipeline: Pipeline) -> Iterator[Finding]:
    """Prometheus refuses a target's answer at both ends of the run."""
    observation, access = pipeline.observation, pipeline.access
    for target in pipeline.targets or ():
        if target.labels in observation.down and reached(target.error):
            cause = next((cause for cause, pattern in _CAUSES.items() if pattern.search(target.error)), "unreadable")
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
    """Whether the target answered a scrape that failed with this error."""
    return bool(error) and not _NO_ANSWER.search(error)


def _finding(cause: str, subject: Subject, *, access: Access, target: Target | None = None) -> Finding:
    error = target.error if target else ""
    namespace = subject.namespace
    return Finding(
        check="pipeline/target",
        severity="error",
        subjects=(subject,),
        cause=cause,
        summary=message(
            f"pipeline/target/{cause}.summary",
            subject=subject.name,
            namespace=namespace,
            error=error or message("pipeline/target/no-error"),
        ),
        action=message(f"pipeline/target/{cause}.action", subject=subject.name, namespace=namespace),
        evidence={"targets": [_row(target)] if target else []},
        reproduce=access.ask("targets", state="active"),
    )


def _row(target: Target) -> dict[str, Json]:
    return {"target": target.name, "url": target.url, "error": target.error, "lastScrape": target.last_scrape}
