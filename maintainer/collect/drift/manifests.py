"""The objects of Kubernetes manifests: of a Helm release, or of files."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import yaml

from maintainer.clients.local_file import read_file
from maintainer.collect.drift.kinds import KINDS, group_of
from maintainer.collect.queries.files import BOM, MOST_BYTES
from maintainer.collect.queries.named_files import has_document_suffix, named_files
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.drift import Content, DesiredObject, ObjectId, Release
from maintainer.model.report import Json
from maintainer.model.source_text import SourceText
from maintainer.model.trees import Broken, Limits, Tree, from_yaml

LIMITS = Limits(deepest=100)
"""The API server refuses what is nested deeper."""


def objects_of_release(text: str, release: Release) -> tuple[DesiredObject, ...]:
    """The objects that a revision deployed. Raises :class:`SourceUnavailable`."""
    origin = f"Helm release {release.namespace}/{release.name}, revision {release.revision}"
    return tuple(_objects(text, origin, release=release))


def rendered_objects(text: str, release: Release) -> tuple[DesiredObject, ...]:
    """All objects that a chart renders, also of kinds that are not compared. Raises :class:`SourceUnavailable`."""
    return tuple(_objects(text, "the chart", release=release, known=False))


def files_of(paths: Sequence[str]) -> tuple[str, ...]:
    """The files that the paths name, and the YAML and JSON files in folders. Raises :class:`SourceUnavailable`."""
    try:
        named = named_files(paths)
    except ConfigError as error:
        raise _unreadable(str(error)) from error
    for folder in named.folders:
        for problem in folder.unreadable:
            raise _unreadable(str(problem))
    return tuple(file for file in named.files if has_document_suffix(file) or file in paths)


def objects_of_file(file: str) -> tuple[DesiredObject, ...]:
    """The objects of a file. Raises :class:`SourceUnavailable`."""
    try:
        text = read_file(file, MOST_BYTES).decode("utf-8").removeprefix(BOM)
    except OSError as error:
        raise _unreadable(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _unreadable(f"cannot read {file}: it is not text in UTF-8") from error
    return tuple(_objects(text, file, release=None))


def _unreadable(detail: str) -> SourceUnavailable:
    return SourceUnavailable("manifest-unreadable", permanent=True, detail=detail)


def _objects(text: str, origin: str, *, release: Release | None, known: bool = True) -> Iterator[DesiredObject]:
    try:
        trees = from_yaml(text, LIMITS)
    except Broken as error:
        raise _unreadable(f"{origin}, line {error.line}: {error.problem}") from error
    loader = yaml.SafeLoader("")
    for tree in trees:
        for item in _items(_typed(tree, loader)):
            if found := _identified(item, release.namespace if release else "", known=known):
                yield DesiredObject(found, item, origin, release)


def _items(content: Json) -> Iterator[Content]:
    """The object, or those of a list of objects; none of a document that is no object."""
    if not isinstance(content, dict):
        return
    items = content.get("items")
    if str(content.get("kind", "")).endswith("List") and isinstance(items, list):
        for item in items:
            yield from _items(item)
    else:
        yield content


def _identified(content: Content, default_namespace: str, *, known: bool) -> ObjectId | None:
    """Which object it is; ``None`` for one without kind or name, and, if only those that are ``known`` are wanted, for
    a kind that is not compared."""
    version, kind, metadata = content.get("apiVersion"), content.get("kind"), content.get("metadata")
    if not (isinstance(version, str) and isinstance(kind, str) and isinstance(metadata, dict)):
        return None
    name, namespace = metadata.get("name"), metadata.get("namespace")
    compared = KINDS.get((group_of(version), kind))
    if (known and compared is None) or not isinstance(name, str):
        return None
    own = namespace if isinstance(namespace, str) and namespace else default_namespace
    return ObjectId(version, kind, "" if compared and not compared.namespaced else own, name)


def _typed(tree: Tree, loader: yaml.SafeLoader) -> Json:
    """A document with numbers, truth values and nulls, as Kubernetes reads YAML. A time stays a text."""
    match tree:
        case dict():
            return {str(name): _typed(value, loader) for name, value in tree.items()}
        case list():
            return [_typed(item, loader) for item in tree]
        case SourceText() if tree.style != "plain":
            return str(tree)
        case _:
            return _scalar(str(tree), loader)


def _scalar(text: str, loader: yaml.SafeLoader) -> Json:
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # its stubs lack types
    read = _READ.get(tag)
    return read(loader, yaml.ScalarNode(tag, text)) if read else text


_READ: Mapping[str, Callable[[yaml.SafeLoader, yaml.ScalarNode], Json]] = {
    "tag:yaml.org,2002:null": yaml.SafeLoader.construct_yaml_null,
    "tag:yaml.org,2002:bool": yaml.SafeLoader.construct_yaml_bool,
    "tag:yaml.org,2002:int": yaml.SafeLoader.construct_yaml_int,
    "tag:yaml.org,2002:float": yaml.SafeLoader.construct_yaml_float,
}
"""By the tag of a scalar that is no text, how it is read."""
