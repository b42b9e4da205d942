"""The manifests in ``cronjob/``, which are what the monitoring chart renders. Run as a command, it writes them."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.helm.charts import ROOT, rendered

CRONJOB = ROOT / "cronjob"
FOLDER = "maintainer/"
"""The templates of the chart that are about maintainer."""

BASE: Mapping[str, bool] = {"enabled": True}
OVERLAYS: Mapping[str, Mapping[str, bool]] = {
    "audit": BASE,
    "reconcile": {**BASE, "reconcile": True},
    "prometheus-operator": {**BASE, "prometheusOperator": True},
    "serve": {**BASE, "serve": True},
}
"""The values ``maintainer`` of the chart for each overlay."""

HEADER = "# Written by `make manifests` from helm/management-base/monitoring/templates/maintainer.\n"
_HELMS = re.compile(r".*(helm\.sh/|checksum/|app\.kubernetes\.io/managed-by: Helm).*\n")
"""What only a release of Helm has."""


def files() -> dict[Path, str]:
    """The files of the base by their paths in ``cronjob/``, and those of each overlay that differ from the base's."""
    base = _files(BASE)
    made = {Path("base") / name: text for name, text in base.items()}
    for overlay, values in OVERLAYS.items():
        different = {name: text for name, text in _files(values).items() if base.get(name) != text}
        made |= {Path("overlays") / overlay / name: text for name, text in different.items()}
    return made


def _files(values: Mapping[str, bool]) -> dict[str, str]:
    """The rendered files by name. The settings are a file of their own, of which kustomize makes the ConfigMap.

    What was deployed is known to a release of Helm alone.
    """
    texts = {
        name.removeprefix(FOLDER): HEADER + _HELMS.sub("", text).strip() + "\n"
        for name, text in rendered(values={"maintainer": values}).items()
        if name.startswith(FOLDER) and name != f"{FOLDER}desired.yaml" and text.strip()
    }
    settings: dict[str, str] = yaml.safe_load(texts.pop("configmap.yaml"))["data"]
    return texts | settings


if __name__ == "__main__":
    for path, text in files().items():
        (CRONJOB / path).parent.mkdir(parents=True, exist_ok=True)
        (CRONJOB / path).write_text(text)
