"""maintainer's own lint has nothing to correct in the charts."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helm.charts import HELM, named, objects, rendered
from tests.servers import guide

COMMAND = Path(sys.executable).with_name("maintainer")


def lint(*args: str, stdin: str = "") -> int:
    """The number of queries in which there is nothing to correct. Fails where there is something."""
    ended = subprocess.run(
        [COMMAND, "lint", *args], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    summary = re.fullmatch(r"Nothing to correct in (\d+) queries of \d+ files?\.\n", ended.stdout)
    assert summary, ended.stdout
    return int(summary[1])


def test_the_dashboards_file_and_all_else_under_helm_is_fine() -> None:
    assert lint(str(HELM)) == 16


@pytest.mark.parametrize(
    "values", [{}, {"alerting": {"enabled": False}}, {"scrape": {"experiments": {"enabled": True}}}]
)
def test_what_is_rendered_is_fine(values: Mapping[str, Any]) -> None:
    texts = [text for name, text in rendered(values=values).items() if name != "NOTES.txt"]
    assert lint("-", stdin="\n---\n".join(texts)) == 29


def test_the_guides_own_wording_of_two_alerts_and_two_panels_is_not() -> None:
    manifests = objects(rendered(values=guide.VALUES))
    data = named(manifests, "ConfigMap", "grafana-dashboard-argo-rollouts")["data"]
    for file, text in data.items():
        data[file] = guide.dashboard(text)
    ended = subprocess.run(
        [COMMAND, "lint", "--format", "json", "-"],
        input=yaml.safe_dump_all(manifests),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    remarks = json.loads(ended.stdout)["remarks"]
    assert ended.returncode == 1
    named_as_in_reports = {(remark["check"], f"{remark['asks']}/{remark['name']}") for remark in remarks}
    assert named_as_in_reports == {("query/dead-selector", subject) for subject in guide.FOUND}
