"""Which Rollouts the controller overlooks: it acts on an older version of them that it has in its cache.

A controller before v1.10 puts what it has just written into its cache, over a newer version that came in between
(argo-rollouts issues 3316, 4073 and 4694). It does not see that version until something writes the Rollout again.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from maintainer.analyse.accuracy.compare import Difference, agrees, whole
from maintainer.analyse.accuracy.phases import metric_phase
from maintainer.model.contract import DESIRED
from maintainer.model.facts import Bracket, Key, Pending, Rollout, Scrape
from maintainer.model.report import Json

CHECK = "controller/stale-cache"
NOT_ACTED_ON, OLDER = "not-acted-on", "older"
"""The causes: by the API's object alone, and by metrics that show an older state of it."""

TIME_TO_RECONCILE = 60.0
"""Seconds in which a controller acts on a change. A busy controller needs seconds, one that has overlooked it hours."""


def not_acted_on(rollout: Rollout, scrapes: Sequence[Scrape]) -> Difference | None:
    """What the controller behind these scrapes, which expose the Rollout, has not acted on in a bracket.

    A Rollout that is being deleted is not reconciled, and the status of one that cannot be is not calculated anew.
    """
    pending = rollout.pending
    if pending is None or rollout.deleting or not scrapes:
        return None
    if pending.request != "spec":
        stuck = metric_phase(rollout) in {"InvalidSpec", "Error"}
        return None if stuck else Difference(CHECK, NOT_ACTED_ON, rollout.key, (), pending.request, "not acted on")
    return Difference(CHECK, NOT_ACTED_ON, rollout.key, (), *_spec(rollout, pending, scrapes))


def _spec(rollout: Rollout, pending: Pending, scrapes: Sequence[Scrape]) -> tuple[dict[str, Json], dict[str, Json]]:
    """What the API has and what the controller has: the generation, and the replicas if the metrics show old ones."""
    shown = {scrape.series[rollout.key].gauges.get(DESIRED, rollout.desired) for scrape in scrapes}
    if len(shown) > 1 or shown == {rollout.desired}:
        return {"generation": pending.generation}, {"generation": pending.observed}
    return (
        {"generation": pending.generation, "replicas": rollout.desired},
        {"generation": pending.observed, "replicas": whole(min(shown))},
    )


def of_cache_or_pipeline(
    brackets: Sequence[Bracket], key: Key, proven: Sequence[Difference]
) -> tuple[str, Sequence[Difference]]:
    """The share and the differences of a Rollout with differences.

    As long as the controller may only be slow, it has none.
    """
    until = 1 + max(index for index, bracket in enumerate(brackets) if bracket.still(key))
    stale = any(difference.check == CHECK for difference in proven)
    older = not stale and _shows_older_state(brackets[:until], key)
    if (stale or older) and not _had_time(brackets[:until], key):
        return ("waiting" if only_stale(proven) else "unconfirmed"), ()
    found = [Difference(CHECK, OLDER, key, (), proven[0].api, proven[0].metric)] if older else []
    return "compared", [*found, *proven]


def _shows_older_state(brackets: Sequence[Bracket], key: Key) -> bool:
    """Whether the metrics show the Rollout as an earlier bracket has it in the API.

    The last two brackets have the Rollout at the same resourceVersion.
    """
    last = brackets[-1]
    exposing = [scrape for scrape in last.scrapes if key in scrape.series]
    older = {bracket.before[key] for bracket in brackets[:-2] if key in bracket.before}
    return bool(exposing) and any(
        rollout.resource_version != last.before[key].resource_version
        and all(agrees(rollout._replace(pending=None), scrape.series[key]) for scrape in exposing)
        for rollout in older
    )


def only_stale(differences: Iterable[Difference]) -> bool:
    """Whether the metrics are right in all that is compared."""
    return all(difference.check == CHECK for difference in differences)


def _had_time(brackets: Sequence[Bracket], key: Key) -> bool:
    """Whether the last version of the Rollout is there for longer than a reconcile takes, at the last bracket's list.

    By ``managedFields``, else by the brackets alone.
    """
    last = brackets[-1]
    now = last.before[key]
    same = takewhile(lambda bracket: _version(bracket.before, key) == now.resource_version, reversed(brackets))
    since = min(bracket.at for bracket in same)
    touched = now.pending.touched if now.pending else 0.0
    return last.at - (touched or since) >= TIME_TO_RECONCILE


def _version(rollouts: Mapping[Key, Rollout], key: Key) -> str:
    return rollouts[key].resource_version if key in rollouts else ""
