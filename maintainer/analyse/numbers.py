"""What panels show beside what the API makes of it, Rollout by Rollout."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.asking import Question
from maintainer.analyse.brackets import Judged
from maintainer.analyse.commands import Reach
from maintainer.analyse.compare import compare
from maintainer.analyse.panels import Count, alike
from maintainer.model.asked import Answers, Group
from maintainer.model.facts import Bracket, Key
from maintainer.model.message import message
from maintainer.model.queries import Query
from maintainer.model.report import Finding, Json, Subject

SHOWN = 20
"""Rollouts that the evidence lists of each panel."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A Rollout's share that is not the API's (``None``: none at all), and the check that says why, "" if none does."""

    group: Group
    metric: float | None
    api: float | None
    because: str


@dataclass(frozen=True, slots=True)
class Number:
    """What a panel shows, and what the API makes of it at least and at most: Rollouts may be moving.

    ``shown`` is ``None`` where the panel's number is not the sum of its Rollouts' shares. ``wrong`` are the shares that
    are wrong for certain; ``judged`` counts the Rollouts that were looked at.
    """

    query: Query
    promql: str
    shown: float | None
    low: float
    high: float
    wrong: tuple[Wrong, ...]
    judged: int


def numbers(
    asked: Sequence[Question], answers: Answers, brackets: Sequence[Bracket], judged: Judged
) -> tuple[Number, ...]:
    """The number of each panel that was asked for, as of the last bracket.

    One whose selector matches no series at all is ``query/no-data``, and no number besides.
    """
    looked = [bracket for bracket in brackets if bracket.readings]
    if not looked:
        return ()
    settled = _Settled(looked[-1], judged)
    return tuple(
        _number(one.query, one.count, answers.values[one.count.grouped], settled)
        for one in asked
        if one.count
        and one.count.grouped in answers.values
        and all(answers.matched.get(selector) is not False for selector in one.selectors)
    )


def panel_value(found: Sequence[Number], reach: Reach) -> Iterator[Finding]:
    """Panels that show another number than the API makes."""
    wrong = [one for one in found if one.wrong]
    if not wrong:
        return
    first = wrong[0]
    worst = first.wrong[0]
    yield Finding(
        check="panel/value",
        severity="error",
        subjects=tuple(dict.fromkeys(Subject(one.query.asks, "", one.query.name) for one in wrong)),
        cause="value",
        summary=message(
            "panel/value/value.summary",
            count=len({one.query.name for one in wrong}),
            panel=first.query.name,
            rollout="/".join(worst.group[:2]),
            metric=_said(worst.metric),
            api=_said(worst.api),
        ),
        action=message("panel/value/value.action"),
        evidence={
            "panels": [
                {"panel": one.query.name, "query": one.query.text, "wrong": len(one.wrong), "of": one.judged}
                for one in wrong
            ],
            "rollouts": [row for one in wrong for row in _rows(one)],
        },
        reproduce=reach.ask("query", query=first.promql),
    )


class _Settled:
    """Of which Rollouts it is certain what a panel should show: they stood still, and the scrape was theirs."""

    def __init__(self, bracket: Bracket, judged: Judged) -> None:
        self.bracket = bracket
        self.scope = judged.compared | judged.unjudged
        self.ghosts = {key for keys in judged.ghosts.values() for key in keys}
        self.counted = self.scope | self.ghosts
        known = self.scope & bracket.before.keys()
        self.listed = len(known)
        self.fleet = alike(bracket.before[key] for key in known)
        self._readings = judged.readings
        self._unreadable = judged.unreadable
        self._proven: dict[Key, dict[tuple[str, object], str]] = {}
        for one in judged.differences:
            self._proven.setdefault(one.key, {})[one.check, one.target] = one.check
        self._twice = {key for twice in judged.twice for key in twice.keys}

    def because(self, key: Key) -> str | None:
        """The check that says why this Rollout's share is wrong, "" for none: it is the query. ``None``: unsettled."""
        if key in self.ghosts:
            return "coverage/ghost"
        if not self.bracket.still(key) or key not in self.scope or key in self._unreadable:
            return None
        proven = self._proven.get(key, {})
        having = [reading for reading in self._readings if key in reading.series]
        found = {
            (one.check, one.target)
            for reading in having
            for one in compare(self.bracket.before[key], reading.series[key], reading)
            if one.check != "accuracy/meaning"
        }
        if not found <= proven.keys() or (not having and not proven):
            return None
        if key in self._twice:
            return "coverage/duplicate"
        return next((check for check in proven.values() if check != "accuracy/meaning"), "")


def _number(query: Query, count: Count, metric: Mapping[Group, float], settled: _Settled) -> Number:
    groups, shares = count.shares(settled.fleet)
    api: Mapping[Group, float] = {}
    differing: list[Group] = []
    if len(metric) != len(groups) or list(map(metric.get, groups)) != shares:
        api = dict(zip(groups, shares, strict=True))
        metric = {group: value for group, value in metric.items() if group[:2] in settled.counted}
        differing = sorted({group for group, _ in api.items() ^ metric.items()})
    wrong: list[Wrong] = []
    changes: dict[Key, float] = defaultdict(float)
    for group in differing:
        key = group[0], group[1]
        because = settled.because(key)
        if because is None:
            changes[key] += metric.get(group, 0.0) - api.get(group, 0.0)
        else:
            wrong.append(Wrong(group, metric.get(group), api.get(group), because))
    total = sum(shares)
    low, high = (total + sum(pick(change, 0.0) for change in changes.values()) for pick in (min, max))
    shown = sum(metric.values()) if count.added else None
    return Number(query, count.grouped.promql, shown, low, high, tuple(wrong), settled.listed)


def _rows(one: Number) -> list[Json]:
    return [
        {
            "panel": one.query.name,
            "rollout": "/".join(wrong.group[:2]),
            "panel shows": _said(wrong.metric),
            "api": _said(wrong.api),
            "because of": wrong.because or "the query",
        }
        for wrong in one.wrong[:SHOWN]
    ]


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
