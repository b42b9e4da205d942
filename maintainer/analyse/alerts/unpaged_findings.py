"""The findings about trouble that nobody was paged for, with the alert that came nearest."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from maintainer.analyse.alerts.missed import Missed
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.rule_findings import alert_subject
from maintainer.analyse.alerts.subjects import subject_of
from maintainer.model.incidents import Incident
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Subject

NAMED = 20
"""So many incidents are named in the evidence."""

DEAD = "missed/repaired"
"""What a corrected rule would have told of: the finding about that rule says it."""


def alert_unpaged(review: Review) -> Iterator[Finding]:
    """Incidents that no alert caught, and deployments that failed or were aborted by hand, by what came nearest.

    What analysis undid is left out: nobody had to come for it.
    """
    incidents = set(review.incidents)
    failed = {trouble.incident for trouble in review.troubles if trouble.kind in {"aborted", "failed"}}
    alike: dict[tuple[bool, str, str], list[Missed]] = defaultdict(list)
    for one in review.missed:
        if one.how.id != DEAD and one.incident in incidents | failed:
            alike[one.incident in incidents, one.alert, one.how.id].append(one)
    for (real, alert, how), missed in sorted(alike.items(), key=lambda item: (not item[0][0], *item[0][1:])):
        yield _finding(missed, review, alert=alert, kind=f"{'incident' if real else 'failed'}.{how.partition('/')[2]}")


def _finding(missed: Sequence[Missed], review: Review, *, alert: str, kind: str) -> Finding:
    """``kind`` says what it was, and how near the alert came."""
    what, _, how = kind.partition(".")
    first = missed[0]
    return Finding(
        check="alert/unpaged",
        severity="warning" if what == "incident" else "info",
        subjects=(alert_subject(alert),) if alert else tuple(dict.fromkeys(_subject(one.incident) for one in missed)),
        cause=kind,
        summary=message(
            f"alert/unpaged/{what}.summary", count=len(missed), first=first.incident.id, near=_near(first, alert)
        ),
        action=message(f"alert/unpaged/{how}.action", alert=alert),
        evidence={"incidents": [one.incident.id for one in missed[:NAMED]]},
        reproduce=review.judging.access.ask("query", query="ALERTS", time=str(first.incident.start // 1000)),
    )


def _near(first: Missed, alert: str) -> Message:
    return message("alert/unpaged/near", alert=alert, how=first.how) if alert else message("alert/unpaged/nothing")


def _subject(incident: Incident) -> Subject:
    """The Rollout of an incident, else itself."""
    namespace, name = subject_of(incident.labels) or ("", "")
    return Subject("Rollout", namespace, name) if namespace and name else Subject("incident", "", incident.id)
