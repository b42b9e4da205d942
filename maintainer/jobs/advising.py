"""The advice of a quarterly report: what came of the last, what to change now, tests for promtool, and patches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from maintainer.analyse.alerts.advice import AlertAdvice, advice_of
from maintainer.analyse.alerts.advice_sections import advice_sections, last_advice_table
from maintainer.analyse.alerts.inhibition_advice import inhibitions
from maintainer.analyse.alerts.patches import change_of
from maintainer.analyse.alerts.promises import KIND, Promise, as_data, last_promises, outcomes, promises
from maintainer.analyse.alerts.proofs import proof_of
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.rule_texts import Refused, RuleChange, changed_text
from maintainer.analyse.alerts.rule_yaml import FORMS
from maintainer.analyse.alerts.tuning_findings import file_name, safe_name
from maintainer.analyse.checks import TUNING_CHECKS, gaps_of
from maintainer.collect.queries.files import is_document, load_text
from maintainer.collect.queries.named_files import named_files
from maintainer.errors import ConfigError
from maintainer.jobs.context import JobContext
from maintainer.model.alert_advice import Advice
from maintainer.model.report import Finding, Gap, Measured
from maintainer.model.sections import Section
from maintainer.render.inhibition import inhibition_files
from maintainer.render.patch import patch
from maintainer.render.promtool import promtool_files
from maintainer.settings import Settings

A_YEAR = timedelta(days=366)
"""Advice of so long before a quarter is looked at: that of the newest quarter before counts."""


@dataclass(frozen=True, slots=True)
class Advised:
    """What advice adds to the report: ``last`` is what came of the last advice, ``archive`` what is promised now.

    ``advice`` is what all of it is made of, ``None`` if there is none.
    """

    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    last: tuple[Section, ...] = ()
    sections: tuple[Section, ...] = ()
    archive: tuple[Measured, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    advice: AlertAdvice | None = None


def advise(review: Review, settings: Settings, context: JobContext) -> Advised:
    """Try changes of all rules on the quarter, if that is chosen. What fails costs no other part of the report."""
    if context.chosen.isdisjoint(check.id for check in TUNING_CHECKS):
        return Advised()
    period, attempt = context.period.label, context.sources.attempt
    promised, _ = attempt("alert-archive", partial(_promised, context))
    last = context.sections(lambda: last_advice_table(outcomes(promised or (), review.history)))
    advice, why = attempt("alert-archive", partial(advice_of, review))
    if advice is None:
        return Advised(gaps=tuple(gaps_of(why, TUNING_CHECKS)), last=last)
    findings, gaps = context.examine(TUNING_CHECKS, advice)
    files, _ = attempt("alert-archive", partial(advice_files, advice, settings, period=period))
    return Advised(
        findings,
        gaps,
        last,
        context.sections(lambda: advice_sections(advice.best)),
        (Measured(KIND, context.now, as_data(promises(advice), period)),),
        {**(files or {}), **_inhibition_files(review, period)},
        advice,
    )


def _promised(context: JobContext) -> tuple[Promise, ...]:
    """What the advice of the quarter before has promised."""
    return last_promises(context.archived(KIND, context.period.start - A_YEAR), context.period.label)


def advice_files(advised: AlertAdvice, settings: Settings, *, period: str) -> Mapping[str, str]:
    """For each change a test with its rules, a patch for each form in which the rule may be written, and one for each
    file of ``desired.paths`` that has the rule; the names begin with the period."""
    texts = dict(_texts(settings))
    files: dict[str, str] = {}
    for advice in advised.best:
        name = f"{period}-{file_name(advice)}"
        files |= promtool_files(name, proof_of(advice, advised.records[advice.rule.version], advised.short))
        files |= dict(_patches(advice, name, texts))
    return files


def _inhibition_files(review: Review, period: str) -> Mapping[str, str]:
    """For each pair of alerts of which one should inhibit the other, how that is written."""
    files: dict[str, str] = {}
    for advice in inhibitions(review):
        files |= inhibition_files(f"{period}-{safe_name(advice.source, advice.target)}", advice.rule)
    return files


def _texts(settings: Settings) -> Iterator[tuple[str, str]]:
    """The texts of the files of ``desired.paths`` that may have rules; one that cannot be read has no patch."""
    for file in named_files(list(settings.desired.paths)).files:
        if is_document(file):
            try:
                yield file, load_text(file)
            except ConfigError:
                continue


def _patches(advice: Advice, name: str, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    change = change_of(advice)
    forms = {f"{advice.rule.group}.{form}.yaml": write(advice.rule) for form, write in FORMS.items()}
    for form, text in zip(FORMS, forms.items(), strict=True):
        yield from _patch(f"{name}.{form}.patch", *text, change)
    own = "".join(text for file, before in texts.items() for _, text in _patch("", file, before, change))
    if own:
        yield f"{name}.patch", own


def _patch(name: str, file: str, before: str, change: RuleChange) -> Iterator[tuple[str, str]]:
    try:
        after = changed_text(before, change)
    except Refused:
        return
    yield name, patch(file.removeprefix("./").lstrip("/"), before, after)
