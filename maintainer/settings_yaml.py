"""Reads the YAML of the settings: of a file, with the line of each key, and of variables of the environment."""

from collections.abc import Iterator
from typing import Any

import yaml

from maintainer.clients.local_file import MIB, read_file
from maintainer.errors import ConfigError
from maintainer.model.trees import Broken, Limits, TooLarge, from_yaml
from maintainer.model.yaml_problem import unquoted, yaml_problem

_LIMITS = Limits(deepest=20, nodes=100_000)


def read_settings_file(path: str) -> str:
    """The text of the file. Raises :class:`ConfigError`."""
    try:
        return read_file(path, MIB).decode("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot read the configuration {path}: it is not text in UTF-8") from error


def parsed_settings(path: str, text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of the file, and the line of each dotted key."""
    _check_size(text, path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = {} if root is None else yaml.safe_load(text)
        values = {} if values is None else values
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path} is not YAML: {yaml_problem(error)}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold keys and values, such as prometheus: {{url: …}}")
    lines: dict[str, int] = {}
    for key, line in _lines(root, ""):
        if key in lines:
            raise ConfigError(f"{path}, line {line}: {key} stands twice, first in line {lines[key]}")
        lines[key] = line
    return values, lines


def parsed_variable(name: str, text: str) -> Any:
    """The list or map that an environment variable holds. Raises :class:`ConfigError`, which does not quote it."""
    _check_size(text, f"the environment variable {name}")
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        # The message of the parser would quote the variable, which may hold a secret.
        raise ConfigError(f"the environment variable {name} is not YAML") from error


def _check_size(text: str, what: str) -> None:
    """Raises :class:`ConfigError` for YAML that would take the loader's whole stack, or memory without end."""
    try:
        from_yaml(text, _LIMITS)
    except TooLarge as error:
        raise ConfigError(f"{what}, line {error.line}: {unquoted(error.problem)}") from error
    except Broken:
        return  # The loader says what is wrong, without quoting it.


def _lines(node: yaml.Node | None, prefix: str) -> Iterator[tuple[str, int]]:
    """The dotted key of each entry and list item below a node, with its line, counted from 1."""
    children: Iterator[tuple[str, yaml.Node, yaml.Node]] = iter(())
    if isinstance(node, yaml.MappingNode):
        children = ((name.value, name, value) for name, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        children = ((str(index), item, item) for index, item in enumerate(node.value))
    for name, position, value in children:
        key = f"{prefix}.{name}" if prefix else name
        yield key, position.start_mark.line + 1
        yield from _lines(value, key)
