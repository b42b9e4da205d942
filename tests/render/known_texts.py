"""What is known of the texts that an expression of the product can have, without running it.

A text that is known in part has :data:`OPEN` where anything may stand. What a name can hold is looked up in
assignments and loops, in what callers pass and functions return; an attribute has the values of its ``Literal``.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from tests.render.parsed_modules import Module, annotations, modules

OPEN = "*"
MAY = "?"
"""Stands before a value that a type allows, though the code may never use it there."""

Bound = Mapping[str, frozenset[str]]


@cache
def literals(attribute: str) -> frozenset[str]:
    """The values that the types of attributes with this name allow, by ``Literal``; none where they are any text."""
    return frozenset(MAY + value for annotation in annotations().get(attribute, ()) for value in _literal(annotation))


def _literal(annotation: ast.AST | None) -> Iterator[str]:
    match annotation:
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            yield from (str(value.value) for value in ast.walk(inner) if isinstance(value, ast.Constant))
        case ast.Name(id=name):
            for module in modules():
                for value in module.aliases(name):
                    yield from _literal(value)
        case _:
            pass


def named(function: ast.FunctionDef) -> set[str]:
    """The names of a function's parameters."""
    return {parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}


def passed(function: ast.FunctionDef, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """What a call passes for each of the function's parameters, its defaults where it passes none."""
    names = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
    if names[:1] == ["self"]:
        names = names[1:]
    defaults = zip(reversed(names), reversed(function.args.defaults), strict=False)
    kept = {
        parameter.arg: value
        for parameter, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    }
    given = {**dict(defaults), **kept, **dict(zip(names, call.args, strict=False))}
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in named(function)}
    yield from ((name, value) for name, value in given.items() if value is not None)


class Texts:
    """The texts that an expression of a module can have; ``bound`` are those of its function's parameters."""

    def __init__(self, module: Module, bound: Bound | None = None, seen: frozenset[ast.AST] = frozenset()) -> None:
        self.module, self.bound, self.seen = module, bound or {}, seen

    def of(self, node: ast.AST) -> set[str]:
        """Every text, each with :data:`OPEN` where it is not known."""
        if node in self.seen:
            return set()
        inner = Texts(self.module, self.bound, self.seen | {node})
        match node:
            case ast.Constant(value=str(text)):
                found = {text}
            case ast.JoinedStr():
                found = inner.joined(node)
            case ast.IfExp():
                found = inner.of(node.body) | inner.of(node.orelse)
            case ast.Name():
                found = inner.of_name(node)
            case ast.Call(func=ast.Name(id=name)):
                found = inner.of_call(name, node)
            case _:
                found = set(literals(_attribute(node))) or {OPEN}
        return found

    def joined(self, node: ast.JoinedStr) -> set[str]:
        """A text with holes; a hole whose text is empty stands for none, so nothing is made of it."""
        holes = [value.value if isinstance(value, ast.FormattedValue) else value for value in node.values]
        parts = [self.of(hole) for hole in holes]
        return {re.sub(r"\*+", OPEN, "".join(texts)) for texts in product(*(part - {""} for part in parts))}

    def of_name(self, name: ast.Name) -> set[str]:
        """What is assigned to a name in its function or module, looped over, or passed by callers."""
        if name.id in self.bound:
            return set(self.bound[name.id])
        function = self.module.function(name)
        if function and (values := self.module.assigned(function, name.id)):
            return self.any_of(values)
        if function and name.id in named(function):
            return self.of_parameter(function, name.id)
        return self.any_of(self.module.assigned(self.module.tree, name.id))

    def of_parameter(self, function: ast.FunctionDef, name: str) -> set[str]:
        """What the type of a parameter allows, or what callers pass."""
        arguments = (*function.args.args, *function.args.kwonlyargs)
        if allowed := {
            MAY + value for argument in arguments if argument.arg == name for value in _literal(argument.annotation)
        }:
            return allowed
        found = [
            Texts(caller.module, None, self.seen).of(value)
            for caller in self.module.callers(function)
            for parameter, value in passed(function, caller.node)
            if parameter == name
        ]
        return set[str]().union(*found) or {OPEN}

    def of_call(self, name: str, call: ast.Call) -> set[str]:
        """What a function of the module returns, or the first of what is generated."""
        if name == "next" and isinstance(call.args[0], ast.GeneratorExp):
            return self.any_of([call.args[0].elt, *call.args[1:]])
        return self.any_of(self.returned(name))

    def returned(self, name: str) -> list[ast.AST]:
        """What a function of the module returns."""
        functions = [
            statement
            for statement in self.module.tree.body
            if isinstance(statement, ast.FunctionDef) and statement.name == name
        ]
        return [
            node.value
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value
        ]

    def any_of(self, values: list[ast.AST]) -> set[str]:
        """The texts of all of these together."""
        return set[str]().union(*map(self.of, values)) or {OPEN}

    def keys(self, node: ast.AST) -> set[str]:
        """The keys of a mapping that is given as ``**node``: one written out, or one that a function returns."""
        match node:
            case ast.Dict():
                return {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
            case ast.Name():
                found = self.module.assigned(self.module.function(node) or self.module.tree, node.id)
            case ast.Call(func=ast.Name(id=name)):
                found = self.returned(name)
            case _:
                found = []
        assert found, f"{self.module.name}:{getattr(node, 'lineno', '?')}: it is not known what this mapping holds"
        return set.intersection(*map(self.keys, found))


def _attribute(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case _:
            return ""
