"""The demo of the job reconcile: what differs and the plan, then the restoring by the plan; each has its report."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from maintainer.commands.demo_shared import Played, Stage
from maintainer.commands.run import run_job, show_progress
from maintainer.errors import ConfigError
from maintainer.model.report import STDOUT
from maintainer.runner import Outcome
from maintainer.sandbox.drifted import deployed
from maintainer.sandbox.world import Plan, World

Step = Literal["plan", "apply"]
STEPS: Mapping[Step, str] = {"plan": "before", "apply": "after"}
"""The modes in which the job is run, and the folders of their reports."""

_SAID: Mapping[Step, str] = {
    "plan": "What differs, and what would be done about it (maintainer run reconcile --plan plan.json):\n",
    "apply": "\nThe plan is carried out (maintainer run reconcile --apply plan.json):\n",
}


def play_reconcile(stage: Stage) -> Played:
    """Show what differs and the plan, then restore by the plan. Only the second run posts."""
    folder = stage.settings_of({}).reports.directory
    if folder == STDOUT:
        raise ConfigError("maintainer demo reconcile writes two reports: give --output a folder")
    Path(folder).mkdir(parents=True, exist_ok=True)
    with show_progress("starting a cluster, its Kubernetes API and its Prometheus", stage.settings_of({})):
        world = stage.running.enter_context(World.start(Plan()))
        stage.running.enter_context(deployed(world, edited=stage.wanted.faults))
    store = stage.running.enter_context(TemporaryDirectory(prefix="maintainer-store-"))
    before = _step("plan", replace(stage, slack_url=""), world, store)
    after = _step("apply", stage, world, store)
    said = [f"\nThe plan: {Path(folder, 'plan.json')}"]
    if not after.document["actions"]:
        said.append("Nothing differs from what was deployed, and nothing was written to the cluster.")
    return Played((before, after), world.environment(), tuple(said), beside=STEPS["apply"])


def _step(step: Step, stage: Stage, world: World, store: str) -> Outcome:
    """Run the job in one of its modes, with its reports in a folder of its own."""
    folder = stage.settings_of({}).reports.directory
    own = {
        "MAINTAINER_RECONCILE_MODE": step,
        "MAINTAINER_RECONCILE_PLAN": str(Path(folder, "plan.json")),
    }
    variables = {**stage.variables(world.environment()), **own}
    settings, environ = stage.settings_of(variables).storing_in(store), {**os.environ, **variables}
    settings = settings.reporting_in(str(Path(folder, STEPS[step])))
    if settings.log.level != "quiet":
        print(_SAID[step])
    return run_job("reconcile", settings.recording(record=True), environ=environ, secrets=stage.secrets)
