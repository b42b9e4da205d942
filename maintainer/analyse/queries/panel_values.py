"""The numbers of panels compared with the API, Rollout by Rollout."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.compare import compare
from maintainer.analyse.accuracy.overlooked import CHECK as STALE_CACHE
from maintainer.analyse.queries.panel_query import PanelQuery, by_state
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.model.facts import Bracket, Key
from maintainer.model.loaded_queries import Group, QueryResults
from maintainer.model.queries import Query


@dataclass(frozen=True, slots=True)
class WrongShare:
    """A Rollout's share that differs from the API's; ``None`` is no share.

    ``because`` is the check that explains it, "" if no check does and the query is wrong.
    """

    group: Group
    metric: float | None
    api: float | None
    because: str


@dataclass(frozen=True, slots=True)
class PanelValue:
    """The number that a panel shows, and that of the API: from ``low`` to ``high``, as Rollouts may be changing.

    ``shown`` is ``None`` where the panel's number is not the sum of its Rollouts' shares. ``wrong`` are the shares that
    are certainly wrong; ``compared`` is the number of Rollouts that were compared, ``counted`` what the
    number counts, in the words of the query.
    """

    query: Query
    promql: str
    shown: float | None
    low: float
    high: float
    wrong: tuple[WrongShare, ...]
    compared: int
    counted: str = ""


def panel_values(
    planned: Sequence[PlannedQuery], results: QueryResults, brackets: Sequence[Bracket], comparison: Comparison
) -> tuple[PanelValue, ...]:
    """The number of each panel for which there is a result, as of the last bracket with scrapes.

    A panel with a selector that matches no series is left out: it is reported as ``query/no-data``.
    """
    scraped = [bracket for bracket in brackets if bracket.scrapes]
    if not scraped:
        return ()
    settled = _Settled(scraped[-1], comparison)
    return tuple(
        _panel_value(panel.query, panel.count, results.values[panel.count.grouped], settled)
        for panel in planned
        if panel.count
        and panel.count.grouped in results.values
        and all(results.matched.get(selector) is not False for selector in panel.selectors)
    )


class _Settled:
    """Tells for which Rollouts it is certain what a panel should show: they did not change around the scrape."""

    def __init__(self, bracket: Bracket, comparison: Comparison) -> None:
        self.bracket = bracket
        self.scope = comparison.compared | comparison.not_compared
        self.ghosts = {key for keys in comparison.ghosts.values() for key in keys}
        self.counted = self.scope | self.ghosts
        known = self.scope & bracket.before.keys()
        self.listed = len(known)
        self.fleet = by_state(bracket.before[key] for key in known)
        self._scrapes = comparison.scrapes
        self._unreadable = comparison.unreadable
        self._proven: dict[Key, dict[tuple[str, object], str]] = {}
        for difference in comparison.differences:
            self._proven.setdefault(difference.key, {})[difference.check, difference.target] = difference.check
        # Its panels are right as soon as the controller is: that is one finding, not two.
        self._overlooked = {found.key for found in comparison.differences if found.check == STALE_CACHE}
        self._twice = {key for duplicates in comparison.duplicates for key in duplicates.keys}

    def because(self, key: Key) -> str | None:
        """The check that explains a wrong share; "" if none does (the query is wrong), ``None`` if unsure."""
        if key in self.ghosts:
            return "coverage/ghost"
        if not self.bracket.still(key) or key not in self.scope or key in self._unreadable | self._overlooked:
            return None
        proven = self._proven.get(key, {})
        having = [scrape for scrape in self._scrapes if key in scrape.series]
        differing = {
            (difference.check, difference.target)
            for scrape in having
            for difference in compare(self.bracket.before[key], scrape.series[key], scrape)
            if difference.check != "accuracy/meaning"
        }
        if not differing <= proven.keys() or (not having and not proven):
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
    return PanelValue(query, count.grouped.promql, shown, low, high, tuple(wrong), settled.listed, count.counted)
