"""Reads a single scrape of each target from Prometheus' raw samples."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from maintainer.clients.prometheus import Prometheus
from maintainer.clients.wire import RolloutSeries as RolloutStruct
from maintainer.clients.wire import keys, numbers
from maintainer.collect.accuracy.promql import samples_at
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import GAUGES, INFO, families
from maintainer.model.facts import Key, Labels, RolloutSeries, Scrape, target_name
from maintainer.model.scope import Scope


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads scrapes; ``rollouts`` are those of the API, which tell the label that holds their namespaces."""

    prometheus: Prometheus
    scope: Scope
    rollouts: Collection[Key]

    def series(self, family: str, target: Labels, *, at: float, label: str = "namespace") -> Sequence[RolloutStruct]:
        """The series of a family in the scrape of this time, with the Rollout's namespace in ``label``."""
        return self.prometheus.rollout_series(
            samples_at(family, self.scope, target=target), at=at, namespace_label=label
        )


def read_scrapes(
    prometheus: Prometheus, scope: Scope, *, scrapes: Mapping[Labels, float], rollouts: Collection[Key]
) -> tuple[Scrape, ...]:
    """What each target exposed in the scrape at its time in ``scrapes`` (seconds since the epoch).

    ``rollouts`` are those of the API. Every family is read at exactly that time. A longer range would also return
    series that have ended: a change of the phase ends a series and begins another, so a Rollout would have two phases.
    Raises :class:`SourceUnavailable`, also for a server that has no sample at a time that it reported itself.
    """
    reader = _Reader(prometheus, scope, rollouts)
    return tuple(_scrape(reader, target, at=at) for target, at in sorted(scrapes.items()))


def _scrape(reader: _Reader, target: Labels, *, at: float) -> Scrape:
    # To save memory, a family is added to the rows of the Rollouts before the next family is read.
    (label, copies), infos = _labelled_infos(reader, target, at=at)
    rows: dict[Key, list[Any]] = defaultdict(lambda: [(), None, None, None, None])
    own = keys(infos, label)
    for row, info in zip(map(rows.__getitem__, own), infos, strict=True):
        row[0] += ((info.metric.strategy, info.metric.phase),)
    unreadable = {key for key, number in zip(own, numbers(infos), strict=True) if number != 1}
    present = set()
    for column, family in enumerate(GAUGES, 1):
        if gauge := reader.series(family, target, at=at, label=label):
            present.add(family)
        for row, number in zip(map(rows.__getitem__, keys(gauge, label)), numbers(gauge), strict=True):
            row[column] = number
    by_rollout, not_finite = _series_by_rollout(rows)
    return Scrape(
        target=target,
        at=at,
        series=by_rollout,
        namespace_label=label,
        controller_namespace="" if label == "namespace" else _kept_namespace(infos),
        copies=copies,
        families=frozenset(present),
        unreadable=frozenset(unreadable | not_finite),
    )


def _kept_namespace(infos: Sequence[RolloutStruct]) -> str:
    """What the label ``namespace`` holds in the series whose Rollout's namespace is in another label."""
    return next((info.metric.namespace for info in infos if info.metric.exported_namespace is not None), "")


def _labelled_infos(
    reader: _Reader, target: Labels, *, at: float
) -> tuple[tuple[str, frozenset[str]], Sequence[RolloutStruct]]:
    """The label that holds the Rollouts' namespaces, its copies, and the series of ``rollout_info``.

    It is ``namespace`` or ``exported_namespace``, whichever gives more Rollouts of the API. Only where neither gives
    half of them, all labels are read, because relabelling can give the label any name.
    """
    infos = reader.series(INFO, target, at=at)
    if not infos:
        raise _incomparable(reader, "inexact", target=target)
    exported = any(info.metric.exported_namespace is not None for info in infos)
    usual = ("namespace", "exported_namespace") if exported else ("namespace",)
    hits = {label: _hits(keys(infos, label), reader.rollouts) for label in usual}
    most = max(hits.values())
    if 2 * most < min(len(infos), len(reader.rollouts)):
        label, other = _other_label(reader, target, at=at)
        if other > most:
            return (label, frozenset()), reader.series(INFO, target, at=at, label=label)
        if lacking := _lacking(keys(infos, usual[-1])):
            raise _incomparable(reader, "no-label", target=target, label=lacking)
    if not most:
        # Nothing tells the two apart. A label that Prometheus renamed is the more likely.
        return (usual[-1], frozenset()), infos
    label, *copies = (label for label in usual if hits[label] == most)
    return (label, frozenset(copies)), infos


def _incomparable(reader: _Reader, reason: str, *, target: Labels, **params: str) -> SourceUnavailable:
    who, url, name = reader.prometheus.who, reader.prometheus.url, target_name(dict(target))
    return SourceUnavailable(f"prometheus-{reason}", permanent=True, who=who, url=url, target=name, **params)


def _lacking(own: Sequence[Key]) -> str:
    """Which of the labels that identify a Rollout none of the series has; "" if some series have both."""
    return next(
        (label for label, values in zip(("namespace", "name"), zip(*own, strict=True), strict=True) if not any(values)),
        "",
    )


def _other_label(reader: _Reader, target: Labels, *, at: float) -> tuple[str, int]:
    """The label besides the contract's that gives the most Rollouts of the API, and how many these are."""
    hits: Counter[str] = Counter()
    for own in reader.prometheus.label_sets(samples_at(INFO, reader.scope, target=target), at=at):
        name = own.get("exported_name", own.get("name", ""))
        hits.update(label for label, value in own.items() if (value, name) in reader.rollouts)
    others = {label: count for label, count in hits.items() if label not in families()[INFO].labels}
    label = max(sorted(others), key=others.__getitem__, default="")
    return label, others.get(label, 0)


def _hits(own: Iterable[Key], rollouts: Collection[Key]) -> int:
    return sum(key in rollouts for key in own)


def _series_by_rollout(rows: Mapping[Key, Sequence[Any]]) -> tuple[dict[Key, RolloutSeries], set[Key]]:
    """The series of each Rollout, and the Rollouts with a value that is no finite number.

    Equal rows, which are most of a fleet, share an object to save memory.
    """
    contents = list(map(tuple, rows.values()))
    shared = {content: _series(*content) for content in set(contents)}
    not_finite = {content for content, series in shared.items() if not all(map(isfinite, series.gauges.values()))}
    return (
        dict(zip(rows, map(shared.__getitem__, contents), strict=True)),
        {key for key, content in zip(rows, contents, strict=True) if content in not_finite} if not_finite else set(),
    )


def _series(infos: tuple[tuple[str, str], ...], *gauges: float | None) -> RolloutSeries:
    values = zip(GAUGES, gauges, strict=True)
    return RolloutSeries(tuple(sorted(infos)), {family: value for family, value in values if value is not None})
