"""Label matchers: how PromQL writes them, and which values they let through."""

import re
from collections.abc import Callable

ValueTest = Callable[[str], bool]

WORDS = re.compile(r"[\w ]+(?:\|[\w ]+)*", re.ASCII)
"""A regular expression that only lists words, such as ``Paused|Timeout``."""


def matcher(label: str, value: str, *, op: str = "=") -> str:
    """A matcher such as ``phase="Paused"``, with the value quoted and escaped."""
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label}{op}"{text}"'


def value_test(op: str, value: str, *, flags: re.RegexFlag = re.NOFLAG) -> ValueTest | None:
    """Which values of its label a matcher lets through; ``op`` is one of ``= != =~ !~``.

    ``None`` for a regular expression that Python cannot compile: Go and Rust know others.
    """
    negative = op[0] == "!"
    if op[-1] != "~":
        return lambda candidate: (candidate == value) is not negative
    if WORDS.fullmatch(value):
        words = frozenset(value.split("|"))
        return lambda candidate: (candidate in words) is not negative
    try:
        pattern = re.compile(value, flags)
    except (re.error, OverflowError, RecursionError):
        return None
    return lambda candidate: (pattern.fullmatch(candidate) is not None) is not negative
