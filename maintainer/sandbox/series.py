"""The series that the controller exposes for an object and for its own process, as text by family."""

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
    """A Rollout in the controller's cache: the phase to expose, the reconciles, and ``wrong`` gauges by family."""

    object: Object
    phase: str
    reconciles: int
    wrong: Mapping[str, float] = field(default_factory=dict)


@cache
def described() -> Mapping[str, Any]:
    """The content of ``families.yaml``."""
    text = files("maintainer.sandbox").joinpath("families.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def of_rollout(observed: Observed) -> Block:
    """All series of a Rollout."""
    metadata = observed.object["metadata"]
    identity = {"namespace": metadata["namespace"], "name": metadata["name"]}
    labels = labelled(identity)
    typed = {**identity, "strategy": next(iter(observed.object["spec"].get("strategy", {})), "none")}
    block = {name: line(name, labels, value=value) for name, value in replicas(observed).items()}
    block["rollout_info"] = line(
        "rollout_info", labelled({**typed, "traffic_router": "", "phase": observed.phase}), value=1
    )
    block["rollout_phase"] = one_hot("rollout_phase", typed, value=observed.phase, choices=ROLLOUT_PHASES)
    block["rollout_reconcile"] = histogram("rollout_reconcile", labels, count=observed.reconciles)
    if observed.phase in ("InvalidSpec", "Error"):
        block["rollout_reconcile_error"] = line("rollout_reconcile_error", labels, value=observed.reconciles)
    return {**block, **_events(observed, identity), **_notifications(observed, identity)}


def replicas(observed: Observed) -> Mapping[str, float]:
    """The four replica gauges. The API omits numbers that are 0, and an unset ``spec.replicas`` is 1."""
    status = observed.object.get("status", {})
    available = status.get("availableReplicas", 0)
    gauges = {
        "rollout_info_replicas_available": available,
        "rollout_info_replicas_desired": observed.object["spec"].get("replicas", 1),
        "rollout_info_replicas_unavailable": status.get("replicas", 0) - available,
        "rollout_info_replicas_updated": status.get("updatedReplicas", 0),
    }
    return {**gauges, **observed.wrong}


def _events(observed: Observed, identity: Mapping[str, str]) -> Block:
    generation = int(observed.object["metadata"]["generation"])
    counts = {("Normal", "RolloutUpdated"): generation, ("Normal", "RolloutCompleted"): generation - 1}
    if observed.phase == "Abort":
        counts["Warning", "RolloutAborted"] = 1
    name = "rollout_events_total"
    labels = {key: labelled({**identity, "type": key[0], "reason": key[1]}) for key in counts}
    return {name: "".join(line(name, labels[key], value=count) for key, count in counts.items() if count)}


def _notifications(observed: Observed, identity: Mapping[str, str]) -> Block:
    if SUBSCRIPTION not in observed.object["metadata"].get("annotations", {}):
        return {}
    block = {"notification_send": histogram("notification_send", labelled(identity), count=observed.reconciles)}
    if observed.phase == "Abort":
        labels = labelled({**identity, "type": "Warning", "reason": "RolloutAborted"})
        block["notification_send_success"] = line("notification_send_success", labels, value=1)
        block["notification_send_error"] = line("notification_send_error", labels, value=1)
    return block


def of_analysis(kind: str, entry: Mapping[str, Any]) -> Block:
    """All series of an entry of ``analysis`` in ``fleet.yaml``; ``kind`` is the key of the entry's list."""
    identity = {"namespace": entry["namespace"], "name": entry["name"]}
    match kind:
        case "analysis_templates":
            return _template(identity, entry)
        case "analysis_runs":
            return _analysis_run(identity, entry)
        case _:
            return _experiment(identity, entry["phase"])


def _template(identity: Mapping[str, str], entry: Mapping[str, Any]) -> Block:
    name = "analysis_template_metric_info"
    rows = [{**identity, "metric": metric["name"], "type": metric["type"]} for metric in entry["metrics"]]
    return {
        "analysis_template_info": line("analysis_template_info", labelled(identity), value=1),
        name: "".join(line(name, labelled(row), value=1) for row in rows),
    }


def _analysis_run(identity: Mapping[str, str], entry: Mapping[str, Any]) -> Block:
    block: dict[str, str] = defaultdict(str)
    for metric in entry["metrics"]:
        row = {**identity, "metric": metric["name"], "type": metric["type"]}
        name = "analysis_run_metric_phase"
        dry = {**row, "dry_run": metric["dry_run"]}
        block["analysis_run_metric_type"] += line("analysis_run_metric_type", labelled(row), value=1)
        block[name] += one_hot(name, dry, value=metric["phase"], choices=ANALYSIS_PHASES)
    block["analysis_run_info"] = line("analysis_run_info", labelled({**identity, "phase": entry["phase"]}), value=1)
    block["analysis_run_phase"] = one_hot("analysis_run_phase", identity, value=entry["phase"], choices=ANALYSIS_PHASES)
    block["analysis_run_reconcile"] = histogram("analysis_run_reconcile", labelled(identity), count=12)
    if entry["phase"] == "Failed":
        block["analysis_run_reconcile_error"] = line("analysis_run_reconcile_error", labelled(identity), value=1)
    return block


def _experiment(identity: Mapping[str, str], phase: str) -> Block:
    block = {
        "experiment_info": line("experiment_info", labelled({**identity, "phase": phase}), value=1),
        "experiment_phase": one_hot("experiment_phase", identity, value=phase, choices=EXPERIMENT_PHASES),
        "experiment_reconcile": histogram("experiment_reconcile", labelled(identity), count=9),
    }
    if phase == "Failed":
        block["experiment_reconcile_error"] = line("experiment_reconcile_error", labelled(identity), value=1)
    return block


def of_process(*, leading: bool, started: float, adds: int) -> Block:
    """The series of every pod: build information, process and work queues, and on the leader its other requests.

    ``started`` is in epoch seconds; ``adds`` is how often a Rollout was added to the work queue.
    """
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
