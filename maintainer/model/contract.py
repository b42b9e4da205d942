"""The metrics that the Argo Rollouts controller exposes, by its version: ``controller-metrics.yaml`` in Python."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

INFO = "rollout_info"
AVAILABLE = "rollout_info_replicas_available"
UNAVAILABLE = "rollout_info_replicas_unavailable"
DESIRED = "rollout_info_replicas_desired"
UPDATED = "rollout_info_replicas_updated"
GAUGES = (DESIRED, UPDATED, AVAILABLE, UNAVAILABLE)

STATES = ("rollout_phase", "analysis_run_phase", "experiment_phase", "analysis_run_metric_phase")
"""The families with a series for each phase: 1 for the current phase, 0 for the others."""

SHARED = re.compile(r"(workqueue|process|go|build|(registered|disabled|hidden)_metrics|cardinality_enforcement)_.*")
"""Families that many other programs expose too: a query that reads them may not be about the controller."""

Release = tuple[int, int, int]
"""Major, minor and patch."""

_RELEASE = re.compile(r"(?<!\d)v?(\d+)\.(\d+)(?:\.(\d+))?")
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SUFFIXES = ("_bucket", "_sum", "_count")


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a family.

    ``values`` are all values that it can have (``None``: any). ``optional`` labels can be absent. ``since`` is the
    first release that has the label (``None``: as long as the family). ``usual`` are the values that the controller is
    known to write where others cannot be excluded. ``generated`` is the kind of object whose name it is, which the
    controller makes of a Rollout's name, a hash and a number.
    """

    values: tuple[str, ...] | None = None
    optional: bool = False
    since: Release | None = None
    usual: tuple[str, ...] | None = None
    generated: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric family, and the releases that have it.

    ``since`` is the first release (``None``: not released yet), ``until`` the last (``None``: still there).
    ``deprecated`` is the release that deprecated it. ``constant`` is the value of all its series, if they all have the
    same. ``details`` describes each of ``labels``. A histogram's ``le`` is in neither of them.
    """

    name: str
    labels: frozenset[str]
    since: Release | None
    kind: str = "gauge"
    until: Release | None = None
    deprecated: Release | None = None
    replaced_by: str = ""
    constant: float | None = None
    buckets: tuple[float, ...] = ()
    details: Mapping[str, Label] = field(default_factory=dict)

    @property
    def series(self) -> tuple[str, ...]:
        """The metric names in Prometheus: a histogram has three, and none of them is the name of the family."""
        return tuple(self.name + suffix for suffix in _SUFFIXES) if self.kind == "histogram" else (self.name,)


@cache
def families() -> Mapping[str, Family]:
    """All families by name."""
    document = _document()
    return {entry["name"]: _family(entry, document["enums"]) for entry in document["metrics"]}


@cache
def not_exposed() -> Mapping[str, str]:
    """Metrics that queries may expect from the controller, by name, with the reason why it does not expose them."""
    names = {entry["name"]: entry["why"] for entry in _document()["not_exposed"]}
    return {name: why for name, why in names.items() if name.isidentifier()}


def series_named(text: str) -> bool:
    """Whether a text holds the name of a series that only the controller exposes."""
    return any(word in _own_series() for word in _WORD.findall(text))


@cache
def _own_series() -> frozenset[str]:
    own = (family for family in families().values() if not SHARED.fullmatch(family.name))
    return frozenset(name for family in own for name in family.series)


def release(text: str) -> Release | None:
    """(1, 9, 2) for ``v1.9.2`` and for ``v1.9.2+abc``; ``None`` if the text does not begin with a release."""
    found = _RELEASE.match(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def emitted_by(family: str, version: Release | None) -> bool:
    """Whether a controller of this version exposes the family; ``None``, an unknown version, counts as the newest."""
    known = families()[family]
    if known.since is None or (known.until and (version is None or version > known.until)):
        return False
    return version is None or version >= known.since


@cache
def newest() -> Release:
    """The newest release whose source code was read for the YAML file."""
    releases = _RELEASE.findall(" ".join(_document()["sources_checked"]))
    return max((int(major), int(minor), int(patch or 0)) for major, minor, patch in releases)


@cache
def _document() -> Mapping[str, Any]:
    text = files("maintainer.model").joinpath("controller-metrics.yaml").read_text("utf-8")
    document: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    return document


def _family(entry: Mapping[str, Any], enums: Mapping[str, list[str]]) -> Family:
    return Family(
        name=entry["name"],
        labels=frozenset(entry["labels"]),
        since=release(entry["since"]),
        kind=entry["type"],
        until=release(entry.get("until") or ""),
        deprecated=release(entry.get("deprecated", "")),
        replaced_by=entry.get("replaced_by", ""),
        constant=entry.get("value"),
        buckets=tuple(entry.get("buckets", ())),
        details={name: _label(spec, enums) for name, spec in entry["labels"].items()},
    )


def _label(spec: str | Mapping[str, Any], enums: Mapping[str, list[str]]) -> Label:
    if isinstance(spec, str):
        return Label()
    listed = tuple(enums[spec["enum"]]) if "enum" in spec else None
    values = listed and tuple(value for value in listed if value)
    # Prometheus stores a label with the value "" as an absent label.
    optional = bool(spec.get("or_empty")) or values != listed
    usual = tuple(enums[spec["open_set"]]) if "open_set" in spec else None
    return Label(values, optional, release(spec.get("since", "")), usual, spec.get("generated", ""))
