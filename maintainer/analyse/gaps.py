"""What could not be looked at, check by check."""

from collections.abc import Iterator, Mapping, Sequence

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.model.facts import FleetObservation, Unavailable
from maintainer.model.message import Message, message
from maintainer.model.report import Gap

ACCURACY = ("accuracy/meaning", "accuracy/phase", "accuracy/replicas", "accuracy/strategy")
AGAINST_API = (*ACCURACY, "coverage/ghost", "coverage/missing")
SERIES = ("coverage/duplicate", "label/namespace")
PIPELINE = ("pipeline/emitter", "pipeline/scrape", "pipeline/target")
OF_PODS = ("pipeline/rbac", "pipeline/rules-loaded")
"""What is asked about Prometheus' own pods."""
CHAIN = (
    *OF_PODS,
    "coverage/unwatched",
    "pipeline/alertmanager",
    "pipeline/reload",
    "pipeline/service",
    "pipeline/version",
)
"""The checks of the way of the metrics that ask Prometheus."""
OF_CLUSTER = (*OF_PODS, "coverage/unwatched", "pipeline/endpoints", "pipeline/service", "pipeline/version")
"""Those that ask the API."""
QUERIES = (
    "query/always-true",
    "query/dead-selector",
    "query/deprecated",
    "query/error",
    "query/no-data",
    "query/unknown-label",
    "query/unknown-metric",
)
ASKED = ("panel/value", "query/error", "query/no-data")
"""What must be asked of a Prometheus that has Rollouts."""

NEEDED_BY: Mapping[str, tuple[str, ...]] = {
    "cluster": (*AGAINST_API, *QUERIES, "panel/value", "pipeline/dashboard", "pipeline/emitter", *OF_CLUSTER),
    "rollouts": (*AGAINST_API, "panel/value", "pipeline/emitter", "coverage/unwatched"),
    "prometheus": (*AGAINST_API, *SERIES, *PIPELINE, *CHAIN, *QUERIES, "panel/value"),
    "scrapes": (*AGAINST_API, *SERIES, *PIPELINE, *ASKED, "coverage/unwatched", "pipeline/service"),
    "targets": ("pipeline/scrape", "pipeline/target"),
    "rules": (*QUERIES, "pipeline/alertmanager", "pipeline/rules-loaded"),
    "services": ("pipeline/endpoints", "pipeline/service"),
    "pods": ("coverage/unwatched", "pipeline/emitter", "pipeline/endpoints", "pipeline/service", "pipeline/version"),
    "endpointslices": ("pipeline/endpoints",),
    "leases": ("pipeline/emitter",),
    "versions": ("pipeline/version",),
    "reconciles": ("coverage/unwatched",),
    "runtimeinfo": ("pipeline/reload",),
    "config": ("pipeline/alertmanager", "pipeline/rbac"),
    "notifications": ("pipeline/alertmanager",),
    "alertmanagers": ("pipeline/alertmanager",),
    "alertmanager": ("pipeline/alertmanager",),
    "prometheus-pods": OF_PODS,
    "reviews": ("pipeline/rbac",),
    "configmaps": ("pipeline/rules-loaded",),
    "prometheusrules": ("pipeline/rules-loaded",),
    "dashboards": (*QUERIES, "panel/value", "pipeline/dashboard"),
    "answers": ASKED,
}
"""The checks that cannot be made where a source is not to be had."""

UNJUDGED_SHARE = 0.05
"""More Rollouts than this that nothing can be said of are a gap, not a footnote."""


def gaps(observation: FleetObservation, comparison: Comparison, namespaces: Sequence[str] = ()) -> Iterator[Gap]:
    """Every check that could not run, or not for enough of the fleet, with its reason.

    ``namespaces`` are those that the settings name; () is all, of which none has to have Rollouts.
    """
    seen: set[Gap] = set()
    for gap in (
        *unavailable_gaps(observation.unavailable),
        *_nothing_to_compare(observation, comparison),
        *_empty(observation, namespaces),
        *_too_few(comparison),
    ):
        if gap not in seen:
            seen.add(gap)
            yield gap


def unavailable_gaps(sources: Sequence[Unavailable]) -> Iterator[Gap]:
    """The checks that the sources which could not be looked at keep from running."""
    for one in sources:
        for check in NEEDED_BY[one.source]:
            yield Gap(check, "permanent" if one.permanent else "passing", one.reason)


def _nothing_to_compare(observation: FleetObservation, comparison: Comparison) -> Iterator[Gap]:
    """Both sides answered, and yet nothing could be compared."""
    blind = {one.source for one in observation.unavailable} & {"cluster", "prometheus", "rollouts", "scrapes"}
    if blind and (not comparison.listed or blind & {"prometheus", "scrapes"}):
        return
    if not comparison.listed:
        yield from _each((*ACCURACY, *ASKED, "coverage/missing"), message("gap/no-rollouts"), permanent=True)
    elif not comparison.scrapes:
        reason = "gap/no-emitter" if observation.silent else "gap/no-new-scrape"
        yield from _each((*AGAINST_API, *SERIES, *ASKED, "coverage/unwatched"), message(reason), permanent=False)
    elif comparison.listed == comparison.outside:
        others = message("gap/other-instance", count=comparison.outside)
        yield from _each((*ACCURACY, *ASKED, "coverage/missing"), others, permanent=True)


def _empty(observation: FleetObservation, namespaces: Sequence[str]) -> Iterator[Gap]:
    """A namespace that was named and has no Rollouts is misspelt: the API lists nothing of one that does not exist."""
    for bracket in observation.brackets[-1:]:
        for namespace in sorted((bracket.namespaces or frozenset()) & set(namespaces)):
            if not any(key[0] == namespace for key in bracket.before):
                reason = message("gap/no-rollouts-in-namespace", namespace=namespace)
                yield from _each((*ACCURACY, "coverage/missing"), reason, permanent=True)


def _too_few(comparison: Comparison) -> Iterator[Gap]:
    total = len(comparison.compared) + len(comparison.unjudged)
    if comparison.unreadable:
        yield from _each(ACCURACY, message("gap/unreadable", **_some(comparison.unreadable)), permanent=False)
    rest = comparison.moving | comparison.unconfirmed
    if len(rest) > UNJUDGED_SHARE * total:
        yield from _each(ACCURACY, message("gap/moving", total=total, **_some(rest)), permanent=False)


def _some(keys: frozenset[tuple[str, str]]) -> dict[str, int | str]:
    names = ["/".join(key) for key in sorted(keys)]
    return {"count": len(names), "names": ", ".join(names[:3]) + (" …" if len(names) > 3 else "")}


def _each(checks: tuple[str, ...], reason: Message, *, permanent: bool) -> Iterator[Gap]:
    for check in checks:
        yield Gap(check, "permanent" if permanent else "passing", reason)
