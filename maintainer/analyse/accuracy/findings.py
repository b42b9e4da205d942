"""Makes findings of differences: all differences with the same check and cause are a single finding."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from maintainer.analyse.accuracy.compare import Difference
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.reproduce import of_rollout
from maintainer.model.facts import Key, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Json, Severity, Subject, divisible


@dataclass(frozen=True, slots=True)
class Sides:
    """Where a reader can look up both sides of a difference.

    ``family`` is a regular expression of metric names, ``path`` a JSONPath in the Rollout.
    """

    family: str
    path: str


def difference_findings(fleet: ComparedFleet, check: str, *, severity: Severity, sides: Sides) -> Iterator[Finding]:
    """A finding for each cause among the differences of a check."""
    by_cause: dict[str, list[Difference]] = defaultdict(list)
    for difference in fleet.comparison.differences:
        if difference.check == check:
            by_cause[difference.cause].append(difference)
    for _, differences in sorted(by_cause.items()):
        yield divisible(differences, partial(_finding, fleet, check=check, severity=severity, sides=sides))


def _finding(
    fleet: ComparedFleet, differences: Sequence[Difference], *, check: str, severity: Severity, sides: Sides
) -> Finding:
    """The finding about differences of the same check and cause."""
    keys = sorted({difference.key for difference in differences})
    first = differences[0]
    both = {"api": in_few_words(first.api), "metric": in_few_words(first.metric)}
    return Finding(
        check=check,
        severity=severity,
        subjects=tuple(map(subject, keys)),
        cause=first.cause,
        summary=message(f"{check}/{first.cause}.summary", count=len(keys), rollout="/".join(first.key), **both),
        action=message(f"{check}/{first.cause}.action", count=len(keys)),
        evidence={"rollouts": _rows(differences)},
        reproduce=of_rollout(
            first.key,
            fleet.access,
            label=fleet.namespace_label(first.key, first.target),
            family=sides.family,
            path=sides.path,
        ),
    )


def subject(key: Key) -> Subject:
    """A Rollout as the subject of a finding."""
    return Subject("Rollout", *key)


def in_few_words(value: Json) -> str:
    """A value of a difference as text for a sentence."""
    match value:
        case None:
            return "-"
        case dict():
            return ", ".join(
                f"{name.removeprefix('rollout_info_')} {in_few_words(item)}" for name, item in value.items()
            )
        case list():
            return ", ".join(map(in_few_words, value))
        case "":
            return '""'
        case _:
            return str(value)


def _rows(differences: Sequence[Difference]) -> list[Json]:
    """A row of evidence for each value that differs; targets with equal values share a row."""
    targets: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for difference in differences:
        for what, api, metric in _values(difference):
            row = "/".join(difference.key), what, in_few_words(api), in_few_words(metric)
            targets[row] += [target_name(dict(difference.target))] if difference.target else []
    return [
        {"rollout": rollout, "what": what, "api": api, "metric": metric, "targets": list(names)}
        for (rollout, what, api, metric), names in targets.items()
    ]


def _values(difference: Difference) -> list[tuple[str, Json, Json]]:
    """What differs, the API's value and the metric's; a difference in gauges has an entry for each family."""
    if isinstance(difference.api, dict) and isinstance(difference.metric, dict):
        return [(family, api, difference.metric[family]) for family, api in difference.api.items()]
    return [(difference.check.rpartition("/")[2], difference.api, difference.metric)]
