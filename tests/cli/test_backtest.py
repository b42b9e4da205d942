"""``maintainer backtest`` tries rules on the archive, with no cluster and no Prometheus."""

import json
from pathlib import Path

from tests.cli.backtests import archive, call


def test_a_longer_for_is_tried_on_the_archive_with_no_prometheus(tmp_path: Path) -> None:
    done = call(archive(tmp_path), "new.yml", "--against", "old.yml", "--since", "4d", "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (rule,) = document["rules"]
    days = rule["pages"]["after"]
    assert (rule["alert"], rule["state"]) == ("RolloutStuck", "changed")
    assert days in {3, 4}
    assert rule["pages"]["before"] in {2 * days, 2 * days + 1, 2 * days - 1}
    assert rule["incidents"] == {"before": days, "after": days}
    assert rule["later"] == 600
    assert [one["after"] for one in document["incidents"]] == [["RolloutStuck"]] * days


def test_markdown_is_for_a_pull_request(tmp_path: Path) -> None:
    done = call(archive(tmp_path), "new.yml", "--against", "old.yml", "--since", "4d", "--format", "md")
    assert done.returncode == 0
    assert "### What the change of the alerting rules would have done" in done.stdout
    assert "| RolloutStuck | - | changed |" in done.stdout


def test_harm_to_users_is_an_incident_that_a_longer_for_would_miss(tmp_path: Path) -> None:
    words = ("new.yml", "--against", "old.yml", "--since", "4d", "--format", "json")
    (rule,) = json.loads(call(archive(tmp_path, harm=True), *words).stdout)["rules"]

    assert rule["incidents"]["before"] == rule["pages"]["before"]
    assert rule["incidents"]["after"] == rule["pages"]["after"] < rule["pages"]["before"]
