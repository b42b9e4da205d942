"""The findings about alerts that come and go in a way that costs more than it tells.

What was real is left out: that an alert of something real was short, or came again, is no fault of the alert.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from maintainer.analyse.alerts.classes.facts import Classified, EpisodeClass
from maintainer.analyse.alerts.people import written_labels
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.rule_findings import alert_subject, firing
from maintainer.model.alerts import DAY, MINUTE
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Json, Severity

FEWEST = 3
"""So many short alerts, or near misses, are more than an accident."""

NAMED = 10
"""So many identities are named in the evidence."""


def alert_transient(review: Review) -> Iterator[Finding]:
    """Alerts most of which were over before somebody could have looked."""
    for group in _groups(review, "transient"):
        found, fired = _futile(review, group), int(max(one.numbers["of"] for one in group))
        if len(found) >= max(FEWEST, fired / 2):
            longest = round(max(one.numbers["longest"] for one in group) / MINUTE, 1)
            summary = message(
                "alert/transient/short.summary", alert=group[0].alert, count=len(found), of=fired, minutes=longest
            )
            action = message("alert/transient/short.action", alert=group[0].alert)
            yield _finding(review, group, "warning", summary=summary, action=action)


def alert_flapping(review: Review) -> Iterator[Finding]:
    """Alerts that fire again and again for one thing."""
    for group in _groups(review, "flapping"):
        if found := _futile(review, group):
            summary = message(
                "alert/flapping/again.summary", alert=group[0].alert, count=len(found), identities=len(group)
            )
            action = message("alert/flapping/again.action", alert=group[0].alert)
            yield _finding(review, group, "warning", summary=summary, action=action)


def alert_repeating(review: Review) -> Iterator[Finding]:
    """Alerts for which one can wait."""
    for group in _groups(review, "repeating"):
        if found := _futile(review, group):
            most = max(group, key=lambda one: one.numbers["same_time_days"])
            hour, minute = divmod(int(most.numbers["minute_of_day"]), 60)
            at = f"{hour:02}:{minute:02}"
            summary = message(
                "alert/repeating/days.summary",
                alert=group[0].alert,
                count=len(found),
                days=int(most.numbers["same_time_days"]),
                at=at,
            )
            action = message("alert/repeating/days.action", alert=group[0].alert, at=at)
            yield _finding(review, group, "warning", summary=summary, action=action)


def alert_storm(review: Review) -> Iterator[Finding]:
    """Alerts that fired for many Rollouts at once."""
    for group in _groups(review, "storm"):
        most = int(max(one.numbers["identities"] for one in group))
        severity: Severity = "warning" if _futile(review, group) else "info"
        summary = message("alert/storm/many.summary", alert=group[0].alert, count=len(group), most=most)
        action = message("alert/storm/many.action", alert=group[0].alert)
        yield _finding(review, group, severity, summary=summary, action=action)


def alert_chronic(review: Review) -> Iterator[Finding]:
    """Alerts that nearly always fire."""
    for group in _groups(review, "chronic"):
        longest = round(max(one.numbers["longest"] for one in group) / DAY, 1)
        share = round(100 * max(one.numbers["share"] for one in group))
        summary = message("alert/chronic/long.summary", alert=group[0].alert, days=longest, share=share)
        action = message("alert/chronic/long.action", alert=group[0].alert)
        yield _finding(review, group, "warning", summary=summary, action=action)


def alert_window_tail(review: Review) -> Iterator[Finding]:
    """Alerts that are as long as the range in their expression, and not as what they tell of."""
    for group in _groups(review, "window-tail"):
        minutes = round(group[0].numbers["window"] / MINUTE, 1)
        summary = message(
            "alert/window-tail/range.summary", alert=group[0].alert, count=len(group[0].episodes), minutes=minutes
        )
        action = message("alert/window-tail/range.action", alert=group[0].alert)
        yield _finding(review, group, "info", summary=summary, action=action)


def alert_near_miss(review: Review) -> Iterator[Finding]:
    """Alerts that were often about to fire."""
    for group in _groups(review, "near-miss"):
        count, closest = len(group[0].episodes), round(100 * group[0].numbers["closest"])
        if count >= FEWEST:
            summary = message("alert/near-miss/often.summary", alert=group[0].alert, count=count, closest=closest)
            action = message("alert/near-miss/often.action", alert=group[0].alert)
            yield _finding(review, group, "info", summary=summary, action=action)


def alert_restart_artefact(review: Review) -> Iterator[Finding]:
    """Alerts that a start of Prometheus has fired again."""
    for group in _groups(review, "restart-artefact"):
        count = len(group[0].episodes)
        summary = message("alert/restart-artefact/again.summary", alert=group[0].alert, count=count)
        action = message("alert/restart-artefact/again.action", alert=group[0].alert)
        yield _finding(review, group, "info", summary=summary, action=action)


def _groups(review: Review, kind: EpisodeClass) -> Iterator[Sequence[Classified]]:
    """What is known of a class, by the version of a rule, in the order of names."""
    groups: dict[tuple[str, str], list[Classified]] = defaultdict(list)
    for one in review.classes:
        if one.kind == kind:
            groups[one.alert, one.rule].append(one)
    return (groups[key] for key in sorted(groups))


def _futile(review: Review, group: Sequence[Classified]) -> frozenset[tuple[object, ...]]:
    """The episodes of a class that were not real, by their keys."""
    return frozenset(episode.key for one in group for episode in one.episodes if review.verdict(episode) != "real")


def _finding(
    review: Review, group: Sequence[Classified], severity: Severity, *, summary: Message, action: Message
) -> Finding:
    first = group[0]
    return Finding(
        check=f"alert/{first.kind}",
        severity=severity,
        subjects=(alert_subject(first.alert),),
        cause=first.rule[:8],
        summary=summary,
        action=action,
        evidence=_evidence(review, group),
        reproduce=firing(review, first.alert),
    )


def _evidence(review: Review, group: Sequence[Classified]) -> Mapping[str, Json]:
    episodes = {episode.key: episode for one in group for episode in one.episodes}.values()
    identities = sorted({written_labels(episode.labels) for episode in episodes})
    real = sum(review.verdict(episode) == "real" for episode in episodes)
    return {
        "version": group[0].rule[:8],
        "episodes": len(episodes),
        "real": real,
        "identities": identities[:NAMED],
    }
