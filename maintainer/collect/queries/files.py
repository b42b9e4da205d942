"""Reads the queries of files: of rules and dashboards, as they are or inside Kubernetes' manifests.

A file that does not say what it holds, such as a chart's ``values.yaml``, has no queries.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from maintainer.clients.local_file import MIB, pieces, read_descriptor, read_file
from maintainer.collect.queries.dashboards import Found, dashboard, is_dashboard
from maintainer.collect.queries.named_files import has_document_suffix
from maintainer.collect.queries.texts import DEEPEST, Recogniser, text_facts
from maintainer.errors import ConfigError
from maintainer.model.message import message
from maintainer.model.queries import Asks, Place, Query
from maintainer.model.source_text import FoundQueries, PassedOver, SourceText, Unchecked
from maintainer.model.trees import Broken, Tree, documents, mappings

MAYBE_SUFFIXES = ("", ".rules", ".rule", ".alerts")
STDIN = "stdin"
BOM = "\ufeff"

MOST_BYTES = 5 * MIB
"""The largest file that is read: one that is full of faults takes about 90 times as much memory."""

MOST_SEARCHED_BYTES = 256 * MIB
"""How much of another file is searched for a metric, which needs no memory."""

_RULE_KINDS: tuple[Asks, ...] = ("alert", "record")
_RULES = re.compile(r"^(- )?(groups|apiVersion|kind)\s*:", re.MULTILINE)
_DASHBOARD = re.compile(r'"(expr|targets|panels|elements)"\s*:')
_QUERY_KEY = re.compile(r"\b(?:expr|promql)\b", re.IGNORECASE)
_TEMPLATE = ("{{", "{%", "<%")


def is_document(file: str) -> bool:
    """Whether a file is YAML or JSON by its name, or may be, as standard input."""
    return file == STDIN or has_document_suffix(file)


def load_foreign(path: str, names: Callable[[str], bool]) -> str:
    """The text of a file of any form, "" if it ``names`` no metric. Bytes that are no UTF-8 become other characters.

    Raises :class:`ConfigError`.
    """
    end, searched = "", 0
    try:
        for piece in pieces(path):
            text = end + piece.decode("latin-1")
            if names(text):
                return read_file(path, MOST_BYTES).decode("utf-8", errors="replace").removeprefix(BOM)
            end, searched = text[-200:], searched + len(piece)
            if searched >= MOST_SEARCHED_BYTES:
                raise ConfigError(f"{path}: only the first {MOST_SEARCHED_BYTES // MIB} MiB were searched for metrics")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    return ""


def load_text(path: str) -> str:
    """A file's text without a byte order mark; line ends stay as they are. Raises :class:`ConfigError`."""
    try:
        return decoded(read_file(path, MOST_BYTES), path)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def load_stdin(descriptor: int) -> str:
    """The text of standard input, which is open under this descriptor. Raises :class:`ConfigError`."""
    try:
        return decoded(read_descriptor(descriptor, MOST_BYTES), STDIN)
    except OSError as error:
        raise ConfigError(f"cannot read standard input: {error.strerror}") from error


def decoded(content: bytes, file: str) -> str:
    """The text of a file's bytes. Raises :class:`ConfigError`."""
    try:
        return content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: not UTF-8") from error


def read_queries(text: str, file: str) -> FoundQueries:
    """What a rules file, a dashboard or a manifest with these asks. Other forms and other texts are not looked at.

    Raises :class:`ConfigError` with file and line if it is neither YAML nor JSON.
    """
    try:
        trees = documents(text, only_json=_is_json(file))
    except Broken as error:
        raise ConfigError(f"{file}:{error.line}: {error.problem}") from error
    return _collected(fact for tree in trees for fact in _found_in(tree, file))


def read_texts(text: str, file: str, recogniser: Recogniser) -> FoundQueries:
    """What a file of any form asks, and what of it names a metric of the controller and is not read.

    Raises :class:`ConfigError` with file and line if it should be YAML or JSON, is neither, and is no template.
    """
    if not is_document(file) and Path(file).suffix.lower() not in MAYBE_SUFFIXES:
        return _unread_file(text, file, recogniser)
    try:
        trees = documents(text, only_json=_is_json(file))
    except Broken as error:
        if is_document(file) and not _is_template(text, file, error):
            raise ConfigError(f"{file}:{error.line}: {error.problem}") from error
        return _unread_file(text, file, recogniser, problem=error.problem if is_document(file) else "")
    if is_document(file) or all(map(_holds_mappings, trees)):
        return _collected(text_facts(trees, file, recogniser))
    return _unread_file(text, file, recogniser)


def may_ask(text: str, recogniser: Recogniser) -> bool:
    """Whether a text that cannot be read may hold a query: it names a metric, or has the key of a query."""
    return _QUERY_KEY.search(text) is not None or recogniser.names(text)


def _collected(facts: Iterable[Query | Unchecked | PassedOver]) -> FoundQueries:
    found = list(facts)
    return FoundQueries(
        queries=tuple(fact for fact in found if isinstance(fact, Query)),
        unchecked=tuple(fact for fact in found if isinstance(fact, Unchecked)),
        passed=tuple(fact for fact in found if isinstance(fact, PassedOver)),
    )


def _is_json(file: str) -> bool:
    return file.lower().endswith(".json")


def _is_template(text: str, file: str, error: Broken) -> bool:
    """Whether a text is to be made YAML or JSON by a template engine: in JSON, by the line that is broken."""
    looked_at = text.split("\n")[error.line - 1] if _is_json(file) else text
    return any(mark in looked_at for mark in _TEMPLATE)


def _holds_mappings(tree: Tree) -> bool:
    return isinstance(tree, dict) or (isinstance(tree, list) and all(isinstance(item, dict) for item in tree))


def _unread_file(text: str, file: str, recogniser: Recogniser, *, problem: str = "") -> FoundQueries:
    """A file that is no YAML or JSON, with the first metric that it names; without one, it is of no interest."""
    mentions = list(recogniser.mentions(text))
    if not mentions:
        return FoundQueries()
    metric, at = mentions[0]
    kind = "template" if problem else "form"
    reason = message(f"lint/unchecked.{kind}", metric=metric, count=len(mentions), problem=problem)
    line = text.count("\n", 0, at) + 1
    return FoundQueries(unchecked=(Unchecked(Place(file, line), Path(file).name, reason),))


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
    if value.layer > DEEPEST:
        yield Unchecked(Place(file, value.line), name, message("lint/unchecked.deep", count=DEEPEST))
        return
    try:
        trees = documents(value, only_json=is_json and _is_json(name))
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
