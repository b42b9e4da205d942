"""``maintainer backtest`` against a real Prometheus with a history of its own, and what it says of wrong usage."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.sandbox.programs import free_port, stop
from maintainer.sandbox.prometheus import CONFIG, launch
from tests.cli.backtests import LONGER, RULES, archive, call

pytestmark = pytest.mark.extended


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return archive(tmp_path)


def test_an_expression_that_the_archive_does_not_have_is_not_tried_without_prometheus(folder: Path) -> None:
    (folder / "new.yml").write_text(RULES.replace("Progressing", "Paused"))
    done = call(folder, "new.yml", "--against", "old.yml", "--since", "4d")
    assert done.returncode == 3
    assert "RolloutStuck could not be tried" in " ".join(done.stdout.split())


def test_without_prometheus_there_are_no_loaded_rules(folder: Path) -> None:
    done = call(folder, "new.yml", "--since", "4d")
    assert done.returncode == 3
    assert "The loaded rules could not be read" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.yml"], "cannot read none.yml"),
        (["new.yml", "--against", "text.txt"], "text.txt:1: it has no groups with rules"),
        (["new.yml", "--against", "old.yml", "--since", "soon"], "--since: 'soon' is not a duration"),
        (["new.yml", "--against", "old.yml", "--since", "2y"], "--since 2y is not from 1h to 400d"),
        (["new.yml", "--against", "old.yml", "--rule", "Other"], "have the alert Other"),
        (["old.yml", "--against", "old.yml", "--changed-only"], "no alert of it is changed"),
    ],
)
def test_wrong_usage_is_told(folder: Path, words: list[str], said: str) -> None:
    (folder / "text.txt").write_text("no rules")
    done = call(folder, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Prometheus with two days of samples; each day something is Progressing for 20 and for 40 minutes.

    The rule that it has loaded is that of ``RULES``.
    """
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    now = int(datetime.now(UTC).timestamp()) // 60 * 60
    times = range(now - 2 * 86400, now - 600, 30)
    progressing = [at for at in times if (now - at) % 43200 in {*range(3600, 6000)}]
    twice = [at for at in times if (now - at) % 86400 in {*range(20000, 21200)}]
    series = 'rollout_info{namespace="shop",name="%s",phase="%s"} 1 %d\n'
    text = ["# TYPE rollout_info gauge\n"]
    text += [series % ("web", "Progressing", at) for at in progressing]
    text += [series % ("api", "Progressing", at) for at in twice]
    text += [series % ("other", "Completed", at) for at in times]
    (folder / "past.om").write_text("".join((*text, "# EOF\n")))
    make = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", f"{folder}/past.om", f"{folder}/data"]
    subprocess.run(make, check=True, capture_output=True)
    running = launch(folder, {CONFIG: "rule_files: [r.yml]\n", "r.yml": RULES}, port=port)
    try:
        running.wait()
        yield running.url
    finally:
        stop([running])


def test_the_loaded_rules_are_tried_on_the_samples_of_prometheus(prometheus: str, tmp_path: Path) -> None:
    (tmp_path / "new.yml").write_text(LONGER)
    done = call(tmp_path, "new.yml", "--since", "47h", "--prometheus-url", prometheus, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (rule,) = document["rules"]
    assert rule["pages"] == {"before": 6, "after": 4}
    assert rule["shift"] == 30
    assert document["incidents"] is None
    assert any("No incident" in line for line in [call_text(tmp_path, prometheus)])


def call_text(folder: Path, url: str) -> str:
    return call(folder, "new.yml", "--since", "47h", "--prometheus-url", url).stdout


def test_what_would_read_too_many_samples_is_not_read(prometheus: str, tmp_path: Path) -> None:
    (tmp_path / "new.yml").write_text(LONGER)
    (tmp_path / "maintainer.yaml").write_text("prometheus: {maxSamplesPerRun: 100}\n")
    done = call(tmp_path, "new.yml", "--since", "47h", "--prometheus-url", prometheus)
    assert done.returncode == 3
    assert "more than prometheus.maxSamplesPerRun allows (100)" in " ".join(done.stdout.split())


def test_hours_that_prometheus_did_not_see_are_not_quiet(prometheus: str, tmp_path: Path) -> None:
    (tmp_path / "new.yml").write_text(LONGER)
    done = call(tmp_path, "new.yml", "--since", "90d", "--prometheus-url", prometheus, "--format", "json")
    assert done.returncode == 0
    since = datetime.fromisoformat(json.loads(done.stdout)["rules"][0]["since"])
    assert (datetime.now(UTC) - since).total_seconds() < 2.1 * 86400
