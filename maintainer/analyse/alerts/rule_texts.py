"""Changes an alerting rule in the text of its file, and nothing else in that file.

The file is one of rules, a PrometheusRule, the values of a chart that names its rules below ``alertRules``, or a
manifest with one of these in it. Only the characters of the changed values are replaced. Then the text is read again:
it must be the old document with this rule changed as intended, else nothing is changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from typing import Literal

from maintainer.model.source_text import Edit, SourceText, spliced
from maintainer.model.trees import Broken, Tree, documents

Refusal = Literal["broken", "no-rule", "several-rules", "expression", "form"]
"""Why a text is left as it is: it cannot be read; it has no such rule, or several that could be meant; the expression
is not written as it was loaded; the change cannot be made without touching something else."""

Rewrite = Callable[[str], Sequence[Edit]]
"""The edits of an expression as it is written in a file, () if it cannot be changed there."""

LIST_KEYS: Mapping[str, str] = {"for": "for", "keep": "keep_firing_for", "threshold": ""}
"""The keys of a rule in a list of rules; a threshold is a part of the expression there."""
CHART_KEYS: Mapping[str, str] = {"for": "for", "keep": "keepFiringFor", "threshold": "threshold"}
"""The keys of a rule below ``alertRules`` in the values of a chart."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What shall be different in an alerting rule: ``values`` by the keys of :data:`LIST_KEYS`, and its expression.

    ``labels`` are those that tell the rule from others of its name, such as its severity. ``rewrite`` is ``None`` if
    the expression stays. A threshold is changed by its key where there is one, else by the ``rewrite``.
    """

    alert: str
    labels: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    rewrite: Rewrite | None = None


class Refused(Exception):
    """A text is left as it is, for a reason."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule in a document, and the names of its keys."""

    mapping: dict[str, Tree]
    keys: Mapping[str, str]


def changed_text(text: str, change: RuleChange) -> str:
    """The text with the rule changed. Raises :class:`Refused`."""
    read = _Reading()
    try:
        trees = documents(text)
    except Broken as error:
        raise Refused("broken") from error
    rule = _meant([*read.rules(trees)], change)
    edits: list[Edit] = []
    intended: dict[str, Tree] = dict(rule.mapping)
    for key, value in _values(rule, change).items():
        edits += _set(rule.mapping, key, value)
        intended[key] = value
    if change.rewrite and not (change.values.get("threshold") and rule.keys["threshold"] in rule.mapping):
        of_expression = _expression_edits(rule.mapping["expr"], change.rewrite)
        intended["expr"] = spliced(f"{rule.mapping['expr']}", of_expression)
        edits += _lifted(rule.mapping["expr"], of_expression)
    after = _spliced(text, edits)
    if not _is_as_intended(read, trees, after, _Intended(rule.mapping, intended)):
        raise Refused("form")
    return after


class _Reading:
    """A reading of documents and of the documents in their texts, each of which is read once."""

    def __init__(self) -> None:
        self._inner: dict[int, Sequence[Tree]] = {}
        self._kept: list[SourceText] = []  # What is known by its id must not go away.

    def inner(self, node: Tree) -> Sequence[Tree]:
        """The documents in a text, () if it is a mere text."""
        if not (isinstance(node, SourceText) and "\n" in node and ("alert:" in node or "alertRules:" in node)):
            return ()
        if id(node) not in self._inner:
            try:
                trees = documents(node)
            except Broken:
                trees = ()
            self._inner[id(node)] = [] if any(isinstance(tree, str) for tree in trees) else trees
            self._kept.append(node)
        return self._inner[id(node)]

    def rules(self, trees: Sequence[Tree]) -> Iterator[tuple[str, _Rule]]:
        """The alerting rules of the documents with their names; each mapping once."""
        stack: list[Tree] = list(reversed(trees))
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            stack += reversed(self.inner(node))
            if isinstance(node, str) or id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, dict):
                if isinstance(node.get("alert"), str) and isinstance(node.get("expr"), str):
                    yield f"{node['alert']}", _Rule(node, LIST_KEYS)
                yield from _of_chart(node.get("alertRules"))
            stack += reversed([*(node.values() if isinstance(node, dict) else node)])

    def leaves(self, trees: Sequence[Tree], intended: "_Intended | None" = None) -> Iterator[str]:
        """The texts and brackets of the documents, keys in the order of the alphabet; one mapping is as intended."""
        stack: list[Tree] = list(reversed(trees))
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            inner = self.inner(node)
            if isinstance(node, str) and not inner:
                yield f"{node}"
            elif id(node) in seen:
                yield "an alias that would be changed as well" if intended and node is intended.mapping else "an alias"
            else:
                seen.add(id(node))
                content = intended.content if intended and node is intended.mapping else node
                parts = [part for pair in sorted(content.items()) for part in pair] if isinstance(content, dict) else []
                stack += ["]", *reversed(parts or inner or [*content])]
                yield "["


