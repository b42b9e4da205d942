"""Why no Prometheus of the operator selects an object, and the command that has it selected.

The rules are those of prometheus-operator: a selector that is not set selects no object, an empty one every object; a
namespace selector that is not set selects the Prometheus' own namespace.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from maintainer.analyse.reproduce import Access
from maintainer.model.message import Message, message
from maintainer.model.operator_objects import LabelSelector, PrometheusObject, Requirement, Selection
from maintainer.model.pipeline import OperatorObjects

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label of each namespace that holds its name. The API server sets it, and nothing can change it."""
FIELDS: Mapping[str, str] = {
    "ServiceMonitor": "serviceMonitor",
    "PodMonitor": "podMonitor",
    "PrometheusRule": "rule",
}
"""How the fields of a Prometheus begin that select a kind: ``serviceMonitorSelector``."""
_TELLING = ("release", "app.kubernetes.io/name", "app.kubernetes.io/part-of", "app")
"""Labels that an object is usually selected by, the usual ones first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an object has no effect: ``cause`` for the fingerprint, what is so, and what to change.

    ``command`` makes the change; "" where no command is sure to be right.
    """

    cause: str
    text: Message
    change: Message
    command: str = ""


@dataclass(frozen=True, slots=True)
class Selected:
    """An object that is to be selected: its kind, where it is, and its labels."""

    kind: str
    namespace: str
    name: str
    labels: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def relabel(access: Access, words: str, *, namespace: str) -> tuple[Message, str]:
    """The change of an object's labels, as ``kubectl label`` makes it: short enough to be read as it is."""
    namespaced = f"-n {quote(namespace)} " if namespace else ""
    command = access.kubectl(f"{namespaced}label {words}")
    return message("pipeline/selected/run", command=command), command


def patch(access: Access, kind: str, *, where: tuple[str, str], change: Mapping[str, object]) -> str:
    """The command that merges a change into an object's spec."""
    namespace, name = where
    body = quote(json.dumps({"spec": change}, separators=(",", ":")))
    return access.kubectl(f"-n {quote(namespace)} patch {kind.lower()} {quote(name)} --type merge -p {body}")


def selecting(operated: OperatorObjects, kind: str) -> tuple[PrometheusObject, ...]:
    """The objects that can select a kind."""
    return tuple(prometheus for prometheus in operated.prometheuses or () if kind in prometheus.selections)


def selected_by(wanted: Selected, operated: OperatorObjects) -> tuple[PrometheusObject, ...]:
    """The objects that select this one."""
    labels = _namespace_labels(operated, wanted.namespace)
    return tuple(
        prometheus for prometheus in selecting(operated, wanted.kind) if _selects(prometheus, wanted, labels=labels)
    )


def not_selected(wanted: Selected, operated: OperatorObjects, *, access: Access) -> tuple[Reason, ...] | None:
    """Why the Prometheus that is nearest to it does not select an object; () if it is selected.

    ``None`` where there is no Prometheus that could select it.
    """
    labels = _namespace_labels(operated, wanted.namespace)
    reasons = [
        _reasons(wanted, prometheus, labels=labels, access=access) for prometheus in selecting(operated, wanted.kind)
    ]
    return min(reasons, key=len, default=None)


def _selects(prometheus: PrometheusObject, wanted: Selected, *, labels: Mapping[str, str]) -> bool:
    """Whether it selects an object; ``labels`` are those of the object's namespace."""
    selection = prometheus.selections[wanted.kind]
    by_label = selection.objects is not None and selection.objects.selects(wanted.labels)
    return by_label and _selects_namespace(selection, prometheus, namespace=wanted.namespace, labels=labels)


def _reasons(
    wanted: Selected, prometheus: PrometheusObject, *, labels: Mapping[str, str], access: Access
) -> tuple[Reason, ...]:
    """Why this Prometheus does not select an object; ``labels`` are those of the object's namespace."""
    selection = prometheus.selections[wanted.kind]
    reasons = []
    if selection.objects is None:
        reasons.append(_nothing(wanted, prometheus, access=access))
    elif not selection.objects.selects(wanted.labels):
        reasons.append(_labels(wanted, prometheus, selector=selection.objects, access=access))
    if not _selects_namespace(selection, prometheus, namespace=wanted.namespace, labels=labels):
        reasons.append(_namespace(wanted, prometheus, labels=labels, access=access))
    return tuple(reasons)


def _namespace_labels(operated: OperatorObjects, namespace: str) -> Mapping[str, str]:
    return {NAME_LABEL: namespace, **(operated.namespaces or {}).get(namespace, {})}


def _selects_namespace(
    selection: Selection, prometheus: PrometheusObject, *, namespace: str, labels: Mapping[str, str]
) -> bool:
    if selection.namespaces is None:
        return namespace == prometheus.namespace
    return selection.namespaces.selects(labels)


