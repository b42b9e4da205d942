"""Names that are mistaken for the controller's: metrics with another prefix, suffix or spelling, and labels."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from maintainer.analyse.promql.contract_series import ContractSeries, exposed
from maintainer.analyse.promql.metric_kinds import distance, one_letter_off, same_kind
from maintainer.analyse.promql.tokens import Selector
from maintainer.model.contract import SHARED, Family, Release, families, newest, not_exposed
from maintainer.model.message import Message, message

MISTAKEN_LABELS: Mapping[str, str] = {
    "rollout": "name",
    "rollout_name": "name",
    "exported_rollout": "name",
    "analysis_run": "name",
    "rollout_namespace": "namespace",
    "status": "phase",
    "state": "phase",
    "rollout_status": "phase",
    "rollout_phase": "phase",
    "rollout_strategy": "strategy",
    "phase": "",
    "strategy": "",
    "traffic_router": "",
    "canary_weight": "",
    "revision": "",
}
"""Labels that queries wrongly expect, each with the family's label that is meant; "" where there is none.

Only these count as wrong: a target may add labels of any other name.
"""

FOREIGN_LABELS: Mapping[str, str] = {
    "kube_namespace": "Datadog",
    "kube_cluster_name": "Datadog",
    "kube_argo_rollout": "Datadog",
    "kube_deployment": "Datadog",
    "kube_ownerref_name": "Datadog",
    "kube_app_name": "Datadog",
    "deployment": "kube-state-metrics",
    "replicaset": "kube-state-metrics",
    "created_by_name": "kube-state-metrics",
    "created_by_kind": "kube-state-metrics",
    "owner_name": "kube-state-metrics",
    "owner_kind": "kube-state-metrics",
}
"""Labels that another program writes on its own metrics. A scrape may add them, so they are no proof."""

# Prefixes that the controller does not write, and wrong suffixes, each with the one that a histogram has.
_PREFIX = re.compile(r"argo_?rollouts?_|argo_|(?P<other>argo_?(?:cd|proj)_)")
_FOREIGN_PREFIX = re.compile(r"argo_?rollouts?_")
_SUFFIXES = {
    "_total": "_count",
    "_count": "",
    "_sum": "",
    "_bucket": "",
    "_seconds": "",
    "_seconds_bucket": "_bucket",
    "_seconds_sum": "_sum",
    "_seconds_count": "_count",
    "_seconds_total": "_sum",
    "_duration_seconds_bucket": "_bucket",
    "_duration_seconds_sum": "_sum",
    "_duration_seconds_count": "_count",
    "_count_total": "_count",
}
_CONTROLLER_WORD = re.compile(r"rollout|analysis_(?:run|template)|clientset_k8s")
_SHORTEST = 10
"""The shortest name of a metric that another one is near to by a letter or two."""
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_GENERIC = ("experiment", "notification")
"""The first words of families that may be the beginning of other programs' metrics."""
_TARGET_LABELS = ("job", "service", "container", "app", "app_kubernetes_io_name")


@dataclass(frozen=True, slots=True)
class UnknownMetric:
    """Why there is no such metric, and the ``intended`` one, "" if that is not certain.

    ``native``: a histogram's own name, which has samples where native histograms are on.
    """

    why: Message
    intended: str = ""
    native: bool = False


def unknown_metric(selector: Selector, name: str, version: Release | None) -> UnknownMetric | None:
    """Why the controller never exposes this name; ``None`` if it does, or if it is no name of the controller's."""
    if name in exposed(version) or not _NAME.fullmatch(name):
        return None
    family = _families_by_series().get(name)
    return _not_in_version(family, name, version) if family else _unknown_family(selector, name, version)


def _unknown_family(selector: Selector, name: str, version: Release | None) -> UnknownMetric | None:
    right = _nearest(name, version)
    reason = not_exposed().get(name)
    if right and not same_kind(name, right, _families_by_series()[right]):
        return UnknownMetric(message("query/unknown-metric.none", metric=name))
    if reason and (right or _selects_controller(selector)):
        return UnknownMetric(message("query/unknown-metric.not-exposed", metric=name, reason=reason), right)
    if right in families() and right not in exposed(version):
        return UnknownMetric(_why_near(name, " / ".join(families()[right].series)))
    if right:
        return UnknownMetric(_why_near(name, right), right)
    if _FOREIGN_PREFIX.match(name) or any(name.startswith(f"{family}_") for family in _unmistakable()):
        return UnknownMetric(message("query/unknown-metric.none", metric=name))
    return None


