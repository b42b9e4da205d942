"""Label matchers: how PromQL writes them, and which values they let through.

Regular expressions are those of RE2, as in Prometheus and Alertmanager, and take time in proportion to the text.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import re2

ValueTest = Callable[[str], bool]

WORDS = re.compile(r"[\w ]+(?:\|[\w ]+)*", re.ASCII)
"""A regular expression that only lists words, such as ``Paused|Timeout``."""

LARGEST = 1 << 20
"""Bytes of memory that a compiled regular expression may use."""

# ``\C``, one byte of a character, is known to RE2, and not to Go.
_ANY_BYTE = re.compile(r"(?:[^\\]++|\\[^C])*+\\C")


def matcher(label: str, value: str, *, op: str = "=") -> str:
    """A matcher such as ``phase="Paused"``, with the value quoted and escaped."""
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label}{op}"{text}"'


def value_test(op: str, value: str) -> ValueTest | None:
    """Which values of its label a matcher lets through; ``op`` is one of ``= != =~ !~``.

    ``None`` for a regular expression that cannot be judged: it is not valid, or too large. ``.`` is any character but
    the end of a line, as in Prometheus 2 and Alertmanager. Prometheus 3 takes it for an end of a line as well, which
    no label of a Rollout has.
    """
    negative = op[0] == "!"
    if op[-1] != "~":
        return lambda candidate: (candidate == value) is not negative
    if WORDS.fullmatch(value):
        words = frozenset(value.split("|"))
        return lambda candidate: (candidate in words) is not negative
    if _compiled(value) is None:
        return None
    return lambda candidate: _matches(value, candidate) is not negative


def _matches(pattern: str, candidate: str) -> bool:
    # Compiled again if need be: who keeps a test keeps no compiled expression, which can be large.
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(_utf8(candidate)) is not None


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> "re2._Regexp[bytes] | None":
    """The regular expression; ``None`` if it is not one of Go's, or too large."""
    if _ANY_BYTE.match(pattern):
        return None
    options = re2.Options()
    options.log_errors, options.max_mem = False, LARGEST
    try:
        return re2.compile(pattern.encode(), options)
    except (re2.error, UnicodeEncodeError):
        return None


def _utf8(text: str) -> bytes:
    """The text in UTF-8, with a replacement character for half a surrogate, as Prometheus reads it from JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
