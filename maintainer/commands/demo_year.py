"""The demo of all jobs: each is played in a process of its own, and a page leads to what they wrote."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import get_args
from zoneinfo import ZoneInfo

from maintainer.commands.demo_calendar import turns_of_year
from maintainer.commands.demo_shared import SLACK_URL, SettingsOf, Wanted, print_messages, write_messages
from maintainer.commands.run import show_progress
from maintainer.deliver.files import write
from maintainer.errors import EXIT_FAULT, WORST_FIRST, ConfigError
from maintainer.model.message import message
from maintainer.model.report import STDOUT, DemoJob
from maintainer.render.folder_index import INDEX
from maintainer.render.words import Catalogue, load, say
from maintainer.render.year_page import Year, YearReport, YearRow, year_page, year_report
from maintainer.sandbox import leash, monitoring
from maintainer.sandbox.slack import Slack
from maintainer.settings import Settings


@dataclass(frozen=True, slots=True)
class Ended:
    """A demo of a job that is over: its exit code, and the JSON of its reports."""

    code: int
    reports: tuple[Path, ...]


def run_year(settings_of: SettingsOf, wanted: Wanted) -> int:
    """Play the newest turn of each job, write the page about all, and return the worst exit code.

    The jobs are played side by side, because a demo waits for its Prometheus most of the time.
    """
    settings = settings_of({})
    folder = settings.reports.directory
    if wanted.keep or wanted.month or settings.checks:
        raise ConfigError("--keep, --month and --check are about one job: maintainer demo monthly --keep")
    if folder == STDOUT or not {"html", "json"} <= set(settings.reports.formats):
        raise ConfigError("maintainer demo writes a page that leads to reports; name a job to choose what is written")
    monitoring.check()
    with Slack() as slack, show_progress(f"playing {', '.join(get_args(DemoJob))}", settings):
        with _playing(settings, slack.url, faults=wanted.faults) as demos:
            ended = [_ended(demo) for demo in demos]
        messages = write_messages(slack, settings)
    if wanted.slack:
        print_messages(slack)
    catalogue = load(settings.reports.language)
    reports = tuple(_report(path, folder, catalogue) for demo in ended for path in demo.reports)
    if reports:  # else each demo has said why
        _write_page(Year(reports, _rows(settings), messages.name, wanted.faults, _program()), settings, catalogue)
    return min((demo.code for demo in ended), key=WORST_FIRST.index)


@contextmanager
def _playing(settings: Settings, slack_url: str, *, faults: bool) -> Iterator[list["subprocess.Popen[str]"]]:
    """A demo of each job, which ends with the context or with this process; see ``leash``."""
    with ExitStack() as running:
        demos: list[subprocess.Popen[str]] = []
        try:
            for job in get_args(DemoJob):
                started = _started(job, settings, slack_url, faults=faults)
                demos.append(running.enter_context(started))
            yield demos
        finally:
            for demo in demos:
                if demo.stdin:
                    demo.stdin.close()


def _started(job: DemoJob, settings: Settings, slack_url: str, *, faults: bool) -> "subprocess.Popen[str]":
    folder = str(Path(settings.reports.directory, job))
    words = [job, "--output", folder, "--lang", settings.reports.language, *([] if faults else ["--healthy"])]
    environ = os.environ | {
        "MAINTAINER_LOG_LEVEL": "verbose" if settings.log.level == "verbose" else "quiet",
        "MAINTAINER_LOG_FORMAT": settings.log.format,
        SLACK_URL: slack_url,
    }
    command = [sys.executable, "-I", leash.__file__, "--", sys.executable, "-m", "maintainer", "demo", *words]
    return subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, text=True, env=environ
    )


def _ended(demo: "subprocess.Popen[str]") -> Ended:
    """Wait for a demo, and read the paths that it printed. (``communicate`` would close the pipe that it hangs on.)"""
    printed = demo.stdout.read() if demo.stdout else ""
    paths = (Path(line) for line in printed.splitlines() if line.endswith(".json"))
    code = demo.wait()
    return Ended(code if code in WORST_FIRST else EXIT_FAULT, tuple(paths))  # another code is of one that was killed


def _report(path: Path, folder: str, catalogue: Catalogue) -> YearReport:
    """What a report says, with the link to its page from the page of all."""
    link = path.with_suffix(".html").relative_to(folder).as_posix()
    return year_report(json.loads(path.read_bytes()), link, catalogue)


def _rows(settings: Settings) -> tuple[YearRow, ...]:
    zone = ZoneInfo(settings.schedule.time_zone)
    year = turns_of_year(datetime.now(zone), settings.schedule)
    return tuple(
        YearRow(job, len(turns), turns[-1].fired.astimezone(zone).date().isoformat()) for job, turns in year.items()
    )


def _write_page(year: Year, settings: Settings, catalogue: Catalogue) -> None:
    (page,) = write(settings.reports.directory, {INDEX: year_page(year, catalogue)})
    if settings.log.level == "quiet":
        print(page)
    else:
        _print_end(year, page, catalogue)


def _print_end(year: Year, page: Path, catalogue: Catalogue) -> None:
    """Each verdict, the page to click on, and the command to type next."""
    print()
    for report in year.reports:
        print(f"{say(catalogue, message(f'report/job.{report.job}'))}: {report.sentence}")
    print(f"\nAll reports, and the messages in Slack: {page.resolve().as_uri()}")
    print(f"Next, for the cluster of your kubeconfig: {year.program} init")


def _program() -> str:
    return quote(sys.argv[0]) if shutil.which("maintainer") is None else "maintainer"
