"""Every text of a document that may ask something of the controller's metrics, wherever it stands.

A document is walked as a whole, and so are the documents in its texts. A text is a query where its key says so, or
where it reads metrics of the controller as PromQL. One that names a metric and is neither is said to be unread.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from maintainer.collect.queries.dashboards import Found, dashboard, is_dashboard, is_panel, plugin_of
from maintainer.collect.queries.data_sources import reads_promql
from maintainer.collect.queries.encoded import decoded_text
from maintainer.collect.queries.template_queries import LONGEST, template_literals
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.source_text import PassedOver, SourceText, Unchecked
from maintainer.model.trees import Broken, Tree, documents

DEEPEST = 12
"""Texts within texts that are still read."""

_RULE_KINDS: tuple[Asks, ...] = ("alert", "record")
_NAMES = (*_RULE_KINDS, "title", "name", "uid")
_QUERY = re.compile(r"(?:\w*[_-])?(?:expr|query|queries|promql)|[a-z]\w*(?:Expr|Query|Queries)")
_MAYBE_QUERY = re.compile(r"(?i:\w*expressions?|(?=\w*promql)\w+|metric)")
_PROSE = re.compile(
    r"(?i:(?:\w*[_-])?(?:description|summary|message|title|help|docs?|documentation|comments?|notes?)|runbook\w*|"
    r"legend(?:format)?|alias|displayname|tooltip)"
)
_LOOKS_LIKE_DOCUMENT = re.compile(
    r"""\A\s*+[\[{]\s*+["{\[]|^(?:---|[ ]*+(?:-[ ]++)?["']?[\w./$-]++["']?[ ]*+:(?:\s|$))""", re.MULTILINE
)
_ASKS = re.compile(r"""(?:expr|query|panels|targets|elements)["']?\s*:|[A-Za-z0-9+/]{16}""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """What tells the texts that concern the controller.

    ``mentions`` gives the metrics of the controller, and names that look like one, with their positions in a text;
    ``reads`` says whether a text is a query over them, and not only a name.
    """

    mentions: Callable[[str], Iterable[tuple[str, int]]]
    reads: Callable[[str], bool]

    def names(self, text: str) -> bool:
        """Whether a text names a metric."""
        return next(iter(self.mentions(text)), None) is not None


@dataclass(frozen=True, slots=True)
class _Where:
    """What is known of a part of a document from what it stands in. ``layer`` counts the texts that it is in."""

    layer: int
    key: str = ""
    name: str = ""
    asks: Asks = "query"
    plugin: str = ""
    in_dashboard: bool = False
    in_annotations: bool = False

    @property
    def shown_name(self) -> str:
        return self.name or self.key or "text"

    def entered(self, node: dict[str, Tree]) -> "_Where":
        """The same for what is in a mapping."""
        asks: Asks = "panel" if self.in_dashboard else "query"
        asks = next((kind for kind in _RULE_KINDS if isinstance(node.get(kind), str) and "expr" in node), asks)
        metadata = node.get("metadata")
        named = [node.get(key) for key in _NAMES] + ([metadata.get("name")] if isinstance(metadata, dict) else [])
        name = next((str(value) for value in named if isinstance(value, str) and value), self.name)
        plugin = plugin_of(node) or self.plugin
        return replace(self, asks=asks, name=name, plugin=plugin)


def text_facts(trees: Sequence[Tree], file: str, recogniser: Recogniser, *, layer: int = 0) -> Found:
    """What the documents of a file ask, what of it is unread, and what was passed over."""
    walk = _Walk(file, recogniser)
    stack: list[tuple[Tree, _Where]] = [(tree, _Where(layer)) for tree in reversed(trees)]
    while stack:
        node, where = stack.pop()
        if isinstance(node, str):
            inner = walk.inner_documents(node, where)
            yield from walk.of_text(node, where) if inner is None else ()
            stack += [(tree, replace(where, layer=where.layer + 1)) for tree in reversed(inner or ())]
        elif walk.is_new(node):
            if isinstance(node, dict):
                yield from walk.of_mapping(node, where)
            stack += reversed([*_children(node, where)])


def _children(node: list[Tree] | dict[str, Tree], where: _Where) -> Iterator[tuple[Tree, _Where]]:
    if isinstance(node, list):
        yield from ((item, where) for item in node)
        return
    inside = where.entered(node)
    inside = replace(inside, in_dashboard=where.in_dashboard or is_dashboard(node) or is_panel(node))
    for key, value in node.items():
        if not inside.in_dashboard:
            yield key, replace(inside, key="", asks="query", name=inside.name or where.key)
        annotations = inside.in_annotations or key == "annotations"
        yield value, replace(inside, key=str(key), in_annotations=annotations)


class _Walk:
    """The walk through the documents of one file. What has several aliases is looked at once.

    What was looked at is known by its id, so all documents are kept until the end.
    """

    def __init__(self, file: str, recogniser: Recogniser) -> None:
        self._file = file
        self._recogniser = recogniser
        self._seen: set[int] = set()
        self._claimed: set[int] = set()
        self._kept: list[Tree] = []

    def is_new(self, node: Tree) -> bool:
        new = id(node) not in self._seen
        self._seen.add(id(node))
        return new

    def of_mapping(self, node: dict[str, Tree], where: _Where) -> Found:
        """What a mapping asks as a dashboard; its texts say the rest."""
        if not where.in_dashboard and (is_dashboard(node) or is_panel(node)):
            yield from dashboard(node, self._file, claimed=self._claimed, names=self._recogniser.names)

    def inner_documents(self, text: str, where: _Where) -> tuple[Tree, ...] | None:
        """The documents that a text is, if it may ask something; ``None`` if it is to be looked at as a text."""
        if not isinstance(text, SourceText) or id(text) in self._claimed or where.layer >= DEEPEST:
            return None
        if not _LOOKS_LIKE_DOCUMENT.search(text) or not (_ASKS.search(text) or self._recogniser.names(text)):
            return None
        try:
            trees = documents(text)
        except Broken:
            return None
        if not all(isinstance(tree, dict | list) for tree in trees) or self._reads(text):
            return None
        self._kept += trees
        return trees

    def of_text(self, text: str, where: _Where) -> Found:
        """What a text that is no document asks."""
        if not isinstance(text, SourceText) or id(text) in self._claimed or not text.strip():
            return
        mentions = next(iter(self._recogniser.mentions(text)), None)
        encoded = [*self._encoded(text, where)] if mentions is None else []
        if encoded:
            yield from encoded
        elif _QUERY.fullmatch(where.key) and (mentions or not where.in_dashboard):
            yield from self._query(text, where)
        elif mentions is None or (where.key in _RULE_KINDS and not self._reads(text)):
            return
        elif _PROSE.fullmatch(where.key) or where.in_annotations:
            yield from self._prose(text, where)
        elif self._reads(text) or _MAYBE_QUERY.fullmatch(where.key):
            yield from self._query(text, where)
        else:
            yield self._unread(text, where, *mentions)

    def _reads(self, text: str) -> bool:
        return self._recogniser.reads(text)

    def _query(self, text: SourceText, where: _Where) -> Found:
        if reads_promql(where.plugin, text, self._recogniser.names):
            asks = where.asks if where.key == "expr" or where.asks == "panel" else "query"
            yield Query(text, asks, where.shown_name, Place(self._file, text.line))
        elif mention := next(iter(self._recogniser.mentions(text)), None):
            reason = message("lint/unchecked.source", metric=mention[0], source=where.plugin)
            yield Unchecked(Place(self._file, text.line), where.shown_name, reason)
        else:
            yield PassedOver(Place(self._file, text.line), where.shown_name, "source")

    def _prose(self, text: SourceText, where: _Where) -> Found:
        """A description is passed over, except for what a template in it asks."""
        found = False
        for literal, asked in template_literals(text):
            mention = next(iter(self._recogniser.mentions(literal)), None)
            if mention and (asked or self._reads(literal)):
                yield Query(literal, "query", where.shown_name, Place(self._file, literal.line))
            elif mention:
                yield self._unread(literal, where, *mention)
            found = found or mention is not None
        if not found and len(text) > LONGEST and "{{" in text:
            yield self._unread(text, where, *next(iter(self._recogniser.mentions(text))))
        elif not found:
            yield PassedOver(Place(self._file, text.line), where.shown_name, "description")

    def _encoded(self, text: SourceText, where: _Where) -> Found:
        """What a text in base64 asks. Nothing can be changed in it, and all stands on its first line."""
        content = decoded_text(text)
        if content is None or not (self._recogniser.names(content) or _ASKS.search(content)):
            return
        place = Place(self._file, text.line)
        if where.layer >= DEEPEST:
            yield Unchecked(place, where.shown_name, message("lint/unchecked.deep", count=DEEPEST))
            return
        root = SourceText(content, content, start=0, end=len(content), style="part")
        for fact in text_facts((root,), self._file, self._recogniser, layer=where.layer + 1):
            name = where.shown_name if fact.name == "text" else fact.name
            moved = replace(fact, place=place, name=name)
            yield replace(moved, text=str(moved.text)) if isinstance(moved, Query) else moved

    def _unread(self, text: SourceText, where: _Where, metric: str, at: int) -> Unchecked:
        place = Place(self._file, text.part(at, at + len(metric)).line)
        return Unchecked(place, where.shown_name, self._why_unread(text, where, metric))

    def _why_unread(self, text: SourceText, where: _Where, metric: str) -> Message:
        if not _LOOKS_LIKE_DOCUMENT.search(text):
            return message("lint/unchecked.text", metric=metric)
        if where.layer >= DEEPEST:
            return message("lint/unchecked.deep", count=DEEPEST)
        try:
            documents(text)
        except Broken as error:
            return message("lint/unchecked.broken-text", metric=metric, problem=error.problem)
        return message("lint/unchecked.text", metric=metric)
