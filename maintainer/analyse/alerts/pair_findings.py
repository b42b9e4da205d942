"""The findings about alerts that tell nothing that another one has not told."""

from collections import Counter
from collections.abc import Iterator
from math import ceil

from maintainer.analyse.alerts.classes.facts import AlertPair
from maintainer.analyse.alerts.inhibition_advice import inhibition_advice
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.rule_findings import alert_subject, firing
from maintainer.analyse.alerts.wilson import wilson
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Severity

ENOUGH_INCIDENTS = 20
"""Of a rule that was neither first nor alone for so many incidents, another one always told before."""


def alert_duplicate(review: Review) -> Iterator[Finding]:
    """Alerts that fire together, and alerts that never were the first to tell of an incident."""
    for pair in review.pairs:
        if pair.kind == "duplicate":
            told = message(
                "alert/duplicate/together.summary",
                first=pair.first,
                second=pair.second,
                share=round(100 * pair.overlap),
            )
            action = message("alert/duplicate/together.action", first=pair.first, second=pair.second)
            yield _of_pair(review, pair, "warning", summary=told, action=action)
    yield from _covered(review)


def alert_cascading(review: Review) -> Iterator[Finding]:
    """Alerts that follow another one."""
    for pair in review.pairs:
        if pair.kind == "cascading":
            told = message(
                "alert/cascading/follows.summary",
                first=pair.first,
                second=pair.second,
                share=round(100 * pair.forth),
                lift=round(pair.lift, 1),
            )
            action = message("alert/cascading/follows.action", first=pair.first, second=pair.second)
            yield _of_pair(review, pair, "info", summary=told, action=action)


def _of_pair(review: Review, pair: AlertPair, severity: Severity, *, summary: Message, action: Message) -> Finding:
    """What is found of a pair; with the inhibition that was tried, if it spares pages and loses nothing."""
    advice = inhibition_advice(review, pair)
    if advice:
        tried = message(
            "alert/pair/tried",
            source=advice.source,
            target=advice.target,
            before=advice.before,
            after=advice.after,
            told=advice.told,
            percent=ceil(100 * wilson(0, advice.told)[1]) if advice.told else 100,
        )
        summary = message("alert/pair/with", said=summary, then=tried)
        action = message("alert/pair/inhibit.action", source=advice.source, target=advice.target)
    return Finding(
        check=f"alert/{pair.kind}",
        severity=severity,
        subjects=(alert_subject(pair.first), alert_subject(pair.second)),
        cause="together" if pair.kind == "duplicate" else "follows",
        summary=summary,
        action=action,
        evidence={
            "first": pair.first_count, "second": pair.second_count, "together": pair.together,
            **({"pages": [advice.before, advice.after], "equal": list(advice.equal)} if advice else {}),
        },
        reproduce=firing(review, pair.second),
    )  # fmt: skip


def _covered(review: Review) -> Iterator[Finding]:
    """Rules that caught many incidents, and never before another one that is named."""
    for numbers in review.numbers:
        if numbers.caught < ENOUGH_INCIDENTS or numbers.first or numbers.alone:
            continue
        version, name = numbers.rule.version, numbers.rule.name
        firsts = Counter(
            episodes[0].alert
            for episodes in review.told.incidents.values()
            if any(episode.rule == version for episode in episodes)
        )
        cover = min(firsts, key=lambda alert: (-firsts[alert], alert))
        yield Finding(
            check="alert/duplicate",
            severity="warning",
            subjects=(alert_subject(name),),
            cause=f"covered:{version[:8]}",
            summary=message("alert/duplicate/covered.summary", alert=name, cover=cover, incidents=numbers.caught),
            action=message("alert/duplicate/covered.action", alert=name, cover=cover),
            evidence={"version": version[:8], "cover": cover, "caught": numbers.caught},
            reproduce=firing(review, name),
        )
