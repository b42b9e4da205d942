"""The commands: the only module that prints, exits, and reads the environment and the wall clock.

Heavy imports stand in the functions that need them, so that ``--help`` is fast.
"""

import gc
import logging
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, TextIO, TypeVar

import typer

from maintainer import flags, streams
from maintainer.clients.known_secrets import KnownSecrets, in_environment
from maintainer.errors import (
    EXIT_FAULT,
    EXIT_FINDINGS,
    EXIT_INCOMPLETE,
    ConfigError,
    DeliveryFailed,
    MaintainerError,
    SourceUnavailable,
)
from maintainer.model.report import FAIL_ON, STDOUT, JobName
from maintainer.model.secret_text import bare_url
from maintainer.progress import colours, progress, start_log
from maintainer.usage import usage_error

if TYPE_CHECKING:
    from maintainer.jobs.lint import Source
    from maintainer.model.export import Export
    from maintainer.model.message import Message
    from maintainer.remembering import Surroundings
    from maintainer.render.lint_document import Lint
    from maintainer.runner import Machine, Outcome
    from maintainer.settings import Settings

T = TypeVar("T")

DEMO_CHANGES = 12.0
"""Changes a second in the demo, so many that its few moving Rollouts change between almost all scrapes."""

DEMO_VARIABLES = ("MAINTAINER_LOG_FORMAT", "MAINTAINER_LOG_LEVEL", "MAINTAINER_COLOR")
"""The variables that the demo heeds; those of a cluster would lead it away from its own."""

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


store = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Show and move what is remembered of runs.")
app.add_typer(store, name="store")


