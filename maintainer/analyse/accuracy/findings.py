"""From differences to findings: those of one check and one cause are one finding with all their Rollouts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maintainer.analyse.accuracy.compare import Difference
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.reproduce import of_rollout
from maintainer.model.facts import Key, target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Json, Severity, Subject


@dataclass(frozen=True, slots=True)
class Sides:
    """Where a reader sees the two sides of a difference: the family in Prometheus, the path in the API."""

    family: str
    path: str


def difference_findings(fleet: ComparedFleet, check: str, severity: Severity, *, sides: Sides) -> Iterator[Finding]:
    """One finding for each cause that the check's differences have."""
    by_cause: dict[str, list[Difference]] = defaultdict(list)
    for difference in fleet.comparison.differences:
        if difference.check == check:
            by_cause[difference.cause].append(difference)
    for cause, found in sorted(by_cause.items()):
        keys = sorted({one.key for one in found})
        first = found[0]
        both = {"api": in_few_words(first.api), "metric": in_few_words(first.metric)}
        yield Finding(
            check=check,
            severity=severity,
            subjects=tuple(map(subject, keys)),
            cause=cause,
            summary=message(f"{check}/{cause}.summary", count=len(keys), rollout="/".join(first.key), **both),
            action=message(f"{check}/{cause}.action", count=len(keys)),
            evidence={"rollouts": _rows(found)},
            reproduce=of_rollout(
                first.key,
                fleet.access,
                renamed=fleet.renamed(first.target),
                family=sides.family,
                path=sides.path,
            ),
        )


def subject(key: Key) -> Subject:
    """A Rollout as the subject of a finding."""
    return Subject("Rollout", *key)


def in_few_words(value: Json) -> str:
    """A side of a difference in few words, for a sentence."""
    match value:
        case None:
            return "-"
        case dict():
            return ", ".join(f"{name.removeprefix('rollout_info_')} {in_few_words(one)}" for name, one in value.items())
        case list():
            return ", ".join(map(in_few_words, value))
        case "":
            return '""'
        case _:
            return str(value)


def _rows(found: Sequence[Difference]) -> list[Json]:
    """What differed, a row for each value; targets that say the same share a row."""
    targets: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for one in found:
        for what, api, metric in _values(one):
            row = "/".join(one.key), what, in_few_words(api), in_few_words(metric)
            targets[row] += [target_name(dict(one.target))] if one.target else []
    return [
        {"rollout": rollout, "what": what, "api": api, "metric": metric, "targets": list(names)}
        for (rollout, what, api, metric), names in targets.items()
    ]


def _values(one: Difference) -> list[tuple[str, Json, Json]]:
    if isinstance(one.api, dict) and isinstance(one.metric, dict):
        return [(family, api, one.metric[family]) for family, api in one.api.items()]
    return [(one.check.rpartition("/")[2], one.api, one.metric)]
