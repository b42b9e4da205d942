"""What a faulty place in a query should be, and the query with only that place changed."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.lexical import label_asked, parseable, quoted, without_regexes
from maintainer.analyse.promql.tokens import Matcher, Span
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
    "le": {"inf": ("+Inf",), "infinity": ("+Inf",)},
}
"""Words of the API and of daily speech, lower case and without separators, for what the metrics say."""

_SEPARATORS = re.compile(r"[\s_+-]")
_SELECTORS = {parser.VectorSelector, parser.MatrixSelector}


def spliced(text: str, tree: Any, at: Span, right: str) -> str:
    """The text of a tree with ``right`` in one place; "" if the parser does not find exactly one place that differs.

    The label of a dashboard's ``label_values(metric, label)`` is in no tree: there, none may differ.
    """
    new = text[: at[0]] + right + text[at[1] :]
    asked = label_asked(text)
    places = 0 if asked and asked[1] == at else 1
    try:
        before, after = _shape(tree, []), _shape(parser.parse(without_regexes(parseable(new))), [])
    except ValueError:
        return ""
    differing = [one for one, other in zip(before, after, strict=False) if one != other]
    return new if len(before) == len(after) and len(differing) == places else ""


def meant(matcher: Matcher, values: tuple[str, ...]) -> tuple[str, str] | None:
    """The operator and the value that say what the matcher wants in the words of the metrics; ``None`` if unsure.

    Values are mapped one by one, so a part that is right stays.
    """
    return _meant(matcher.label.removeprefix("exported_"), matcher.op, matcher.value, values)


@lru_cache(maxsize=1024)
def _meant(label: str, op: str, value: str, values: tuple[str, ...]) -> tuple[str, str] | None:
    """Worked out once for a word that many queries have in common."""
    regex = op[-1] == "~"
    if regex and not WORDS.fullmatch(value):
        return None
    words = _words(label, values)
    found = [words.get(_plain(one), ()) for one in (value.split("|") if regex else [value])]
    right = tuple(dict.fromkeys(one for group in found for one in group))
    if not all(found) or not set(right) <= set(values):
        return None
    plural = regex or len(right) > 1
    operator = {"=": "=~", "!": "!~"}[op[0]] if plural else {"=": "=", "!": "!="}[op[0]]
    return operator, "|".join(map(re.escape, right) if plural else right)


@cache
def _words(label: str, values: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """What is meant by a word, plainly written: a value in another spelling, or those that it stands for."""
    return {**MISTAKEN_VALUES.get(label, {}), **{_plain(value): (value,) for value in values}}


def rewritten(matcher: Matcher, text: str, values: tuple[str, ...]) -> str:
    """The matcher from behind its label to its end, as it should be; "" if that is not certain."""
    found = meant(matcher, values)
    if not found:
        return ""
    operator, value = found
    between = text[matcher.label_at[1] : matcher.value_at[0]].replace(matcher.op, operator, 1)
    return between + quoted(value, text[matcher.value_at[0]])


def _plain(value: str) -> str:
    return _SEPARATORS.sub("", value).lower()


def _shape(expression: Any, nodes: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The nodes of a tree from left to right, each with what is said of it and not of its parts, in a list."""
    kind = type(expression)
    if kind in _SELECTORS:
        nodes.append((kind.__name__, str(expression)))
    elif kind is parser.BinaryExpr:
        _shape(expression.lhs, nodes)
        nodes.append((str(expression.op), *_matching(expression.modifier)))
        _shape(expression.rhs, nodes)
    elif kind is parser.AggregateExpr:
        nodes.append((str(expression.op), *_grouping(expression.modifier)))
        for part in (expression.param, expression.expr):
            if part is not None:
                _shape(part, nodes)
    elif kind is parser.Call:
        arguments = expression.args
        nodes.append((expression.func.name, str(len(arguments))))
        for argument in arguments:
            _shape(argument, nodes)
    elif kind is parser.SubqueryExpr:
        at = expression.at
        nodes.append(tuple(map(str, (expression.range, expression.step, expression.offset, at and (at.type, at.at)))))
        _shape(expression.expr, nodes)
    elif hasattr(expression, "expr"):
        nodes.append((kind.__name__,))
        _shape(expression.expr, nodes)
    else:
        nodes.append((kind.__name__, str(expression.val)))
    return nodes


def _grouping(modifier: Any) -> tuple[str, ...]:
    return () if modifier is None else (str(modifier.type), *modifier.labels)


def _matching(modifier: Any) -> tuple[str, ...]:
    if modifier is None:
        return ()
    matching = modifier.matching
    said = (str(matching.type), *matching.labels) if matching is not None else ()
    return (str(modifier.card), str(modifier.return_bool), *said, "/", *(modifier.group_labels or ()))
