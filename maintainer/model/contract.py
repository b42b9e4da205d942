"""What the Argo Rollouts controller can emit, by its version: ``controller-metrics.yaml`` as Python values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

INFO = "rollout_info"
AVAILABLE = "rollout_info_replicas_available"
UNAVAILABLE = "rollout_info_replicas_unavailable"
DESIRED = "rollout_info_replicas_desired"
UPDATED = "rollout_info_replicas_updated"
GAUGES = (DESIRED, UPDATED, AVAILABLE, UNAVAILABLE)

_RELEASE = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family: its labels and the first release that has it (``None``: not released yet)."""

    name: str
    labels: frozenset[str]
    since: tuple[int, int, int] | None


@cache
def families() -> Mapping[str, Family]:
    """Every family of the contract by name."""
    document = yaml.safe_load(files("maintainer.model").joinpath("controller-metrics.yaml").read_text("utf-8"))
    return {
        entry["name"]: Family(entry["name"], frozenset(entry["labels"]), release(entry["since"]))
        for entry in document["metrics"]
    }


def release(text: str) -> tuple[int, int, int] | None:
    """``v1.9.2`` and ``v1.9.2+abc`` as (1, 9, 2); ``None`` where the text begins with no release."""
    found = _RELEASE.match(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def emitted_by(family: str, version: tuple[int, int, int] | None) -> bool:
    """Whether a controller of this version emits the family; an unknown version is taken for a current one."""
    since = families()[family].since
    return since is not None and (version is None or version >= since)
