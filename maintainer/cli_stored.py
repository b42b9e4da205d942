"""The commands for what is remembered of runs: the groups `store` and `report`."""

import os
from typing import Annotated

import typer

from maintainer import flags
from maintainer.cli_settings import config_file, load_settings
from maintainer.usage import Command

store = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Show and move what is remembered of runs.")
report = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Show the reports that are remembered.")


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

    raise typer.Exit(show(load_settings(config_file(config), os.environ, given=given), given.obj))


@store.command("export", cls=Command)
def store_export(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Print all that is remembered, as lines of JSON for `store import`.

    Exit codes: 0 done; 2 wrong usage; 3 something could not be read; 4 it could not be written.
    """
    from maintainer.commands.store import export

    raise typer.Exit(export(load_settings(config_file(config), os.environ, given=given), given.obj))


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

    import_file(file, load_settings(config_file(config), os.environ, given=given), given.obj)


@report.command("list", cls=Command)
def report_list(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
    format_: Annotated[flags.ListFormat, typer.Option("--format", help="The format of the list.")] = "text",
) -> None:
    """Show which reports can be shown, the newest last.

    Exit codes: 0 done; 2 wrong usage; 3 the store could not be read; 4 the list could not be written.
    """
    from maintainer.commands.report import list_reports

    settings = load_settings(config_file(config), os.environ, given=given, own=("--format",))
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

    settings = load_settings(config_file(config), os.environ, given=given, own=("--format", "--output"))
    raise typer.Exit(show_report(period, settings, given.obj, format_=format_, output=output))
