"""maintainer's own lint has nothing to correct in the charts."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helm.charts import HELM, named, objects, rendered
from tests.servers import guide
from tests.servers.commands import Done, command


def lint(*args: str, stdin: str = "") -> Done:
    return command("lint", *args, folder=HELM, environ=os.environ, stdin=stdin)


def test_of_the_folder_only_the_texts_for_people_are_unread() -> None:
    ended = lint("--format", "json", str(HELM))
    said = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr, said["remarks"], said["queries"]) == (3, "", [], 29)
    assert {Path(each["file"]).name for each in said["unchecked"]} == {"NOTES.txt", "README.md"}


def test_the_dashboards_file_is_fine() -> None:
    ended = lint(str(HELM / "monitoring" / "dashboards"))
    assert (ended.returncode, ended.stdout) == (0, "Nothing to correct in 16 queries of 1 file.\n")


@pytest.mark.parametrize(
    "values", [{}, {"alerting": {"enabled": False}}, {"scrape": {"experiments": {"enabled": True}}}]
)
def test_what_is_rendered_is_fine(values: Mapping[str, Any]) -> None:
    texts = [text for name, text in rendered(values=values).items() if name != "NOTES.txt"]
    ended = lint("-", stdin="\n---\n".join(texts))
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert ended.stdout.startswith("Nothing to correct in 29 queries of 1 file"), ended.stdout


def test_the_guides_own_wording_of_two_alerts_and_two_panels_is_not() -> None:
    manifests = objects(rendered(values=guide.VALUES))
    data = named(manifests, "ConfigMap", "grafana-dashboard-argo-rollouts")["data"]
    for file, text in data.items():
        data[file] = guide.dashboard(text)
    ended = lint("--format", "json", "-", stdin=yaml.safe_dump_all(manifests))
    remarks = json.loads(ended.stdout)["remarks"]
    assert ended.returncode == 1
    named_as_in_reports = {(remark["check"], f"{remark['asks']}/{remark['name']}") for remark in remarks}
    assert named_as_in_reports == {("query/dead-selector", subject) for subject in guide.FOUND}
