"""The scrape targets that are Argo Rollouts controllers, and how often they are scraped."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import promql_parser

from maintainer.model.facts import Labels, Target, target_of
from maintainer.model.matchers import value_test
from maintainer.model.scope import Scope

DEFAULT_INTERVAL, DEFAULT_TIMEOUT = 60.0, 10.0
_NAME = "argo-rollouts"
_META = "__meta_kubernetes_"
_OPERATORS: Mapping[str, str] = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


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
    count as well. What contradicts the scope's matchers belongs to another cluster.
    """
    return tuple(
        one
        for one in targets
        if (target_of(dict(one.labels)) in known or _discovered(one, scope)) and _in_scope(dict(one.labels), scope)
    )


def _discovered(target: Target, scope: Scope) -> bool:
    found = target.discovered
    if f"{_META}namespace" in found and found[f"{_META}namespace"] != scope.controller_namespace:
        return False
    if found.get(f"{_META}service_name") == scope.service:
        return True
    if found.get(f"{_META}pod_label_app_kubernetes_io_name") == _NAME:
        # A pod's other ports, such as the one for its health, are targets of careless jobs and no metrics.
        return found.get(f"{_META}pod_container_port_name") == "metrics"
    return not found.get(f"{_META}pod_name") and dict(target.labels).get("job") in {_NAME, scope.service}


def _in_scope(own: Mapping[str, str], scope: Scope) -> bool:
    """Whether no matcher certainly excludes the target; one on a label that the target lacks does not.

    External labels are such labels.
    """
    selector = promql_parser.parse(f"x{{{','.join(scope.matchers)}}}")
    matchers = selector.matchers.matchers if isinstance(selector, promql_parser.VectorSelector) else []
    tests = [(one.name, value_test(_OPERATORS[str(one.op)], one.value)) for one in matchers if one.name in own]
    return all(test is None or test(own[label]) for label, test in tests)


def pace(targets: Sequence[Target] | None, wanted: Iterable[Labels]) -> Pace:
    """The pace of the slowest of the wanted targets; Prometheus' defaults where nothing is known."""
    chosen = frozenset(wanted)
    found = [one for one in targets or () if target_of(dict(one.labels)) in chosen]
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
    down = frozenset(later.labels for was, later in pairs if was.down and later.down)
    due = [later for was, later in pairs if was.last_scrape == later.last_scrape]
    still = frozenset(one.labels for one in due if now - one.last_scrape > Pace(one.interval, one.timeout).window)
    return down, still - down
