"""The options of the commands: their types for typer, and the table of the settings that they set."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

LintFormat = Literal["text", "json", "github", "sarif"]
LintFailOn = Literal["error", "warning", "never"]

Config = Annotated[str, typer.Option("--config", metavar="FILE", help="Settings; maintainer.yaml if it is there.")]
Context = Annotated[str, typer.Option("--context", metavar="NAME", help="A context of the kubeconfig.")]
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
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="DIR|-", help="The folder for the reports; - is stdout.")
]
Formats = Annotated[str, typer.Option("--format", metavar="html,md,json", help="The formats of the reports.")]
FailOn = Annotated[str, typer.Option("--fail-on", metavar="error|warning|never", help="Exit 1 for such a finding.")]
Timeout = Annotated[str, typer.Option("--timeout", metavar="DURATION", help="The time for the whole run, such as 15m.")]

SETTINGS: Mapping[str, str] = {
    "--context": "cluster.context",
    "--prometheus-url": "prometheus.url",
    "--prometheus-service": "prometheus.service",
    "--output": "reports.directory",
    "--format": "reports.formats",
    "--fail-on": "failOn",
    "--timeout": "timeout",
}
"""The setting that each option of a run sets."""


def settings_of(context: typer.Context) -> dict[str, Any]:
    """The values of the options that were given, by the dotted keys of their settings."""
    given = {
        option: context.params[param.name] for param in context.command.params for option in param.opts if param.name
    }
    return {SETTINGS[option]: value for option, value in given.items() if option in SETTINGS and value}
