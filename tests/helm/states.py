"""Which of the guide's four alerts fires in which state of a Rollout. Run as a command, it prints the table."""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.helm.charts import run, write_bare_rules

MINUTES = 90
ALERTS = ("RolloutFailed", "RolloutHighErrorRate", "RolloutStuck", "RolloutReplicaMismatch")
SEVERITIES = {"RolloutFailed": "critical"}

Series = Mapping[str, str]
"""promtool's values by the name of the metric, with the phase in braces where the metric has that label."""


@dataclass(frozen=True, slots=True)
class State:
    """A state that lasts from minute 0 to the end, and the alerts that are to fire then."""

    name: str
    series: Series
    fires: tuple[str, ...] = ()
    strategy: str = "canary"


def stays(phase: str, replicas: str = "4/4", *, old: int = 0, preview: int = 0, failing: bool = False) -> Series:
    """One phase throughout, with ``replicas`` available/desired, and pods of an older version or of a preview beside.

    What is not available is there and is not ready. A failing Rollout fails at each resync, every 15 minutes, and at no
    other time.
    """
    available, desired = map(int, replicas.split("/"))
    passes = " ".join(f"{count}x14" for count in range(9, 9 + MINUTES // 15 + 1))
    return {
        f"rollout_info {phase}": f"1x{MINUTES}",
        "rollout_info_replicas_desired": f"{desired}x{MINUTES}",
        "rollout_info_replicas_available": f"{available}x{MINUTES}",
        "rollout_info_replicas_unavailable": f"{max(desired - available, 0) + old + preview}x{MINUTES}",
        "rollout_info_replicas_updated": f"{preview or desired - old}x{MINUTES}",
        "rollout_reconcile_count": passes,
        **({"rollout_reconcile_error": passes} if failing else {}),
    }


def in_steps() -> Series:
    """A canary of many steps: ten minutes of Progressing, ten of a pause, and so on."""
    progressing = " ".join(["1x9 stale _x9"] * 5)
    paused = " ".join(["_x10 1x9 stale"] + ["_x9 1x9 stale"] * 3)
    return {
        **{name: values for name, values in stays("", "5/4", old=2).items() if not name.startswith("rollout_info ")},
        "rollout_info Progressing": progressing,
        "rollout_info Paused": paused,
    }


def updated() -> Series:
    """An update that takes ten minutes, the last of them at the end."""
    return {
        **stays("Completed"),
        "rollout_info_replicas_available": "4x79 3x10",
        "rollout_info_replicas_unavailable": "0x79 2x10",
        "rollout_info_replicas_updated": "4x79 2x10",
        "rollout_info Completed": "1x79 stale",
        "rollout_info Progressing": "_x80 1x10",
    }


def ended(series: Series) -> Series:
    """The same, of a Rollout that is deleted after an hour."""
    return {name: f"{values.split()[0].split('x')[0]}x59 stale" for name, values in series.items()}


STATES = (
    State("Completed", stays("Completed")),
    State("Completed, scaled to zero", stays("Completed", "0/0")),
    State("Completed, a replica is missing", stays("Completed", "3/4"), ("RolloutReplicaMismatch",)),
    State("Completed, no replica is there", stays("Completed", "0/4"), ("RolloutReplicaMismatch",)),
    State(
        "Progressing, no update, a pod was lost",
        stays("Progressing", "3/4"),
        ("RolloutStuck", "RolloutReplicaMismatch"),
    ),
    State("Timeout, no update, a pod was lost", stays("Timeout", "3/4"), ("RolloutFailed", "RolloutReplicaMismatch")),
    State("Progressing, an update of ten minutes", updated()),
    State("Progressing, an update without an end", stays("Progressing", "3/4", old=2), ("RolloutStuck",)),
    State("Progressing and Paused by turns", in_steps()),
    State("Paused, a planned pause of a canary", stays("Paused", "5/4", old=2)),
    State("Paused, a blue-green preview", stays("Paused", preview=4), strategy="blueGreen"),
    State("Timeout, of an update", stays("Timeout", "3/4", old=2), ("RolloutFailed",)),
    State("Error", stays("Error", failing=True), ("RolloutFailed", "RolloutHighErrorRate")),
    State("Abort", stays("Abort"), ("RolloutFailed",)),
    State("InvalidSpec", stays("InvalidSpec", failing=True), ("RolloutFailed", "RolloutHighErrorRate")),
    State("InvalidSpec, then deleted", ended(stays("InvalidSpec", failing=True))),
)


def table() -> str:
    """What is expected, as Markdown."""
    lines = [f"| state | {' | '.join(ALERTS)} |", "| --- " * (len(ALERTS) + 1) + "|"]
    cells = [[state.name, *("fires" if alert in state.fires else "-" for alert in ALERTS)] for state in STATES]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in cells)])


def judged(folder: Path) -> str:
    """What promtool says of every cell of the table. Fails where the chart's rules do otherwise."""
    write_bare_rules(folder)
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [_test(state) for state in STATES]}
    (folder / "states.yml").write_text(yaml.safe_dump(tests))
    return run("promtool", "test", "rules", "states.yml", folder=folder)


def _test(state: State) -> Mapping[str, object]:
    of_rollout = {"job": "argo-rollouts", "instance": "a", "namespace": "shop", "name": "cart"}
    return {
        "name": state.name,
        "interval": "1m",
        "input_series": [
            {"series": _series(name, {**of_rollout, "strategy": state.strategy}), "values": values}
            for name, values in state.series.items()
        ],
        "alert_rule_test": [_cell(alert, fires=alert in state.fires) for alert in ALERTS],
    }


def _series(name: str, labels: Mapping[str, str]) -> str:
    metric, _, phase = name.partition(" ")
    own = {**labels, "phase": phase} if phase else {key: labels[key] for key in labels if key != "strategy"}
    return metric + "{" + ", ".join(f'{key}="{value}"' for key, value in own.items()) + "}"


def _cell(alert: str, *, fires: bool) -> Mapping[str, object]:
    labels = {"severity": SEVERITIES.get(alert, "warning"), "namespace": "shop", "name": "cart"}
    return {
        "eval_time": f"{MINUTES - 5}m",
        "alertname": alert,
        "exp_alerts": [{"exp_labels": labels}] if fires else [],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        judged(Path(scratch))
    sys.stdout.write(table() + "\n")
