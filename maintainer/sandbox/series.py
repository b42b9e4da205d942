"""What the controller prints for one object, by family: text that is made once per version of the object."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from maintainer.sandbox.rollouts import SUBSCRIPTION
from maintainer.sandbox.store import Object
from maintainer.sandbox.textformat import WORKQUEUE_BUCKETS, histogram, labelled, line, one_hot

Block = Mapping[str, str]
"""Lines by family."""

ROLLOUT_PHASES = ("Completed", "Progressing", "Paused", "Timeout", "Error", "Abort")
ANALYSIS_PHASES = ("Pending", "Running", "Successful", "Failed", "Error", "Inconclusive")
EXPERIMENT_PHASES = ("Pending", "Error", "Successful", "Running", "Inconclusive")


@dataclass(frozen=True, slots=True)
class Observed:
    """A Rollout as the controller has it: the phase to print, its reconciles, and gauges that are set wrongly."""

    object: Object
    phase: str
    reconciles: int
    wrong: Mapping[str, float] = field(default_factory=dict)


@cache
def described() -> Mapping[str, Any]:
    """``families.yaml``."""
    text = files("maintainer.sandbox").joinpath("families.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def of_rollout(seen: Observed) -> Block:
    """Every series of a Rollout."""
    metadata = seen.object["metadata"]
    own = {"namespace": metadata["namespace"], "name": metadata["name"]}
    labels = labelled(own)
    typed = {**own, "strategy": next(iter(seen.object["spec"].get("strategy", {})), "none")}
    block = {name: line(name, labels, value=value) for name, value in replicas(seen).items()}
    block["rollout_info"] = line(
        "rollout_info", labelled({**typed, "traffic_router": "", "phase": seen.phase}), value=1
    )
    block["rollout_phase"] = one_hot("rollout_phase", typed, value=seen.phase, choices=ROLLOUT_PHASES)
    block["rollout_reconcile"] = histogram("rollout_reconcile", labels, count=seen.reconciles)
    if seen.phase in ("InvalidSpec", "Error"):
        block["rollout_reconcile_error"] = line("rollout_reconcile_error", labels, value=seen.reconciles)
    return {**block, **_events(seen, own), **_notifications(seen, own)}


def replicas(seen: Observed) -> Mapping[str, float]:
    """The four replica gauges. The API leaves out numbers that are 0, and ``spec.replicas`` when it is 1."""
    status = seen.object.get("status", {})
    available = status.get("availableReplicas", 0)
    gauges = {
        "rollout_info_replicas_available": available,
        "rollout_info_replicas_desired": seen.object["spec"].get("replicas", 1),
        "rollout_info_replicas_unavailable": status.get("replicas", 0) - available,
        "rollout_info_replicas_updated": status.get("updatedReplicas", 0),
    }
    return {**gauges, **seen.wrong}


def _events(seen: Observed, own: Mapping[str, str]) -> Block:
    generation = int(seen.object["metadata"]["generation"])
    counts = {("Normal", "RolloutUpdated"): generation, ("Normal", "RolloutCompleted"): generation - 1}
    if seen.phase == "Abort":
        counts["Warning", "RolloutAborted"] = 1
    name = "rollout_events_total"
    labels = {key: labelled({**own, "type": key[0], "reason": key[1]}) for key in counts}
    return {name: "".join(line(name, labels[key], value=count) for key, count in counts.items() if count)}


def _notifications(seen: Observed, own: Mapping[str, str]) -> Block:
    if SUBSCRIPTION not in seen.object["metadata"].get("annotations", {}):
        return {}
    block = {"notification_send": histogram("notification_send", labelled(own), count=seen.reconciles)}
    if seen.phase == "Abort":
        labels = labelled({**own, "type": "Warning", "reason": "RolloutAborted"})
        block["notification_send_success"] = line("notification_send_success", labels, value=1)
        block["notification_send_error"] = line("notification_send_error", labels, value=1)
    return block


def of_analysis(kind: str, entry: Mapping[str, Any]) -> Block:
    """Every series of an entry of the fleet's ``analysis``; ``kind`` is the list that it stands in."""
    own = {"namespace": entry["namespace"], "name": entry["name"]}
    match kind:
        case "analysis_templates":
            return _template(own, entry)
        case "analysis_runs":
            return _analysis_run(own, entry)
        case _:
            return _experiment(own, entry["phase"])


