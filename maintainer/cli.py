"""The commands with their options, and the end of each: its exit code, or its error in a sentence.

What a command does is in ``commands/``. Its module is imported when it runs, so that ``--help`` is fast.
"""

import logging
import os
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Annotated

import typer
from typer.completion import completion_init  # type: ignore[attr-defined]  # not declared

from maintainer import cli_stored, cli_tools, flags, streams
from maintainer.cli_settings import USUAL_CONFIG, begin_log, config_file, load_settings
from maintainer.clients.known_secrets import KnownSecrets, in_environment
from maintainer.errors import EXIT_FAULT, ConfigError, MaintainerError, fault_told
from maintainer.model.report import DemoJob, RunName
from maintainer.usage import Command, usage_error

if TYPE_CHECKING:
    from maintainer.settings import Settings

DEMO_VARIABLES = ("MAINTAINER_LOG_FORMAT", "MAINTAINER_LOG_LEVEL", "MAINTAINER_COLOR")
"""The variables that the demo heeds; those of a cluster would lead it away from its own."""

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def maintainer(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    """Checks the monitoring of Argo Rollouts against the Rollout API."""
    if version:
        print(f"maintainer {metadata.version('maintainer')}")
        raise typer.Exit


@app.command(cls=Command)
def run(
    given: typer.Context,
    job: Annotated[
        RunName, typer.Argument(metavar="JOB", help="A job of the calendar; due runs all that is due, and records it.")
    ],
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    namespace: flags.Namespaces = None,
    user: flags.User = "",
    prometheus_url: flags.PrometheusUrl = "",
    prometheus_service: flags.PrometheusService = "",
    period: flags.Quarter = "",
    check: flags.Checks = None,
    output: flags.Output = "",
    format_: flags.Formats = "",
    lang: flags.Language = "",
    fail_on: flags.FailOn = "",
    record: flags.Record = False,
    post: flags.Post = False,
    wait_lock: flags.WaitLock = "",
    apply: flags.Apply = "",
    undo: flags.Undo = False,
    plan: flags.Plan = "",
    prune: flags.Prune = False,
    yes_delete_data: flags.YesDeleteData = False,
    disk_size: flags.DiskSize = "",
    timeout: flags.Timeout = "",
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = "",
    no_color: flags.NoColor = False,
) -> None:
    """Run a job of the calendar and write its report, or run all jobs that are due.

    Exit codes: 0 done; 1 a finding at or above --fail-on; 2 wrong usage or configuration; 3 something could not be
    checked, the report says what; 4 the report could not be delivered or recorded; 70 a fault of this program;
    130 interrupted.
    """
    from maintainer.commands.run import run_all_due, run_job

    flags.refuse_others(given, job)
    settings = load_settings(config_file(config), os.environ, given=given, own=("--period",))
    flags.refuse_idle(given, settings.reconcile.mode)
    begin_log(settings, given.obj)
    if job == "due":
        if period:
            raise ConfigError("due runs what the calendar says; name the job to run for a --period")
        raise typer.Exit(run_all_due(settings, environ=os.environ, secrets=given.obj))
    raise typer.Exit(run_job(job, settings, environ=os.environ, secrets=given.obj, period=period).exit_code)


@app.command(cls=Command)
def init(
    given: typer.Context,
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    output: flags.NewFile = "",
) -> None:
    """Look around, and write a first maintainer.yaml with what was found. Asks nothing, and overwrites no file.

    Exit codes: 0 done; 2 wrong usage, or the file is there already; 3 the file is written, and something could not be
    looked up; 4 the file could not be written.
    """
    from maintainer.commands.init import write_settings

    settings = load_settings("", os.environ, given=given, own=("--output",))
    usual = os.environ.get("MAINTAINER_CONFIG") or USUAL_CONFIG
    raise typer.Exit(write_settings(output or usual, settings, secrets=given.obj, usual=usual))


@app.command(cls=Command)
def schedule(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Show for each job its last result, its next date, and what is due.

    Exit codes: 0 done; 2 wrong usage or configuration; 3 the store could not be read.
    """
    from maintainer.commands.schedule import show_schedule

    show_schedule(load_settings(config_file(config), os.environ, given=given), given.obj)


@app.command(cls=Command)
def doctor(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    prometheus_url: flags.PrometheusUrl = "",
    prometheus_service: flags.PrometheusService = "",
    format_: Annotated[flags.DoctorFormat, typer.Option("--format", help="The format of the result.")] = "text",
    no_color: flags.NoColor = False,
) -> None:
    """Look whether all is there that the jobs need: servers, rights, clocks, the store. Changes nothing.

    Exit codes: 0 all is well, or a warning; 2 wrong usage or configuration; 3 something is broken, or could not be
    checked because of that; 70 a fault of this program; 130 interrupted.
    """
    from maintainer.commands.doctor import examine

    settings = load_settings(config_file(config), os.environ, given=given, own=("--format",))
    raise typer.Exit(examine(settings, flags.options_of(given), given.obj, format_=format_))


@app.command(cls=Command)
def serve(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    namespace: flags.Namespaces = None,
    user: flags.User = "",
    prometheus_url: flags.PrometheusUrl = "",
    prometheus_service: flags.PrometheusService = "",
    listen: flags.Listen = "",
    output: flags.Output = "",
    format_: flags.Formats = "",
    lang: flags.Language = "",
    post: flags.Post = False,
    timeout: flags.Timeout = "",
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = "",
) -> None:
    """Keep the calendar: run what is due now and at each of its times, and answer /healthz, /readyz and /metrics.

    Exit codes: 0 ended by SIGTERM or Ctrl-C; 2 wrong usage or configuration; 70 a fault of this program; 130 ended in
    the middle of a step, because it took more than 17 seconds to end.
    """
    from maintainer.commands.serve import serve as keep_calendar

    settings = load_settings(config_file(config), os.environ, given=given)
    begin_log(settings, given.obj)
    raise typer.Exit(keep_calendar(settings, given.obj))


@app.command(cls=Command)
def demo(
    given: typer.Context,
    job: Annotated[DemoJob | None, typer.Argument(metavar="[JOB]", help="Only this job.")] = None,
    healthy: Annotated[bool, typer.Option("--healthy", help="The same fleet without its faults.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the fleet running until Ctrl-C.")] = False,
    month: Annotated[bool, typer.Option("--month", help="30 days first; faults come and go in them.")] = False,
    slack: Annotated[bool, typer.Option("--slack", help="Post it to a Slack on this machine, and print that.")] = False,
    check: flags.Checks = None,
    output: flags.Output = "",
    format_: flags.Formats = "",
    lang: flags.Language = "",
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = "",
    no_color: flags.NoColor = False,
) -> None:
    """Run the jobs on fleets on this machine: a Kubernetes API, a controller's metrics, a real Prometheus.

    Without JOB it runs all that have a demo, and writes a page that leads to their reports.
    """
    from maintainer.commands.demo import run_demo
    from maintainer.commands.demo_shared import Wanted
    from maintainer.commands.demo_year import run_year

    usual = {name: os.environ[name] for name in DEMO_VARIABLES if name in os.environ}
    usual |= {"MAINTAINER_REPORTS_DIRECTORY": "reports/demo" if job else "reports/demo/year"}
    begin_log(load_settings("", usual, given=given), given.obj)

    def settings(world: Mapping[str, str]) -> "Settings":
        return load_settings("", {**usual, **world}, given=given)

    wanted = Wanted(faults=not healthy, keep=keep, month=month, slack=slack)
    raise typer.Exit(run_demo(job, settings, given.obj, wanted=wanted) if job else run_year(settings, wanted))


# The commands are listed in the order in which they are added.
app.add_typer(cli_tools.app)
app.add_typer(cli_stored.store, name="store")
app.add_typer(cli_stored.report, name="report")


def main() -> None:
    """Run the command line: every error becomes a message and its exit code, without a traceback."""
    streams.open_streams()
    # What libraries log and warn of is not written for people, and may quote a request.
    logging.captureWarnings(capture=True)
    logging.getLogger().addHandler(logging.NullHandler())
    secrets = KnownSecrets(in_environment(os.environ))
    # Typer's own options for completion would guess the shell from the processes around this one.
    completion_init()
    try:
        sys.exit(app(prog_name="maintainer", obj=secrets, standalone_mode=False))
    except typer.TyperException as error:
        print(usage_error(error), file=sys.stderr)
        sys.exit(ConfigError.exit_code)
    except MaintainerError as error:
        print(f"maintainer: {secrets.hide_in_error(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - a fault of ours must end as one, never as a pass
        from maintainer.deliver.files import save_traceback

        text, file = secrets.hide_in_error(repr(error)), save_traceback(error, secrets.hide_in_error)
        print(f"maintainer: {fault_told(text, file)}", file=sys.stderr)
        sys.exit(EXIT_FAULT)
    finally:
        if why := streams.failure(sys.stdout):
            print(f"maintainer: cannot write to stdout ({why})", file=sys.stderr)
