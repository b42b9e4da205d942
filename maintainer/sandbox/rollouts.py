"""Builds Rollout objects from the fleet's base object and the fragments of a state, with the variables filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from string import Template
from typing import Any
from zlib import crc32

from maintainer.sandbox.fleet import Fleet, Placed
from maintainer.sandbox.store import Object

SUBSCRIPTION = "notifications.argoproj.io/subscribe.on-rollout-aborted.slack"


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a Rollout; ``done`` is the share of its replicas that is updated, from 0 to 1."""

    replicas: int = 3
    done: float = 0.5
    revision: int = 2
    generation: int = 2


def usual(placed: Placed) -> Progress:
    """The default progress, with 2 to 6 replicas that depend on the name only."""
    return Progress(replicas=2 + crc32(placed.name.encode()) % 5)


def rollout(
    fleet: Fleet, placed: Placed, *, now: datetime, progress: Progress | None = None, age: timedelta = timedelta(0)
) -> Object:
    """The Rollout in its state as the API would return it, without uid and resourceVersion.

    ``age`` is the time since its creation.
    """
    state = fleet.states[placed.state]
    fragment: dict[str, Any] = {"spec": state.spec, "status": state.status}
    if placed.namespace in fleet.notified:
        fragment["metadata"] = {"annotations": {SUBSCRIPTION: "deployments"}}
    variables = {**_variables(placed, progress or usual(placed), now=now), "created": stamp(now - age)}
    item = fill(_merged(fleet.base, fragment), variables)
    if "status" in item:
        times = {"lastTransitionTime": variables["since"], "lastUpdateTime": variables["since"]}
        conditions = [{**times, **condition} for condition in item["status"]["conditions"]]
        item["status"] = {**item["status"], "conditions": conditions}
    return {**item, "metadata": {**item["metadata"], "managedFields": _managed_fields(item, variables["since"])}}


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """The value with each ``$variable`` replaced. A text that is only a variable gets the type of its value."""
    match value:
        case str() if "$" not in value:
            return value
        case str() if value.startswith("$") and value[1:] in variables:
            return variables[value[1:]]
        case str():
            return Template(value).safe_substitute(variables)
        case dict():
            return {name: fill(inner, variables) for name, inner in value.items()}
        case list():
            return [fill(inner, variables) for inner in value]
        case _:
            return value


def stamp(moment: datetime) -> str:
    """A time as Kubernetes writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _variables(placed: Placed, progress: Progress, *, now: datetime) -> dict[str, Any]:
    return {
        "namespace": placed.namespace,
        "name": placed.name,
        "replicas": progress.replicas,
        "surged": progress.replicas + 1,
        "doubled": progress.replicas * 2,
        "updated": max(1, ceil(progress.replicas * progress.done)),
        "generation": progress.generation,
        "observed": str(progress.generation),
        "image": f"v{progress.revision}",
        "hash": _hash(placed, progress.revision),
        "stable": _hash(placed, progress.revision - 1),
        "since": stamp(now),
    }


def _hash(placed: Placed, revision: int) -> str:
    return f"{crc32(f'{placed.namespace}/{placed.name}/{revision}'.encode()):08x}"


def _merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON merge patch: mappings are merged, ``None`` removes, anything else replaces."""
    result = dict(base)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            inner = result.get(name)
            result[name] = _merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def _managed_fields(item: Mapping[str, Any], since: str) -> list[dict[str, Any]]:
    """The ``managedFields``: Helm owns labels and spec, and the controller owns the status."""
    declared = {"metadata": _owned({"labels": item["metadata"]["labels"]}), "spec": _owned(item["spec"])}
    entries = [_manager("helm", {f"f:{name}": value for name, value in declared.items()}, since=since)]
    if "status" in item:
        fields = {"f:status": _owned(item["status"])}
        entries.append({**_manager("rollouts-controller", fields, since=since), "subresource": "status"})
    return entries


def _manager(name: str, fields: Mapping[str, Any], *, since: str) -> dict[str, Any]:
    return {
        "manager": name,
        "operation": "Update",
        "apiVersion": "argoproj.io/v1alpha1",
        "time": since,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def _owned(value: Any) -> dict[str, Any]:
    return {f"f:{name}": _owned(inner) for name, inner in value.items()} if isinstance(value, Mapping) else {}
