"""Says what is wrong with a YAML text without quoting it, since the text may hold a secret."""

import re

import yaml

from maintainer.model.secret_text import HIDDEN

_QUOTED = re.compile(r"""('[^']?'|'<[^'>]*>')|'[^']*'|"[^"]*\"""")
"""A character or the name of a token in quotes, or something else in quotes."""

_QUOTES_NEEDED = "; a text that begins with * must be in quotes"


def yaml_problem(error: yaml.YAMLError | ValueError) -> str:
    """The problem that the parser met, with line and column, counted from 1, if it knows them."""
    match error:
        case yaml.MarkedYAMLError():
            mark = error.problem_mark or error.context_mark
            place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
            hint = _QUOTES_NEEDED if error.context == "while scanning an alias" else ""
            return place + unquoted(error.problem or error.context or "it cannot be read") + hint
        case yaml.reader.ReaderError():
            return f"character {error.position + 1}: {error.reason}"
        case _:  # such as a day of the month 0: the error quotes it, and does not know where it stands
            return "a value of it is not what it looks like, such as a date or a number"


def unquoted(problem: str) -> str:
    """A message of the parser with ``<secret>`` for what it quotes from the text, such as the name of an alias."""
    return _QUOTED.sub(lambda quoted: quoted[1] or HIDDEN, problem)