def _template(own: Mapping[str, str], entry: Mapping[str, Any]) -> Block:
    name = "analysis_template_metric_info"
    rows = [{**own, "metric": metric["name"], "type": metric["type"]} for metric in entry["metrics"]]
    return {
        "analysis_template_info": line("analysis_template_info", labelled(own), value=1),
        name: "".join(line(name, labelled(row), value=1) for row in rows),
    }


def _analysis_run(own: Mapping[str, str], entry: Mapping[str, Any]) -> Block:
    block: dict[str, str] = defaultdict(str)
    for metric in entry["metrics"]:
        row = {**own, "metric": metric["name"], "type": metric["type"]}
        name = "analysis_run_metric_phase"
        dry = {**row, "dry_run": metric["dry_run"]}
        block["analysis_run_metric_type"] += line("analysis_run_metric_type", labelled(row), value=1)
        block[name] += one_hot(name, dry, value=metric["phase"], choices=ANALYSIS_PHASES)
    block["analysis_run_info"] = line("analysis_run_info", labelled({**own, "phase": entry["phase"]}), value=1)
    block["analysis_run_phase"] = one_hot("analysis_run_phase", own, value=entry["phase"], choices=ANALYSIS_PHASES)
    block["analysis_run_reconcile"] = histogram("analysis_run_reconcile", labelled(own), count=12)
    if entry["phase"] == "Failed":
        block["analysis_run_reconcile_error"] = line("analysis_run_reconcile_error", labelled(own), value=1)
    return block


def _experiment(own: Mapping[str, str], phase: str) -> Block:
    block = {
        "experiment_info": line("experiment_info", labelled({**own, "phase": phase}), value=1),
        "experiment_phase": one_hot("experiment_phase", own, value=phase, choices=EXPERIMENT_PHASES),
        "experiment_reconcile": histogram("experiment_reconcile", labelled(own), count=9),
    }
    if phase == "Failed":
        block["experiment_reconcile_error"] = line("experiment_reconcile_error", labelled(own), value=1)
    return block


def of_process(*, leading: bool, started: float, adds: int) -> Block:
    """The series that every pod prints: constants, the process, and work queues (empty on a standby)."""
    block: dict[str, str] = defaultdict(str)
    for part in ("always", "leader") if leading else ("always",):
        for name, rows in described()[part].items():
            block[name] += "".join(line(name, labelled(labels), value=value) for labels, value in rows)
    block["go_gc_duration_seconds"] += "go_gc_duration_seconds_sum 0.0123\ngo_gc_duration_seconds_count 151\n"
    block["process_start_time_seconds"] = line("process_start_time_seconds", "", value=round(started, 2))
    for queue in described()["workqueues"]:
        for name, text in _queue(queue, adds if queue == "Rollouts" else 0).items():
            block[name] += text
    return block


def _queue(queue: str, adds: int) -> Block:
    labels = labelled({"name": queue})
    counts = {"workqueue_adds_total": adds, "workqueue_retries_total": adds // 10}
    idle = ("workqueue_depth", "workqueue_longest_running_processor_seconds", "workqueue_unfinished_work_seconds")
    times = ("workqueue_queue_duration_seconds", "workqueue_work_duration_seconds")
    return {
        **{name: line(name, labels, value=value) for name, value in counts.items()},
        **{name: line(name, labels, value=0) for name in idle},
        **{name: histogram(name, labels, count=adds, buckets=WORKQUEUE_BUCKETS) for name in times},
    }
