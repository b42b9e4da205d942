"""Daily samples of a sandbox world, which a store in a folder keeps, and the monthly audit after them."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from maintainer.model.clock import Clock
from maintainer.model.report import Report
from maintainer.render.words import load as words
from maintainer.render.words import say
from maintainer.reporting import Machine
from maintainer.runner import Outcome, run, session
from maintainer.sandbox.world import World
from maintainer.schedule import run_by_hand
from maintainer.settings import Settings, load
from maintainer.store.archive import read_archive
from maintainer.store.directory import DirectoryStore
from tests.render.valid import problems

ENGLISH = words("en")


def settings_of(world: World, folder: Path, **flags: object) -> Settings:
    """The settings for the world, with a store and reports in the folder."""
    own = {"store.kind": "directory", "store.path": str(folder / "store"), "reports.directory": str(folder / "reports")}
    return load("", world.environment(), {**own, **{key.replace("_", "."): value for key, value in flags.items()}})


def machine_of(world: World, now: datetime, *, hurry: float = 1.0) -> Machine:
    """A machine on which waiting takes ``hurry`` times less real time than a job believes."""
    clock = Clock(lambda: time.monotonic() * hurry, lambda seconds: time.sleep(seconds / hurry))
    return Machine(clock, now, "test", str(world.kubeconfig))


def taken(world: World, settings: Settings, now: datetime, *, hurry: float = 1.0) -> Outcome:
    """A sample at this time, which is recorded."""
    machine = machine_of(world, now, hurry=hurry)
    return _valid(run(run_by_hand("sample", now, settings.schedule), settings.recording(record=True), machine))


def audited(world: World, settings: Settings, now: datetime, since: datetime) -> Outcome:
    """The monthly audit at this time, about the days since another."""
    scheduled = replace(run_by_hand("monthly", now, settings.schedule), since=since)
    return _valid(run(scheduled, settings, machine_of(world, now)))


def both(world: World, settings: Settings, now: datetime) -> tuple[Outcome, Outcome]:
    """A sample and the audit after it, in one process."""
    with session(settings.recording(record=True), machine_of(world, now), name="due") as opened:
        first = _valid(opened.run(run_by_hand("sample", now, settings.schedule)))
        return first, _valid(opened.run(run_by_hand("monthly", now, settings.schedule)))


def kept(folder: Path, now: datetime, kind: str = "accuracy") -> list[Mapping[str, Any]]:
    """The samples in the store."""
    lines, _ = read_archive(DirectoryStore(str(folder / "store")), now, keep=15)
    return [line.data for line in lines if line.kind == kind]


def sections(outcome: Outcome, kind: str) -> list[Mapping[str, Any]]:
    """The sections of the report of this kind, in words."""
    return [section for section in outcome.document["sections"] if section["kind"] == kind]


def gaps(report: Report) -> set[tuple[str, str]]:
    """The checks that could not run, with the reasons in words."""
    return {(gap.check, say(ENGLISH, gap.reason)) for gap in report.gaps}


def _valid(outcome: Outcome) -> Outcome:
    """The same outcome, whose JSON the schema allows."""
    assert problems(outcome.document) == []
    return outcome
