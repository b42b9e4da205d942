"""The monitoring as it was deployed (``stack.yaml``), with the faults that are planted in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from maintainer.sandbox.fleet import Fault
from maintainer.sandbox.grafana import dashboard

Document = Mapping[str, Any]
"""A configuration as YAML or JSON says it."""


@dataclass(frozen=True, slots=True)
class Stack:
    """``rules`` is the rule file that was deployed, ``loaded`` the one that Prometheus has read; the rest is whole."""

    rules: Document
    loaded: Document
    dashboard: Document
    alertmanager: Document


def stack(faults: Iterable[Fault]) -> Stack:
    """The healthy stack with those of the faults that concern it."""
    document = yaml.safe_load(files("maintainer.sandbox").joinpath("stack.yaml").read_text("utf-8"))
    planted = [(fault.kind, fault.fields) for fault in faults]
    [group] = document["groups"]
    rules = _merged(group["rules"], [fields["rule"] for kind, fields in planted if kind == "alert"], by="alert")
    lost = {fields["alert"] for kind, fields in planted if kind == "rules-not-loaded"}
    board = document["dashboard"]
    panels = _merged(board["panels"], [fields["panel"] for kind, fields in planted if kind == "panel"], by="title")
    astray = [fields for kind, fields in planted if kind == "unrouted"]
    return Stack(
        rules={"groups": [{**group, "rules": rules}]},
        loaded={"groups": [{**group, "rules": [rule for rule in rules if rule["alert"] not in lost]}]},
        dashboard=dashboard(board["title"], board["variables"], panels),
        alertmanager=_astray(document["alertmanager"], astray),
    )


def text(document: Document) -> str:
    """The document as a file."""
    return yaml.safe_dump(dict(document), sort_keys=False, width=1000, allow_unicode=True)


def _merged(entries: Sequence[Document], changes: Iterable[Document], *, by: str) -> list[Document]:
    """The entries with what the change of the same name says otherwise; a change of a new name is a new entry."""
    named = {entry[by]: entry for entry in entries}
    for change in changes:
        named[change[by]] = {**named.get(change[by], {}), **change}
    return list(named.values())


def _astray(config: Document, faults: Sequence[Document]) -> Document:
    """Routes that end at a receiver which tells nobody, before all others."""
    if not faults:
        return config
    route = {**config["route"], "routes": [{"matchers": fault["matchers"], "receiver": "nobody"} for fault in faults]}
    return {**config, "route": route, "receivers": [*config["receivers"], {"name": "nobody"}]}
