"""The faults of a single matcher: a label that the metric does not have, or values that it never has."""

import re
from collections.abc import Iterator, Mapping, Sequence

from maintainer.analyse.promql.contract_series import ContractSeries, certain_test
from maintainer.analyse.promql.corrections import nearest, rewritten
from maintainer.analyse.promql.faults import Effect, Fault
from maintainer.analyse.promql.lexical import quoted
from maintainer.analyse.promql.suggestions import foreign_program, intended_label
from maintainer.analyse.promql.tokens import Matcher
from maintainer.model.contract import Label, Release
from maintainer.model.matchers import WORDS, value_test
from maintainer.model.message import Message, message
from maintainer.model.report import Severity

_GENERATED = re.compile(r"[a-z0-9.-]+-[a-z0-9]+-\d+(?:[.-].*)?", re.ASCII | re.DOTALL)
_EXAMPLE = "6d4cf56db6-2"
"""A hash and a revision, as they stand behind the name of a Rollout."""
_LIST = re.compile(r"\^?(?:\((?:\?:)?(?P<inner>[^()\[\]{}\\]*)\)|(?P<plain>[^()\[\]{}\\]*?))\$?", re.ASCII)
_SEVERITY_BY_HAND: Mapping[str, Severity] = {"AnalysisRun": "warning", "Experiment": "info"}
"""People create Experiments by hand more often than AnalysisRuns."""
_SEVERITY_ADDED: Mapping[str, Severity] = {"Datadog": "warning", "kube-state-metrics": "info"}
"""A scrape that adds a label of kube-state-metrics is more likely than one that adds a tag of Datadog."""


def matcher_faults(matcher: Matcher, series: ContractSeries, text: str, version: Release | None) -> Iterator[Fault]:
    """The faults of a matcher by itself."""
    label = known_label(matcher.label, series)
    if label is None:
        yield from _missing_label_faults(matcher, series, text, version)
    elif label.values is None:
        yield from _open_label_faults(matcher, label, series)
    elif passes := certain_test(matcher):
        possible = possible_values(label)
        left = [value for value in possible if passes(value)]
        everything = matcher.negative and len(left) == len(possible) and passes("")
        if everything or not left:
            yield _value_fault(matcher, series, text, label.values)
        elif matcher.regex:
            yield from _alternative_faults(matcher, series, text, label)


def known_label(name: str, series: ContractSeries) -> Label | None:
    """A label of the series by its name, or by the name that Prometheus gives it where the target has the label too."""
    own = series.labels.get(name)
    if own is None and name.startswith("exported_"):
        renamed = series.labels.get(name.removeprefix("exported_"))
        return renamed and Label(renamed.values, optional=True)
    return own


def possible_values(label: Label) -> tuple[str, ...]:
    """The values of a label of which they are known, "" among them where a series may lack it."""
    return (*(label.values or ()), *(("",) if label.optional else ()))


def why_no_label(metric: str, label: str, right: str) -> Message:
    """Why a label is wrong: the metric does not have it. ``right`` is the one that is meant, "" for none."""
    kind = "near" if right else "none"
    return message(f"query/unknown-label.{kind}", metric=metric, label=label, right=right)


def _value_fault(matcher: Matcher, series: ContractSeries, text: str, values: tuple[str, ...]) -> Fault:
    """The fault of a matcher that lets no possible value through, or of a negative one that lets all through."""
    written = text[slice(*matcher.at)]
    shown = {"metric": series.name, "matcher": written, "label": matcher.label, "values": _listed(values)}
    right = rewritten(matcher, text, values)
    wrong = matcher.label_at[1], matcher.value_at[1]
    passes = certain_test(matcher)
    if matcher.negative and passes and passes(values[0]):
        why = message("query/always-true.value", **shown)
        return Fault("query/always-true", matcher.at, why, "always", wrong, right)
    kind = "excluded" if matcher.negative else "value"
    why = message(f"query/dead-selector.{kind}", **shown)
    return Fault("query/dead-selector", matcher.at, why, "never", wrong, "" if matcher.negative else right)


def _listed(values: Sequence[str]) -> str:
    # Prometheus 3 writes 1 as 1.0: a bound is shown once.
    return ", ".join(value for value in values if not value.endswith(".0"))


def _alternative_faults(matcher: Matcher, series: ContractSeries, text: str, label: Label) -> Iterator[Fault]:
    """The alternatives of a regular expression that never occur, where another one does."""
    possible = possible_values(label)
    alternatives = [one for one in _alternatives(matcher.value) if one]
    tests = [(one, value_test("=~", one)) for one in alternatives]
    wrong = [one for one, passes in tests if passes and not any(passes(value) for value in possible)]
    if len(alternatives) > 1 and wrong:
        values = label.values or ()
        near = ", ".join(dict.fromkeys(right for one in wrong for right in nearest(matcher.label, one, values)))
        shown = {"metric": series.name, "label": matcher.label, "never": ", ".join(wrong), "values": _listed(values)}
        why = (
            message("query/dead-selector.alternative-near", right=near, **shown)
            if near
            else message("query/dead-selector.alternative-none", **shown)
        )
        place, right = (matcher.label_at[1], matcher.value_at[1]), rewritten(matcher, text, values)
        yield Fault("query/dead-selector", matcher.at, why, "alternative", place, right, "warning")


