"""What the Argo Rollouts controller can emit, by its version: ``controller-metrics.yaml`` as Python values."""

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
"""The families with one series for each phase, 0 or 1."""

SHARED = re.compile(r"(workqueue|process|go|build|(registered|disabled|hidden)_metrics|cardinality_enforcement)_.*")
"""Families that half of all programs expose: a query that reads one need not be about the controller."""

Release = tuple[int, int, int]

_RELEASE = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
_SUFFIXES = ("_bucket", "_sum", "_count")


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a family: all values that it can have (``None``: any), whether it may be absent, its first release."""

    values: tuple[str, ...] | None = None
    optional: bool = False
    since: Release | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family: its labels and the first release that has it (``None``: not released yet).

    ``emit`` is how it comes about: ``incremented`` is absent until something happens. ``until`` is the last release
    with it, ``None`` for those that are still there. ``constant`` is the one value that all its series have.
    ``details`` has the labels of ``labels``, without a histogram's ``le``.
    """

    name: str
    labels: frozenset[str]
    since: Release | None
    kind: str = "gauge"
    emit: str = "informer_scrape"
    until: Release | None = None
    deprecated: Release | None = None
    replaced_by: str = ""
    constant: float | None = None
    buckets: tuple[float, ...] = ()
    details: Mapping[str, Label] = field(default_factory=dict)

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which it is stored: a histogram has three, and none of its own name."""
        return tuple(self.name + suffix for suffix in _SUFFIXES) if self.kind == "histogram" else (self.name,)


@cache
def families() -> Mapping[str, Family]:
    """Every family of the contract by name."""
    document = _document()
    return {entry["name"]: _family(entry, document["enums"]) for entry in document["metrics"]}


@cache
def not_exposed() -> Mapping[str, str]:
    """Names that somebody may take for the controller's, each with the reason why it is not exposed."""
    names = {entry["name"]: entry["why"] for entry in _document()["not_exposed"]}
    return {name: why for name, why in names.items() if name.isidentifier()}


def release(text: str) -> Release | None:
    """``v1.9.2`` and ``v1.9.2+abc`` as (1, 9, 2); ``None`` where the text begins with no release."""
    found = _RELEASE.match(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def emitted_by(family: str, version: Release | None) -> bool:
    """Whether a controller of this version emits the family; an unknown version is taken for a current one."""
    known = families()[family]
    if known.since is None or (known.until and (version is None or version > known.until)):
        return False
    return version is None or version >= known.since


@cache
def newest() -> Release:
    """The newest release whose source the contract was read from."""
    found = _RELEASE.findall(" ".join(_document()["sources_checked"]))
    return max((int(major), int(minor), int(patch or 0)) for major, minor, patch in found)


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
        emit=entry["emit"],
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
    optional = bool(spec.get("or_empty")) or values != listed
    return Label(values, optional, release(spec.get("since", "")))
