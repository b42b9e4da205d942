"""The sections of a quarterly report about advice: what came of the last, and what each change would have done."""

from collections.abc import Iterable, Iterator, Sequence

from maintainer.analyse.alerts.promises import Kept
from maintainer.analyse.alerts.rule_yaml import rule_yaml
from maintainer.analyse.alerts.tuning_findings import changed, file_name
from maintainer.model.alert_advice import Advice
from maintainer.model.message import Message, message
from maintainer.model.sections import Amount, BeforeAfter, Cell, Chip, Diff, Measure, Section, Table, Tone

_TAKEN: dict[str, Tone] = {"taken": "ok", "ignored": "neutral", "otherwise": "neutral", "gone": "neutral"}


def last_advice_table(kept: Sequence[Kept]) -> Iterator[Table]:
    """What was promised in the quarter before, and what came of it; no table if nothing was."""
    if kept:
        columns = ("alert", "change", "taken", "promised", "measured", "result")
        yield Table(
            message("advice/last"),
            tuple(message(f"advice/column.{column}") for column in columns),
            tuple(_kept(one) for one in kept),
            numeric=(4,),
            lead=message("advice/last.lead"),
        )


def _kept(one: Kept) -> tuple[Cell, ...]:
    promise, kept = one.promise, one.kept
    result = Chip(message("advice/open")) if kept is None else _result(kept=kept)
    return (
        promise.alert,
        message(f"advice/kind.{promise.kind}"),
        Chip(message(f"advice/taken.{one.taken}"), _TAKEN[one.taken]),
        message("advice/promised", before=promise.before, after=promise.after),
        "-" if one.measured is None else one.measured,
        result,
    )


def _result(*, kept: bool) -> Chip:
    return Chip(message("advice/kept"), "ok") if kept else Chip(message("advice/missed"), "warning")


def advice_sections(best: Iterable[Advice]) -> Iterator[Section]:
    """For each change, its effect in the last third of the time, and the rule before and after."""
    for advice in best:
        yield _effect(advice, changed(advice))
        title = message("advice/change", alert=advice.rule.name)
        yield Diff(title, rule_yaml(advice.rule), rule_yaml(advice.advised))


def _effect(advice: Advice, change: Message) -> BeforeAfter:
    held, whole = advice.held, advice.whole
    return BeforeAfter(
        message("advice/effect", alert=advice.rule.name, change=change),
        message("advice/before"),
        message("advice/after"),
        (
            Measure(message("advice/measure.held"), None, Amount(held.pages_before), Amount(held.pages_after)),
            Measure(message("advice/measure.whole"), None, Amount(whole.pages_before), Amount(whole.pages_after)),
            Measure(message("advice/measure.caught"), None, Amount(whole.caught_before), Amount(whole.caught_after)),
        ),
        message("advice/effect.lead", file=file_name(advice)),
    )
