"""The fleet of ``fleet.yaml``: the states of Rollouts, the Rollouts in each state, and the faults to plant."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from maintainer.errors import ConfigError
from maintainer.sandbox.store import Key

Fragment = Mapping[str, Any]
"""Part of a Kubernetes object, with ``$variables`` that are not filled in yet."""

Expected = frozenset[tuple[str, str]]
"""Check id and subject: ``Rollout/NS/NAME``, ``Target/JOB INSTANCE``, ``alert/NAME`` or ``panel/DASHBOARD / PANEL``."""


@dataclass(frozen=True, slots=True)
class State:
    """A state of Rollouts: fragments of spec and status, and the phase that the real controller exposes for them."""

    emits: str
    spec: Fragment
    status: Fragment | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A Rollout of the fleet and its state. ``moving`` Rollouts can be changed by a churn."""

    state: str
    namespace: str
    name: str
    moving: bool = False

    @property
    def key(self) -> Key:
        return self.namespace, self.name


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its kind, its other ``fields`` in ``fleet.yaml``, and the (check, subject) pairs to ``expect``.

    A fault that must be planted ``alone`` hides others, so it is planted only if it is asked for by its kind.
    """

    kind: str
    fields: Mapping[str, Any]
    expect: tuple[tuple[str, Mapping[str, str]], ...]
    alone: bool

    @property
    def key(self) -> Key:
        """Namespace and name of the Rollout that has the fault."""
        return self.fields["namespace"], self.fields["name"]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The content of ``fleet.yaml``.

    ``faults`` are the planted faults, and ``known`` all that can be planted. ``journeys`` are steps by name, each of
    one or more writes (see ``churn``). The Rollouts of ``notified`` namespaces have a notification subscription.
    """

    base: Fragment
    states: Mapping[str, State]
    rollouts: tuple[Placed, ...]
    faults: tuple[Fault, ...]
    known: tuple[Fault, ...]
    journeys: Mapping[str, tuple[tuple[Mapping[str, Any], ...], ...]]
    notified: frozenset[str]
    analysis: Mapping[str, tuple[Mapping[str, Any], ...]]

    def healthy(self) -> "Fleet":
        """The same fleet without faults."""
        return replace(self, faults=())

    def with_faults(self, *kinds: str) -> "Fleet":
        """The same fleet with only the faults of these kinds. Raises ``ConfigError`` for an unknown kind."""
        if unknown := set(kinds) - {fault.kind for fault in self.known}:
            raise ConfigError(f"the fleet has no fault of kind {', '.join(sorted(unknown))}")
        return replace(self, faults=tuple(fault for fault in self.known if fault.kind in kinds))

    def with_rollouts(self, rollouts: Iterable[Placed]) -> "Fleet":
        """The fleet with these Rollouts and without faults, because the faults are about the usual Rollouts."""
        return replace(self, rollouts=tuple(rollouts), faults=())


def read_fleet() -> Fleet:
    """The fleet of ``fleet.yaml``, without the faults that must be alone. Raises ``ConfigError`` for a wrong file."""
    document = yaml.safe_load(files("maintainer.sandbox").joinpath("fleet.yaml").read_text("utf-8"))
    known = tuple(_fault(entry) for entry in document["faults"])
    fleet = Fleet(
        base=document["base"],
        states=MappingProxyType({name: _state(entry) for name, entry in document["states"].items()}),
        rollouts=_placed(document["groups"], frozenset(document["moving"])),
        faults=tuple(fault for fault in known if not fault.alone),
        known=known,
        journeys={name: tuple(tuple(step) for step in steps) for name, steps in document["journeys"].items()},
        notified=frozenset(document["notified"]),
        analysis={kind: tuple(entries) for kind, entries in document["analysis"].items()},
    )
    _check(fleet)
    return fleet


def synthetic(count: int, *, state: str = "healthy-canary", per_namespace: int = 100) -> tuple[Placed, ...]:
    """``count`` Rollouts ``team-N/svc-NNNNN``, all in the same state."""
    return tuple(Placed(state, f"team-{n // per_namespace}", f"svc-{n:05}") for n in range(count))


def expected(fleet: Fleet, instances: Mapping[str, str]) -> Expected:
    """What a complete audit of this fleet must find; ``instances`` is the instance of the leader's target by job."""
    return frozenset((check, _subject(subject, instances)) for fault in fleet.faults for check, subject in fault.expect)


def states_now(fleet: Fleet) -> tuple[Placed, ...]:
    """The Rollouts, with the faults of the kind ``state`` planted."""
    changed = {fault.key: fault.fields["state"] for fault in fleet.faults if fault.kind == "state"}
    return tuple(replace(placed, state=changed.get(placed.key, placed.state)) for placed in fleet.rollouts)


def _state(entry: Mapping[str, Any]) -> State:
    return State(entry["emits"], entry.get("spec", {}), entry["status"])


def _placed(groups: Mapping[str, Mapping[str, list[str]]], moving: frozenset[str]) -> tuple[Placed, ...]:
    return tuple(
        Placed(state, namespace, name, moving=f"{namespace}/{name}" in moving)
        for namespace, states in groups.items()
        for state, names in states.items()
        for name in names
    )


def _fault(entry: Mapping[str, Any]) -> Fault:
    fields = {name: value for name, value in entry.items() if name not in ("fault", "expect", "alone")}
    expect = tuple((row["check"], subject) for row in entry["expect"] for subject in row["subjects"])
    return Fault(entry["fault"], fields, expect, alone=entry.get("alone", False))


def _subject(subject: Mapping[str, str], instances: Mapping[str, str]) -> str:
    """The subject as a report names it: kind, namespace and name, or the job and the instance of a target."""
    if subject["kind"] == "Target":
        return f"Target/{subject['job']} {instances[subject['job']]}"
    return "/".join(part for part in (subject["kind"], subject.get("namespace"), subject["name"]) if part)


def _check(fleet: Fleet) -> None:
    twice = [key for key, times in Counter(placed.key for placed in fleet.rollouts).items() if times > 1]
    states = {placed.state for placed in states_now(fleet)} - set(fleet.states)
    if twice or states:
        raise ConfigError(f"fleet.yaml: Rollouts named twice: {twice}; states not described: {sorted(states)}")
