"""Label selectors and field selectors as ``kubectl`` writes them."""

import re
from collections.abc import Callable, Mapping

Test = Callable[[Mapping[str, str]], bool]

_NAME = r"[A-Za-z0-9][A-Za-z0-9._/-]*"
_SET = re.compile(rf"({_NAME})\s+(in|notin)\s*\(([^()]*)\)")
_EQUALITY = re.compile(rf"({_NAME})\s*(==|=|!=)\s*([A-Za-z0-9._-]*)")
_EXISTS = re.compile(rf"(!?)\s*({_NAME})")
_FIELD = re.compile(r"([\w.]+)(==|=|!=)(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\,=])")
_COMMA = re.compile(r",(?![^()]*\))")


def selector(text: str) -> Test:
    """A test of labels for a selector such as ``a=b,c!=d,e,!f,g in (h,i),j notin (k)``; "" selects everything.

    Raises ``ValueError`` if the selector is not valid.
    """
    tests = [_requirement(part.strip()) for part in _COMMA.split(text)] if text.strip() else []
    return lambda labels: all(test(labels) for test in tests)


def field_selector(text: str) -> Test:
    """A test of ``metadata.name`` and ``metadata.namespace`` for a field selector; "" selects everything.

    Raises ``ValueError`` if the selector is not valid, or names another field.
    """
    parts = [_FIELD.fullmatch(part) for part in re.split(r"(?<!\\),", text)] if text else []
    for found in parts:
        if found is None or found[1] not in ("metadata.name", "metadata.namespace"):
            raise ValueError(f"field label not supported: {found[1] if found else text}")
    wanted = [(found[1], _ESCAPED.sub(r"\1", found[3]), found[2] != "!=") for found in parts if found]
    return lambda values: all((values.get(name) == value) is equal for name, value, equal in wanted)


def _requirement(text: str) -> Test:
    if found := _SET.fullmatch(text):
        return _membership(found[1], frozenset(value.strip() for value in found[3].split(",")), wanted=found[2])
    if found := _EQUALITY.fullmatch(text):
        return _membership(found[1], frozenset({found[3]}), wanted="notin" if found[2] == "!=" else "in")
    if found := _EXISTS.fullmatch(text):
        name, absent = found[2], found[1] == "!"
        return lambda labels: (name in labels) is not absent
    raise ValueError(f"unable to parse requirement: {text!r}")


def _membership(name: str, values: frozenset[str], *, wanted: str) -> Test:
    if wanted == "in":
        return lambda labels: labels.get(name) in values
    return lambda labels: labels.get(name) not in values
