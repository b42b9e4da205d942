"""Edits of live objects, placed in the guide's charts by what Helm renders, in this process."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import helm_python
import yaml

from maintainer.analyse.adopt.asked import asked
from maintainer.analyse.adopt.drifted import wanted
from maintainer.analyse.adopt.placing import Placing
from maintainer.analyse.adopt.proof import Judge, Rendered
from maintainer.analyse.drift.objects import changes
from maintainer.collect.chart import chart_of
from maintainer.collect.drift.manifests import objects_of_release, rendered_objects
from maintainer.model.drift import Change, DesiredObject, ObjectId, Release, StoredObject
from tests.helm.adopting import RELEASES, manifest
from tests.helm.charts import HELM

CONFIG = ("ConfigMap", "prometheus-config")
RULES = "argo-rollouts.rules.yml"


@dataclass
class Adopted:
    """The files that were changed, what was said, and in what the rendered chart still differs from what is live."""

    texts: Mapping[str, str]
    placed: list[str]
    left: list[tuple[str, str]]
    differs: list[Change]


@cache
def deployed(chart: str) -> tuple[DesiredObject, ...]:
    """What the release of a chart has deployed."""
    name, namespace = RELEASES[chart]
    return objects_of_release(manifest(HELM / chart, chart), Release(namespace, name, 1))


def adopted(
    edit: Callable[[Any], object],
    target: tuple[str, str] = CONFIG,
    *,
    chart: str = "monitoring",
    words: tuple[str, ...] = (),
    own: Mapping[str, str] | None = None,
) -> Adopted:
    """Edit one object in the cluster, and adopt that; ``own`` are texts of the chart that were not deployed yet."""
    stored = {found.id: _live(found, edit, target) for found in deployed(chart)}
    files = {**chart_of(str(HELM / chart)).files, **(own or {})}
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(HELM / chart, Path(folder) / chart))
        placing = Placing(dict(files), lambda texts: _rendered(copy, chart, texts), Judge(stored))
        for drifted in wanted([asked(word) for word in words], deployed(chart), stored).objects:
            placing.take(drifted)
        after = _rendered(copy, chart, placing.files) or {}
    return Adopted(
        {path: text for path, text in placing.files.items() if text != files[path]},
        [said.id for said in placing.placed],
        [(said.id, str(said.named["place"])) for said in placing.left],
        [change for id_, live in stored.items() if id_ in after for change in changes(after[id_], live)],
    )


def edit_rules(change: Callable[[dict[str, Any]], object], key: str = RULES) -> Callable[[Any], None]:
    """An edit of prometheus-config by which the rules of a file are changed: by the name of the alert."""

    def edit(live: Any) -> None:
        document = yaml.safe_load(live["data"][key])
        group = document["groups"][0]
        rules = {rule["alert"]: rule for rule in group["rules"]}
        change(rules)
        group["rules"] = [*rules.values()]
        live["data"][key] = yaml.safe_dump(document, sort_keys=False)

    return edit


def _live(desired: DesiredObject, edit: Callable[[Any], object], target: tuple[str, str]) -> StoredObject:
    content = json.loads(json.dumps(desired.content))
    if (desired.id.kind, desired.id.name) == target:
        edit(content)
    return StoredObject(desired.id, content, "1")


def _rendered(copy: Path, chart: str, texts: Mapping[str, str]) -> Rendered | None:
    for path, text in texts.items():
        (copy / path).write_text(text, "utf-8")
    name, namespace = RELEASES[chart]
    try:
        text = manifest(copy, chart)
    except helm_python.HelmError:
        return None
    found: dict[ObjectId, DesiredObject] = {
        each.id: each for each in rendered_objects(text, Release(namespace, name, 0))
    }
    return found
