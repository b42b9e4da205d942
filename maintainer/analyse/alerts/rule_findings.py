"""The findings about what a rule is worth, and about rules that cannot fire."""

from collections.abc import Iterator

from maintainer.analyse.alerts.numbers import RuleNumbers
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.silent import SilentRule
from maintainer.model.alerts import DAY
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Subject

ENOUGH = 0.9
"""So much of a quarter has to be covered."""

BROKEN, DOUBTFUL = 0.5, 0.9
"""Of a rule whose share of real cases is surely below the first, most pages are for nothing; below the second, many."""


def alert_precision(review: Review) -> Iterator[Finding]:
    """Rules of whose cases so few were real that it is no accident."""
    for numbers in review.numbers:
        share = numbers.cases.precision
        if share and share[1] < DOUBTFUL:
            yield _imprecise(numbers, share, review)


def alert_precision_gaps(review: Review) -> Iterator[Gap]:
    """That so much of the quarter was not seen that its numbers say little."""
    if not review.history.rules and not review.history.coverage:
        yield Gap("alert/precision", "permanent", message("gap/alerts-not-archived"))
    elif review.covered < ENOUGH:
        days = (review.history.end - review.history.start) / DAY
        why = message("gap/alerts-not-covered", days=round(review.covered * days, 1), of=round(days, 1))
        yield Gap("alert/precision", "permanent", why)


def alert_dead(review: Review) -> Iterator[Finding]:
    """Rules that can never fire, with the expression that was meant and what it would have told."""
    return (_dead(rule, review) for rule in review.silent if rule.silence == "dead")


def alert_unreachable(review: Review) -> Iterator[Finding]:
    """Rules whose threshold is never reached."""
    return (_unreachable(rule, review) for rule in review.silent if rule.silence == "unreachable")


def alert_subject(name: str) -> Subject:
    """An alert as the subject of a finding."""
    return Subject("alert", "", name)


def firing(review: Review, name: str) -> str:
    """A command that counts the samples of an alert while it was firing, as long as Prometheus has them."""
    selector = review.judging.access.selector("ALERTS", (f'alertname="{name}"', 'alertstate="firing"'))
    return review.judging.access.ask("query", query=f"count_over_time({selector}[30d])")


def _imprecise(numbers: RuleNumbers, share: tuple[float, float], review: Review) -> Finding:
    rule, cases = numbers.rule, numbers.cases
    broken = share[1] < BROKEN
    low, high = (round(100 * end) for end in share)
    return Finding(
        check="alert/precision",
        severity="warning" if broken else "info",
        subjects=(alert_subject(rule.name),),
        cause=rule.version[:8],
        summary=message(
            "alert/precision/few.summary", alert=rule.name, real=cases.real, count=cases.count, low=low, high=high
        ),
        action=message("alert/precision/few.action", alert=rule.name),
        evidence={
            "version": rule.version[:8], "cases": cases.count, "real": cases.real, "futile": cases.futile,
            "undetermined": cases.undetermined, "pages": sum(numbers.pages.values()),
            "pagesAtNight": numbers.pages.get("night", 0),
        },
        reproduce=firing(review, rule.name),
    )  # fmt: skip


def _dead(silent: SilentRule, review: Review) -> Finding:
    rule, repaired, access = silent.rule, silent.repaired, review.judging.access
    subjects, evidence = (alert_subject(rule.name),), {"query": rule.expr, "version": rule.version[:8]}
    if repaired is None:
        return Finding(
            check="alert/dead",
            severity="error",
            subjects=subjects,
            cause="dead",
            summary=message("alert/dead/selector.summary", alert=rule.name, why=silent.why),
            action=message("alert/dead/selector.action", alert=rule.name),
            evidence=evidence,
            reproduce=access.ask("query", query=rule.expr),
        )
    told = [trouble.incident.id for trouble in repaired.told]
    unpaged = len({missed.incident.id for missed in review.missed}.intersection(told))
    return Finding(
        check="alert/dead",
        severity="error",
        subjects=subjects,
        cause="dead",
        summary=message(
            "alert/dead/repaired.summary",
            alert=rule.name,
            why=silent.why,
            pages=repaired.pages,
            count=len(told),
            unpaged=unpaged,
        ),
        action=message("alert/dead/repaired.action", alert=rule.name, query=repaired.expr),
        evidence={**evidence, "corrected": repaired.expr, "wouldFire": repaired.pages, "wouldTell": told},
        reproduce=access.ask("query", query=rule.expr),
    )


def _unreachable(silent: SilentRule, review: Review) -> Finding:
    rule = silent.rule
    return Finding(
        check="alert/unreachable",
        severity="warning",
        subjects=(alert_subject(rule.name),),
        cause="unreachable",
        summary=message("alert/unreachable/far.summary", alert=rule.name, why=silent.why),
        action=message("alert/unreachable/far.action", alert=rule.name),
        evidence={"query": rule.expr, "version": rule.version[:8]},
        reproduce=review.judging.access.ask("query", query=rule.expr),
    )
