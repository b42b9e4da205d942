"""The queries of Grafana's dashboards, of the old schema (``panels``) and of the new one (``elements``).

A dashboard is walked as a whole, so that a query is found wherever it stands: in rows, in collapsed rows, in panels of
unknown types. Queries are left out where the dashboard says that their data source is not Prometheus.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from maintainer.collect.queries.data_sources import asks_nothing, reads_promql
from maintainer.model.contract import series_named
from maintainer.model.message import message
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.source_text import PassedOver, SourceText, Unchecked
from maintainer.model.trees import Tree, mappings

Found = Iterator[Query | Unchecked | PassedOver]
"""The queries of a file, what of it could not be read, and what was passed over."""

Names = Callable[[str], bool]
"""Whether a text names a metric of the controller."""

_DASHBOARD_KEYS: Mapping[str, type] = {"panels": list, "rows": list, "elements": dict, "templating": dict}
_KIND_BY_KEY: Mapping[str, Asks] = {"templating": "variable", "variables": "variable", "annotations": "annotation"}
_VARIABLE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?|\[\[(\w+)\]\]")
_ANY_PLUGIN = ("datasource", "mixed")
_QUERY_KINDS = ("QueryVariable", "AnnotationQuery", "DataQuery", "PanelQuery")
_WITHOUT_PROMQL = re.compile(r"\s*(?:metrics\s*\(.*\)|label_values\s*\(\s*+[\w$]*+\s*\))\s*", re.DOTALL)
_LABEL_NAMES = re.compile(r"\s*label_names\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Context:
    """What a part of a dashboard inherits from what it stands in.

    ``plugins`` has the plugin of each input and variable that stands for a data source, ``library`` the library panels
    that the dashboard itself holds. ``plugin`` is "" where it is not known.
    """

    file: str
    dashboard: str
    plugins: Mapping[str, str]
    library: frozenset[str]
    claimed: set[int]
    names: Names
    asks: Asks = "panel"
    name: str = ""
    plugin: str = ""

    @property
    def full_name(self) -> str:
        return " / ".join(part for part in (self.dashboard, self.name) if part)


def is_dashboard(tree: dict[str, Tree]) -> bool:
    """Whether it is a dashboard: exported, as the API returns it, or as a manifest."""
    return any(isinstance(_body(tree).get(key), type_) for key, type_ in _DASHBOARD_KEYS.items())


def is_panel(tree: dict[str, Tree]) -> bool:
    """Whether it is a single panel."""
    return isinstance(tree.get("targets"), list) and any(mappings(tree["targets"]))


def plugin_of(node: dict[str, Tree]) -> str:
    """The plugin of the data source that an object names itself, "" if not known."""
    return _plugin(node.get("datasource"), {})


def dashboard(
    tree: dict[str, Tree], file: str, *, claimed: set[int] | None = None, names: Names = series_named
) -> Found:
    """The queries of a dashboard or a panel, its library panels that are stored elsewhere, and what is passed over.

    ``claimed`` gets the ids of the texts about which this says everything. A text for a data source that is not known
    to read PromQL is a query if it ``names`` a metric of the controller.
    """
    body = tree if is_panel(tree) else _body(tree)
    title = "" if is_panel(tree) else _text(body.get("title"))
    title = title or _text(_mapping(tree.get("metadata")).get("name"))
    library = frozenset(_mapping(body.get("__elements")))
    context = _Context(file, title, _plugins(body), library, set() if claimed is None else claimed, names)
    stack: list[tuple[Tree, _Context]] = [(body, context)]
    seen: set[int] = set()
    while stack:
        node, inside = stack.pop()
        if isinstance(node, str) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            inside = inside if node is body and not is_panel(body) else _context_in(node, inside)
            yield from _object_queries(node, inside)
        stack += reversed([*_inner(node, inside, outermost=node is body)])


def _context_in(node: dict[str, Tree], context: _Context) -> _Context:
    name = _name(node, context.asks) or context.name
    plugin = _plugin(node.get("datasource"), context.plugins) or context.plugin
    return replace(context, name=name, plugin=plugin) if (name, plugin) != (context.name, context.plugin) else context


def _inner(
    node: list[Tree] | dict[str, Tree], context: _Context, *, outermost: bool
) -> Iterator[tuple[Tree, _Context]]:
    """What a list or an object holds, each with its context."""
    if isinstance(node, list):
        yield from ((item, context) for item in node)
    elif not outermost:
        yield from ((value, context) for value in node.values())
    else:
        yield from ((value, replace(context, asks=_KIND_BY_KEY.get(key, "panel"))) for key, value in node.items())


def _object_queries(node: dict[str, Tree], context: _Context) -> Found:
    """The queries of an object without those of objects in it, each text once."""
    if passed := _passed_panel(node, context):
        yield passed
    for text, plugin in (*_targets(node, context), *_new_schema(node), *_old_schema(node, context.asks)):
        if isinstance(text, SourceText) and id(text) not in context.claimed and text.strip():
            yield from _text_query(text, plugin or context.plugin, context)
    library = _mapping(node.get("libraryPanel"))
    if library and "targets" not in node and _text(library.get("uid")) not in context.library:
        yield _library_panel(library, context)


def _text_query(text: SourceText, plugin: str, context: _Context) -> Found:
    """A text as a query if its data source reads PromQL. If not, one that names a metric is not claimed."""
    promql = _variable_promql(text) if context.asks == "variable" else text
    if reads_promql(plugin, text, context.names):
        context.claimed.add(id(text))
        if promql is not None:
            yield Query(promql, context.asks, context.full_name, Place(context.file, promql.line))
    elif not context.names(text):
        context.claimed.add(id(text))
        if context.asks != "panel":
            yield PassedOver(Place(context.file, text.line), context.full_name, "source")


def _passed_panel(node: dict[str, Tree], context: _Context) -> PassedOver | None:
    """A panel or query of a data source that does not read PromQL, and that names no metric of the controller."""
    targets = [*mappings(node.get("targets")), *([node] if node.get("kind") == "DataQuery" else ())]
    for target in targets:
        plugin = _text(target.get("group")) or _plugin(target.get("datasource"), context.plugins) or context.plugin
        texts = [text for text in _texts(target) if isinstance(text, SourceText)]
        promql = reads_promql(plugin, "", context.names)
        if texts and not promql and not asks_nothing(plugin) and not any(map(context.names, texts)):
            return PassedOver(Place(context.file, texts[0].line), context.full_name, "source")
    return None


def _texts(node: Tree) -> Iterator[str]:
    """The texts of a target, and of the objects right in it."""
    yield from (value for value in _mapping(node).values() if isinstance(value, str))
    yield from (value for inner in mappings(node) for value in inner.values() if isinstance(value, str))


def _targets(node: dict[str, Tree], context: _Context) -> Iterator[tuple[Tree | None, str]]:
    """The texts of a panel's targets, each with its data source's plugin, "" if not known."""
    for target in mappings(node.get("targets")):
        yield target.get("expr"), _plugin(target.get("datasource"), context.plugins)


def _new_schema(node: dict[str, Tree]) -> Iterator[tuple[Tree | None, str]]:
    """The texts of a query of the new schema, with its plugin: the query's group, in older versions its kind."""
    spec, kind = _mapping(node.get("spec")), _text(node.get("kind"))
    plugin = _text(node.get("group")) or ("" if kind in _QUERY_KINDS else kind)
    yield spec.get("expr"), plugin
    if kind in _QUERY_KINDS or "prometheus" in plugin:
        yield spec.get("query"), plugin
        yield spec.get("__legacyStringValue"), plugin