@app.callback(invoke_without_command=True)
def maintainer(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    """Checks the monitoring of Argo Rollouts against the Rollout API."""
    if version:
        print(f"maintainer {_version()}")
        raise typer.Exit


@app.command()
def run(
    given: typer.Context,
    job: Annotated[JobName, typer.Argument(help="The job of the calendar.")],
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    namespace: flags.Namespaces = None,
    user: flags.User = "",
    prometheus_url: flags.PrometheusUrl = "",
    prometheus_service: flags.PrometheusService = "",
    check: flags.Checks = None,
    output: flags.Output = "",
    format_: flags.Formats = "",
    lang: flags.Language = "",
    fail_on: flags.FailOn = "",
    record: flags.Record = False,
    wait_lock: flags.WaitLock = "",
    timeout: flags.Timeout = "",
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = "",
    no_color: flags.NoColor = False,
) -> None:
    """Run a job of the calendar by hand and write its report.

    Exit codes: 0 done; 1 a finding at or above --fail-on; 2 wrong usage or configuration; 3 something could not be
    checked, the report says what; 4 the report could not be delivered or recorded; 70 a fault of this program;
    130 interrupted.
    """
    settings = _settings(_config(config), os.environ, given=given)
    _start_log(settings, given.obj)
    raise typer.Exit(_run_job(job, settings, environ=os.environ, secrets=given.obj).exit_code)


@app.command()
def demo(
    given: typer.Context,
    job: Annotated[JobName, typer.Argument(help="The job to run.")] = "monthly",
    healthy: Annotated[bool, typer.Option("--healthy", help="The same fleet without its faults.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the fleet running until Ctrl-C.")] = False,
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
    from maintainer.sandbox.world import Plan, World

    usual = {name: os.environ[name] for name in DEMO_VARIABLES if name in os.environ}
    usual |= {"MAINTAINER_REPORTS_DIRECTORY": "reports/demo"}
    settings = _settings("", usual, given=given)
    _start_log(settings, given.obj)
    with ExitStack() as stack:
        with _progress("starting a fleet, its Kubernetes API and its Prometheus", settings):
            plan = Plan(faults=not healthy, moving=True, history=timedelta(hours=2), changes_per_second=DEMO_CHANGES)
            world = stack.enter_context(World.start(plan))
        environ = {**os.environ, **world.environment()}
        settings = _settings("", usual | world.environment(), given=given)
        outcome = _run_job(job, settings, environ=environ, secrets=given.obj)
        if settings.reports.directory != STDOUT and settings.log.level != "quiet":
            _print_end(outcome, command="" if keep else "maintainer run monthly")
        if keep:
            _wait_for_interrupt(world.environment())
    raise typer.Exit(outcome.exit_code)


@app.command()
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
    raise typer.Exit(_lint(files, _release(controller), format_=format_, fix=fix, fail_on=fail_on))


@app.command()
def explain(check: flags.CheckId = "") -> None:
    """Say what a check means, what to do, what it needs, and where its page is."""
    _explain(check)


@store.command("show")
def store_show(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Show which reports are remembered. Exit codes: 0, 2 wrong usage, 3 something could not be read."""
    from maintainer.render.ledger import ledger_table
    from maintainer.render.words import load

    settings = _settings(_config(config), os.environ, given=given)
    found, place, complete = _store_contents(settings, given.obj)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    if found.ledger:
        table = ledger_table(found.ledger, load("en"), time_zone=settings.schedule.time_zone, width=width)
        print(table, end="")
    else:
        print(f"no report is recorded in {place}")
    raise typer.Exit(0 if complete else EXIT_INCOMPLETE)


@store.command("export")
def store_export(
    given: typer.Context,
    config: flags.Config = "",
    kubeconfig: flags.Kubeconfig = "",
    context: flags.Context = "",
    user: flags.User = "",
) -> None:
    """Print all that is remembered, as lines of JSON for `store import`. Exit codes: as store show."""
    from maintainer.model.export import exported

    settings = _settings(_config(config), os.environ, given=given)
    found, _, complete = _store_contents(settings, given.obj)
    print(exported(found), end="")
    lost = streams.failure(sys.stdout)
    raise typer.Exit(DeliveryFailed.exit_code if lost else 0 if complete else EXIT_INCOMPLETE)


@store.command("import")
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
    settings = _settings(_config(config), os.environ, given=given)
    _store_import(file, settings, given.obj)


def main() -> None:
    """Run the command line: every error becomes a message and its exit code, without a traceback."""
    streams.open_streams()
    # What libraries log and warn of is not written for people, and may quote a request.
    logging.captureWarnings(capture=True)
    logging.getLogger().addHandler(logging.NullHandler())
    secrets = KnownSecrets(in_environment(os.environ))
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
        print(f"maintainer: {_fault(text, file)}", file=sys.stderr)
        sys.exit(EXIT_FAULT)
    finally:
        if why := streams.failure(sys.stdout):
            print(f"maintainer: cannot write to stdout ({why})", file=sys.stderr)


def _fault(error: str, file: str) -> str:
    """What to do about a fault of this program; ``file`` is that of its traceback, "" if it could not be saved."""
    details = f"the details are in {file}" if file else "no folder for temporary files can be written for the details"
    return f"a fault of this program, please report it: {error}; {details}"


def _config(given: str) -> str:
    """The path of the settings, "" if there is no such file."""
    default = "maintainer.yaml" if Path("maintainer.yaml").is_file() else ""
    return given or os.environ.get("MAINTAINER_CONFIG", default)


def _surroundings(settings: "Settings", secrets: KnownSecrets) -> "Surroundings":
    from maintainer.model.guard import unguarded
    from maintainer.remembering import Surroundings
    from maintainer.runner import cluster_of

    machine = _machine(settings, os.environ, secrets)
    return Surroundings(machine.clock, machine.now, partial(cluster_of, settings, machine), unguarded)


def _store_contents(settings: "Settings", secrets: KnownSecrets) -> "tuple[Export, str, bool]":
    """What is in the store, where that is, and whether all of it could be read; tells what could not."""
    from maintainer.store_contents import contents

    found, place, notes = _worded_errors(partial(contents, settings, _surroundings(settings, secrets)))
    _print_notes(notes, secrets)
    return found, place, not notes


def _store_import(file: str, settings: "Settings", secrets: KnownSecrets) -> None:
    from maintainer.model.export import BrokenExport, imported
    from maintainer.store_contents import take

    try:
        with Path(file).open(encoding="utf-8") as lines:
            coming = imported(lines)
    except (OSError, UnicodeDecodeError, BrokenExport) as error:
        raise ConfigError(f"cannot import {file}: {error}") from error
    place, notes = _worded_errors(partial(take, coming, settings, _surroundings(settings, secrets)))
    _print_notes(notes, secrets)
    print(f"{len(coming.ledger)} entries and {len(coming.archive)} lines of the archive are in {place}")


def _worded_errors(step: Callable[[], T]) -> T:
    """The result of the step. A source that is unavailable is told in words, and ends the command."""
    from maintainer.collect.sources import unavailable
    from maintainer.render.words import load, say

    try:
        return step()
    except SourceUnavailable as error:
        print(f"maintainer: {say(load('en'), unavailable('store', error).reason)}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from error


def _print_notes(notes: "tuple[Message, ...]", secrets: KnownSecrets) -> None:
    from maintainer.render.words import load, say

    catalogue = load("en")
    for note in notes:
        print(f"maintainer: {secrets.hide(say(catalogue, note))}", file=sys.stderr)


def _settings(file: str, environ: Mapping[str, str], *, given: typer.Context) -> "Settings":
    from maintainer.settings import load, variables
    from maintainer.settings_errors import unknown_variables

    for warning in unknown_variables(environ, [*variables(), "MAINTAINER_CONFIG"]):
        print(f"maintainer: warning: {warning}", file=sys.stderr)
    return load(file, environ, flags.settings_of(given))


def _start_log(settings: "Settings", secrets: KnownSecrets) -> None:
    as_json = settings.log.format == "json"
    start_log(sys.stderr, level=settings.log.level, as_json=as_json, hide=secrets.hide_in_error)


def _run_job(job: JobName, settings: "Settings", *, environ: Mapping[str, str], secrets: KnownSecrets) -> "Outcome":
    """Run the job, print its outcome, and return it; ``secrets`` learns those of the run."""
    from maintainer.runner import run
    from maintainer.schedule import scheduled_run

    spare_collector()
    machine = _machine(settings, environ, secrets)
    scheduled = scheduled_run(job, machine.now, settings.schedule.time_zone)
    with _progress(f"running {job}", settings):
        outcome = run(scheduled, settings, machine)
    _print_outcome(outcome, settings)
    for note in outcome.notes:
        print(f"maintainer: {note}", file=sys.stderr)
    lost = settings.reports.directory == STDOUT and streams.failure(sys.stdout)
    return replace(outcome, exit_code=DeliveryFailed.exit_code) if lost and not outcome.faults else outcome


def _machine(settings: "Settings", environ: Mapping[str, str], secrets: KnownSecrets) -> "Machine":
    from maintainer.model.clock import Clock
    from maintainer.runner import Machine

    named = settings.cluster.kubeconfig or environ.get("KUBECONFIG", "")
    kubeconfig = named or _usual_kubeconfig(environ)
    clock = Clock(time.monotonic, time.sleep)
    return Machine(clock, datetime.now(UTC), _version(), kubeconfig, bool(named), secrets)


def spare_collector() -> None:
    """Let the garbage collector run seldom: a command keeps almost all objects that it makes until it ends."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def _print_outcome(outcome: "Outcome", settings: "Settings") -> None:
    """Print a summary and the paths of the reports, or the report itself if the directory is "-"."""
    from maintainer.render.terminal import terminal

    if settings.reports.directory == STDOUT:
        print(*outcome.texts.values(), sep="", end="")
        return
    if settings.log.level != "quiet":
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        colour = colours(sys.stdout, os.environ, setting=settings.color)
        summary = terminal(outcome.document, outcome.catalogue, width=width, colour=colour)
        print(summary, file=streams.styled(sys.stdout))
    for path in outcome.files:
        print(path)
    if outcome.undelivered:
        print(f"maintainer: {outcome.undelivered}", file=sys.stderr)
    for fault in outcome.faults:
        print(f"maintainer: {_fault(fault.error, fault.file)}", file=sys.stderr)


def _print_end(outcome: "Outcome", *, command: str) -> None:
    """End the demo with the verdict, the report to click on, and the command to type next, "" for none."""
    from maintainer.render.outline import outline

    print(f"\n{outline(outcome.document, outcome.catalogue).verdict}")
    for path in outcome.files:
        if path.suffix == ".html":
            print(path.resolve().as_uri())
    if command:
        print(f"Next, for the cluster of your kubeconfig: {command}")


def _lint(
    paths: list[str],
    version: tuple[int, int, int] | None,
    *,
    format_: flags.LintFormat,
    fix: bool,
    fail_on: flags.LintFailOn,
) -> int:
    """Lint the files, correct them with ``--fix``, print the remarks that are left, and return the exit code."""
    from maintainer.analyse.queries.lint import remarks
    from maintainer.jobs import lint as job

    spare_collector()
    if fix and STDOUT in paths:
        raise ConfigError("--fix corrects files in place; it cannot correct stdin")
    judge = partial(remarks, version=version)
    sources, unreadable = job.sources(paths, _stdin)
    if fix:
        sources = job.fixed(sources, judge)
        _write_fixed(sources, to=sys.stdout if format_ == "text" else sys.stderr)
    linted = job.lint(sources, judge)
    _print_lint(job.left(linted, sources) if fix else linted, format_)
    if unreadable:
        raise ConfigError("\nmaintainer: ".join(map(str, unreadable)))
    if any(remark.severity in FAIL_ON[fail_on] for remark in linted.remarks):
        return EXIT_FINDINGS
    return 0 if job.complete(linted) else EXIT_INCOMPLETE


def _write_fixed(sources: "tuple[Source, ...]", *, to: TextIO) -> None:
    from maintainer.deliver.rewrite import check, rewrite
    from maintainer.render.lint import difference

    changed = [source for source in sources if source.text != source.before]
    for source in changed:
        check(source.file, source.before)
    for source in changed:
        rewrite(source.file, source.before, source.text)
        print(difference(source.file, source.before, source.text), file=to, end="")


def _print_lint(linted: "Lint", format_: flags.LintFormat) -> None:
    from maintainer.render.hidden import without_secrets
    from maintainer.render.lint import rendered
    from maintainer.render.lint_document import document
    from maintainer.render.words import load

    catalogue = load("en")
    docs_url = bare_url(os.environ.get("MAINTAINER_REPORTS_DOCS_URL", ""))
    worded = document(linted, catalogue, version=_version(), docs_url=docs_url)
    worded = without_secrets(worded, KnownSecrets(in_environment(os.environ)).hide)
    print(rendered(worded, format_, catalogue), end="")


def _explain(id_: str) -> None:
    from maintainer.analyse.checks import CHECKS, READ_FROM
    from maintainer.render.explain import ExplainedCheck, all_explained, explained
    from maintainer.render.words import load

    catalogue = load("en")
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    if not id_:
        print(all_explained([*CHECKS], catalogue, width=width), end="")
        return
    if id_ not in CHECKS:
        near = get_close_matches(id_, CHECKS, n=1)
        hint = f"did you mean {near[0]}?" if near else "maintainer explain lists all"
        raise ConfigError(f"there is no check {id_}; {hint}")
    check = ExplainedCheck(id_, CHECKS[id_].severity, CHECKS[id_].needs, READ_FROM)
    docs_url = bare_url(os.environ.get("MAINTAINER_REPORTS_DOCS_URL", ""))
    print(explained(check, catalogue, docs_url=docs_url, width=width), end="")


def _release(text: str) -> tuple[int, int, int] | None:
    """The controller's version as numbers; ``None`` for ""."""
    from maintainer.model.contract import release

    if text and not re.fullmatch(r"v?\d+\.\d+(\.\d+)?([-+][\w.+-]*)?", text):
        raise ConfigError(f"--controller {text} is no version; write it as 1.9 or v1.9.2")
    return release(text) if text else None


def _stdin() -> str:
    from maintainer.collect.queries.files import load_stdin

    return load_stdin(sys.stdin.fileno())


def _wait_for_interrupt(environment: Mapping[str, str]) -> None:
    """Print how to reach the fleet of the demo, and wait for a signal."""
    print("\nThe fleet keeps running until Ctrl-C. In another terminal:\n")
    for name, value in environment.items():
        print(f"export {name}={quote(value)}")
    print(f"{quote(sys.argv[0])} run monthly", flush=True)
    signal.pause()


def _usual_kubeconfig(environ: Mapping[str, str]) -> str:
    """The kubeconfig where none is named; "" is the ServiceAccount of the pod that this process runs in."""
    default = Path.home() / ".kube" / "config"
    inside = "KUBERNETES_SERVICE_HOST" in environ and not default.is_file()
    return "" if inside else str(default)


def _progress(what: str, settings: "Settings") -> AbstractContextManager[None]:
    """Say on stderr what is being done: with a spinner on a terminal, if there are no other lines, else in the log."""
    on_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    plain = settings.log.level == "normal" and settings.log.format == "text"
    spinner = streams.styled(sys.stderr) if on_terminal and plain else None
    return progress(what, spinner=spinner, colour=colours(sys.stderr, os.environ, setting=settings.color))


def _version() -> str:
    from importlib.metadata import version

    return version("maintainer")