@dataclass(frozen=True, slots=True)
class _Intended:
    """A mapping of a document, and what it shall hold."""

    mapping: dict[str, Tree]
    content: dict[str, Tree]


def _is_as_intended(read: _Reading, before: Sequence[Tree], after: str, intended: _Intended) -> bool:
    """Whether the new text is the old document in which this mapping, and nothing else, is changed."""
    try:
        now = documents(after)
    except Broken:
        return False
    return all(old == new for old, new in zip_longest(read.leaves(before, intended), _Reading().leaves(now)))


def _values(rule: _Rule, change: RuleChange) -> Mapping[str, str]:
    """What is to be set, by the keys of this form; a threshold only where the rule has a key for it."""
    named = {rule.keys[name]: value for name, value in change.values.items()}
    return {
        key: value for key, value in named.items() if key and (key != rule.keys["threshold"] or key in rule.mapping)
    }


def _of_chart(groups: Tree | None) -> Iterator[tuple[str, _Rule]]:
    for group in groups.values() if isinstance(groups, dict) else ():
        for name, rule in group.items() if isinstance(group, dict) else ():
            if isinstance(rule, dict) and isinstance(rule.get("expr"), str):
                yield name, _Rule(rule, CHART_KEYS)


def _meant(rules: Sequence[tuple[str, _Rule]], change: RuleChange) -> _Rule:
    """The one rule that is meant: of several with the name, the one with the labels."""
    named = [rule for name, rule in rules if name == change.alert]
    if len(named) > 1:
        named = [rule for rule in named if _labels(rule.mapping).items() >= dict(change.labels).items()]
    if len(named) != 1:
        raise Refused("several-rules" if named else "no-rule")
    return named[0]


def _labels(mapping: Mapping[str, Tree]) -> Mapping[str, Tree]:
    labels = mapping.get("labels")
    return labels if isinstance(labels, dict) else {"severity": mapping.get("severity", "")}


def _set(mapping: dict[str, Tree], key: str, value: str) -> list[Edit]:
    """The edits of the file that give a key its value. Raises :class:`Refused`."""
    old = mapping.get(key)
    if isinstance(old, SourceText) and old:
        return _lifted(old, [Edit(0, len(old), value)])
    if old is not None:
        raise Refused("form")
    for other in _inserted_before(mapping):
        outer, (at,) = other.lifted([Edit(0, 1, other[0])])
        text, place = outer.around, outer.lift(at)
        begin = text.rfind("\n", 0, place.start) + 1
        indent = text[begin : place.start]
        if not indent.strip(" "):
            line_end = "\r\n" if "\r\n" in text else "\n"
            return [place._replace(text=f"{key}: {value}{line_end}{indent}{place.text}")]
    raise Refused("form")


def _inserted_before(mapping: Mapping[str, Tree]) -> list[SourceText]:
    """The keys before which a new one may stand: first what tells of the alert, then the expression."""
    keys = [key for key in mapping if isinstance(key, SourceText)]
    order = ("labels", "severity", "annotations", "summary", "expr", "alert")
    return sorted((key for key in keys if key in order), key=order.index)


def _expression_edits(expression: Tree, rewrite: Rewrite) -> Sequence[Edit]:
    edits = rewrite(f"{expression}") if isinstance(expression, SourceText) else ()
    if not edits:
        raise Refused("expression")
    return edits


def _lifted(value: Tree, edits: Sequence[Edit]) -> list[Edit]:
    """Edits of a value as edits of the file."""
    if not isinstance(value, SourceText):
        raise Refused("form")
    outer, same = value.lifted(edits)
    return [outer.lift(edit) for edit in same]


def _spliced(text: str, edits: Sequence[Edit]) -> str:
    if any(after.start < before.end for before, after in pairwise(sorted(set(edits)))):
        raise Refused("form")
    return spliced(text, edits)
