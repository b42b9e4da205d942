"""What is proposed to be dropped is never read here: the names in the queries that are sent, and in what makes them."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import maintainer.collect
from maintainer.analyse.storage.unread import READ_HERE
from maintainer.model.contract import families

_WORD = re.compile(r"\w+", re.ASCII)
FAMILY_OF = {series: family.name for family in families().values() for series in (*family.series, family.name)}


def collecting() -> Iterator[ModuleType]:
    """All modules that make queries."""
    for found in pkgutil.walk_packages(maintainer.collect.__path__, "maintainer.collect."):
        yield importlib.import_module(found.name)


def constants(module: ModuleType) -> Iterator[str]:
    """The texts in a module's code and in its names, also those that it has from others; no docstrings."""
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value
    for name, value in vars(module).items():
        if not name.startswith("__") and isinstance(value, str | tuple | list | dict | frozenset):
            yield str(value)


@cache
def named() -> Mapping[str, str]:
    """The families that are named where queries are made, each with a module."""
    found: dict[str, str] = {}
    for module in collecting():
        words = {word for text in constants(module) for word in _WORD.findall(text)}
        found |= {FAMILY_OF[word]: module.__name__ for word in words if word in FAMILY_OF}
    return found


def test_all_families_that_are_named_where_queries_are_made_count_as_read() -> None:
    assert {family: place for family, place in named().items() if family not in READ_HERE} == {}


@pytest.mark.parametrize("family", sorted(READ_HERE))
def test_what_counts_as_read_is_read_somewhere(family: str) -> None:
    assert family in named()
