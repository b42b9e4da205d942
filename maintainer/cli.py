"""The commands with their options, and the end of each: its exit code, or its error in a sentence.

What a command does is in ``commands/``. Its module is imported when it runs, so that ``--help`` is fast.
"""

import logging
import os
import sys
from collections.abc import Collection, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.completion import (  # type: ignore[attr-defined]  # not declared, and without them the shell is guessed
    completion_init,
    get_completion_script,
)

from maintainer import flags, streams
from maintainer.clients.known_secrets import KnownSecrets, in_environment
from maintainer.errors import EXIT_FAULT, ConfigError, MaintainerError, fault_told
from maintainer.model.report import DemoJob, RunName
from maintainer.progress import start_log
from maintainer.usage import Command, usage_error

if TYPE_CHECKING:
    from maintainer.settings import Settings

DEMO_VARIABLES = ("MAINTAINER_LOG_FORMAT", "MAINTAINER_LOG_LEVEL", "MAINTAINER_COLOR")
"""The variables that the demo heeds; those of a cluster would lead it away from its own."""

USUAL_CONFIG = "maintainer.yaml"
"""The file of the settings, unless another is named."""

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


store = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Show and move what is remembered of runs.")
app.add_typer(store, name="store")

report = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Show the reports that are remembered.")
app.add_typer(report, name="report")


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
    settings = _settings(_config(config), os.environ, given=given, own=("--period",))
    flags.refuse_idle(given, settings.reconcile.mode)
    _start_log(settings, given.obj)
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

    settings = _settings("", os.environ, given=given, own=("--output",))
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
    """Show for each job its last result, its next date, and what is due. Exit codes: as store show."""
    from maintainer.commands.schedule import show_schedule

    show_schedule(_settings(_config(config), os.environ, given=given), given.obj)


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

    settings = _settings(_config(config), os.environ, given=given, own=("--format",))
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

    settings = _settings(_config(config), os.environ, given=given)
    _start_log(settings, given.obj)
    raise typer.Exit(keep_calendar(settings, given.obj))


