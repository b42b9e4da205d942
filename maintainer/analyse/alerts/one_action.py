"""One action for what is one change: findings about a rule ask for the change that was tried on its history."""

from collections.abc import Iterable
from dataclasses import replace

from maintainer.analyse.alerts.advice import AlertAdvice
from maintainer.analyse.alerts.tuning_findings import alert_tuning
from maintainer.model.report import Finding

REMEDIED = frozenset({"alert/precision", "alert/transient", "alert/flapping", "alert/window-tail"})
"""The checks whose findings a change of the rule is to remedy."""

VERSION = 8
"""So many characters of a rule's version stand in the evidence of a finding."""


def with_tuned_actions(findings: Iterable[Finding], advised: AlertAdvice) -> tuple[Finding, ...]:
    """The findings, and for those of a rule of which a change is advised that will hold, its action in place of theirs.

    So nobody is told of two values of the same ``for``.
    """
    tuned = {
        (finding.subjects, str(finding.evidence["version"])[:VERSION]): finding.action
        for finding in alert_tuning(advised)
        if finding.severity != "info" and finding.cause.startswith("fewer-")
    }
    return tuple(
        replace(finding, action=tuned.get((finding.subjects, str(finding.evidence.get("version"))), finding.action))
        if finding.check in REMEDIED
        else finding
        for finding in findings
    )
