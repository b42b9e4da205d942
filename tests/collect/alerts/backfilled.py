"""A real Prometheus that holds the past that a test writes: alerts, Rollouts, evaluations."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from maintainer.sandbox.past_samples import PastSamples
from maintainer.sandbox.programs import Program, find, free_port, new_folder, start, stop
from maintainer.sandbox.serving import HOST

INTERVAL = 30
RULES_FILE = "RULES_FILE"
"""Stands for the path of the rules, which is another one for each Prometheus."""
GROUP = "rollouts"
Points = Sequence[tuple[float, float]]
"""Times in seconds since 1970, and values."""

RULES: Mapping[str, Any] = {
    "groups": [
        {
            "name": GROUP,
            "interval": f"{INTERVAL}s",
            "rules": [
                {
                    "alert": "RolloutStuck",
                    "expr": 'max by (namespace, name) (rollout_info{phase="Progressing"}) == 1',
                    "for": "15m",
                    "labels": {"severity": "warning"},
                },
                {
                    "alert": "RolloutHighErrorRate",
                    "expr": "sum by (namespace, name) (rate(rollout_reconcile_error[5m])) > 0.1",
                    "for": "5m",
                    "labels": {"severity": "warning"},
                },
                {"alert": "Foreign", "expr": "up == 0"},
            ],
        }
    ]
}


def days_ago(days: int) -> int:
    """The midnight of UTC so many days ago, in seconds."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return round((today - timedelta(days=days)).timestamp())


def every(start: int, end: int, value: float = 1.0, *, step: int = INTERVAL) -> Points:
    """A sample in each step of ``[start, end)``."""
    return [(at, value) for at in range(start, end, step)]


@dataclass
class Past:
    """Series, as they stand in a scrape, with their samples."""

    samples: PastSamples = field(default_factory=PastSamples)

    def add(self, metric: str, points: Points, /, **labels: str) -> None:
        """Add samples to a series."""
        self.samples.add(metric, [round(at * 1000) for at, _ in points], [value for _, value in points], **labels)

    def rollout(self, name: str, start: int, end: int, *, desired: int = 3) -> None:
        """A Rollout that is there and has its pods from ``start`` to before ``end``."""
        for family in ("desired", "available"):
            self.add(f"rollout_info_replicas_{family}", every(start, end, desired), **_labels(name))

    def phase(self, name: str, phase: str, start: int, end: int) -> None:
        """A Rollout is in a phase from ``start`` to before ``end``."""
        self.add("rollout_info", every(start, end), phase=phase, **_labels(name))

    def alert(self, alert: str, start: int, end: int, *, hold: int, **labels: str) -> None:
        """An alert whose expression is true from ``start`` to before ``end``, as Prometheus records it."""
        fired = start + -(-hold // INTERVAL) * INTERVAL
        own = {"alertname": alert, "severity": "warning", **labels}
        self.add("ALERTS", every(start, min(fired, end)), alertstate="pending", **own)
        self.add("ALERTS", every(fired, end), alertstate="firing", **own)
        self.add("ALERTS_FOR_STATE", every(start, end, start), **own)

    def evaluated(self, start: int, end: int, *, born: int) -> None:
        """The group was evaluated by a Prometheus that was started at ``born``, which scrapes itself."""
        own = {"job": "prometheus", "instance": "localhost:9090"}
        beats = [(at + 5, at + 0.002) for at in range(start, end, INTERVAL)]
        group = f"{RULES_FILE};{GROUP}"
        self.add("prometheus_rule_group_last_evaluation_timestamp_seconds", beats, rule_group=group, **own)
        self.add("process_start_time_seconds", every(start, end, born), **own)


@contextmanager
def prometheus_with(
    past: Past, *, rules: Mapping[str, Any] = RULES, programs: Sequence[str] = ("prometheus", "promtool")
) -> Iterator[Program]:
    """A Prometheus with this past and these rules."""
    server, promtool = find(*([program] for program in programs))
    folder, port = new_folder(), free_port()
    text = "".join(past.samples.openmetrics()).replace(RULES_FILE, str(folder / "rules.yml"))
    (folder / "past.om").write_text(text, "utf-8")
    make = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=486h"]
    subprocess.run([*make, folder / "past.om", folder / "data"], check=True, timeout=120)
    (folder / "past.om").unlink()
    (folder / "rules.yml").write_text(yaml.safe_dump(rules), "utf-8")
    (folder / "prometheus.yml").write_text("rule_files: [rules.yml]\n", "utf-8")
    command = [
        server,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        "--storage.tsdb.retention.time=120d",
        f"--web.listen-address={HOST}:{port}",
        "--log.level=warn",
    ]
    running = start("Prometheus", command, folder=folder, port=port)
    try:
        running.wait()
        yield running
    finally:
        stop([running])


def _labels(name: str) -> dict[str, str]:
    return {"namespace": "shop", "name": name, "job": "argo-rollouts", "instance": "10.0.0.1:8090"}
