"""When a controller was scraped since a time: one query about a few Rollouts, however large the fleet is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import ceil

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy.promql import selector
from maintainer.collect.accuracy.targets import pace
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import INFO
from maintainer.model.duration import duration
from maintainer.model.facts import FleetObservation, Rollout, ScrapedTimes
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

STEPS = 1440
"""The most steps of the query: one a minute for a day."""
SHORTEST = 600
"""Seconds without a scrape that are told. A Prometheus is back before, also when it is restarted on another node."""
LONGEST = 14 * 86400
"""Seconds that are looked back: Prometheus keeps samples for 15 days where nothing else is set."""
ASKED = 5
"""The Rollouts that are asked for. One of them would do, unless it was the one that is not exposed."""
YOUNG = 600.0
"""Seconds after its creation in which a Rollout may not have been scraped yet."""
NAME_LABELS = ("name", "exported_name")
OLDEST_SAMPLE = "prometheus_tsdb_lowest_timestamp_seconds"


def scraped_times(
    prometheus: Prometheus, scope: Scope, *, observation: FleetObservation, since: datetime, until: datetime
) -> ScrapedTimes | None:
    """When the controller's Rollouts were scraped, by those that have been there for longest.

    ``up`` would not show a standby that is scraped while the leader is not. ``None`` without such Rollouts, or if the
    time is too short. Raises :class:`SourceUnavailable`.
    """
    rollouts, now = _longest_there(observation, scope)
    if not rollouts:
        return None
    end = int(min(until.timestamp(), prometheus.time()))
    born = max(rollout.created for rollout in rollouts)
    start = ceil(max(since.timestamp(), end - LONGEST, born + YOUNG if born > since.timestamp() else 0))
    start = max(start, _oldest_sample(prometheus))
    step = max(60, ceil((end - start) / STEPS))
    steps = (end - start) // step
    if steps < 1:
        return None
    usual = pace(observation.targets, (scrape.target for bracket in observation.brackets for scrape in bracket.scrapes))
    width = ceil(max(SHORTEST, usual.window, step))
    end = start + steps * step
    query = _query(scope, [rollout.name for rollout in rollouts], width)
    return ScrapedTimes(start, end, step, width, prometheus.times(query, start=start, end=end, step=step), now)


def _longest_there(observation: FleetObservation, scope: Scope) -> tuple[Sequence[Rollout], bool]:
    """The oldest of the Rollouts that are scraped now, or of all if none is; and whether they are."""
    for bracket in observation.brackets[-1:]:
        own = [rollout for rollout in bracket.before.values() if rollout.instance_id == scope.instance_id]
        exposed = {key for scrape in bracket.scrapes for key in scrape.series}
        scraped = [rollout for rollout in own if rollout.key in exposed]
        ordered = sorted(scraped or own, key=lambda rollout: (rollout.created, rollout.key))
        return ordered[:ASKED], bool(scraped)
    return (), False


def _oldest_sample(prometheus: Prometheus) -> int:
    """The time of the oldest sample; 0 where that is not told, as by another engine."""
    try:
        return ceil(prometheus.own((OLDEST_SAMPLE,)).get(OLDEST_SAMPLE, 0.0))
    except SourceUnavailable:
        return 0


def _query(scope: Scope, names: Sequence[str], width: int) -> str:
    """A Rollout's name is in another label where the target has a label ``name`` of its own."""
    wanted = "|".join(sorted({name.replace(".", "\\.") for name in names}))
    own = (replace(scope, matchers=(*scope.matchers, matcher(label, wanted, op="=~"))) for label in NAME_LABELS)
    series = (f"present_over_time({selector(INFO, of_label)}[{duration(width)}])" for of_label in own)
    return f"count({' or '.join(series)})"
