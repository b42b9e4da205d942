"""Whether what a printed command printed shows what its finding says, for each check that the demo finds."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

Finding = Mapping[str, Any]

PHASE = re.compile(r'phase(?:!=|=)"([^"]+)"')


def series(output: str) -> list[dict[str, str]]:
    """The labels of each series that Prometheus answered."""
    return [row["metric"] for row in json.loads(output)["data"]["result"]]


def values(output: str, family: str) -> set[str]:
    """The values of a family's series."""
    found = json.loads(output)["data"]["result"]
    return {row["value"][1] for row in found if row["metric"]["__name__"] == family}


def phase(finding: Finding, outputs: Sequence[str]) -> bool:
    conditions, metric = outputs
    row = finding["evidence"]["rollouts"][0]
    reasons = [condition["reason"] for condition in json.loads(conditions)]
    follows = any(reason.startswith(f"Rollout{row['api']}") for reason in reasons)
    return follows and {labels["phase"] for labels in series(metric)} == {row["metric"]}


def replicas(finding: Finding, outputs: Sequence[str]) -> bool:
    api, gauges = outputs
    row = finding["evidence"]["rollouts"][0]
    status = json.loads(api.partition(" ")[2])
    count = status[f"{row['what'].removeprefix('rollout_info_replicas_')}Replicas"]
    return str(count) == row["api"] and values(gauges, row["what"]) == {row["metric"]}


def meaning(finding: Finding, outputs: Sequence[str]) -> bool:
    api, metric = outputs
    row = finding["evidence"]["rollouts"][0]
    return bool(
        json.loads(api)["phase"] == row["api"] and {labels["phase"] for labels in series(metric)} == {row["metric"]}
    )


def duplicate(finding: Finding, outputs: Sequence[str]) -> bool:
    return series(outputs[0]) == sorted(finding["evidence"]["targets"], key=lambda target: str(target["job"]))


def missing(finding: Finding, outputs: Sequence[str]) -> bool:
    api, metric = outputs
    found = json.loads(api)
    return f"{found['namespace']}/{found['name']}" == finding["evidence"]["rollouts"][0]["rollout"] and not series(
        metric
    )


def ghost(finding: Finding, outputs: Sequence[str]) -> bool:
    api, metric = outputs
    namespace, name = finding["evidence"]["rollouts"][0]["rollout"].split("/")
    gone = api == f"No resources found in {namespace} namespace.\n"
    return gone and {labels["name"] for labels in series(metric)} == {name}


def unwatched(finding: Finding, outputs: Sequence[str]) -> bool:
    """Of both targets: one of them has the Rollout's namespace in ``exported_namespace``."""
    still = {
        f"{labels.get('exported_namespace', labels['namespace'])}/{labels['name']}" for labels in series(outputs[0])
    }
    return still == set(finding["evidence"]["rollouts"])


def namespace_label(finding: Finding, outputs: Sequence[str]) -> bool:
    """The label that is always the controller's namespace, and the one that has the Rollouts'."""
    found = series(outputs[0])
    (other,) = {name for labels in found for name in labels} - {"namespace"}
    if "target" in finding["evidence"] and not all(other in labels for labels in found):
        return False  # The finding is about one target, so its command must be about that one as well.
    (controllers,) = {labels["namespace"] for labels in found if other in labels}
    return {other, f"({controllers})"} <= set(re.findall(r"[\w()-]+", finding["summary"]))


def unrouted(finding: Finding, outputs: Sequence[str]) -> bool:
    config = yaml.safe_load(json.loads(outputs[0])["config"]["original"])
    silent = {receiver["name"] for receiver in config["receivers"] if receiver.keys() == {"name"}}
    return all(set(row["receivers"]) <= silent for row in finding["evidence"]["alerts"])


def not_loaded(finding: Finding, outputs: Sequence[str]) -> bool:
    stored, answer = outputs
    loaded = {rule["name"] for group in json.loads(answer)["data"]["groups"] for rule in group["rules"]}
    wanted = {row["rule"] for row in finding["evidence"]["rules"]}
    return bool(loaded) and not wanted & loaded and all(f"alert: {name}\n" in stored for name in wanted)


def never(finding: Finding, outputs: Sequence[str]) -> bool:
    """The phase of the query is not among those that exist, and one of its correction is."""
    phases = {labels["phase"] for labels in series(outputs[0])}
    wrong = PHASE.search(finding["summary"])
    right = set(re.findall(r"\w+", finding["evidence"]["queries"][0]["corrected"]))
    return wrong is not None and wrong[1] not in phases and bool(phases & right)


def unknown_label(finding: Finding, outputs: Sequence[str]) -> bool:
    """The series are there, and none has the label."""
    return "no label canary_weight" in finding["summary"] and series(outputs[0]) == [{}]


SHOWS: Mapping[str, Callable[[Finding, Sequence[str]], bool]] = {
    "accuracy/meaning": meaning,
    "accuracy/phase": phase,
    "accuracy/replicas": replicas,
    "coverage/duplicate": duplicate,
    "coverage/ghost": ghost,
    "coverage/missing": missing,
    "coverage/unwatched": unwatched,
    "label/namespace": namespace_label,
    "pipeline/alertmanager": unrouted,
    "pipeline/rules-loaded": not_loaded,
    "query/always-true": never,
    "query/dead-selector": never,
    "query/unknown-label": unknown_label,
}
"""By check; the outputs are those of the lines of the finding's ``reproduce``."""
