"""The commands that run no job: they read files or history, and print."""

import os
from typing import Annotated

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]  # not declared

from maintainer import flags
from maintainer.cli_settings import begin_log, config_file, load_settings
from maintainer.usage import Command

app = typer.Typer()


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

    settings = load_settings(config_file(config), os.environ, given=given, own=("--output",))
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

    settings = load_settings(config_file(config), os.environ, given=given)
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
    settings = load_settings(config_file(config), os.environ, given=given, own=own)
    begin_log(settings, given.obj)
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
