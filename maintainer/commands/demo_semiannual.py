"""The demo of the job semiannual: a Prometheus that has stored for a month, on a volume of the cluster."""

import os
from tempfile import TemporaryDirectory

from maintainer.commands.demo_shared import Played, Stage
from maintainer.commands.run import run_job, show_progress
from maintainer.sandbox.storage import DAYS, Storage
from maintainer.sandbox.world import Plan, World

COMPARED = {"MAINTAINER_STORAGE_SIZES": "400MB"}
"""The size limit that is compared, in place of the guide's 45GB: this Prometheus is small."""


def play_semiannual(stage: Stage) -> Played:
    """Run the job as the calendar does, so that it is recorded: a daily run then keeps what Prometheus deletes."""
    settings_of = stage.settings_of
    with show_progress(f"starting a fleet, and a Prometheus that has stored for {DAYS} days", settings_of({})):
        world = stage.running.enter_context(World.start(Plan(storage=Storage(faults=stage.wanted.faults))))
    variables = stage.variables({**world.environment(), **COMPARED})
    store = stage.running.enter_context(TemporaryDirectory(prefix="maintainer-store-"))
    settings = settings_of(variables).storing_in(store).recording(record=True)
    outcome = run_job("semiannual", settings, environ={**os.environ, **variables}, secrets=stage.secrets)
    return Played((outcome,), world.environment())