def _old_schema(node: dict[str, Tree], asks: Asks) -> Iterator[tuple[Tree | None, str]]:
    """The text of a variable or an annotation of the old schema."""
    if asks == "variable" and node.get("type") == "query":
        query = node.get("query")
        yield (query.get("query") if isinstance(query, dict) else query), ""
    elif asks == "annotation":
        yield node.get("expr"), ""


def _variable_promql(text: SourceText) -> SourceText | None:
    """The PromQL of a variable, in its ``label_values`` or ``query_result``; ``None`` if it has none."""
    if _WITHOUT_PROMQL.fullmatch(text):
        return None
    label_names = _LABEL_NAMES.fullmatch(text)
    if not label_names:
        return text
    return text.part(*label_names.span(1)) if label_names[1].strip() else None


def _library_panel(library: dict[str, Tree], context: _Context) -> Unchecked:
    known = [text for text in (library.get("name"), library.get("uid")) if isinstance(text, SourceText)]
    line = known[0].line if known else 1
    name = f"{known[0]}" if known else context.name
    return Unchecked(Place(context.file, line), context.full_name, message("lint/unchecked.library-panel", name=name))


def _plugins(body: dict[str, Tree]) -> dict[str, str]:
    """The plugins of the dashboard's inputs and variables that stand for a data source, by their names."""
    inputs = {_text(own.get("name")): _text(own.get("pluginId")) for own in mappings(body.get("__inputs"))}
    variables = {
        _text(variable.get("name")): _text(variable.get("query"))
        for variable in mappings(_mapping(body.get("templating")).get("list"))
        if variable.get("type") == "datasource"
    }
    specs = (_mapping(variable.get("spec")) for variable in mappings(body.get("variables")))
    return inputs | variables | {_text(spec.get("name")): _text(spec.get("pluginId")) for spec in specs}


def _plugin(datasource: Tree | None, plugins: Mapping[str, str]) -> str:
    """The plugin of a data source, "" if not known, as for a data source given by its name only."""
    if isinstance(datasource, dict):
        plugin = _text(datasource.get("type"))
        return plugin if plugin and plugin not in _ANY_PLUGIN else _plugin(datasource.get("uid"), plugins)
    variable = _VARIABLE.fullmatch(_text(datasource))
    return plugins.get(variable[1] or variable[2], "") if variable else ""


def _body(tree: dict[str, Tree]) -> dict[str, Tree]:
    """The dashboard itself, out of the API's response or a manifest."""
    inner = _mapping(tree.get("dashboard")) or tree
    return _mapping(inner.get("spec")) or inner


def _name(node: dict[str, Tree], asks: Asks) -> str:
    """The name of a panel, a variable or an annotation; "" for other objects."""
    if asks != "panel":
        name = _text(node.get("name")) or _text(_mapping(node.get("spec")).get("name"))
        return f"${name}" if name and asks == "variable" else name
    return _text(node.get("title")) or (f"panel {_text(node['id'])}" if "targets" in node and "id" in node else "")


def _mapping(node: Tree | None) -> dict[str, Tree]:
    return node if isinstance(node, dict) else {}


def _text(node: Tree | None) -> str:
    """A text as a plain string; "" for ``null`` and for what is no text."""
    return str(node) if isinstance(node, str) and node != "null" else ""
