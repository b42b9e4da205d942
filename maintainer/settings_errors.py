"""The errors of the settings in our own words: which setting is wrong, where it was set, and how it is written."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from pydantic import ValidationError

from maintainer.model.secret_text import bare_urls


def error_lines(error: ValidationError, origins: Mapping[str, str], *, known: Iterable[str]) -> Iterator[str]:
    """A line for each wrong setting.

    ``origins`` are the places where settings were set, by dotted key. ``known`` are the keys that there are.
    """
    names = tuple(known)
    for problem in error.errors(include_url=False):
        key = ".".join(map(str, problem["loc"]))
        origin = next((origins[part] for part in _self_and_parents(key) if part in origins), "the configuration")
        if problem["type"] == "extra_forbidden":
            yield f"{origin}: unknown key {key}{_did_you_mean(key, names)}"
        else:
            yield f"{origin}: {key}: {bare_urls(problem['msg'].removeprefix('Value error, '))}"


def _self_and_parents(key: str) -> Iterator[str]:
    """``a.b.c``, ``a.b`` and ``a`` for ``a.b.c``."""
    parts = key.split(".")
    for size in range(len(parts), 0, -1):
        yield ".".join(parts[:size])


def _did_you_mean(key: str, names: Iterable[str]) -> str:
    section = ".".join(part for part in key.split(".")[:-1] if not part.isdigit())
    known = {part for setting in names for part in _self_and_parents(setting)}
    siblings = {path.rpartition(".")[2]: path for path in sorted(known) if path.rpartition(".")[0] == section}
    close = get_close_matches(key.rpartition(".")[2], siblings, n=1)
    return f"; did you mean {siblings[close[0]]}?" if close else f"; known here are {', '.join(siblings.values())}"
