"""The scrape targets that are Argo Rollouts controllers, and how often they are scraped."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from maintainer.collect.promql import target_of
from maintainer.model.facts import Labels, Target
from maintainer.model.scope import Scope

DEFAULT_INTERVAL, DEFAULT_TIMEOUT = 60.0, 10.0
_NAME = "argo-rollouts"
_META = "__meta_kubernetes_"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the slowest of some targets is scraped and how long that may take, in seconds."""

    interval: float
    timeout: float

    @property
    def window(self) -> float:
        """A new scrape must have arrived within this, and a range of this length holds one."""
        return 2 * self.interval + self.timeout


def of_controllers(targets: Iterable[Target], known: Collection[Labels], scope: Scope) -> tuple[Target, ...]:
    """The controllers' targets: ``known`` by their metrics of the last hour, or by the way they were discovered.

    One that is down since long ago has no metrics left, so the Service, the pods' usual label and the job's usual names
    count as well.
    """
    return tuple(one for one in targets if target_of(dict(one.labels), scope) in known or _discovered(one, scope))


def _discovered(target: Target, scope: Scope) -> bool:
    found = target.discovered
    if f"{_META}namespace" in found and found[f"{_META}namespace"] != scope.controller_namespace:
        return False
    return (
        found.get(f"{_META}service_name") == scope.service
        or found.get(f"{_META}pod_label_app_kubernetes_io_name") == _NAME
        or dict(target.labels).get("job") in {_NAME, scope.service}
    )


def pace(targets: Sequence[Target] | None, wanted: Iterable[Labels], scope: Scope) -> Pace:
    """The pace of the slowest of the wanted targets; Prometheus' defaults where nothing is known."""
    chosen = frozenset(wanted)
    found = [one for one in targets or () if target_of(dict(one.labels), scope) in chosen]
    if not found:
        return Pace(DEFAULT_INTERVAL, DEFAULT_TIMEOUT)
    return Pace(max(one.interval for one in found), max(one.timeout for one in found))


def at_both_ends(
    before: Sequence[Target], after: Sequence[Target], *, now: float
) -> tuple[frozenset[Labels], frozenset[Labels]]:
    """The targets that were down and still are, and those that are up and were not scraped when they should have been.

    Of a target whose turn has not come yet, such as a standby's in a short run, nothing is said. ``now`` is the
    server's own time.
    """
    earlier = {one.labels: one for one in before}
    pairs = [(earlier[one.labels], one) for one in after if one.labels in earlier]
    down = frozenset(later.labels for was, later in pairs if not was.healthy and not later.healthy)
    due = [later for was, later in pairs if was.last_scrape == later.last_scrape]
    still = frozenset(one.labels for one in due if now - one.last_scrape > Pace(one.interval, one.timeout).window)
    return down, still - down
