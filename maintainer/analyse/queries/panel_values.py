"""What panels show beside what the API makes of it, Rollout by Rollout."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.compare import compare
from maintainer.analyse.queries.panel_query import PanelQuery, by_state
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.model.facts import Bracket, Key
from maintainer.model.loaded_queries import Group, QueryResults
from maintainer.model.queries import Query


@dataclass(frozen=True, slots=True)
class WrongShare:
    """A Rollout's share that is not the API's (``None``: none at all), and the check that says why, "" if none does."""

    group: Group
    metric: float | None
    api: float | None
    because: str


@dataclass(frozen=True, slots=True)
class PanelValue:
    """What a panel shows, and what the API makes of it at least and at most: Rollouts may be moving.

    ``shown`` is ``None`` where the panel's number is not the sum of its Rollouts' shares. ``wrong`` are the shares that
    are wrong for certain; ``comparison`` counts the Rollouts that were looked at.
    """

    query: Query
    promql: str
    shown: float | None
    low: float
    high: float
    wrong: tuple[WrongShare, ...]
    comparison: int


def panel_values(
    planned: Sequence[PlannedQuery], results: QueryResults, brackets: Sequence[Bracket], comparison: Comparison
) -> tuple[PanelValue, ...]:
    """The number of each panel that was asked for, as of the last bracket.

    One whose selector matches no series at all is ``query/no-data``, and no number besides.
    """
    looked = [bracket for bracket in brackets if bracket.scrapes]
    if not looked:
        return ()
    settled = _Settled(looked[-1], comparison)
    return tuple(
        _panel_value(one.query, one.count, results.values[one.count.grouped], settled)
        for one in planned
        if one.count
        and one.count.grouped in results.values
        and all(results.matched.get(selector) is not False for selector in one.selectors)
    )


class _Settled:
    """Of which Rollouts it is certain what a panel should show: they stood still, and the scrape was theirs."""

    def __init__(self, bracket: Bracket, comparison: Comparison) -> None:
        self.bracket = bracket
        self.scope = comparison.compared | comparison.unjudged
        self.ghosts = {key for keys in comparison.ghosts.values() for key in keys}
        self.counted = self.scope | self.ghosts
        known = self.scope & bracket.before.keys()
        self.listed = len(known)
        self.fleet = by_state(bracket.before[key] for key in known)
        self._readings = comparison.scrapes
        self._unreadable = comparison.unreadable
        self._proven: dict[Key, dict[tuple[str, object], str]] = {}
        for one in comparison.differences:
            self._proven.setdefault(one.key, {})[one.check, one.target] = one.check
        self._twice = {key for twice in comparison.twice for key in twice.keys}

    def because(self, key: Key) -> str | None:
        """The check that says why this Rollout's share is wrong, "" for none: it is the query. ``None``: unsettled."""
        if key in self.ghosts:
            return "coverage/ghost"
        if not self.bracket.still(key) or key not in self.scope or key in self._unreadable:
            return None
        proven = self._proven.get(key, {})
        having = [scrape for scrape in self._readings if key in scrape.series]
        found = {
            (one.check, one.target)
            for scrape in having
            for one in compare(self.bracket.before[key], scrape.series[key], scrape)
            if one.check != "accuracy/meaning"
        }
        if not found <= proven.keys() or (not having and not proven):
            return None
        if key in self._twice:
            return "coverage/duplicate"
        return next((check for check in proven.values() if check != "accuracy/meaning"), "")


def _panel_value(query: Query, count: PanelQuery, metric: Mapping[Group, float], settled: _Settled) -> PanelValue:
    groups, shares = count.shares(settled.fleet)
    api: Mapping[Group, float] = {}
    differing: list[Group] = []
    if len(metric) != len(groups) or list(map(metric.get, groups)) != shares:
        api = dict(zip(groups, shares, strict=True))
        metric = {group: value for group, value in metric.items() if group[:2] in settled.counted}
        differing = sorted({group for group, _ in api.items() ^ metric.items()})
    wrong: list[WrongShare] = []
    changes: dict[Key, float] = defaultdict(float)
    for group in differing:
        key = group[0], group[1]
        because = settled.because(key)
        if because is None:
            changes[key] += metric.get(group, 0.0) - api.get(group, 0.0)
        else:
            wrong.append(WrongShare(group, metric.get(group), api.get(group), because))
    total = sum(shares)
    low, high = (total + sum(pick(change, 0.0) for change in changes.values()) for pick in (min, max))
    shown = sum(metric.values()) if count.added else None
    return PanelValue(query, count.grouped.promql, shown, low, high, tuple(wrong), settled.listed)
