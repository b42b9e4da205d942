"""The alerting rules of a file: of rules, a PrometheusRule, a list of these, or a ConfigMap with such files in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maintainer.model.alerts import AlertRule
from maintainer.model.duration import seconds
from maintainer.model.trees import Broken, Tree, documents, mappings


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The alerting rules of a file in its order, and the names of the series that it records."""

    rules: tuple[AlertRule, ...]
    records: frozenset[str]


def rule_file(text: str, file: str) -> RuleFile:
    """What a file has; the interval of a rule whose group has none is 0.

    Raises :class:`Broken` if it is no YAML, if it has no rule at all, and for a rule that Prometheus would refuse.
    """
    groups = [group for tree in documents(text) for group in _groups(tree)]
    rules = [rule for group in groups for rule in mappings(group.get("rules"))]
    if not rules:
        raise Broken("it has no groups with rules", 1)
    alerts = (
        _rule(rule, group, file)
        for group in groups
        for rule in mappings(group.get("rules"))
        if isinstance(rule.get("alert"), str)
    )
    return RuleFile(tuple(alerts), frozenset(f"{rule['record']}" for rule in rules if "record" in rule))


def _groups(tree: Tree) -> Iterator[dict[str, Tree]]:
    """The rule groups of a document, wherever in it they stand, also in its texts."""
    stack = [tree]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, str):
            stack += reversed(_inner(node))
            continue
        if isinstance(node, dict):
            yield from mappings(node.get("groups"))
        stack += reversed([*(node.values() if isinstance(node, dict) else node)])


def _inner(text: str) -> list[Tree]:
    if "groups:" not in text or "\n" not in text:
        return []
    try:
        return [tree for tree in documents(text) if not isinstance(tree, str)]
    except Broken:
        return []


def _rule(rule: Mapping[str, Tree], group: Mapping[str, Tree], file: str) -> AlertRule:
    expr = rule.get("expr")
    if not isinstance(expr, str) or not expr.strip():
        raise Broken(f"the alert {rule['alert']} has no expr", getattr(rule["alert"], "line", 1))
    labels, annotations = (_pairs(rule.get(key)) for key in ("labels", "annotations"))
    return AlertRule(
        f"{rule['alert']}",
        f"{group.get('name', '')}",
        file,
        expr.strip(),
        hold=_duration(rule.get("for"), rule, "for") or 0,
        keep=_duration(rule.get("keep_firing_for"), rule, "keep_firing_for") or 0,
        interval=_duration(group.get("interval"), rule, "interval") or 0,
        labels=labels,
        annotations=annotations,
    )


def _duration(value: Tree | None, rule: Mapping[str, Tree], key: str) -> int | None:
    if value is None:
        return None
    try:
        return round(seconds(f"{value}") * 1000)
    except ValueError as error:
        raise Broken(f"the alert {rule['alert']}: {key}: {error}", getattr(value, "line", 1)) from error


def _pairs(value: Tree | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((f"{name}", f"{text}") for name, text in value.items())) if isinstance(value, dict) else ()
