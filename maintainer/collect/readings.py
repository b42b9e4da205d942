"""One new scrape of each emitting target, out of Prometheus' raw samples."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.promql import rollout_of, samples, target_of
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.facts import Key, Labels, Reading, Series
from maintainer.model.scope import Scope


@dataclass(frozen=True, slots=True)
class _Raw:
    """One series of a family with its samples (time, value as text), oldest first."""

    target: Labels
    key: Key
    own: Mapping[str, str]
    values: list[tuple[float, str]]


@dataclass(slots=True)
class _Draft:
    """What is known of one target while its families come in."""

    at: float = 0.0
    renamed: bool = False
    namespace_label: str = ""
    infos: dict[Key, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    gauges: dict[Key, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    families: set[str] = field(default_factory=set)
    unreadable: set[Key] = field(default_factory=set)


def read(prometheus: Prometheus, scope: Scope, *, range_: float) -> tuple[Reading, ...]:
    """The newest scrape of every target that has Rollouts within the last ``range_`` seconds.

    A range hides staleness markers, and a phase that changes is a new series: so for each target and family only what
    was sampled at its newest scrape is kept.
    """
    at = prometheus.time()
    drafts: dict[Labels, _Draft] = defaultdict(_Draft)
    for family in (INFO, *GAUGES):
        found = [
            _Raw(target_of(own, scope), rollout_of(own), own, values)
            for own, values in prometheus.matrix(samples(family, scope, range_=range_), at=at)
        ]
        add = _add_info if family == INFO else _add_gauge
        for raw in _newest(found, drafts):
            add(drafts[raw.target], raw, family)
    return tuple(_reading(target, draft) for target, draft in sorted(drafts.items()) if draft.infos)


def _newest(found: Iterable[_Raw], drafts: Mapping[Labels, _Draft]) -> Iterable[_Raw]:
    """The series that their target still had at its newest scrape of this family."""
    newest: dict[Labels, float] = {}
    for raw in found:
        newest[raw.target] = max(newest.get(raw.target, 0.0), raw.values[-1][0])
    for target, at in newest.items():
        drafts[target].at = max(drafts[target].at, at)
    for raw in found:
        if raw.values[-1][0] == newest[raw.target]:
            yield raw


def _add_info(draft: _Draft, raw: _Raw, _family: str) -> None:
    if "exported_namespace" in raw.own:
        draft.renamed = True
        draft.namespace_label = raw.own.get("namespace", "")
    draft.infos[raw.key].append((raw.own.get("strategy", ""), raw.own.get("phase", "")))
    if raw.values[-1][1] != "1":
        draft.unreadable.add(raw.key)


def _add_gauge(draft: _Draft, raw: _Raw, family: str) -> None:
    draft.families.add(family)
    text = raw.values[-1][1]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        draft.unreadable.add(raw.key)
        return
    draft.gauges[raw.key][family] = value


def _reading(target: Labels, draft: _Draft) -> Reading:
    keys = draft.infos.keys() | draft.gauges.keys()
    series = {key: Series(tuple(sorted(draft.infos.get(key, ()))), draft.gauges.get(key, {})) for key in sorted(keys)}
    return Reading(
        target=target,
        at=draft.at,
        series=series,
        renamed=draft.renamed,
        namespace_label=draft.namespace_label,
        families=frozenset(draft.families),
        unreadable=frozenset(draft.unreadable),
    )
