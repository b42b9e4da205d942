"""The modules of the product as they are written: their functions, their calls, and what names are given in them."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """A parsed file, with the parent of each of its nodes."""

    name: str
    tree: ast.Module
    parents: Mapping[ast.AST, ast.AST] = field(repr=False)

    def function(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function in which a node stands."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.FunctionDef):
                return node
        return None

    def assigned(self, scope: ast.AST, name: str) -> list[ast.AST]:
        """What a name is given in a function or module; in a loop, the items of what is written out."""
        return [value for target, value in self._given(scope) if isinstance(target, ast.Name) and target.id == name]

    def callers(self, function: ast.FunctionDef) -> Iterator["Call"]:
        """The calls of a function; of a private one those of its own module."""
        private = function.name.startswith("_")
        return (call for call in calls(function.name) if call.module is self or not private)

    def aliases(self, name: str) -> Iterator[ast.AST]:
        """The type that a name of the module stands for."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
                yield from (node.value for target in node.targets if isinstance(target, ast.Name) and target.id == name)

    def _given(self, scope: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        for node in ast.walk(scope):
            match node:
                case ast.Assign(targets=[target], value=value) | ast.NamedExpr(target=target, value=value):
                    yield from _unpacked(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    yield target, value
                case ast.For(target=target, iter=iterated) | ast.comprehension(target=target, iter=iterated):
                    for item in self._items(iterated, scope) or [iterated]:
                        yield from _unpacked(target, item)
                case _:
                    pass

    def _items(self, node: ast.AST, scope: ast.AST) -> list[ast.AST]:
        """The items of a list or dict that is written out, here or where its name is assigned; [] if it is not."""
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return [*items]
            case ast.Call(func=ast.Attribute(value=inner, attr="items")):
                pairs = [(key, value) for written in self._dicts(inner, scope) for key, value in written]
                return [ast.Tuple(elts=[key, value]) for key, value in pairs]
            case ast.Name(id=name):
                written = [value for place in (scope, self.tree) for value in self._plain(place, name)]
                return [item for value in written for item in self._items(value, scope)]
            case _:
                return []

    def _dicts(self, node: ast.AST, scope: ast.AST) -> list[list[tuple[ast.expr, ast.expr]]]:
        match node:
            case ast.Dict(keys=keys, values=values):
                return [[(key, value) for key, value in zip(keys, values, strict=True) if key]]
            case ast.Name(id=name):
                written = [value for place in (scope, self.tree) for value in self._plain(place, name)]
                return [found for value in written for found in self._dicts(value, scope)]
            case ast.Subscript(value=ast.Name() as outer):
                inner = [value for pairs in self._dicts(outer, scope) for _, value in pairs]
                return [found for value in inner for found in self._dicts(value, scope)]
            case _:
                return []

    @staticmethod
    def _plain(scope: ast.AST, name: str) -> list[ast.AST]:
        return [
            node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and target.id == name
        ]


class Call(NamedTuple):
    """A call and the module in which it stands."""

    module: Module
    node: ast.Call


@cache
def modules() -> tuple[Module, ...]:
    """All modules of the product but the sandbox, which says nothing to a reader."""
    found = []
    for path in sorted((ROOT / "maintainer").rglob("*.py")):
        if "sandbox" not in path.parts:
            tree = ast.parse(path.read_text("utf-8"))
            parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
            found.append(Module(path.relative_to(ROOT).as_posix(), tree, parents))
    return tuple(found)


def calls(name: str) -> tuple[Call, ...]:
    """Every call of a function or method of this name; ``partial(function, …)`` passes what a call would pass."""
    return tuple(_calls().get(name, ()))


@cache
def _calls() -> Mapping[str, list[Call]]:
    """All calls, by the names of what is called."""
    found: dict[str, list[Call]] = defaultdict(list)
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                for call in (node, *_prepared(node)):
                    found[_name(call.func)].append(Call(module, call))
    return found


@cache
def annotations() -> Mapping[str, list[ast.expr]]:
    """The types of all attributes and variables, by their names."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id].append(node.annotation)
    return found


def _name(function: ast.expr) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))


def _prepared(call: ast.Call) -> Iterator[ast.Call]:
    """The call that a ``partial`` prepares."""
    if _name(call.func) == "partial":
        yield ast.Call(call.args[0], call.args[1:], call.keywords)


def _unpacked(target: ast.AST, value: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    if not isinstance(target, ast.Tuple):
        yield target, value
    elif isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
        for inner, part in zip(target.elts, value.elts, strict=True):
            yield from _unpacked(inner, part)
    else:
        yield from ((inner, value) for inner in target.elts)
