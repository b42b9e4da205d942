"""The scrape targets that are Argo Rollouts controllers, and how often they are scraped."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import promql_parser

from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.duration import duration
from maintainer.model.facts import Labels, Target, target_of
from maintainer.model.matchers import value_test
from maintainer.model.scope import Scope

DEFAULT_INTERVAL, DEFAULT_TIMEOUT = 60.0, 10.0
MAX_WINDOW = 720.0
"""Seconds in which a new scrape must arrive for a run to wait for it: two intervals of 5 minutes, and a timeout."""
_NAME = "argo-rollouts"
_META = "__meta_kubernetes_"
_NAMING = (
    "service_name", "endpoints_name", "endpointslice_name", "pod_name",
    "pod_label_app", "pod_label_app_kubernetes_io_name", "service_label_app_kubernetes_io_name",
)  # fmt: skip
"""Labels of discovery that tell what a target is."""
_LIKE = re.compile("argo-?rollouts")
_NOT_LIKE = re.compile("dashboard|healthz|(^|[^a-z])ui([^a-z]|$)")
"""Other targets that are deployed beside the controller."""
_OPERATORS: Mapping[str, str] = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """The interval and the timeout of scrapes, in seconds."""

    interval: float
    timeout: float

    @property
    def window(self) -> float:
        """Seconds in which a new scrape must have arrived: two intervals, and the timeout for the scrape itself."""
        return 2 * self.interval + self.timeout


def all_targets(prometheus: Prometheus) -> tuple[Target, ...]:
    """The active targets of a server.

    Raises :class:`SourceUnavailable`, also for a server that has no configuration to scrape: another one does it.
    """
    targets = prometheus.targets()
    if not targets and not prometheus.config():
        raise SourceUnavailable("prometheus-no-targets", permanent=True, who=prometheus.who, url=prometheus.url)
    return targets


def controller_targets(targets: Iterable[Target], known: Collection[Labels], *, scope: Scope) -> tuple[Target, ...]:
    """The targets of controllers that no matcher of the scope excludes.

    ``known`` are those that had a controller's metrics within the last hour. A target that has been down for longer has
    none, so it is recognised by its discovery: by the Service, the usual label of the pods, or the usual name of a job.
    Where that finds none, targets that are down and are named after the controller are taken, also those of another
    port, job or namespace: a scrape job for the controller is there, and it fails.
    """
    candidates = [target for target in targets if _in_scope(dict(target.labels), scope)]
    certain = tuple(
        target for target in candidates if target_of(dict(target.labels)) in known or _is_controller(target, scope)
    )
    return certain or tuple(target for target in candidates if target.down and _is_like_controller(target))


def _is_controller(target: Target, scope: Scope) -> bool:
    discovered = target.discovered
    if discovered.get(f"{_META}namespace", scope.controller_namespace) != scope.controller_namespace:
        return False
    if discovered.get(f"{_META}service_name") == scope.service:
        return True
    if discovered.get(f"{_META}pod_label_app_kubernetes_io_name") == _NAME:
        # A job without a filter makes a target of every port of a pod, such as the port of the health check.
        return discovered.get(f"{_META}pod_container_port_name") == "metrics"
    return not discovered.get(f"{_META}pod_name") and dict(target.labels).get("job") in {_NAME, scope.service}


def _is_like_controller(target: Target) -> bool:
    """Whether a target is named after the controller, and not after something else that is deployed beside it."""
    discovered = [target.discovered.get(f"{_META}{name}", "") for name in _NAMING]
    names = " ".join((target.pool, dict(target.labels).get("job", ""), *discovered))
    port = target.discovered.get(f"{_META}pod_container_port_name", "")
    return _LIKE.search(names) is not None and not _NOT_LIKE.search(f"{names} {port}")


def _in_scope(own: Mapping[str, str], scope: Scope) -> bool:
    """Whether no matcher excludes the target.

    Matchers on labels that the target does not have are ignored: these can be external labels of Prometheus.
    """
    selector = promql_parser.parse(f"x{{{','.join(scope.matchers)}}}")
    matchers = selector.matchers.matchers if isinstance(selector, promql_parser.VectorSelector) else []
    tests = [
        (matcher.name, value_test(_OPERATORS[str(matcher.op)], matcher.value))
        for matcher in matchers
        if matcher.name in own
    ]
    return all(test is None or test(own[label]) for label, test in tests)


def pace(targets: Sequence[Target] | None, selected: Iterable[Labels]) -> Pace:
    """The longest interval and timeout of the selected targets; Prometheus' defaults if none of them is listed."""
    names = frozenset(selected)
    listed = [target for target in targets or () if target_of(dict(target.labels)) in names]
    if not listed:
        return Pace(DEFAULT_INTERVAL, DEFAULT_TIMEOUT)
    return Pace(max(target.interval for target in listed), max(target.timeout for target in listed))


def require_pace(prometheus: Prometheus, usual: Pace) -> None:
    """Raise :class:`SourceUnavailable` for scrapes that are so rare, or may take so long, that no run waits for one."""
    if usual.window > MAX_WINDOW:
        raise SourceUnavailable(
            "prometheus-slow-scrapes",
            permanent=True,
            who=prometheus.who,
            url=prometheus.url,
            interval=duration(usual.interval),
            timeout=duration(usual.timeout),
        )


def down_and_still(
    before: Sequence[Target], after: Sequence[Target], *, now: float
) -> tuple[frozenset[Labels], frozenset[Labels]]:
    """The targets that were down both times, and those that were not scraped in between although a scrape was due.

    ``now`` is Prometheus' time, in seconds since the epoch.
    """
    earlier = {target.labels: target for target in before}
    pairs = [(earlier[target.labels], target) for target in after if target.labels in earlier]
    down = frozenset(last.labels for first, last in pairs if first.down and last.down)
    still = frozenset(
        last.labels
        for first, last in pairs
        if first.last_scrape == last.last_scrape and now - last.last_scrape > Pace(last.interval, last.timeout).window
    )
    return down, still - down
