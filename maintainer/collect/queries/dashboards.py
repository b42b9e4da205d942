"""The queries of Grafana's dashboards, of the old schema (``panels``) and of the new one (``elements``).

A dashboard is walked as a whole, so that a query counts wherever it stands: in rows, in collapsed rows, in panels of
kinds that nobody has heard of. Queries of other data sources are left out where the dashboard says that they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from maintainer.collect.queries.documents import Tree, mappings
from maintainer.model.message import message
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.source_text import SourceText, Unchecked

Facts = Iterator[Query | Unchecked]
"""What a file asks, and what of it could not be looked into."""

_SHAPES: Mapping[str, type] = {"panels": list, "rows": list, "elements": dict, "templating": dict}
_APART: Mapping[str, Asks] = {"templating": "variable", "variables": "variable", "annotations": "annotation"}
_REFERENCE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?|\[\[(\w+)\]\]")
_ANY_PLUGIN = ("datasource", "mixed")
_QUERY_KINDS = ("QueryVariable", "AnnotationQuery", "DataQuery", "PanelQuery")
_NO_PROMQL = re.compile(r"\s*(?:metrics\s*\(.*\)|label_values\s*\(\s*[\w$]*\s*\))\s*", re.DOTALL)
_LABEL_NAMES = re.compile(r"\s*label_names\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Where:
    """What is known of a part of a dashboard from what it stands in."""

    file: str
    dashboard: str
    plugins: Mapping[str, str]
    library: frozenset[str]
    asks: Asks = "panel"
    name: str = ""
    plugin: str = ""

    @property
    def full_name(self) -> str:
        return " / ".join(part for part in (self.dashboard, self.name) if part)


def is_dashboard(tree: dict[str, Tree]) -> bool:
    """Whether it has the shape of a dashboard, as exported, as in an API's answer, or as a manifest."""
    return any(isinstance(_body(tree).get(key), shape) for key, shape in _SHAPES.items())


def dashboard(tree: dict[str, Tree], file: str) -> Facts:
    """What a dashboard asks, and which panels of it live elsewhere."""
    body = _body(tree)
    title = _text(body.get("title")) or _text(_mapping(tree.get("metadata")).get("name"))
    where = _Where(file, title, _plugins(body), frozenset(_mapping(body.get("__elements"))))
    stack: list[tuple[Tree, _Where]] = [(body, where)]
    seen: set[int] = set()
    while stack:
        node, inside = stack.pop()
        if isinstance(node, str) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            inside = inside if node is body else _entered(node, inside)
            yield from _own(node, inside, seen=seen)
        stack += reversed([*_inner(node, inside, outermost=node is body)])


def _entered(node: dict[str, Tree], where: _Where) -> _Where:
    name = _name(node, where.asks) or where.name
    plugin = _plugin(node.get("datasource"), where.plugins) or where.plugin
    return replace(where, name=name, plugin=plugin) if (name, plugin) != (where.name, where.plugin) else where


def _inner(node: list[Tree] | dict[str, Tree], where: _Where, *, outermost: bool) -> Iterator[tuple[Tree, _Where]]:
    if isinstance(node, list):
        yield from ((one, where) for one in node)
    elif not outermost:
        yield from ((one, where) for one in node.values())
    else:
        yield from ((one, replace(where, asks=_APART.get(key, "panel"))) for key, one in node.items())


def _own(node: dict[str, Tree], where: _Where, *, seen: set[int]) -> Facts:
    """What an object itself asks, apart from what it holds; a text that is looked at from two sides counts once."""
    for text, plugin in (*_targets(node, where), *_new_schema(node), *_apart(node, where.asks)):
        if isinstance(text, SourceText) and id(text) not in seen and text.strip():
            seen.add(id(text))
            asked = _of_variable(text) if where.asks == "variable" else text
            if asked is not None and "prometheus" in (plugin or where.plugin or "prometheus"):
                yield Query(asked, where.asks, where.full_name, Place(where.file, asked.line))
    library = _mapping(node.get("libraryPanel"))
    if library and "targets" not in node and _text(library.get("uid")) not in where.library:
        yield _library_panel(library, where)


