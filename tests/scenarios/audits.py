"""Runs of the monthly job in this process, over real HTTP, against a sandbox world."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from maintainer.faults import Faults
from maintainer.model.clock import Clock
from maintainer.model.report import Report
from maintainer.reporting import Machine, make_report
from maintainer.sandbox.fleet import Fleet
from maintainer.sandbox.world import World
from maintainer.schedule import run_by_hand
from maintainer.settings import load
from tests.render.valid import valid


def audit(
    world: World, flags: Mapping[str, object] | None = None, *, hurry: float = 1.0, kubeconfig: Path | None = None
) -> Report:
    """One run. Waiting takes ``hurry`` times less real time than the job believes."""
    settings = load("", world.environment(), flags or {})
    clock = Clock(lambda: time.monotonic() * hurry, lambda seconds: time.sleep(seconds / hurry))
    now = datetime.now(UTC)
    machine = Machine(clock, now, "test", str(kubeconfig or world.kubeconfig))
    faults = Faults()
    report = make_report(run_by_hand("monthly", now, settings.schedule), settings, machine, faults=faults)
    assert faults.found == ()
    return valid(report)


def newborn(fleet: Fleet) -> Fleet:
    """The same fleet in a world that has just begun: nobody can say yet which Rollout is not looked at any more."""
    metadata = {name: value for name, value in fleet.base["metadata"].items() if name != "creationTimestamp"}
    return replace(fleet, base={**fleet.base, "metadata": metadata})


def named(report: Report) -> set[tuple[str, str]]:
    """(check, subject) of every finding."""
    return {(finding.check, str(subject)) for finding in report.findings for subject in finding.subjects}


def told(report: Report) -> str:
    """The findings and gaps in full, for the message of a failing assertion."""
    lines = [f"{one.check} {one.cause} {list(map(str, one.subjects))} {one.evidence}" for one in report.findings]
    lines += [f"gap {one.check} {one.reason}" for one in report.gaps]
    return "\n".join([*lines, str(replace(report, findings=(), gaps=(), sections=()))])
