"""One action for what is one change: findings about a rule ask for the change that was tried on its history."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from maintainer.analyse.alerts.advice import AlertAdvice
from maintainer.analyse.alerts.tuning_findings import alert_tuning
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Subject

REMEDIED = frozenset({"alert/precision", "alert/transient", "alert/flapping", "alert/window-tail"})
"""The checks whose findings a change of the rule is to remedy."""

VERSION = 8
"""So many characters of a rule's version stand in the evidence of a finding."""


FASTER = frozenset({"incident.pending", "incident.late"})
"""The causes of ``alert/unpaged`` that the rule which came nearest may remedy by firing earlier."""

Actions = Mapping[tuple[Subject, ...], Message]


def with_tuned_actions(findings: Iterable[Finding], advised: AlertAdvice) -> tuple[Finding, ...]:
    """The findings, and for those of a rule of which a change is advised that will hold, its action in place of theirs.

    So nobody is told of two values of the same ``for``, nor of a longer and a shorter one.
    """
    tuned = [finding for finding in alert_tuning(advised) if finding.severity != "info"]
    quieter = {
        (finding.subjects, str(finding.evidence["version"])[:VERSION]): finding.action
        for finding in tuned
        if finding.cause.startswith("fewer-")
    }
    louder = {finding.subjects: finding.action for finding in tuned if finding.cause.startswith("more-")}
    another = {subjects: message("alert/unpaged/none.action", alert="") for subjects, _ in quieter}
    return tuple(
        replace(finding, action=quieter.get((finding.subjects, str(finding.evidence.get("version"))), finding.action))
        if finding.check in REMEDIED
        else _faster(finding, {**another, **louder})
        for finding in findings
    )


def _faster(finding: Finding, actions: Actions) -> Finding:
    """A finding about what nobody was paged for, with the action of its rule: of one that is to be quieter another."""
    if finding.check != "alert/unpaged" or finding.cause not in FASTER:
        return finding
    return replace(finding, action=actions.get(finding.subjects, finding.action))
