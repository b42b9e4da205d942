"""Runs a job on a fleet on this machine, and says how to reach the fleet."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.demo_monthly import play_monthly
from maintainer.commands.demo_quarterly import play_quarterly
from maintainer.commands.demo_reconcile import play_reconcile
from maintainer.commands.demo_semiannual import play_semiannual
from maintainer.commands.demo_shared import (
    SLACK_URL,
    Played,
    SettingsOf,
    Stage,
    Wanted,
    print_end,
    print_messages,
    wait_for_interrupt,
    write_messages,
)
from maintainer.errors import WORST_FIRST, ConfigError
from maintainer.model.report import STDOUT, DemoJob
from maintainer.sandbox.slack import Slack

DEMOS: Mapping[DemoJob, Callable[[Stage], Played]] = {
    "monthly": play_monthly,
    "quarterly": play_quarterly,
    "semiannual": play_semiannual,
    "reconcile": play_reconcile,
}
"""How the demo of each job is played; ``DemoJob`` has the same names, for a command line that imports no fleet."""


def run_demo(job: DemoJob, settings_of: SettingsOf, secrets: KnownSecrets, *, wanted: Wanted) -> int:
    """Run the job on a fleet, and return the worst exit code of its runs.

    ``settings_of`` makes the settings of the variables that lead to the fleet.
    """
    if wanted.month and job != "monthly":
        raise ConfigError(f"--month is about the job monthly; give maintainer demo {job} without it")
    settings = settings_of({})
    with ExitStack() as running:
        slack = running.enter_context(Slack()) if wanted.slack else None
        url = slack.url if slack else os.environ.get(SLACK_URL, "")
        played = DEMOS[job](Stage(settings_of, secrets, wanted, running, url))
        if slack:
            print_messages(slack)
        if slack and settings.reports.directory != STDOUT:
            page = write_messages(slack, settings.reporting_in(str(Path(settings.reports.directory, played.beside))))
            print(f"\nAs it looks in Slack: {page.resolve().as_uri()}")
        if settings.reports.directory != STDOUT and settings.log.level != "quiet":
            print_end(played, command="" if wanted.keep else f"run {job}")
        if wanted.keep:
            wait_for_interrupt(played.environment, played.again or f"run {job}")
    return min((outcome.exit_code for outcome in played.outcomes), key=WORST_FIRST.index)