def _nothing(wanted: Selected, prometheus: PrometheusObject, *, access: Access) -> Reason:
    """The Prometheus selects no object of this kind."""
    field = f"{FIELDS[wanted.kind]}Selector"
    text = message("pipeline/selected/nothing", prometheus=named(prometheus), field=field, kind=wanted.kind)
    monitors = [selection for kind, selection in prometheus.selections.items() if kind != "PrometheusRule"]
    if wanted.kind != "PrometheusRule" and all(selection.objects is None for selection in monitors):
        # The first selector that is set has the operator write the whole configuration anew.
        by_hand = message("pipeline/selected/nothing.by-hand", prometheus=named(prometheus), field=field)
        return Reason("nothing", text, by_hand)
    telling = next((key for key in (*_TELLING, *sorted(wanted.labels)) if key in wanted.labels), None)
    selector = {"matchLabels": {telling: wanted.labels[telling]}} if telling else {}
    where = prometheus.namespace, prometheus.name
    change = message("pipeline/selected/nothing.change", prometheus=named(prometheus), field=field)
    return Reason("nothing", text, change, patch(access, prometheus.kind, where=where, change={field: selector}))


def _labels(wanted: Selected, prometheus: PrometheusObject, *, selector: LabelSelector, access: Access) -> Reason:
    """The labels of the object do not match."""
    field = f"{FIELDS[wanted.kind]}Selector"
    unmet = " and ".join(map(str, selector.unmet(wanted.labels)))
    text = message("pipeline/selected/labels", prometheus=named(prometheus), field=field, unmet=unmet)
    changes = label_changes(selector, wanted.labels)
    if changes is None:
        by_hand = message("pipeline/selected/labels.change", prometheus=named(prometheus), field=field)
        return Reason("labels", text, by_hand)
    words = f"{wanted.kind.lower()} {quote(wanted.name)} {label_words(changes, wanted.labels)}"
    return Reason("labels", text, *relabel(access, words, namespace=wanted.namespace))


def _namespace(wanted: Selected, prometheus: PrometheusObject, *, labels: Mapping[str, str], access: Access) -> Reason:
    """The namespace of the object is not selected."""
    field, where = f"{FIELDS[wanted.kind]}NamespaceSelector", (prometheus.namespace, prometheus.name)
    params = {"prometheus": named(prometheus), "field": field, "namespace": wanted.namespace}
    change = message("pipeline/selected/namespace.change", **params)
    selector = prometheus.selections[wanted.kind].namespaces
    if selector is None:
        text = message("pipeline/selected/own-namespace", **params)
        names = {prometheus.namespace, wanted.namespace}
        return Reason(
            "namespace", text, change, patch(access, prometheus.kind, where=where, change={field: _names(names)})
        )
    unmet = " and ".join(map(str, selector.unmet(labels)))
    text = message("pipeline/selected/namespace", unmet=unmet, **params)
    changes = label_changes(selector, labels)
    if changes is not None and NAME_LABEL not in changes:
        words = f"namespace {quote(wanted.namespace)} {label_words(changes, labels)}"
        return Reason("namespace", text, *relabel(access, words, namespace=""))
    match selector.requirements:
        case (Requirement(key=key, operator="In", values=values),) if key == NAME_LABEL:
            more = {"matchLabels": None, **_names({*values, wanted.namespace})}
            return Reason("namespace", text, change, patch(access, prometheus.kind, where=where, change={field: more}))
    return Reason("namespace", text, change)


def _names(namespaces: set[str]) -> dict[str, object]:
    """A selector of namespaces by their names."""
    return {"matchExpressions": [{"key": NAME_LABEL, "operator": "In", "values": sorted(namespaces)}]}


def label_changes(selector: LabelSelector, labels: Mapping[str, str]) -> Mapping[str, str | None] | None:
    """Labels to set, or to take away (``None``), so that the selector matches; ``None`` if no labels match it."""
    changes: dict[str, str | None] = {}
    for key in dict.fromkeys(requirement.key for requirement in selector.unmet(labels)):
        same_key = LabelSelector(tuple(requirement for requirement in selector.requirements if requirement.key == key))
        values = [value for about in same_key.requirements if about.operator == "In" for value in about.values]
        fitting = [
            value for value in (*values, "true", None) if same_key.selects({} if value is None else {key: value})
        ]
        if not fitting:
            return None
        changes[key] = fitting[0]
    return changes


def label_words(changes: Mapping[str, str | None], labels: Mapping[str, str]) -> str:
    """The changes as ``kubectl label`` takes them."""
    words = [quote(f"{key}-" if value is None else f"{key}={value}") for key, value in changes.items()]
    overwrites = any(value is not None and key in labels for key, value in changes.items())
    return " ".join([*words, *(["--overwrite"] if overwrites else [])])


def named(prometheus: PrometheusObject) -> str:
    """A Prometheus as findings name it."""
    return f"{prometheus.kind} {prometheus.namespace}/{prometheus.name}"


def selector_rows(prometheuses: Sequence[PrometheusObject], kind: str) -> list[dict[str, str | None]]:
    """What each Prometheus selects of a kind, for the evidence; a selector that is not set is ``None``."""
    return [
        {
            "prometheus": named(prometheus),
            "selector": _written(prometheus.selections[kind].objects),
            "namespaceSelector": _written(prometheus.selections[kind].namespaces),
        }
        for prometheus in prometheuses
    ]


def _written(selector: LabelSelector | None) -> str | None:
    return None if selector is None else str(selector)
