"""Every sentence that the code can make, read from the code itself: its calls of ``message`` and their parameters.

What a call says is looked up by :mod:`tests.render.known_texts`; templates say theirs with ``t(id, …)``.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, nodes

from maintainer.render import environment
from tests.render.known_texts import MAY, OPEN, Bound, Texts, literals, named, passed
from tests.render.parsed_modules import Call, calls

MAKERS = {"message": "", "SourceUnavailable": "gap/"}
"""The calls that make a sentence, with what they put before the id."""
CARRIERS = {
    ("maintainer/model/message.py", "message"),
    ("maintainer/model/reasons.py", "told"),
    ("maintainer/render/environment.py", "t"),
}
"""Functions that hand on the id and the parameters of another call, which is read where it stands."""
NO_PARAMETERS = {"permanent"}
"""What a maker is told besides the parameters of the sentence."""


class Made(NamedTuple):
    """A sentence that a call makes: its id, which may be open, its parameters, and where the call stands.

    ``sure`` says that the code names the id in full, so that the catalogue must have it.
    """

    id: str
    params: frozenset[str]
    where: str
    sure: bool


@cache
def made() -> frozenset[Made]:
    """What all calls and all templates make."""
    found = {
        sentence
        for maker, before in MAKERS.items()
        for call in calls(maker)
        if (call.module.name, getattr(call.module.function(call.node), "name", "")) not in CARRIERS
        for sentence in _of_call(call, before)
    }
    return frozenset(found | set(_of_templates()))


def _of_call(call: Call, before: str) -> Iterator[Made]:
    """What one call makes. Where its function is handed the id or ``**params``, it is read once for each caller."""
    function = call.module.function(call.node)
    callers = list(call.module.callers(function)) if function and _handed(function, call.node) else []
    for caller in callers:
        assert function is not None
        bound = {name: frozenset(Texts(caller.module).of(value)) for name, value in passed(function, caller.node)}
        handed_on = {keyword.arg for keyword in caller.node.keywords if keyword.arg} - named(function)
        yield from _sentences(call, before, bound=bound, more=handed_on if function.args.kwarg else set())
    if not callers:
        yield from _sentences(call, before, bound={}, more=set())


def _handed(function: ast.FunctionDef, call: ast.Call) -> bool:
    """Whether the id, or the parameters as a whole, are those that the function was given."""
    wholes = [keyword.value for keyword in call.keywords if keyword.arg is None]
    names = {inner.id for part in (call.args[0], *wholes) for inner in ast.walk(part) if isinstance(inner, ast.Name)}
    return bool(names & {*named(function), *([function.args.kwarg.arg] if function.args.kwarg else [])})


def _sentences(call: Call, before: str, *, bound: Bound, more: set[str]) -> Iterator[Made]:
    module, node = call
    texts, function = Texts(module, bound), module.function(node)
    params = {keyword.arg for keyword in node.keywords if keyword.arg} - NO_PARAMETERS | more
    kwarg = function.args.kwarg.arg if function and function.args.kwarg else ""
    for keyword in node.keywords:
        if keyword.arg is None and not (isinstance(keyword.value, ast.Name) and keyword.value.id == kwarg):
            params |= texts.keys(keyword.value)
    for id_ in texts.of(node.args[0]):
        yield _made(before + id_, params, f"{module.name}:{node.lineno}")


def _made(id_: str, params: Iterable[str], where: str) -> Made:
    return Made(id_.replace(MAY, ""), frozenset(params), where, sure=not {OPEN, MAY} & set(id_))


def _of_templates() -> Iterator[Made]:
    """What the templates say."""
    for path in sorted(environment.templates().rglob("*.j2")):
        tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                params = [keyword.key for keyword in call.kwargs]
                for id_ in _of_template(call.args[0]):
                    yield _made(id_, params, f"{path.name}:{call.lineno}")


def _of_template(node: nodes.Node) -> set[str]:
    match node:
        case nodes.Const():
            return {str(node.value)}
        case nodes.Concat():
            texts = {""}
            for part in node.nodes:
                texts = {before + text for before in texts for text in _of_template(part)}
            return texts
        case nodes.Getattr():
            return set(literals(node.attr)) or {OPEN}
        case _:
            return {OPEN}
