"""The demo of the job monthly: a fleet whose monitoring is wrong now, or was in the month before."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from maintainer.commands.demo_month import Days, days_before, live_through
from maintainer.commands.demo_shared import Played, Stage
from maintainer.commands.machine import machine
from maintainer.commands.run import run_job, show_progress
from maintainer.sandbox.world import Plan, World

CHANGES = 12.0
"""Changes a second, so many that the few moving Rollouts change between almost all scrapes."""

INTERVAL_OF_DAYS = 0.5
"""Seconds between two scrapes where 30 samples wait for one."""


def play_monthly(stage: Stage) -> Played:
    """Run the job on a fleet, after a month of samples if that is wanted."""
    wanted, settings_of = stage.wanted, stage.settings_of
    now = datetime.now(ZoneInfo(settings_of({}).schedule.time_zone))
    days = days_before(now, faults=wanted.faults) if wanted.month else None
    with show_progress("starting a fleet, its Kubernetes API and its Prometheus", settings_of({})):
        world = stage.running.enter_context(World.start(_plan(days, faults=wanted.faults)))
    variables = stage.variables(world.environment())
    settings, environ = settings_of(variables), {**os.environ, **variables}
    if days or stage.slack_url:
        settings = settings.storing_in(stage.running.enter_context(TemporaryDirectory(prefix="maintainer-store-")))
    if days:
        live_through(days, world, settings, machine(settings, environ, stage.secrets))
    since = days.past.start if days else None
    outcome = run_job("monthly", settings, environ=environ, secrets=stage.secrets, since=since)
    return Played((outcome,), world.environment())


def _plan(days: Days | None, *, faults: bool) -> Plan:
    """The fleet, with its faults unless they are in the days before."""
    plan = Plan(moving=True, history=timedelta(hours=2), changes_per_second=CHANGES)
    if days:
        return replace(plan, past=days.past, scrape_interval=INTERVAL_OF_DAYS)
    return replace(plan, faults=faults)
