"""What should stand in a faulty place, and whether two queries differ in nothing else."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.lexical import quoted
from maintainer.analyse.promql.tokens import Matcher
from maintainer.model.matchers import WORDS

MISTAKEN_VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "phase": {
        "degraded": ("Timeout", "Error", "Abort", "InvalidSpec"),
        "healthy": ("Completed",),
        "complete": ("Completed",),
        "newreplicasetavailable": ("Completed",),
        "aborted": ("Abort",),
        "rolloutaborted": ("Abort",),
        "timedout": ("Timeout",),
        "progressdeadlineexceeded": ("Timeout",),
        "replicasetcreateerror": ("Error",),
        "rolloutpaused": ("Paused",),
        "success": ("Successful",),
        "succeeded": ("Successful",),
        "failure": ("Failed",),
        "errored": ("Error",),
    },
    "reason": {
        "progressdeadlineexceeded": ("RolloutAborted",),
        "timeout": ("RolloutAborted",),
        "degraded": ("RolloutAborted",),
        "failed": ("RolloutAborted",),
        "healthy": ("RolloutCompleted",),
        "newreplicasetavailable": ("RolloutCompleted",),
    },
    "le": {"inf": ("+Inf",), "infinity": ("+Inf",)},
}
"""By label: words of the API and of common usage, in lower case without separators, and the values that they mean."""

_SEPARATORS = re.compile(r"[\s_+-]")
_SELECTORS = {parser.VectorSelector, parser.MatrixSelector}


def only_replaced(before: Any, after: Any, *, at_most: int) -> bool:
    """Whether two trees have the same shape, and differ in at least one and ``at_most`` so many of their nodes.

    The label of a dashboard's ``label_values(metric, label)`` is not in the tree: with 0, no node may differ.
    """
    old, new = _nodes(before, []), _nodes(after, [])
    differing = sum(left != right for left, right in zip(old, new, strict=False))
    return len(old) == len(new) and min(at_most, 1) <= differing <= at_most


@lru_cache(maxsize=1024)
def _intended(label: str, op: str, value: str, values: tuple[str, ...]) -> tuple[str, str] | None:
    """The operator and value that say with the label's ``values`` what a matcher means; ``None`` if not certain.

    Of a list of words each is replaced by itself, so that a right one stays. Cached: many queries share their mistakes.
    """
    regex = op[-1] == "~"
    if regex and not WORDS.fullmatch(value):
        return None
    known = _values_by_word(label, values)
    replacements = [known.get(_normal(word), ()) for word in (value.split("|") if regex else [value])]
    right = tuple(dict.fromkeys(word for words in replacements for word in words))
    if not all(replacements) or not set(right) <= set(values):
        return None
    plural = regex or len(right) > 1
    operator = {"=": "=~", "!": "!~"}[op[0]] if plural else {"=": "=", "!": "!="}[op[0]]
    return operator, "|".join(map(re.escape, right) if plural else right)


@cache
def _values_by_word(label: str, values: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """The values that a normalized word means: a value in another spelling, or those of :data:`MISTAKEN_VALUES`."""
    return {**MISTAKEN_VALUES.get(label, {}), **{_normal(value): (value,) for value in values}}


def rewritten(matcher: Matcher, text: str, values: tuple[str, ...]) -> str:
    """What should stand behind the matcher's label: operator and value; "" if that is not certain."""
    intended = _intended(matcher.label.removeprefix("exported_"), matcher.op, matcher.value, values)
    if not intended:
        return ""
    operator, value = intended
    between = text[matcher.label_at[1] : matcher.value_at[0]].replace(matcher.op, operator, 1)
    return between + quoted(value, text[matcher.value_at[0]])


def nearest(label: str, value: str, values: Sequence[str]) -> Sequence[str]:
    """The possible values that are meant by one that is not, or the nearest by its letters; perhaps none."""
    label = label.removeprefix("exported_")
    known = _values_by_word(label, tuple(values))
    normal = _normal(value)
    if meant := known.get(normal) or known.get(f"rollout{normal}"):
        return [one for one in meant if one in values]
    return [one for near in get_close_matches(normal, known, n=1) for one in known[near] if one in values]


def _normal(value: str) -> str:
    return _SEPARATORS.sub("", value).lower()


def _nodes(expression: Any, nodes: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Append the nodes of a tree from left to right to ``nodes``, each as a tuple of what is its own; return them."""
    kind = type(expression)
    if kind in _SELECTORS:
        nodes.append((kind.__name__, str(expression)))
    elif kind is parser.BinaryExpr:
        _nodes(expression.lhs, nodes)
        nodes.append((str(expression.op), *_vector_matching(expression.modifier)))
        _nodes(expression.rhs, nodes)
    elif kind is parser.AggregateExpr:
        nodes.append((str(expression.op), *_grouping(expression.modifier)))
        for part in (expression.param, expression.expr):
            if part is not None:
                _nodes(part, nodes)
    elif kind is parser.Call:
        arguments = expression.args
        nodes.append((expression.func.name, str(len(arguments))))
        for argument in arguments:
            _nodes(argument, nodes)
    elif kind is parser.SubqueryExpr:
        at = expression.at
        nodes.append(tuple(map(str, (expression.range, expression.step, expression.offset, at and (at.type, at.at)))))
        _nodes(expression.expr, nodes)
    elif hasattr(expression, "expr"):
        nodes.append((kind.__name__,))
        _nodes(expression.expr, nodes)
    else:
        nodes.append((kind.__name__, str(expression.val)))
    return nodes


def _grouping(modifier: Any) -> tuple[str, ...]:
    return () if modifier is None else (str(modifier.type), *modifier.labels)


def _vector_matching(modifier: Any) -> tuple[str, ...]:
    if modifier is None:
        return ()
    matching = modifier.matching
    labels = (str(matching.type), *matching.labels) if matching is not None else ()
    return (str(modifier.card), str(modifier.return_bool), *labels, "/", *(modifier.group_labels or ()))
