"""Writes hours of samples into Prometheus' data folder before the start, so that queries find a history."""

import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from maintainer.errors import ConfigError
from maintainer.sandbox.exporter import FIRST, RESYNC, Controller
from maintainer.sandbox.series import Observed, replicas
from maintainer.sandbox.store import Key
from maintainer.sandbox.textformat import labelled, number

STEP = 15
"""Seconds between two samples."""

STEP_OF_DAYS = 60
"""Seconds between two samples of the days before the history."""

LONG_BLOCKS = "486h"
"""The length of the blocks of days: promtool reads the whole text once for each block."""

KNOWN_FOR_DAYS = 10
"""The Rollouts with samples in the days before the history: enough to see whether there were scrapes."""

GAP = 6 * 60
"""Seconds between the last sample and now: more than the 5 minutes of Prometheus' lookback."""

Value = float | Callable[[int], float]
"""A constant value, or a function of the time in seconds since the epoch."""

Samples = dict[str, dict[str, Value]]
"""Values by family and by label set, which is the text between the braces."""


@dataclass(frozen=True, slots=True)
class TargetLabels:
    """The labels of a target. If a sample has a label of the same name, its label becomes ``exported_…``."""

    own: Mapping[str, str]

    def stored(self, labels: Mapping[str, str]) -> str:
        """The label set that Prometheus stores for a sample of this target, without empty labels."""
        renamed = {f"exported_{name}" if name in self.own else name: value for name, value in labels.items() if value}
        return labelled({**renamed, **self.own})


def samples(
    rollouts: Iterable[Observed], *, emitting: Sequence[TargetLabels], silent: Sequence[TargetLabels]
) -> Samples:
    """The samples of a scrape: ``up`` of all targets, ``rollout_info`` and replica gauges of ``emitting`` targets."""
    scrape: Samples = {"up": {target.stored({}): 1 for target in [*emitting, *silent]}}
    for observed in rollouts:
        metadata, spec = observed.object["metadata"], observed.object["spec"]
        labels = {"namespace": metadata["namespace"], "name": metadata["name"]}
        strategy = next(iter(spec.get("strategy", {})), "none")
        for target in emitting:
            info = target.stored({**labels, "strategy": strategy, "phase": observed.phase})
            scrape.setdefault("rollout_info", {})[info] = 1
            for family, value in replicas(observed).items():
                scrape.setdefault(family, {})[target.stored(labels)] = value
    return scrape


def counted(controller: Controller, keys: Iterable[Key], *, target: TargetLabels) -> Samples:
    """The start time of a controller's process, and its reconciles of each Rollout, which grow with each resync."""
    started, unwatched = controller.started, controller.distortion.unwatched

    def reconciles(at: int) -> float:
        return FIRST + int((at - started) / RESYNC)

    return {
        "process_start_time_seconds": {target.stored({}): round(started, 2)},
        "rollout_reconcile_count": {
            target.stored({"namespace": key[0], "name": key[1]}): FIRST if key in unwatched else reconciles
            for key in keys
        },
    }


@dataclass(frozen=True, slots=True)
class Past:
    """The days before the history of hours, from ``start``, with the time in which nothing was scraped."""

    start: datetime
    outage: tuple[datetime, datetime] | None = None

    def times(self, end: int) -> Sequence[int]:
        """The times of the samples up to ``end`` (epoch seconds)."""
        first, last = (moment.timestamp() for moment in self.outage or (self.start, self.start))
        return [at for at in range(int(self.start.timestamp()), end, STEP_OF_DAYS) if not first <= at < last]


def openmetrics(scrape: Samples, times: Sequence[int]) -> str:
    """An OpenMetrics file that repeats the scrape at these times (epoch seconds)."""
    parts = []
    for family, values in scrape.items():
        parts.append(f"# TYPE {family} gauge\n")
        for labels, value in values.items():
            sample = f"{family}{{{labels}}} "
            if callable(value):
                parts.extend(f"{sample}{number(value(at))} {at}\n" for at in times)
            else:
                parts.extend(f"{sample}{number(value)} {at}\n" for at in times)
    return "".join([*parts, "# EOF\n"])


def write_blocks(scrape: Samples, data: Path, *, now: float, length: timedelta) -> None:
    """Write the samples as TSDB blocks into the folder ``data``; ``now`` is in epoch seconds.

    Raises ``ConfigError`` if promtool fails.
    """
    end = int(now) - GAP
    _write([openmetrics(scrape, range(end - int(length.total_seconds()), end + 1, STEP))], data)


def write_days(scrape: Samples, data: Path, past: Past, *, until: float) -> None:
    """Write the samples of the days of the past up to a time, as :func:`write_blocks`."""
    write_samples([openmetrics(scrape, past.times(int(until)))], data)


def write_samples(texts: Iterable[str], data: Path) -> None:
    """Write an OpenMetrics file of many days, the texts after each other, as :func:`write_blocks`."""
    _write(texts, data, f"--max-block-duration={LONG_BLOCKS}")


def _write(texts: Iterable[str], data: Path, *options: str) -> None:
    source = data.parent / "history.om"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(texts)
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", *options, str(source), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)  # noqa: S603
    source.unlink()
    if done.returncode:
        raise ConfigError(f"promtool could not make the history: {done.stderr.strip()}")
