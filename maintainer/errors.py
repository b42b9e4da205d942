"""Everything that can go wrong, and the exit code of each.

    MaintainerError
    ├── ConfigError            2    told wrong: usage, settings, an ambiguous choice
    ├── SourceUnavailable      3    could not look; becomes a gap of the report, never a pass
    └── DeliveryFailed         4    the report exists and could not be delivered

Only what somebody catches has a class of its own. Exit code 1 (a finding at or above ``--fail-on``) and 130
(interrupted) are outcomes, not errors.
"""

EXIT_FINDINGS, EXIT_INCOMPLETE = 1, 3


class MaintainerError(Exception):
    """The base of all our errors. Its text says what happened, where, and what to type next."""

    exit_code = 2


class ConfigError(MaintainerError):
    """The user's words cannot be carried out as they stand."""

    exit_code = 2


class SourceUnavailable(MaintainerError):
    """A source could not be looked at.

    ``reason`` is the id of a sentence in the catalogue and ``params`` are its parameters, so that the gap can
    be worded in the language of the report. ``permanent`` says that trying again will not help.
    """

    exit_code = 3

    def __init__(self, reason: str, *, permanent: bool = False, **params: str | int | float) -> None:
        super().__init__(reason, params)
        self.reason = reason
        self.permanent = permanent
        self.params = params

    def __str__(self) -> str:
        return f"{self.reason} ({', '.join(f'{key}={value}' for key, value in self.params.items())})"


class DeliveryFailed(MaintainerError):
    """The report was made, and writing or posting it failed."""

    exit_code = 4