@app.command(cls=Command)
def demo(
    given: typer.Context,
    job: Annotated[DemoJob, typer.Argument(metavar="JOB", help="The job to run.")] = "monthly",
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
    """Run a job on a fleet on this machine: a Kubernetes API, a controller's metrics, a real Prometheus."""
    from maintainer.commands.demo import run_demo
    from maintainer.commands.demo_shared import Wanted

    usual = {name: os.environ[name] for name in DEMO_VARIABLES if name in os.environ}
    usual |= {"MAINTAINER_REPORTS_DIRECTORY": "reports/demo"}
    _start_log(_settings("", usual, given=given), given.obj)

    def settings(world: Mapping[str, str]) -> "Settings":
        return _settings("", {**usual, **world}, given=given)

    wanted = Wanted(faults=not healthy, keep=keep, month=month, slack=slack)
    raise typer.Exit(run_demo(job, settings, given.obj, wanted=wanted))


@app.command(cls=Command)
def lint(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files or folders; - is stdin.")],
    controller: Annotated[str, typer.Option(metavar="VERSION", help="Such as 1.9; the newest if not set.")] = "",
    format_: Annotated[flags.LintFormat, typer.Option("--format", help="The format of the remarks.")] = "text",
    fix: Annotated[bool, typer.Option("--fix", help="Correct the files in place and print the difference.")] = False,
    fail_on: Annotated[flags.LintFailOn, typer.Option("--fail-on", help="Exit 1 for such a remark.")] = "error",
) -> None:
    """Say which queries in YAML and JSON can never match: of rules, dashboards and all else. Needs no cluster.

    Exit codes: 0 done; 1 a remark at or above --fail-on (here error, if not given; with --fix, one that is left);
    2 wrong usage, or a file that cannot be read; 3 nothing of these, and something that names a metric of the
    controller could not be checked; 4 a correction could not be written; 130 interrupted.
    """
    from maintainer.commands.lint import lint_files

    raise typer.Exit(lint_files(files, controller, format_=format_, fix=fix, fail_on=fail_on))


@app.command(cls=Command)
def adopt(
    given: typer.Context,
    chart: Annotated[str, typer.Option("--chart", metavar="DIR", help="The folder of the chart.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHAT…]", help="Such as dashboard/UID or alert/NAME; all if not given."),
    ] = None,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE|-", help="The patch; - is stdout.")] = "-",
    lang: flags.Language = "",
) -> None:
    """Print what somebody has edited in the cluster as a patch of the chart: maintainer adopt --chart DIR | git apply

    Exit codes: 0 done, or nothing differs; 2 wrong usage or configuration; 3 something could not be read or placed,
    and is said; 4 the patch could not be written.
    """
    from maintainer.commands.adopt import print_patch

    settings = _settings(_config(config), os.environ, given=given, own=("--output",))
    raise typer.Exit(print_patch(what or [], settings, given.obj, chart=chart, output=output))


@app.command(cls=Command)
def plan(
    given: typer.Context,
    retention: Annotated[str, typer.Option("--retention", metavar="DURATION", help="Keep so long, such as 90d.")] = "",
    size: Annotated[str, typer.Option("--size", metavar="SIZE", help="Keep so much, such as 45GB.")] = "",
    growth: Annotated[
        str, typer.Option("--growth", metavar="PERCENT/DURATION", help="How the samples grow, such as 10%/30d.")
    ] = "",
    ahead: Annotated[str, typer.Option("--ahead", metavar="DURATION", help="Grow so long; 180d if not set.")] = "",
    ingest: Annotated[
        str, typer.Option("--ingest", metavar="NUMBER", help="Samples a second; else Prometheus is asked.")
    ] = "",
    bytes_per_sample: Annotated[
        str, typer.Option("--bytes-per-sample", metavar="NUMBER", help="On disk, with index; goes with --ingest.")
    ] = "",
    disk_size: flags.DiskSize = "",
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    prometheus_url: flags.PrometheusUrl = "",
    prometheus_service: flags.PrometheusService = "",
    lang: flags.Language = "",
    timeout: flags.Timeout = "",
) -> None:
    """Say what a retention keeps and takes: the limit that deletes first, the volume, and the lines to set.

    Exit codes: 0 done; 2 wrong usage or configuration; 3 the numbers of Prometheus could not be read.
    """
    from maintainer.commands.plan import Asked
    from maintainer.commands.plan import plan as print_plan

    settings = _settings(_config(config), os.environ, given=given)
    asked = Asked(retention, size, growth, ahead, ingest, bytes_per_sample)
    raise typer.Exit(print_plan(asked, settings, given.obj))


@app.command(cls=Command)
def backtest(
    given: typer.Context,
    new: Annotated[str, typer.Argument(metavar="NEW.yml", help="A file of rules, or a PrometheusRule.")],
    against: Annotated[
        str, typer.Option("--against", metavar="OLD.yml|loaded", help="What it is compared with.")
    ] = "loaded",
    since: Annotated[str, typer.Option("--since", metavar="DURATION", help="How far back.")] = "90d",
    rule: Annotated[str, typer.Option("--rule", metavar="NAME", help="Only this alert.")] = "",
    changed_only: Annotated[bool, typer.Option("--changed-only", help="Leave out rules that are the same.")] = False,
    format_: Annotated[flags.BacktestFormat, typer.Option("--format", help="The format of the result.")] = "table",
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    prometheus_url: flags.PrometheusUrl = "",
    prometheus_service: flags.PrometheusService = "",
    lang: flags.Language = "",
    timeout: flags.Timeout = "",
) -> None:
    """Try alerting rules on history: how often each would have paged, and for which incidents, before and after.

    History is read from the archive of the store where that has it, else from Prometheus. Nothing is changed.

    Exit codes: 0 done; 2 wrong usage or configuration, or no file of rules; 3 a rule could not be tried, the result
    says why; 4 the result could not be written; 70 a fault of this program; 130 interrupted.
    """
    from maintainer.commands.backtest import Words, run_backtest

    own = ("--against", "--since", "--rule", "--changed-only", "--format")
    settings = _settings(_config(config), os.environ, given=given, own=own)
    _start_log(settings, given.obj)
    words = Words(new, against, since, rule, changed_only)
    raise typer.Exit(run_backtest(words, settings, given.obj, format_=format_))


@app.command(cls=Command)
def explain(check: flags.CheckId = "") -> None:
    """Say what a check means, what to do, what it needs, and where its page is."""
    from maintainer.commands.explain import explain_check

    explain_check(check)


@app.command(cls=Command)
def completion(shell: Annotated[flags.Shell, typer.Argument(metavar="SHELL", help="The shell.")]) -> None:
    """Print the script by which a shell completes commands, options and checks: source <(maintainer completion bash)"""
    print(get_completion_script(prog_name="maintainer", complete_var="_MAINTAINER_COMPLETE", shell=shell))


@store.command("show", cls=Command)
def store_show(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Show which reports are remembered. Exit codes: 0, 2 wrong usage, 3 something could not be read."""
    from maintainer.commands.store import show

    raise typer.Exit(show(_settings(_config(config), os.environ, given=given), given.obj))


@store.command("export", cls=Command)
def store_export(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Print all that is remembered, as lines of JSON for `store import`. Exit codes: as store show."""
    from maintainer.commands.store import export

    raise typer.Exit(export(_settings(_config(config), os.environ, given=given), given.obj))


@store.command("import", cls=Command)
def store_import(
    given: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What store export has printed.")],
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Add what was exported to the store. An entry that is there with other content is an error, and nothing is added.

    Exit codes: 0 done; 2 wrong usage, or such an entry; 3 the store cannot be read or written; 4 a run holds its lock.
    """
    from maintainer.commands.store import import_file

    import_file(file, _settings(_config(config), os.environ, given=given), given.obj)


@report.command("list", cls=Command)
def report_list(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    format_: Annotated[flags.ListFormat, typer.Option("--format", help="The format of the list.")] = "text",
) -> None:
    """Show which reports can be shown, the newest last. Exit codes: as report show."""
    from maintainer.commands.report import list_reports

    settings = _settings(_config(config), os.environ, given=given, own=("--format",))
    raise typer.Exit(list_reports(settings, given.obj, format_=format_))


@report.command("show", cls=Command)
def report_show(
    given: typer.Context,
    period: flags.PastReport,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    output: flags.ReportFile = "-",
    format_: Annotated[flags.ReportFormat, typer.Option("--format", help="The format of the report.")] = "text",
    no_color: flags.NoColor = False,
) -> None:
    """Show a report again, in any format and in its language: report show latest, report show monthly 2026-11.

    Exit codes: 0 done; 2 wrong usage, or there is no such report; 3 it, or the store, could not be read; 4 it could
    not be written.
    """
    from maintainer.commands.report import show_report

    settings = _settings(_config(config), os.environ, given=given, own=("--format", "--output"))
    raise typer.Exit(show_report(period, settings, given.obj, format_=format_, output=output))


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


def _config(given: str) -> str:
    """The path of the settings, "" if there is no such file."""
    default = USUAL_CONFIG if Path(USUAL_CONFIG).is_file() else ""
    return given or os.environ.get("MAINTAINER_CONFIG", default)


def _settings(file: str, environ: Mapping[str, str], *, given: typer.Context, own: Collection[str] = ()) -> "Settings":
    """The settings of the file, the environment and the options but the command's ``own``."""
    from maintainer.settings import load, variables
    from maintainer.settings_errors import unknown_variables

    for warning in unknown_variables(environ, [*variables(), "MAINTAINER_CONFIG"]):
        print(f"maintainer: warning: {warning}", file=sys.stderr)
    return load(file, environ, flags.settings_of(given, own))


def _start_log(settings: "Settings", secrets: KnownSecrets) -> None:
    as_json = settings.log.format == "json"
    start_log(sys.stderr, level=settings.log.level, as_json=as_json, hide=secrets.hide_in_error)
