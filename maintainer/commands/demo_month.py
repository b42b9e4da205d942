"""The 30 days before the run of a demo: a daily sample of each, with faults that are over when the job runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maintainer.commands.run import show_progress
from maintainer.reporting import Machine
from maintainer.runner import run
from maintainer.sandbox.exporter import Distortion
from maintainer.sandbox.history import Past
from maintainer.sandbox.store import Key
from maintainer.sandbox.world import World
from maintainer.schedule import run_by_hand
from maintainer.settings import Settings

DAYS = 30
WRONG: Key = "checkout", "gift-cards"
WRONG_DAYS = range(9, 13)
WRONG_PHASE = "Progressing"
OUTAGE_DAY, OUTAGE_HOUR, OUTAGE = 17, 13, timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Days:
    """The times of the samples, the Rollouts with a wrong phase by the number of the day, and what Prometheus has."""

    samples: tuple[datetime, ...]
    wrong: Mapping[int, Key]
    past: Past


def days_before(now: datetime, *, faults: bool, wrong: Key = WRONG) -> Days:
    """The days before that of ``now``, in its zone; without ``faults``, nothing happens in them."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    midnights = [today - timedelta(days=DAYS - number) for number in range(DAYS)]
    began = midnights[OUTAGE_DAY - 1].replace(hour=OUTAGE_HOUR)
    return Days(
        samples=tuple(midnight.replace(hour=6) for midnight in midnights),
        wrong=dict.fromkeys(WRONG_DAYS, wrong) if faults else {},
        past=Past(midnights[0], (began, began + OUTAGE) if faults else None),
    )


def live_through(days: Days, world: World, settings: Settings, machine: Machine) -> None:
    """Take the sample of each day, and keep it in the store of the settings."""
    recorded = settings.recording(record=True)
    with show_progress(f"living through {DAYS} days, with a sample of each", settings):
        for number, at in enumerate(days.samples, 1):
            _show_wrong_phase(world, days.wrong.get(number))
            run(run_by_hand("sample", at, settings.schedule), recorded, replace(machine, now=at))
        _show_wrong_phase(world, None)


def _show_wrong_phase(world: World, rollout: Key | None) -> None:
    for controller in world.controllers:
        controller.distortion = Distortion(phases={rollout: WRONG_PHASE} if rollout else {})
