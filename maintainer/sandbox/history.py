"""Hours of samples made beforehand, so that a Prometheus that was just started has something to remember."""

import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from maintainer.errors import ConfigError
from maintainer.sandbox.exporter import FIRST, RESYNC, Controller
from maintainer.sandbox.series import Observed, replicas
from maintainer.sandbox.store import Key
from maintainer.sandbox.textformat import labelled, number

STEP = 15
"""Seconds between two samples."""

GAP = 6 * 60
"""Seconds between the last sample and now: more than the 5 minutes for which a query looks back."""

Value = float | Callable[[int], float]
"""A value that stays, or what it is at a time in seconds since the epoch."""

Samples = dict[str, dict[str, Value]]
"""Value by label set (as text) by family."""


@dataclass(frozen=True, slots=True)
class TargetLabels:
    """A target as Prometheus labels it: its own labels win over a sample's, which become ``exported_…``."""

    own: Mapping[str, str]

    def stored(self, labels: Mapping[str, str]) -> str:
        """The label set that is stored for a sample of this target; empty labels are left out."""
        moved = {f"exported_{name}" if name in self.own else name: value for name, value in labels.items() if value}
        return labelled({**moved, **self.own})


def samples(
    rollouts: Iterable[Observed], *, emitting: Sequence[TargetLabels], silent: Sequence[TargetLabels]
) -> Samples:
    """One scrape of ``up`` for all targets, and ``rollout_info`` and the replica gauges for those that emit."""
    found: Samples = {"up": {target.stored({}): 1 for target in [*emitting, *silent]}}
    for seen in rollouts:
        metadata, spec = seen.object["metadata"], seen.object["spec"]
        own = {"namespace": metadata["namespace"], "name": metadata["name"]}
        strategy = next(iter(spec.get("strategy", {})), "none")
        for target in emitting:
            info = target.stored({**own, "strategy": strategy, "phase": seen.phase})
            found.setdefault("rollout_info", {})[info] = 1
            for family, value in replicas(seen).items():
                found.setdefault(family, {})[target.stored(own)] = value
    return found


def counted(controller: Controller, keys: Iterable[Key], target: TargetLabels) -> Samples:
    """When a controller's process began, and how often it looked at each Rollout: once more with each resync."""
    began, unwatched = controller.started, controller.distortion.unwatched

    def resynced(moment: int) -> float:
        return FIRST + int((moment - began) / RESYNC)

    return {
        "process_start_time_seconds": {target.stored({}): round(began, 2)},
        "rollout_reconcile_count": {
            target.stored({"namespace": key[0], "name": key[1]}): FIRST if key in unwatched else resynced
            for key in keys
        },
    }


def openmetrics(scrape: Samples, *, start: int, end: int) -> str:
    """The scrape repeated from ``start`` to ``end`` (seconds since the epoch), as an OpenMetrics file."""
    times = range(start, end + 1, STEP)
    parts = []
    for family, values in scrape.items():
        parts.append(f"# TYPE {family} gauge\n")
        for labels, value in values.items():
            sample = f"{family}{{{labels}}} "
            if callable(value):
                parts.extend(f"{sample}{number(value(moment))} {moment}\n" for moment in times)
            else:
                parts.extend(f"{sample}{number(value)} {moment}\n" for moment in times)
    return "".join([*parts, "# EOF\n"])


def write_blocks(scrape: Samples, data: Path, *, now: float, length: timedelta) -> None:
    """Make TSDB blocks of the samples in the folder ``data``. Raises ``ConfigError`` when promtool refuses."""
    end = int(now) - GAP
    source = data.parent / "history.om"
    source.write_text(openmetrics(scrape, start=end - int(length.total_seconds()), end=end), "utf-8")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(source), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)  # noqa: S603
    source.unlink()
    if done.returncode:
        raise ConfigError(f"promtool could not make the history: {done.stderr.strip()}")