def looks_like_metric(word: str, *, selects: bool) -> bool:
    """Whether a word of any text is taken for a metric that the controller has not, or not any more.

    ``selects``: something that selects series stands after it. Without that, a name that only begins as the
    controller's own would, as in ``argo_rollouts_version``, is taken for something else.
    """
    if word in _families_by_series() or _nearest(word, None):
        return True
    return selects and _FOREIGN_PREFIX.match(word) is not None


def intended_label(label: str, series: ContractSeries, version: Release | None) -> str | None:
    """The label that is meant by one that the family never has, "" for none; ``None`` if a target may add it."""
    right = MISTAKEN_LABELS.get(label)
    if right is None or series.family is None or label in series.labels or label in series.later:
        return None
    if not right and version and version < (1, 0, 0):
        return None
    return right if right in series.labels else ""


def intended_grouping(label: str, series: ContractSeries, version: Release | None) -> str | None:
    """The label that is meant in a grouping; "" also for a run's name, which tells more apart than its Rollout's."""
    right = intended_label(label, series, version)
    return "" if right and series.labels[right].generated else right


def foreign_program(label: str, series: ContractSeries) -> str:
    """The program that writes a label which the controller's family does not have; "" for none that is known."""
    if series.family is None:
        return ""
    return "kube-state-metrics" if label.startswith("label_") else FOREIGN_LABELS.get(label, "")


def _why_near(name: str, right: str) -> Message:
    return message("query/unknown-metric.near", metric=name, right=right)


def _not_in_version(family: Family, name: str, version: Release | None) -> UnknownMetric | None:
    since, until = family.since, family.until
    if since is None:
        fits = version is None or version <= newest()
        return UnknownMetric(message("query/unknown-metric.unreleased", metric=name)) if fits else None
    if until and (version is None or version > until):
        return UnknownMetric(message("query/unknown-metric.until", metric=name, until=_text(until)))
    if version and version < since:
        return UnknownMetric(
            message("query/unknown-metric.since", metric=name, since=_text(since), version=_text(version))
        )
    return UnknownMetric(message("query/unknown-metric.none", metric=name), native=True)


def _text(version: Release) -> str:
    return "v" + ".".join(map(str, version))


@cache
def _unmistakable() -> frozenset[str]:
    """The families of which a longer name is taken for theirs."""
    return frozenset(family.name for family in _families_by_series().values() if not family.name.startswith(_GENERIC))


@cache
def _families_by_series() -> Mapping[str, Family]:
    own = [family for family in families().values() if not SHARED.fullmatch(family.name)]
    return {name: family for family in own for name in (family.name, *family.series)}


def _selects_controller(selector: Selector) -> bool:
    """Whether a matcher on a label of the target names Argo Rollouts."""
    matchers = [matcher for group in selector.alternatives for matcher in group]
    return any(
        matcher.label in _TARGET_LABELS and not matcher.negative and re.search("argo.?rollouts", matcher.value)
        for matcher in matchers
    )


@cache
def _nearest(name: str, version: Release | None) -> str:
    """The series or histogram of the contract that the name is a variant of; "" for none or several."""
    if name.startswith(_GENERIC):
        return ""
    known = exposed(version)
    histograms = {series.family.name for series in known.values() if series.family} - set(known)
    for form in _without_prefix(name.lower()):
        for variant in (form, *_other_suffixes(form), f"{form}_total"):
            if variant in known or variant in histograms:
                return variant
    if not _CONTROLLER_WORD.search(name):
        return _only({right for right in known if len(right) >= _SHORTEST and one_letter_off(name.lower(), right)})
    longer = {right for right in known if right.endswith(f"_{name}")}
    spellings = (name, *_other_suffixes(name))
    return _only(longer or {right for right in known for spelling in spellings if _close(spelling.lower(), right)})


def _only(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ""


def _close(name: str, right: str) -> bool:
    return len(right) >= _SHORTEST and abs(len(name) - len(right)) <= 2 and distance(name, right) <= 2


def _without_prefix(name: str) -> Iterator[str]:
    """The name, and the names that it may be without a wrong prefix."""
    yield name
    prefix = _PREFIX.match(name)
    if prefix:
        rest = name[prefix.end() :]
        yield rest
        if not prefix["other"]:
            yield from (f"rollout_{rest}", f"rollout_info_{rest}")
    elif name.startswith("rollout_replicas_"):
        yield name.replace("rollout_", "rollout_info_", 1)


def _other_suffixes(name: str) -> Iterator[str]:
    for suffix, right in _SUFFIXES.items():
        if name.endswith(suffix):
            stem = name.removesuffix(suffix)
            yield from (stem + right, stem)
