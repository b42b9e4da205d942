"""The usage of the commands and the errors of the command line in our own words, with what was probably meant."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

import typer
from typer.core import TyperCommand

from maintainer.model.report import RunName
from maintainer.options import WITHOUT_FILE

_REQUIRED = re.compile(r"\{([^{}]+)\}(\.\.\.)?")
_TYPE = re.compile(r" <(?:str|list\[str\])>")

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
    (r"Got unexpected extra argument\(?s?\)? \((.+)\)", "there are too many arguments: {0}"),
)
"""What typer says, as a pattern, and what we say in its place."""


class Command(TyperCommand):
    """A command whose help names its arguments as they are typed.

    Typer would name a required one ``{FILE…}...``, and a list of them by its type in Python. It knows no option whose
    value may be left out: here, these are those with a ``[FILE]``.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        optional = {option for param in self.params if param.metavar == "[FILE]" for option in param.opts}
        following = [*args[1:], ""]
        given = [
            word if word not in optional else _valued(word, after) for word, after in zip(args, following, strict=False)
        ]
        return super().parse_args(ctx, given)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line behind the name of the command."""
        return [_REQUIRED.sub(r"\1", piece) for piece in super().collect_usage_pieces(ctx)]

    def get_help(self, ctx: Any) -> str:
        """The whole help."""
        return _TYPE.sub(lambda found: " " * len(found[0]), super().get_help(ctx))


def _valued(option: str, following: str) -> str:
    """The option, with a value if the word that follows cannot be one: it is an option, or a job."""
    is_file = following and not following.startswith("-") and following not in get_args(RunName)
    return option if is_file else f"{option}={WITHOUT_FILE}"


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
