"""Reads the queries of files: of rules and dashboards, as they are or inside Kubernetes' manifests.

A file that does not say what it holds, such as a chart's ``values.yaml``, has no queries.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from maintainer.collect.queries.dashboards import Found, dashboard, is_dashboard
from maintainer.collect.queries.documents import Broken, Tree, documents, mappings
from maintainer.errors import ConfigError
from maintainer.model.message import message
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.source_text import FoundQueries, SourceText, Unchecked

SUFFIXES = (".yml", ".yaml", ".json")
BOM = "\ufeff"

_RULE_KINDS: tuple[Asks, ...] = ("alert", "record")
_QUERY_WORD = re.compile(r"expr|query|panel", re.IGNORECASE)
_RULES = re.compile(r"^(- )?(groups|apiVersion|kind)\s*:", re.MULTILINE)
_DASHBOARD = re.compile(r'"(expr|targets|panels|elements)"\s*:')


def files(paths: Sequence[str]) -> Iterator[str]:
    """The files at these paths, without repetitions; of a folder all YAML and JSON by name, without hidden ones."""
    named: dict[Path, str] = {}
    for path in paths:
        for file in _walked(path) if Path(path).is_dir() else (path,):
            named.setdefault(Path(file).resolve(), file)
    yield from named.values()


def load_text(path: str) -> str:
    """A file's text without a byte order mark; line ends stay as they are. Raises :class:`ConfigError`."""
    try:
        return decoded(Path(path).read_bytes(), path)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def decoded(content: bytes, file: str) -> str:
    """The text of a file's bytes. Raises :class:`ConfigError`."""
    try:
        return content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: not UTF-8") from error


def read_queries(text: str, file: str) -> FoundQueries:
    """The queries of a file. Raises :class:`ConfigError` with file and line if it is neither YAML nor JSON."""
    try:
        trees = documents(text, only_json=file.endswith(".json"))
    except Broken as error:
        template = "{{" in text and not file.endswith(".json")
        if template and not _QUERY_WORD.search(text):
            return FoundQueries()
        hint = "; of a Helm template, lint what helm template makes of it" if template else ""
        raise ConfigError(f"{file}:{error.line}: {error.problem}{hint}") from error
    found = [item for tree in trees for item in _found_in(tree, file)]
    return FoundQueries(
        queries=tuple(item for item in found if isinstance(item, Query)),
        unchecked=tuple(item for item in found if isinstance(item, Unchecked)),
    )


def _walked(folder: str) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield str(Path(path, name))


def _found_in(tree: Tree, file: str) -> Found:
    """The queries of a document, by its ``kind``, or by its keys where it has none."""
    if isinstance(tree, list):
        for item in mappings(tree):
            yield from _found_in(item, file)
    elif isinstance(tree, dict):
        kind = f"{tree.get('kind', '')}"
        if kind in _KINDS:
            yield from _KINDS[kind](tree, file)
        elif kind.endswith("List"):
            for item in mappings(tree.get("items")):
                yield from _found_in(item, file)
        elif is_dashboard(tree):
            yield from dashboard(tree, file)
        else:
            yield from _rules(tree, file)


def _rules(body: dict[str, Tree], file: str) -> Iterator[Query]:
    """The query of each rule of each group."""
    for group in mappings(body.get("groups")):
        for rule in mappings(group.get("rules")):
            expr = rule.get("expr")
            asks = next((kind for kind in _RULE_KINDS if rule.get(kind)), None)
            if asks and isinstance(expr, SourceText) and expr.strip():
                yield Query(expr, asks, f"{rule[asks]}", Place(file, expr.line))


def _config_map(tree: dict[str, Tree], file: str) -> Found:
    data = tree.get("data")
    for name, value in data.items() if isinstance(data, dict) else ():
        yield from _embedded(value, name, file)


def _prometheus_rule(tree: dict[str, Tree], file: str) -> Found:
    spec = tree.get("spec")
    yield from _rules(spec, file) if isinstance(spec, dict) else ()


def _grafana_dashboard(tree: dict[str, Tree], file: str) -> Found:
    spec = tree.get("spec")
    yield from _embedded(spec.get("json"), "dashboard.json", file) if isinstance(spec, dict) else ()


_KINDS: Mapping[str, Callable[[dict[str, Tree], str], Found]] = {
    "ConfigMap": _config_map,
    "PrometheusRule": _prometheus_rule,
    "GrafanaDashboard": _grafana_dashboard,
}


def _embedded(value: Tree | None, name: str, file: str) -> Found:
    """The queries of a file inside a manifest. It is unchecked if it looks like rules or a dashboard and is broken."""
    if not isinstance(value, SourceText):
        return
    is_json = value.lstrip().startswith("{")
    if not (_DASHBOARD if is_json else _RULES).search(value):
        return
    try:
        trees = documents(value, only_json=is_json and name.endswith(".json"))
    except Broken as error:
        line = _line(value, error.line)
        yield Unchecked(Place(file, line), name, message("lint/unchecked.broken", problem=error.problem))
        return
    for tree in trees:
        yield from _found_in(tree, file)


def _line(value: SourceText, line: int) -> int:
    """The line of the file on which a line of the text stands; both count from 1."""
    lines = value.split("\n")
    start = sum(len(text) + 1 for text in lines[: line - 1])
    return value.part(start, len(value)).line if start < len(value) else value.line
