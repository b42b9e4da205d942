"""The fleet as ``fleet.yaml`` describes it: states of Rollouts, who is in which, and the faults to plant."""

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
"""Part of a Kubernetes object, with ``$words`` still to be filled in."""

Expected = frozenset[tuple[str, str]]
"""(check id, subject): ``Rollout/ns/name``, ``Target/JOB INSTANCE``, ``alert/NAME``, ``panel/DASHBOARD / PANEL``."""


@dataclass(frozen=True, slots=True)
class State:
    """A named state: fragments of spec and status, and the phase that the real controller prints for it."""

    emits: str
    spec: Fragment
    status: Fragment | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A Rollout of the fleet: which state it is in and what it is called."""

    state: str
    namespace: str
    name: str
    moving: bool = False

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return self.namespace, self.name


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault: its kind, what it is done to, and what each check that sees it must name.

    One that is ``alone`` hides others, so it is planted only where it is named.
    """

    kind: str
    fields: Mapping[str, Any]
    expect: tuple[tuple[str, Mapping[str, str]], ...]
    alone: bool

    @property
    def key(self) -> Key:
        """Namespace and name of the Rollout it is done to."""
        return self.fields["namespace"], self.fields["name"]


@dataclass(frozen=True, slots=True)
class Fleet:
    """All that ``fleet.yaml`` says. ``journeys`` are steps, each of one or more writes (see ``churn``).

    ``faults`` are planted; ``known`` are all that can be.
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
        """The same fleet with no fault."""
        return replace(self, faults=())

    def with_faults(self, *kinds: str) -> "Fleet":
        """The same fleet with the faults of these kinds only. Raises ``ConfigError`` for an unknown kind."""
        if unknown := set(kinds) - {fault.kind for fault in self.known}:
            raise ConfigError(f"the fleet has no fault of kind {', '.join(sorted(unknown))}")
        return replace(self, faults=tuple(fault for fault in self.known if fault.kind in kinds))

    def with_rollouts(self, rollouts: Iterable[Placed]) -> "Fleet":
        """Another list of Rollouts, without the faults, which name Rollouts of the usual list."""
        return replace(self, rollouts=tuple(rollouts), faults=())


def read_fleet() -> Fleet:
    """The fleet of ``fleet.yaml``, with its faults but for those alone. Raises ``ConfigError`` where it is wrong."""
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
    """``count`` Rollouts ``team-N/svc-NNNNN``, all in one state."""
    return tuple(Placed(state, f"team-{n // per_namespace}", f"svc-{n:05}") for n in range(count))


def expected(fleet: Fleet, instances: Mapping[str, str]) -> Expected:
    """What a complete check of this fleet must find; ``instances`` is the emitting target's instance by job."""
    return frozenset((check, _subject(subject, instances)) for fault in fleet.faults for check, subject in fault.expect)


def states_now(fleet: Fleet) -> tuple[Placed, ...]:
    """The Rollouts with the faults of kind ``state`` applied."""
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
    expect = tuple((one["check"], subject) for one in entry["expect"] for subject in one["subjects"])
    return Fault(entry["fault"], fields, expect, alone=entry.get("alone", False))


def _subject(subject: Mapping[str, str], instances: Mapping[str, str]) -> str:
    """Kind, namespace and name as far as they are given; a target is named by its job and its instance here."""
    if subject["kind"] == "Target":
        return f"Target/{subject['job']} {instances[subject['job']]}"
    return "/".join(part for part in (subject["kind"], subject.get("namespace"), subject["name"]) if part)


def _check(fleet: Fleet) -> None:
    twice = [key for key, times in Counter(placed.key for placed in fleet.rollouts).items() if times > 1]
    states = {placed.state for placed in states_now(fleet)} - set(fleet.states)
    if twice or states:
        raise ConfigError(f"fleet.yaml: Rollouts named twice: {twice}; states not described: {sorted(states)}")
