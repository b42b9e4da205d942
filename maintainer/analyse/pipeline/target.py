"""The checks whether Prometheus scrapes the controller: there is a target, it is up, and its answer is accepted."""

import re
from collections.abc import Iterator, Mapping
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.reproduce import Access
from maintainer.model.facts import Target, target_name, target_of
from maintainer.model.matchers import matcher
from maintainer.model.message import message
from maintainer.model.report import Finding, Json, Subject

_UNREACHED: Mapping[str, re.Pattern[str]] = {
    "expired": re.compile(r"certificate has expired"),
    "server-name": re.compile(r"certificate is (?:not )?valid for|IP SANs|not valid for any names"),
    "client-certificate": re.compile(r"remote error: tls|certificate required"),
    "certificate": re.compile(r"x509|failed to verify certificate"),
    "plain-http": re.compile(r"HTTP response to HTTPS client|not look like a TLS handshake|wrong version number"),
    "https": re.compile(r"malformed HTTP response"),
    "timeout": re.compile(r"deadline exceeded|i/o timeout|Client\.Timeout"),
    "refused": re.compile(r"connection refused"),
    "no-host": re.compile(r"no such host|server misbehaving"),
}
"""Why Prometheus gets no answer, by what its error contains: Go's HTTP and TLS clients word it so."""
_NO_ANSWER = re.compile(r"^(Get|Post) |dial tcp|no route|" + "|".join(cause.pattern for cause in _UNREACHED.values()))
_REFUSED: Mapping[str, re.Pattern[str]] = {
    "https": re.compile(r"HTTP status 400|HTTP request to an HTTPS server"),
    "unauthorized": re.compile(r"HTTP status 40[13]"),
    "path": re.compile(r"HTTP status 404"),
    "server-error": re.compile(r"HTTP status 500"),
    "status": re.compile(r"HTTP status"),
    "sample-limit": re.compile(r"sample.limit"),
    "limit": re.compile(r"limit"),
}
"""Why Prometheus refuses an answer, by what its error contains."""
_NEAR_LIMIT = 0.8
"""The share of the samples' limit from which on there is a warning."""


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
            why = next((why for why, pattern in _UNREACHED.items() if pattern.search(target.error)), "down")
            yield _finding(why, Subject("Target", "", target.name), access=access, target=target, cause="down")
        elif target.labels in observation.still:
            yield _finding("still", Subject("Target", "", target.name), access=access, target=target)
    if observation.targets is None:
        for labels in pipeline.stale:
            yield _finding("still", Subject("Target", "", target_name(dict(labels))), access=access)


def pipeline_scrape(pipeline: Pipeline) -> Iterator[Finding]:
    """Prometheus refuses a target's answer at both ends of the run, or soon will: it is near the limit of samples."""
    observation = pipeline.observation
    for target in pipeline.targets or ():
        if target.labels in observation.down and reached(target.error):
            yield _refused(target, pipeline.access)
        elif target.healthy:
            yield from _near_limit(target, pipeline)


def _refused(target: Target, access: Access) -> Finding:
    cause = next((cause for cause, pattern in _REFUSED.items() if pattern.search(target.error)), "unreadable")
    return Finding(
        check="pipeline/scrape",
        severity="error",
        subjects=(Subject("Target", "", target.name),),
        cause=cause,
        summary=message(f"pipeline/scrape/{cause}.summary", subject=target.name, error=target.error),
        action=message(f"pipeline/scrape/{cause}.action", job=target.pool),
        evidence={"url": target.url, "error": target.error, "lastScrape": target.last_scrape},
        reproduce=f"{access.ask('targets', state='active')}\ncurl -sSi {quote(target.url)} | head -20",
    )


def _near_limit(target: Target, pipeline: Pipeline) -> Iterator[Finding]:
    own, facts = target_of(dict(target.labels)), pipeline.facts
    samples = facts.samples.get(own)
    limit = (samples.limit if samples else 0) or (facts.config.sample_limits.get(target.pool, 0) if facts.config else 0)
    if not samples or not limit or samples.kept < _NEAR_LIMIT * limit:
        return
    identity = [matcher(name, value) for name, value in own if name in {"job", "instance"}]
    yield Finding(
        check="pipeline/scrape",
        severity="warning",
        subjects=(Subject("Target", "", target.name),),
        cause="near-limit",
        summary=message("pipeline/scrape/near-limit.summary", subject=target.name, samples=samples.kept, limit=limit),
        action=message("pipeline/scrape/near-limit.action", job=target.pool),
        evidence={"samples": samples.kept, "sampleLimit": limit},
        reproduce=pipeline.access.ask(
            "query", query=pipeline.access.selector("scrape_samples_post_metric_relabeling", identity)
        ),
    )


def reached(error: str) -> bool:
    """Whether the target answered a scrape that failed with this error."""
    return bool(error) and not _NO_ANSWER.search(error)


def _finding(
    reason: str, subject: Subject, *, access: Access, target: Target | None = None, cause: str = ""
) -> Finding:
    """A finding with the sentences of a reason; its ``cause``, if not the reason itself, does not follow the error."""
    error = target.error if target else ""
    namespace = subject.namespace
    return Finding(
        check="pipeline/target",
        severity="error",
        subjects=(subject,),
        cause=cause or reason,
        summary=message(
            f"pipeline/target/{reason}.summary",
            subject=subject.name,
            namespace=namespace,
            error=error or message("pipeline/target/no-error"),
        ),
        action=message(f"pipeline/target/{reason}.action", subject=subject.name, namespace=namespace),
        evidence={"targets": [_row(target)] if target else []},
        reproduce=access.ask("targets", state="active"),
    )


def _row(target: Target) -> dict[str, Json]:
    return {"target": target.name, "url": target.url, "error": target.error, "lastScrape": target.last_scrape}
