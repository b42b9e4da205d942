"""The options of the commands: their types for typer, and their values as settings."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

import typer

from maintainer.errors import ConfigError
from maintainer.options import OPTIONS, WITHOUT_FILE, WITHOUT_VALUE

LintFormat = Literal["text", "json", "github", "sarif"]
Shell = Literal["bash", "zsh", "fish", "powershell"]
DoctorFormat = Literal["text", "json"]
BacktestFormat = Literal["table", "md", "json"]
ListFormat = Literal["text", "json"]
ReportFormat = Literal["text", "html", "md", "json"]
LintFailOn = Literal["error", "warning", "never"]

Config = Annotated[str, typer.Option("--config", metavar="FILE", help="Settings; maintainer.yaml if it is there.")]
Kubeconfig = Annotated[
    str, typer.Option("--kubeconfig", metavar="FILE", help="In place of $KUBECONFIG and ~/.kube/config.")
]
Context = Annotated[str, typer.Option("--context", metavar="NAME", help="A context of the kubeconfig.")]
Namespaces = Annotated[
    list[str] | None,
    typer.Option("--namespace", "-n", metavar="NAME", help="Rollouts of this namespace only; repeatable."),
]
User = Annotated[str, typer.Option("--as", metavar="USER", help="Ask the Kubernetes API as this user.")]
PrometheusUrl = Annotated[
    str, typer.Option("--prometheus-url", metavar="URL", help="Looked up in the cluster if not set.")
]
PrometheusService = Annotated[
    str,
    typer.Option(
        "--prometheus-service",
        metavar="NAMESPACE/NAME[:PORT][/PATH]",
        help="Through the API server, if there is no URL.",
    ),
]


def _ids(incomplete: str) -> list[str]:
    """The ids of checks that the shell offers to complete this text."""
    from maintainer.analyse.checks import CHECKS  # noqa: PLC0415 - heavy, and --help does not need it

    return [check for check in CHECKS if check.startswith(incomplete)]


def _patterns(incomplete: str) -> list[str]:
    """The same, also as whole families."""
    ids = _ids(incomplete)
    return [*dict.fromkeys(f"{check.partition('/')[0]}/*" for check in ids), *ids]


Checks = Annotated[
    list[str] | None,
    typer.Option(
        "--check",
        metavar="FAMILY/NAME",
        help="Only these checks, such as 'accuracy/*'; repeatable.",
        autocompletion=_patterns,
    ),
]
CheckId = Annotated[
    str,
    typer.Argument(metavar="CHECK", help="Such as pipeline/service; all if not given.", autocompletion=_ids),
]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="DIR|-", help="The folder for the reports; - is stdout.")
]
ReportFile = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE|DIR|-", help="A file, or a folder that is there; - is stdout.")
]
PastReport = Annotated[
    list[str],
    typer.Argument(metavar="[JOB] PERIOD", help="Such as 2026-11, the day 2026-11-27, or latest.", show_default=False),
]
Quarter = Annotated[
    str,
    typer.Option("--period", metavar="YEAR-QN", help="The quarter, such as 2026-Q3; only for jobs over stored data."),
]
NewFile = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE|-", help="The new file, by default maintainer.yaml; - is stdout.")
]
Formats = Annotated[str, typer.Option("--format", metavar="html,md,json", help="The formats of the reports.")]
Language = Annotated[str, typer.Option("--lang", metavar="en|ko", help="The language of the reports.")]
FailOn = Annotated[str, typer.Option("--fail-on", metavar="error|warning|never", help="Exit 1 for such a finding.")]
Record = Annotated[bool, typer.Option("--record", help="Remember the result, for the reports to come.")]
Post = Annotated[bool, typer.Option("--post", help="Post the report to Slack, and remember it.")]
WaitLock = Annotated[
    str, typer.Option("--wait-lock", metavar="DURATION", help="Wait for another run with --record, such as 5m.")
]
DiskSize = Annotated[
    str, typer.Option("--disk-size", metavar="SIZE", help="Of Prometheus' volume, such as 50Gi; else its claim's.")
]
Listen = Annotated[str, typer.Option("--listen", metavar="ADDRESS:PORT", help="For probes and Prometheus.")]
Timeout = Annotated[str, typer.Option("--timeout", metavar="DURATION", help="The time for the whole run, such as 15m.")]
Apply = Annotated[
    str, typer.Option("--apply", metavar="[FILE]", help="Restore what differs; with FILE, that plan and nothing else.")
]
Undo = Annotated[bool, typer.Option("--undo", help="Put back what the last run of reconcile has restored.")]
Plan = Annotated[str, typer.Option("--plan", metavar="FILE", help="Write what --apply would do to FILE.")]
Prune = Annotated[bool, typer.Option("--prune", help="Also remove what was added to what was deployed.")]
YesDeleteData = Annotated[
    bool, typer.Option("--yes-delete-data", help="Also restore a shorter retention, which deletes data.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also log each request, on stderr.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths of the reports, warnings and errors only.")]
LogFormat = Annotated[str, typer.Option("--log-format", metavar="text|json", help="The format of the log on stderr.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours, as with the variable NO_COLOR.")]


REPEATED = ("--config", "--kubeconfig", "--context", "--as", "--prometheus-url", "--prometheus-service")
"""The options that a command which doctor prints has from the command line of doctor."""


OF_RECONCILE = ("--apply", "--undo", "--plan", "--prune", "--yes-delete-data")
"""The options of ``run`` that only reconcile takes."""

IDLE: Mapping[str, Collection[str]] = {"--prune": ("report", "undo"), "--yes-delete-data": ("report",)}
"""The modes of reconcile in which an option of it has no effect."""


def settings_of(context: typer.Context, own: Collection[str] = ()) -> dict[str, Any]:
    """The values of the options that were given, by the dotted keys of their settings.

    The options ``own`` have another meaning in this command. Raises ``ConfigError`` for options that contradict each
    other.
    """
    params = context.params
    if params.get("verbose") and params.get("quiet"):
        raise ConfigError("-v logs more and -q logs nothing: give one of them")
    given = {option: params[param.name] for param in context.command.params for option in param.opts if param.name}
    return {
        OPTIONS[option]: WITHOUT_VALUE.get(option, value)
        for option, value in given.items()
        if option in OPTIONS and option not in own and value
    } | _of_restoring(given)


def _of_restoring(given: Mapping[str, Any]) -> dict[str, str]:
    """What ``--plan FILE`` and ``--apply FILE`` set beside their own settings."""
    several = [option for option in ("--apply", "--undo", "--plan") if given.get(option)]
    if len(several) > 1:
        raise ConfigError(f"{' and '.join(several)} contradict each other: give one of them")
    if given.get("--plan"):
        return {"reconcile.mode": "plan"}
    file = given.get("--apply", "")
    return {"reconcile.plan": file} if file not in {"", WITHOUT_FILE} else {}


def refuse_others(context: typer.Context, job: str) -> None:
    """Raise ``ConfigError`` for an option of reconcile that was given to another job."""
    for param in context.command.params:
        option = param.opts[0]
        if job != "reconcile" and option in OF_RECONCILE and context.params[str(param.name)]:
            calendar = "; for the calendar, set reconcile.mode" if job == "due" else ""
            raise ConfigError(f"{option} is for reconcile, not for {job}: maintainer run reconcile {option}{calendar}")


def refuse_idle(context: typer.Context, mode: str) -> None:
    """Raise ``ConfigError`` for an option of reconcile that has no effect in this mode."""
    for option, modes in IDLE.items():
        if mode in modes and context.params[option.removeprefix("--").replace("-", "_")]:
            with_it = "--apply or --plan FILE" if mode == "report" else "--apply in place of --undo"
            raise ConfigError(f"{option} changes nothing here: give {with_it}")


def options_of(context: typer.Context) -> dict[str, str]:
    """The options with a value that stand on the command line, by their long names."""
    given = {param.opts[0]: context.params[param.name] for param in context.command.params if param.name}
    return {option: value for option, value in given.items() if option in REPEATED and value}
