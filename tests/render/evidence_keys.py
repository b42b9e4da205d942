"""The keys of the evidence that the checks give, read from the code itself."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.render.known_texts import Texts
from tests.render.parsed_modules import Module, modules


@cache
def evidence_keys() -> frozenset[str]:
    """The keys of every dict that becomes evidence, also in its lists and in what functions return for it."""
    found: set[str] = set()
    given = [(value, module) for module in modules() for value in _given(module)]
    seen = {node for node, _ in given}
    while given:
        node, module = given.pop()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Dict):
                found |= {key for written in inner.keys if written for key in Texts(module).of(written)}
            elif isinstance(inner, ast.Name):
                more = [(value, home) for value, home in _behind(inner, module) if value not in seen]
                seen |= {value for value, _ in more}
                given += more
    return frozenset(found)


def _given(module: Module) -> Iterator[ast.AST]:
    """What is passed as ``evidence`` to a finding."""
    if module.name.startswith("maintainer/analyse/"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.keyword) and node.arg == "evidence":
                yield node.value


def _behind(name: ast.Name, module: Module) -> Iterator[tuple[ast.AST, Module]]:
    """What a name is assigned where that is written out, and what the function returns that is called by it."""
    if scope := module.function(name):
        values = module.assigned(scope, name.id)
        yield from ((value, module) for value in values if isinstance(value, ast.Dict | ast.List | ast.ListComp))
    call = module.parents[name]
    if not isinstance(call, ast.Call) or (call.func is not name and ast.unparse(call.func) != "map"):
        return
    for home in (module,) if name.id.startswith("_") else modules():
        for function in home.tree.body:
            if isinstance(function, ast.FunctionDef) and function.name == name.id:
                returned = (node.value for node in ast.walk(function) if isinstance(node, ast.Return))
                yield from ((value, home) for value in returned if value)
