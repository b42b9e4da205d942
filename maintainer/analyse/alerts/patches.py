"""What a piece of advice changes in the text of a rule."""

from maintainer.analyse.alerts.rule_texts import RuleChange
from maintainer.analyse.alerts.thresholds import Threshold, threshold
from maintainer.analyse.alerts.thresholds import written as number_written
from maintainer.model.alert_advice import Advice
from maintainer.model.duration import written
from maintainer.model.source_text import Edit


def change_of(advice: Advice) -> RuleChange:
    """The change that makes the advised rule of the present one, in whatever file that is written."""
    before, after = advice.rule, advice.advised
    values = {
        name: written(new / 1000)
        for name, old, new in (("for", before.hold, after.hold), ("keep", before.keep, after.keep))
        if old != new
    }
    if advice.kind in ("guard", "aggregation"):
        opening, closing = after.expr.split(before.expr)
        return RuleChange(before.name, before.labels, values, lambda text: wrapping(text, opening, closing))
    if advice.kind == "threshold" and advice.candidate.threshold is not None:
        number = number_written(advice.candidate.threshold)
        values["threshold"] = number
        return RuleChange(before.name, before.labels, values, lambda text: renumbering(text, number))
    return RuleChange(before.name, before.labels, values)


def renumbering(text: str, number: str) -> tuple[Edit, ...]:
    """The edit that puts another threshold into an expression; () for one in which none can be found."""
    found = threshold(text)
    return (Edit(*found.at, number),) if isinstance(found, Threshold) else ()


def wrapping(text: str, opening: str, closing: str) -> tuple[Edit, ...]:
    """The edits that put something before and after an expression; () for one that ends with a comment."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if start >= end or "#" in text[text.rfind("\n", 0, end) + 1 : end]:
        return ()
    if start == end - 1:
        return (Edit(start, end, f"{opening}{text[start]}{closing}"),)
    return Edit(start, start + 1, f"{opening}{text[start]}"), Edit(end - 1, end, f"{text[end - 1]}{closing}")
