"""Names that are mistaken for the controller's: metrics with another prefix, suffix or spelling, and labels."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from maintainer.analyse.promql.contract_series import ContractSeries, exposed
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

# Prefixes that the controller does not write, and wrong suffixes, each with the one that a histogram has.
_PREFIX = re.compile(r"argo_?rollouts?_|argo_")
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
_TARGET_LABELS = ("job", "service", "container", "app", "app_kubernetes_io_name")


@dataclass(frozen=True, slots=True)
class UnknownMetric:
    """Why there is no such metric, and the ``intended`` one, "" if that is not certain."""

    why: Message
    intended: str = ""


def unknown_metric(selector: Selector, name: str, version: Release | None) -> UnknownMetric | None:
    """Why the controller never exposes this name; ``None`` if it does, or if it is no name of the controller's."""
    if name in exposed(version) or ":" in name:
        return None
    family = _families_by_series().get(name)
    return _not_in_version(family, name, version) if family else _unknown_family(selector, name, version)


def _unknown_family(selector: Selector, name: str, version: Release | None) -> UnknownMetric | None:
    right = _nearest(name, version)
    reason = not_exposed().get(name)
    if reason and (right or _selects_controller(selector)):
        return UnknownMetric(message("query/unknown-metric.not-exposed", metric=name, reason=reason), right)
    if right in families() and right not in exposed(version):
        return UnknownMetric(_why_near(name, " / ".join(families()[right].series)))
    if right:
        return UnknownMetric(_why_near(name, right), right)
    if _FOREIGN_PREFIX.match(name):
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
    return UnknownMetric(message("query/unknown-metric.histogram", metric=name, series=", ".join(family.series)))


def _text(version: Release) -> str:
    return "v" + ".".join(map(str, version))


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
    if name.startswith(("experiment", "notification")):
        return ""
    known = exposed(version)
    histograms = {series.family.name for series in known.values() if series.family} - set(known)
    for form in _without_prefix(name.lower()):
        for variant in (form, *_other_suffixes(form), f"{form}_total"):
            if variant in known or variant in histograms:
                return variant
    spellings = (name, *_other_suffixes(name)) if _CONTROLLER_WORD.search(name) else ()
    close = {right for right in known for spelling in spellings if _close(spelling.lower(), right)}
    return close.pop() if len(close) == 1 else ""


def _without_prefix(name: str) -> Iterator[str]:
    """The name, and the names that it may be without a wrong prefix."""
    yield name
    prefix = _PREFIX.match(name)
    if prefix:
        rest = name[prefix.end() :]
        yield from (rest, f"rollout_{rest}", f"rollout_info_{rest}")


def _other_suffixes(name: str) -> Iterator[str]:
    for suffix, right in _SUFFIXES.items():
        if name.endswith(suffix):
            stem = name.removesuffix(suffix)
            yield from (stem + right, stem)


def _close(name: str, right: str) -> bool:
    return len(right) >= 10 and abs(len(name) - len(right)) <= 2 and _distance(name, right) <= 2


def _distance(name: Collection[str], other: Collection[str]) -> int:
    """The Levenshtein distance: letters to add, remove or change to get from a name to the other."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(name, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
