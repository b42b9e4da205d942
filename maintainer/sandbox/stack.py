"""The deployed monitoring (``stack.yaml``): rules, dashboard and Alertmanager, with the faults planted in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from maintainer.sandbox.fleet import Fault
from maintainer.sandbox.grafana import dashboard

Document = Mapping[str, Any]
"""The content of a YAML or JSON file."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The monitoring: ``rules`` is the deployed rule file, and ``loaded`` are the rules that Prometheus has loaded."""

    rules: Document
    loaded: Document
    dashboard: Document
    alertmanager: Document


def stack(faults: Iterable[Fault]) -> Stack:
    """The stack with those of the faults that are about it."""
    document = yaml.safe_load(files("maintainer.sandbox").joinpath("stack.yaml").read_text("utf-8"))
    planted = [(fault.kind, fault.fields) for fault in faults]
    [group] = document["groups"]
    rules = _merged(group["rules"], [fields["rule"] for kind, fields in planted if kind == "alert"], by="alert")
    not_loaded = {fields["alert"] for kind, fields in planted if kind == "rules-not-loaded"}
    board = document["dashboard"]
    panels = _merged(board["panels"], [fields["panel"] for kind, fields in planted if kind == "panel"], by="title")
    unrouted = [fields for kind, fields in planted if kind == "unrouted"]
    return Stack(
        rules={"groups": [{**group, "rules": rules}]},
        loaded={"groups": [{**group, "rules": [rule for rule in rules if rule["alert"] not in not_loaded]}]},
        dashboard=dashboard(board["title"], variables=board["variables"], panels=panels),
        alertmanager=_unrouted(document["alertmanager"], unrouted),
    )


def text(document: Document) -> str:
    """The document as YAML."""
    return yaml.safe_dump(dict(document), sort_keys=False, width=1000, allow_unicode=True)


def _merged(entries: Sequence[Document], changes: Iterable[Document], *, by: str) -> list[Document]:
    """The entries, updated by the changes with the same name; a change with a new name becomes a new entry."""
    named = {entry[by]: entry for entry in entries}
    for change in changes:
        named[change[by]] = {**named.get(change[by], {}), **change}
    return list(named.values())


def _unrouted(config: Document, faults: Sequence[Document]) -> Document:
    """The configuration with routes of some alerts to a receiver that notifies no one."""
    if not faults:
        return config
    route = {**config["route"], "routes": [{"matchers": fault["matchers"], "receiver": "nobody"} for fault in faults]}
    return {**config, "route": route, "receivers": [*config["receivers"], {"name": "nobody"}]}
