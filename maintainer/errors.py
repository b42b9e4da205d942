"""All errors of the product, each with its exit code.

    MaintainerError
    ├── ConfigError            2    the usage or a setting is wrong, or a choice is ambiguous
    ├── SourceUnavailable      3    a source could not be read; the report shows it as a gap, never as a pass
    └── DeliveryFailed         4    the report was made and could not be delivered

An error has its own class only if some code catches that class. The exit codes 1 (a finding at or above
``--fail-on``) and 130 (interrupted) are results, not errors. Every other exception is a fault of this program: 70.
"""

EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_FAULT = 1, 3, 70
WORST_FIRST = (130, EXIT_FAULT, 2, 4, EXIT_INCOMPLETE, EXIT_FINDINGS, 0)
"""All exit codes: if several apply, it is the first of these."""


class MaintainerError(Exception):
    """The base class of all errors. Its text says what happened, where, and what to type next."""

    exit_code = 2


class ConfigError(MaintainerError):
    """The command line or the configuration is wrong."""

    exit_code = 2


class SourceUnavailable(MaintainerError):
    """A source, such as Prometheus or the Kubernetes API, could not be read.

    ``reason`` is the id of a message in the catalogue and ``params`` are its parameters, so that the report can write
    the gap in its language. ``permanent`` says that a retry will not help.
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
    """The report was made, but could not be written or sent."""

    exit_code = 4


def fault_told(error: str, file: str) -> str:
    """What to do about a fault of this program; ``file`` is that of its traceback, "" if it could not be saved."""
    details = f"the details are in {file}" if file else "no folder for temporary files can be written for the details"
    return f"a fault of this program, please report it: {error}; {details}"
