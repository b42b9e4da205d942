"""What arrives from the controllers' targets: how many samples of a scrape, and which metric families."""

from collections.abc import Iterable, Mapping
from math import isfinite

from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.counts import ScrapedSamples
from maintainer.model.facts import Labels, Target, target_of
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

_EXPOSED, _KEPT = "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"
_LIMIT = "scrape_sample_limit"
"""Only there with Prometheus' feature flag ``extra-scrape-metrics``."""


def scraped_samples(prometheus: Prometheus, scope: Scope, targets: Iterable[Target]) -> Mapping[Labels, ScrapedSamples]:
    """The samples of the newest scrape of each target. Raises :class:`SourceUnavailable`."""
    selectors = [
        _selector(scope, target, matcher("__name__", "|".join((_EXPOSED, _KEPT, _LIMIT)), op="=~"))
        for target in targets
    ]
    counts: dict[Labels, dict[str, int]] = {}
    query = " or ".join(selectors)
    for sample in prometheus.vector(query) if selectors else ():
        if not isfinite(sample.value):
            value = str(sample.value)
            who, url = prometheus.who, prometheus.url
            raise SourceUnavailable("prometheus-not-a-number", who=who, url=url, query=query, value=value)
        counts.setdefault(target_of(sample.labels), {})[sample.labels["__name__"]] = int(sample.value)
    return {
        target: ScrapedSamples(own[_EXPOSED], own[_KEPT], own.get(_LIMIT, 0))
        for target, own in counts.items()
        if _EXPOSED in own and _KEPT in own
    }


def arriving_families(prometheus: Prometheus, scope: Scope, targets: Iterable[Target]) -> frozenset[str]:
    """The names of all metrics that Prometheus has of these targets now. Raises :class:`SourceUnavailable`."""
    selectors = [_selector(scope, target) for target in targets if target.healthy]
    if not selectors:
        return frozenset()
    found = prometheus.vector(f"count by (__name__) ({' or '.join(selectors)})")
    return frozenset(sample.labels["__name__"] for sample in found if "__name__" in sample.labels)


def _selector(scope: Scope, target: Target, *matchers: str) -> str:
    own = dict(target.labels)
    identity = (matcher(name, own[name]) for name in ("job", "instance") if name in own)
    return f"{{{','.join((*scope.matchers, *identity, *matchers))}}}"
