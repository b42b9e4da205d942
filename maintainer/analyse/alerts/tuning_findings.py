"""The check whether a change of a rule would have done better in the time that is on record."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from math import ceil, floor
from statistics import median

from maintainer.analyse.alerts.advice import AlertAdvice
from maintainer.analyse.alerts.wilson import wilson
from maintainer.model.alert_advice import Advice, Candidate, Effect
from maintainer.model.alerts import AlertRule
from maintainer.model.duration import written as duration_text
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Json, Subject


def alert_tuning(advised: AlertAdvice) -> Iterator[Finding]:
    """The best change of each rule for which history speaks."""
    for advice in advised.best:
        yield _finding(advice)


def file_name(advice: Advice) -> str:
    """The name of the files about a piece of advice, without an ending."""
    return safe_name(advice.rule.name, advice.kind)


def safe_name(*parts: str) -> str:
    """Names as a part of the name of a file."""
    return re.sub(r"[^\w.-]", "_", "-".join(parts))


def _finding(advice: Advice) -> Finding:
    change = changed(advice)
    fewer = advice.direction == "fewer"
    return Finding(
        check="alert/tuning",
        severity="warning" if advice.holds is not False and not advice.approximate else "info",
        subjects=(Subject("alert", "", advice.rule.name),),
        cause=f"{advice.direction}-{advice.kind}",
        summary=_fewer(advice, change) if fewer else _more(advice, change),
        action=message("alert/tuning/change.action", alert=advice.rule.name, change=change),
        evidence=_evidence(advice),
        reproduce=f"promtool test rules *-{file_name(advice)}.test.yml",
    )


def changed(advice: Advice) -> Message:
    """What the change is, in a few words."""
    before, after = advice.rule, advice.advised
    match advice.kind:
        case "for":
            return message("alert/tuning/change.for", before=_time(before.hold), after=_time(after.hold))
        case "keep":
            return message("alert/tuning/change.keep", after=_time(after.keep))
        case "threshold":
            return message("alert/tuning/change.threshold", after=f"{advice.candidate.threshold:g}")
        case "aggregation":
            return message("alert/tuning/change.aggregation", labels=after.expr[: after.expr.index(")") + 1])
        case "guard":
            return message("alert/tuning/change.guard")


def _fewer(advice: Advice, change: Message) -> Message:
    whole = advice.whole
    said = message(
        "alert/tuning/fewer.summary",
        alert=advice.rule.name,
        change=change,
        count=whole.pages_before,
        after=whole.pages_after,
    )
    return _after_each_other((said, *_kept(whole), *_held(advice), *_limits(advice)))


def _more(advice: Advice, change: Message) -> Message:
    whole = advice.whole
    said = message(
        "alert/tuning/more.summary",
        alert=advice.rule.name,
        change=change,
        count=whole.incidents,
        caught=whole.caught_after - whole.caught_before,
        added=max(0, -whole.removed),
    )
    return _after_each_other((said, *_limits(advice)))


def _after_each_other(sentences: Iterable[Message]) -> Message:
    return reduce(lambda said, then: message("alert/tuning/then", said=said, then=then), sentences)


def _kept(whole: Effect) -> Iterator[Message]:
    """What is known of the incidents that it would have lost, and how much later it would have told of the others."""
    if not whole.caught_before:
        yield message("alert/tuning/kept.none")
        return
    count, lost = whole.caught_before, len(whole.lost)
    yield message("alert/tuning/kept", count=count, lost=lost, percent=_up(wilson(lost, count)[1]))
    if whole.late and whole.late[-1]:
        most, usual = _time(whole.late[-1]), _time(round(median(whole.late)))
        yield message("alert/tuning/later", most=most, usual=usual)


def _held(advice: Advice) -> Iterator[Message]:
    held = advice.held
    if not held.pages_before:
        yield message("alert/tuning/held.nothing")
        return
    yield message("alert/tuning/held", before=held.pages_before, after=held.pages_after)
    if advice.holds is False:
        yield message("alert/tuning/held.not")


def _limits(advice: Advice) -> tuple[Message, ...]:
    """Why the numbers are less sure than they look."""
    said: list[Message] = []
    if advice.whole.unjudged:
        said.append(message("alert/tuning/unjudged", count=advice.whole.unjudged))
    if advice.approximate and advice.agreement is not None:
        said.append(message("alert/tuning/approximate", percent=floor(100 * advice.agreement)))
    if advice.weak and advice.direction == "fewer":
        said.append(message("alert/tuning/weak", count=advice.clusters))
    return tuple(said)


def _evidence(advice: Advice) -> Mapping[str, Json]:
    low, high = wilson(advice.removed_clusters, advice.clusters)
    whole, held = advice.whole, advice.held
    evidence: dict[str, Json] = {
        "version": advice.rule.version,
        "advisedVersion": advice.advised.version,
        "presentRule": _described(advice.rule),
        "advisedRule": _described(advice.advised),
        "fired": [whole.pages_before, whole.pages_after],
        "firedLastThird": [held.pages_before, held.pages_after],
        "caught": [whole.caught_before, whole.caught_after],
        "cases": advice.clusters,
        "casesSpared": advice.removed_clusters,
        "shareSpared": f"{floor(100 * low)} - {_up(high)} %",
        "shortestIncident": "-" if advice.shortest is None else _time(advice.shortest),
        "agreement": "-" if advice.agreement is None else f"{floor(100 * advice.agreement)} %",
        "safer": _neighbour(advice.safer),
        "bolder": _neighbour(advice.bolder),
    }
    return evidence


def _described(rule: AlertRule) -> str:
    keep = f", keep_firing_for: {_time(rule.keep)}" if rule.keep else ""
    return f"{rule.expr}, for: {_time(rule.hold)}{keep}"


def _neighbour(found: tuple[Candidate, Effect] | None) -> str:
    """A setting next to the advised one: how often it would have fired, and how many incidents it would have lost."""
    if found is None:
        return "-"
    candidate, effect = found
    number = "" if candidate.threshold is None else f", threshold {candidate.threshold:g}"
    durations = f"for {_time(candidate.hold)}, keep_firing_for {_time(candidate.keep)}{number}"
    return f"{durations}: {effect.pages_before} > {effect.pages_after}, lost {len(effect.lost)}"


def _time(milliseconds: int) -> str:
    return duration_text(milliseconds / 1000)


def _up(share: float) -> int:
    """A share in percent, rounded up."""
    return ceil(100 * share - 1e-9)