def _targets(node: dict[str, Tree], where: _Where) -> Iterator[tuple[Tree | None, str]]:
    """The texts of a panel's targets, each with the plugin that its data source is of, "" where it is not said."""
    for target in mappings(node.get("targets")):
        yield target.get("expr"), _plugin(target.get("datasource"), where.plugins)


def _new_schema(node: dict[str, Tree]) -> Iterator[tuple[Tree | None, str]]:
    """The texts of a query of the new schema: it names the plugin as its group, earlier as its kind."""
    spec, kind = _mapping(node.get("spec")), _text(node.get("kind"))
    plugin = _text(node.get("group")) or ("" if kind in _QUERY_KINDS else kind)
    yield spec.get("expr"), plugin
    if kind in _QUERY_KINDS or "prometheus" in plugin:
        yield spec.get("query"), plugin
        yield spec.get("__legacyStringValue"), plugin


def _apart(node: dict[str, Tree], asks: Asks) -> Iterator[tuple[Tree | None, str]]:
    """The text of a variable or an annotation of the old schema."""
    if asks == "variable" and node.get("type") == "query":
        query = node.get("query")
        yield (query.get("query") if isinstance(query, dict) else query), ""
    elif asks == "annotation":
        yield node.get("expr"), ""


def _of_variable(text: SourceText) -> SourceText | None:
    """What a variable asks of metrics, with ``label_values`` and ``query_result`` around it; ``None`` if nothing."""
    if _NO_PROMQL.fullmatch(text):
        return None
    found = _LABEL_NAMES.fullmatch(text)
    if not found:
        return text
    return text.part(*found.span(1)) if found[1].strip() else None


def _library_panel(library: dict[str, Tree], where: _Where) -> Unchecked:
    known = [one for one in (library.get("name"), library.get("uid")) if isinstance(one, SourceText)]
    line = known[0].line if known else 1
    name = f"{known[0]}" if known else where.name
    return Unchecked(Place(where.file, line), where.full_name, message("lint/unchecked.library-panel", name=name))


def _plugins(body: dict[str, Tree]) -> dict[str, str]:
    """What the dashboard says of its inputs and variables that stand for a data source: the plugin of each."""
    inputs = {_text(one.get("name")): _text(one.get("pluginId")) for one in mappings(body.get("__inputs"))}
    variables = {
        _text(one.get("name")): _text(one.get("query"))
        for one in mappings(_mapping(body.get("templating")).get("list"))
        if one.get("type") == "datasource"
    }
    specs = (_mapping(one.get("spec")) for one in mappings(body.get("variables")))
    return inputs | variables | {_text(spec.get("name")): _text(spec.get("pluginId")) for spec in specs}


def _plugin(datasource: Tree | None, plugins: Mapping[str, str]) -> str:
    """The plugin of a data source, "" where it is not said; a bare name does not say it."""
    if isinstance(datasource, dict):
        plugin = _text(datasource.get("type"))
        return plugin if plugin and plugin not in _ANY_PLUGIN else _plugin(datasource.get("uid"), plugins)
    found = _REFERENCE.fullmatch(_text(datasource))
    return plugins.get(found[1] or found[2], "") if found else ""


def _body(tree: dict[str, Tree]) -> dict[str, Tree]:
    """The dashboard itself, without what the API or a manifest puts around it."""
    inner = _mapping(tree.get("dashboard")) or tree
    return _mapping(inner.get("spec")) or inner


def _name(node: dict[str, Tree], asks: Asks) -> str:
    """What people call a panel, a variable or an annotation; "" for other objects."""
    if asks != "panel":
        name = _text(node.get("name")) or _text(_mapping(node.get("spec")).get("name"))
        return f"${name}" if name and asks == "variable" else name
    return _text(node.get("title")) or (f"panel {_text(node['id'])}" if "targets" in node and "id" in node else "")


def _mapping(node: Tree | None) -> dict[str, Tree]:
    return node if isinstance(node, dict) else {}


def _text(node: Tree | None) -> str:
    """A text without its place; "" for what is none."""
    return str(node) if isinstance(node, str) and node != "null" else ""
