"""The demo of the job quarterly: 90 days, of which Prometheus has the last 30 and the archive the others."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import yaml

from maintainer.analyse.alerts.promises import KIND, Promise, as_data
from maintainer.analyse.alerts.remedies import GUARD
from maintainer.analyse.alerts.rule_files import rule_file
from maintainer.analyse.alerts.wanted_days import SETTLED
from maintainer.commands.demo_archive import harvested_before
from maintainer.commands.demo_shared import Played, Stage
from maintainer.commands.machine import machine
from maintainer.commands.run import print_outcome, show_progress
from maintainer.deliver.files import write
from maintainer.model.alert_archive import measured
from maintainer.model.alerts import MINUTE, AlertRule
from maintainer.model.clock import Clock
from maintainer.model.ledger import ArchiveLine
from maintainer.model.periods import period_of
from maintainer.model.report import STDOUT, Period
from maintainer.reporting import Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.alert_past import READS, READS_HEALTHY, AlertPast, add_evaluations, alert_past
from maintainer.sandbox.history import write_samples
from maintainer.sandbox.quarter_story import DAYS, STORED_DAYS, days_until, noisy_quarter, quiet_quarter
from maintainer.sandbox.story import Story
from maintainer.sandbox.world import Plan, World
from maintainer.schedule import run_by_hand
from maintainer.settings import Settings
from maintainer.store.archive import append
from maintainer.store.directory import DirectoryStore

RULES = "alert-rules.yml"
"""The file of the rules, beside the reports, so that a patch of the advice has something to change."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """The days, the text of the rule file and its rules, and what Prometheus would have of all of it."""

    story: Story
    text: str
    rules: tuple[AlertRule, ...]
    past: AlertPast

    @property
    def period(self) -> Period:
        """The days as the period of a report, named by the first and the last."""
        first, end = self.story.midnights[0], self.story.midnights[-1]
        label = f"{first:%Y-%m-%d}--{end - timedelta(days=1):%Y-%m-%d}"
        return Period(label, first, end, str(first.tzinfo))

    @property
    def of_calendar(self) -> str:
        """The quarter of the calendar that has most of the days."""
        middle = self.story.midnights[DAYS // 2]
        return period_of("quarter", middle, str(middle.tzinfo)).label


def play_quarterly(stage: Stage) -> Played:
    """Fill the archive with the days that Prometheus no longer has, harvest those that it has, and review them all."""
    settings = stage.settings_of({})
    now = datetime.now(ZoneInfo(settings.schedule.time_zone))
    quarter = quarter_until(now - SETTLED, faults=stage.wanted.faults)
    store = stage.running.enter_context(TemporaryDirectory(prefix="maintainer-store-"))
    with show_progress(f"starting a fleet, with {STORED_DAYS} days of alerts in its Prometheus", settings):
        plan = Plan(remember=partial(remember, quarter), rules=yaml.safe_load(quarter.text))
        world = stage.running.enter_context(World.start(plan))
    environment = {**world.environment(), "MAINTAINER_STORE_KIND": "directory", "MAINTAINER_STORE_PATH": store}
    if settings.reports.directory != STDOUT:
        environment["MAINTAINER_DESIRED_PATHS"] = _rules_beside(settings, quarter)
    variables = stage.variables(environment)
    settings, environ = stage.settings_of(variables), {**os.environ, **variables}
    with show_progress(f"archiving the {DAYS - STORED_DAYS} days before", settings):
        archive(quarter, world.rules_file, settings, faults=stage.wanted.faults)
    own = machine(settings, environ, stage.secrets)
    with show_progress(f"harvesting {STORED_DAYS} days", settings):
        harvested(settings, own)
    outcome = reviewed(quarter, settings, own)
    return Played((outcome,), environment, again=f"run quarterly --period {quarter.of_calendar}")


def quarter_until(now: datetime, *, faults: bool) -> Quarter:
    """The days before that of ``now``."""
    name = "quarter-rules.yml" if faults else "quarter-rules-healthy.yml"
    text = files("maintainer.sandbox").joinpath(name).read_text("utf-8")
    story = (noisy_quarter if faults else quiet_quarter)(days_until(now))
    rules = rule_file(text, name).rules
    return Quarter(story, text, rules, alert_past(story, rules, READS if faults else READS_HEALTHY))


def remember(quarter: Quarter, data: Path) -> None:
    """Write the days that Prometheus still has into its data folder."""
    story, samples = quarter.story, quarter.past.samples
    add_evaluations(samples, f"{data.parent / RULES};{quarter.rules[0].group}", story)
    since = round((story.midnights[DAYS - STORED_DAYS] - timedelta(hours=2)).timestamp()) * 1000
    write_samples(samples.openmetrics(since=since), data)


def archive(quarter: Quarter, rules_file: str, settings: Settings, *, faults: bool) -> None:
    """Keep what harvests have kept of the days that Prometheus no longer has, and what was advised before them."""
    rules = [replace(rule, file=rules_file) for rule in quarter.rules]
    midnights = quarter.story.midnights[: DAYS - STORED_DAYS + 1]
    cluster, store = settings.cluster.name, DirectoryStore(settings.store.path)
    lines = [
        ArchiveLine(cluster, line.kind, line.at, line.data)
        for day in harvested_before(quarter.past, rules, midnights)
        for line in measured(day)
    ]
    advised = as_data(_promised(rules, faults=faults), f"{midnights[0] - timedelta(days=DAYS):%Y-%m-%d}")
    lines.append(ArchiveLine(cluster, KIND, midnights[0], advised))
    append(store, lines, quarter.story.midnights[-1], keep=settings.store.keep.archive)


def harvested(settings: Settings, machine: Machine) -> Outcome:
    """Harvest all days that Prometheus has. It is ours alone, so it needs no rest between two requests."""
    hurried = replace(machine, clock=Clock(time.monotonic, lambda _: None))
    scheduled = run_by_hand("harvest", machine.now, settings.schedule)
    return run(replace(scheduled, reports="never"), settings.recording(record=True), hurried)


def reviewed(quarter: Quarter, settings: Settings, machine: Machine) -> Outcome:
    """Review the days, and print the outcome."""
    scheduled = run_by_hand("quarterly", machine.now, settings.schedule)
    period = quarter.period
    scheduled = replace(scheduled, period=period, label=period.label, since=period.start)
    with show_progress("running quarterly", settings):
        outcome = run(scheduled, settings, machine)
    print_outcome(outcome, settings)
    return outcome


def _rules_beside(settings: Settings, quarter: Quarter) -> str:
    [path] = write(settings.reports.directory, {RULES: quarter.text})
    return str(path)


def _promised(rules: list[AlertRule], *, faults: bool) -> Iterator[Promise]:
    """What the report before has advised: a change that was made, and one that was not."""
    by_name: Mapping[str, AlertRule] = {rule.name: rule for rule in rules}
    mismatch = by_name["RolloutReplicaMismatch"]
    yield _promise(replace(mismatch, hold=3 * MINUTE), mismatch, "for", before=9.0, after=2.0)
    if faults:
        timeout = by_name["RolloutTimeout"]
        guarded = replace(timeout, expr=f"({timeout.expr}) and on (namespace, name) ({GUARD})")
        yield _promise(timeout, guarded, "guard", before=28.0, after=2.0)


def _promise(rule: AlertRule, advised: AlertRule, kind: str, *, before: float, after: float) -> Promise:
    own = (advised.expr, advised.hold, advised.keep)
    return Promise(rule.name, kind, rule.version, advised.version, *own, before=before, after=after)
