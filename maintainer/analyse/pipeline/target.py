"""Whether Prometheus scrapes the controller: it has a target, which is up and whose answer is accepted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.facts import Target, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject

_UNREACHED = re.compile(r"^(Get|Post) |deadline exceeded|i/o timeout|dial tcp|connection refused|no route|no such host")
"""What Prometheus says of a scrape that got no answer: the words of Go's HTTP client."""
_REFUSED: Mapping[str, re.Pattern[str]] = {
    "status": re.compile(r"HTTP status"),
    "limit": re.compile(r"limit"),
}


def pipeline_target(pipeline: Pipeline) -> Iterator[Finding]:
    """No target of the controller, one that is down, or one of which no new scrape arrives."""
    observation, access = pipeline.observation, pipeline.access
    if observation.targets == () and not pipeline.emitting:
        yield _of_target("none", pipeline.service, [], access)
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


def pipeline_scrape(pipeline: Pipeline) -> Iterator[Finding]:
    """A target that answers, and whose answer Prometheus refuses, at both ends of the run."""
    observation, access = pipeline.observation, pipeline.access
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
            error=error or message("pipeline/target/no-error"),
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