def _alternatives(value: str) -> Sequence[str]:
    """The alternatives of a regular expression that is a plain list of them."""
    listed = _LIST.fullmatch(value)
    return (listed["inner"] or listed["plain"] or "").split("|") if listed else ()


def _open_label_faults(matcher: Matcher, label: Label, series: ContractSeries) -> Iterator[Fault]:
    """The faults of a matcher on a label that may have any value."""
    if matcher.negative or matcher.variable:
        return
    if matcher.value == "" and not label.optional:
        why = message("query/dead-selector.empty", metric=series.name, label=matcher.label)
        yield Fault("query/dead-selector", matcher.at, why, "never")
    elif label.usual:
        yield from _unwritten_faults(matcher, label.usual, series)
    elif label.generated:
        yield from _by_hand_faults(matcher, label.generated, series)


def _unwritten_faults(matcher: Matcher, usual: tuple[str, ...], series: ContractSeries) -> Iterator[Fault]:
    """What the controller is not known to write, which other versions and extensions may write all the same."""
    alternatives = [one for one in _alternatives(matcher.value) if one] if matcher.regex else [matcher.value]
    tests = [(one, value_test("=~" if matcher.regex else "=", one)) for one in alternatives]
    wrong = [one for one, passes in tests if passes and not passes("") and not any(map(passes, usual))]
    if wrong:
        near = ", ".join(dict.fromkeys(right for one in wrong for right in nearest(matcher.label, one, usual)))
        shown = {"metric": series.name, "label": matcher.label, "never": ", ".join(wrong)}
        why = (
            message("query/dead-selector.unwritten-near", right=near, **shown)
            if near
            else message("query/dead-selector.unwritten-none", **shown)
        )
        yield Fault("query/dead-selector", matcher.at, why, "unwritten", severity="info")


def _by_hand_faults(matcher: Matcher, kind: str, series: ContractSeries) -> Iterator[Fault]:
    """A name without the hash and the number that the controller puts behind the name of a Rollout."""
    if matcher.regex and not WORDS.fullmatch(matcher.value):
        return
    names = matcher.value.split("|") if matcher.regex else [matcher.value]
    plain = [name for name in names if name and not _GENERATED.fullmatch(name)]
    if plain:
        shown = {"metric": series.name, "kind": kind, "name": plain[0], "example": f"{plain[0]}-{_EXAMPLE}"}
        why = message("query/dead-selector.by-hand", right=f'{matcher.label}=~"{plain[0]}-.+"', **shown)
        yield Fault("query/dead-selector", matcher.at, why, "by-hand", severity=_SEVERITY_BY_HAND[kind])


def _missing_label_faults(
    matcher: Matcher, series: ContractSeries, text: str, version: Release | None
) -> Iterator[Fault]:
    since, right = series.later.get(matcher.label), intended_label(matcher.label, series, version)
    program = foreign_program(matcher.label, series)
    if right is None and not since and not program:
        return
    passes = certain_test(matcher)
    # A regular expression that cannot be judged is none, nor one with the empty value: the label need not be there.
    if not (passes or matcher.variable) or (passes and not matcher.negative and passes("")):
        return
    everything = matcher.negative and (passes is None or passes(""))
    effect: Effect = "always" if everything else "chosen" if matcher.variable and matcher.regex else "never"
    if program and right is None:
        why = message("query/unknown-label.foreign", metric=series.name, label=matcher.label, program=program)
        yield Fault("query/unknown-label", matcher.at, why, "added", severity=_SEVERITY_ADDED[program])
    elif since:
        named = {"metric": series.name, "label": matcher.label, "since": "v" + ".".join(map(str, since))}
        why = message("query/unknown-label.since", **named)
        yield Fault("query/unknown-label", matcher.at, why, effect, matcher.label_at, right or "")
    elif right and (label := series.labels[right]).generated:
        yield _generated_name_fault(matcher, series, text, effect=effect, label=label)
    else:
        why = why_no_label(series.name, matcher.label, right or "")
        yield Fault("query/unknown-label", matcher.at, why, effect, matcher.label_at, right or "")


def _generated_name_fault(
    matcher: Matcher, series: ContractSeries, text: str, *, effect: Effect, label: Label
) -> Fault:
    """The fault of a Rollout's name where only the names of its runs are: these begin with it."""
    plain = not matcher.variable and not matcher.regex and matcher.value
    if plain and _GENERATED.fullmatch(matcher.value):
        why = why_no_label(series.name, matcher.label, "name")
        return Fault("query/unknown-label", matcher.at, why, effect, matcher.label_at, "name")
    example = f"{matcher.value if plain else 'ROLLOUT'}-{_EXAMPLE}"
    named = {"metric": series.name, "label": matcher.label, "kind": label.generated, "example": example}
    why = message("query/unknown-label.generated", **named)
    operator = "!~" if matcher.negative else "=~"
    value = quoted(f"{re.escape(matcher.value)}-.+", text[matcher.value_at[0]])
    right = f"name{operator}{value}" if plain else ""
    return Fault("query/unknown-label", matcher.at, why, effect, matcher.at, right)
