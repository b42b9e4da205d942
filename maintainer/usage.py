"""The errors of the command line in our own words, with what was probably meant."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer

_SENTENCES: Sequence[tuple[str, str]] = (
    (r"No such option: (\S+)(?: \(.+\))?", "there is no option {0}"),
    (r"No such command '(.+?)'\..*", "there is no command {0}"),
    (r"Missing argument '(.+?)'\..*", "{0} is missing"),
    (
        r"Invalid value for '(.+?)': (?:Value error, )?'(.*)' is not one of (.+)\.",
        "{0} must be one of {2}, not '{1}'",
    ),
    (r"Option '(.+)' requires an argument\.", "the option {0} needs a value"),
    (r"Option '(.+)' does not take a value\.", "the option {0} takes no value"),
    (r"Got unexpected extra argument\(?s?\)? \((.+)\)", "there is no place for {0}"),
)
"""What typer says, as a pattern, and what we say in its place."""


def usage_error(error: typer.TyperException) -> str:
    """What is wrong with the command line, and how to see what there is; without any word it is the help."""
    text, context = error.format_message(), getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return text
    hint = f"{context.command_path if context else 'maintainer'} -h shows what there is"
    for pattern, sentence in _SENTENCES:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return f"maintainer: {sentence.format(*found.groups())}; {_near(found[1], context)}{hint}"
    return f"maintainer: {text}; {hint}"


def _near(word: str, context: Any) -> str:
    """The option or the command that may have been meant."""
    command = context.command if context else None
    options = [option for param in command.params for option in param.opts] if command else []
    known = [*options, *getattr(command, "commands", ())]
    near = [] if word in known else get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}? " if near else ""
