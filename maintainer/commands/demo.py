"""Runs a job on a fleet on this machine, and says how to reach the fleet."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Literal
from zoneinfo import ZoneInfo

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.demo_month import Days, days_before, live_through
from maintainer.commands.machine import machine
from maintainer.commands.run import run_job, show_progress
from maintainer.deliver.files import write
from maintainer.errors import WORST_FIRST, ConfigError
from maintainer.model.report import STDOUT, DemoJob, JobName
from maintainer.render.outline import outline
from maintainer.runner import Outcome
from maintainer.sandbox.drifted import deployed
from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_preview import preview
from maintainer.sandbox.slack_shown import shown
from maintainer.sandbox.slack_workspace import TOKEN
from maintainer.sandbox.world import Plan, World
from maintainer.settings import Settings

CHANGES = 12.0
"""Changes a second, so many that the few moving Rollouts change between almost all scrapes."""

PREVIEW = "slack.html"
"""The page with the messages, beside the reports."""

INTERVAL_OF_DAYS = 0.5
"""Seconds between two scrapes where 30 samples wait for one."""


Step = Literal["plan", "apply"]
STEPS: Mapping[Step, str] = {"plan": "before", "apply": "after"}
"""The modes in which the demo runs the job reconcile, and the folders of their reports."""

_SAID: Mapping[Step, str] = {
    "plan": "What differs, and what would be done about it (maintainer run reconcile --plan plan.json):\n",
    "apply": "\nThe plan is carried out (maintainer run reconcile --apply plan.json):\n",
}

SettingsOf = Callable[[Mapping[str, str]], Settings]
"""Makes the settings of variables and of the options on the command line."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a run of the demo works on: the world, the folder of the store, and the Slack that it posts to."""

    world: World
    store: str
    slack: Slack | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the demo shows.

    ``keep`` leaves the fleet running until an interrupt. With a ``month`` before it, the faults are in that month, and
    over when the job runs. With ``slack`` the report is posted to a Slack on this machine, which is printed.
    """

    faults: bool
    keep: bool
    month: bool
    slack: bool


def run_demo(job: DemoJob, settings_of: SettingsOf, secrets: KnownSecrets, *, wanted: Wanted) -> int:
    """Run the job on a fleet, and return the exit code.

    ``settings_of`` makes the settings of the variables that lead to the fleet.
    """
    if job == "reconcile":
        return _reconcile(settings_of, secrets, wanted)
    return _audit(job, settings_of, secrets, wanted)


def _audit(job: JobName, settings_of: SettingsOf, secrets: KnownSecrets, wanted: Wanted) -> int:
    with ExitStack() as stack:
        now = datetime.now(ZoneInfo(settings_of({}).schedule.time_zone))
        days = days_before(now, faults=wanted.faults) if wanted.month else None
        with show_progress("starting a fleet, its Kubernetes API and its Prometheus", settings_of({})):
            world = stack.enter_context(World.start(_plan(days, faults=wanted.faults)))
        posting = stack.enter_context(Slack()) if wanted.slack else None
        variables = {**world.environment(), **(_posting_to(posting) if posting else {})}
        settings, environ = settings_of(variables), {**os.environ, **variables}
        if days or posting:
            settings = settings.storing_in(stack.enter_context(TemporaryDirectory(prefix="maintainer-store-")))
        if days:
            live_through(days, world, settings, machine(settings, environ, secrets))
        since = days.past.start if days else None
        outcome = run_job(job, settings, environ=environ, secrets=secrets, since=since)
        if posting:
            _show_message(posting, settings)
        if settings.reports.directory != STDOUT and settings.log.level != "quiet":
            _print_end(outcome, command="" if wanted.keep else f"maintainer run {job}")
        if wanted.keep:
            _wait_for_interrupt(world.environment(), f"run {job}")
    return outcome.exit_code


def _reconcile(settings_of: SettingsOf, secrets: KnownSecrets, wanted: Wanted) -> int:
    """Show what differs and the plan, then restore by the plan; each has its report. Returns the worst exit code."""
    if wanted.month:
        raise ConfigError("--month is about the job monthly; give maintainer demo reconcile without it")
    folder = settings_of({}).reports.directory
    if folder == STDOUT:
        raise ConfigError("maintainer demo reconcile writes two reports: give --output a folder")
    Path(folder).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with show_progress("starting a cluster, its Kubernetes API and its Prometheus", settings_of({})):
            world = stack.enter_context(World.start(Plan()))
            stack.enter_context(deployed(world, edited=wanted.faults))
        posting = stack.enter_context(Slack()) if wanted.slack else None
        store = stack.enter_context(TemporaryDirectory(prefix="maintainer-store-"))
        outcomes = [
            _step(step, settings_of, secrets, Reached(world, store, posting if step == "apply" else None))
            for step in STEPS
        ]
        if posting:
            _show_message(posting, settings_of({}).reporting_in(str(Path(folder, STEPS["apply"]))))
        if settings_of({}).log.level != "quiet":
            print(f"\nThe plan: {Path(folder, 'plan.json')}")
            if not outcomes[-1].document["actions"]:
                print("Nothing differs from what was deployed, and nothing was written to the cluster.")
            _print_end(*outcomes, command="" if wanted.keep else "maintainer run reconcile")
        if wanted.keep:
            _wait_for_interrupt(world.environment(), "run reconcile")
    return min((outcome.exit_code for outcome in outcomes), key=WORST_FIRST.index)


def _step(step: Step, settings_of: SettingsOf, secrets: KnownSecrets, reached: Reached) -> Outcome:
    """Run the job in one of its modes, with its reports in a folder of its own."""
    folder = settings_of({}).reports.directory
    own = {
        "MAINTAINER_RECONCILE_MODE": step,
        "MAINTAINER_RECONCILE_PLAN": str(Path(folder, "plan.json")),
    }
    variables = {**reached.world.environment(), **own, **(_posting_to(reached.slack) if reached.slack else {})}
    settings, environ = settings_of(variables).storing_in(reached.store), {**os.environ, **variables}
    settings = settings.reporting_in(str(Path(folder, STEPS[step])))
    if settings.log.level != "quiet":
        print(_SAID[step])
    return run_job("reconcile", settings.recording(record=True), environ=environ, secrets=secrets)


def _posting_to(slack: Slack) -> Mapping[str, str]:
    """The variables with which a run posts to this Slack, and the samples of a month tell what they find."""
    return {
        "MAINTAINER_SLACK_POST": "true",
        "MAINTAINER_SLACK_BASE_URL": f"{slack.url}/api/",
        "MAINTAINER_SLACK_DAILY": "accuracy/*, controller/*, coverage/*, pipeline/emitter",
        "SLACK_BOT_TOKEN": TOKEN,
    }


def _show_message(slack: Slack, settings: Settings) -> None:
    """Print the messages as the server got them, and write a page beside the reports that looks as they do in Slack."""
    print(f"\nThe message as Slack got it:\n\n{shown(slack)}")
    if settings.reports.directory == STDOUT:
        return
    page = preview(slack, ZoneInfo(settings.schedule.time_zone), language=settings.reports.language)
    for path in write(settings.reports.directory, {PREVIEW: page}):
        print(f"\nAs it looks in Slack: {path.resolve().as_uri()}")


def _plan(days: Days | None, *, faults: bool) -> Plan:
    """The fleet, with its faults unless they are in the days before."""
    plan = Plan(moving=True, history=timedelta(hours=2), changes_per_second=CHANGES)
    if days:
        return replace(plan, past=days.past, scrape_interval=INTERVAL_OF_DAYS)
    return replace(plan, faults=faults)


def _print_end(*outcomes: Outcome, command: str) -> None:
    """End the demo with the verdicts, the reports to click on, and the command to type next, "" for none."""
    for outcome in outcomes:
        print(f"\n{outline(outcome.document, outcome.catalogue).verdict}")
        for path in outcome.files:
            if path.suffix == ".html":
                print(path.resolve().as_uri())
    if command:
        print(f"Next, for the cluster of your kubeconfig: {command}")


def _wait_for_interrupt(environment: Mapping[str, str], command: str) -> None:
    """Print how to reach the fleet of the demo, and wait for a signal."""
    print("\nThe fleet keeps running until Ctrl-C. In another terminal:\n")
    for name, value in environment.items():
        print(f"export {name}={quote(value)}")
    print(f"{quote(sys.argv[0])} {command}", flush=True)
    signal.pause()
