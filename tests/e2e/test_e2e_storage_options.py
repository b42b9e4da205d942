"""The lines of each option, in the chart as Helm renders it, give a real Prometheus the retention that was promised."""

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from maintainer.analyse.storage.options import Option, chart_values, limits_text
from maintainer.analyse.storage.review import OPTION_TIMES
from maintainer.model.storage import Block, Retention
from tests.analyse.storage.builders import review
from tests.e2e.test_e2e_storage import DAY, HOUR, VERSIONS, metas, review_of, running
from tests.helm.charts import named, objects, rendered

LIMITS = ("--storage.tsdb.retention.time=", "--storage.tsdb.retention.size=")
OPTIONS = review().options
"""The present 30 days with a size, each time alone, and a time with the size of the settings."""
ALONE = Retention(None, 50 * 2**30)


@pytest.fixture(scope="module")
def long_ago(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the blocks of 220 days until an hour ago, of up to 54 hours each."""
    folder = tmp_path_factory.mktemp("blocks")
    end = int(time.time()) - HOUR
    lines = (f"m {number % 97} {at}" for number, at in enumerate(range(end - 220 * DAY, end, 2 * HOUR)))
    (folder / "samples").write_text("\n".join(["# TYPE m gauge", *lines, "# EOF", ""]), "utf-8")
    program = shutil.which("promtool")
    assert program, "promtool is not on PATH: apt-get install prometheus"
    command = [program, "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=54h"]
    subprocess.run([*command, str(folder / "samples"), str(folder / "data")], check=True, capture_output=True)
    return folder / "data"


def deployed(values: str) -> tuple[list[str], Mapping[str, Any]]:
    """The flags of the limits with which the chart starts Prometheus, and its configuration."""
    manifests = objects(rendered(values=yaml.safe_load(values)))
    (container,) = named(manifests, "StatefulSet", "prometheus")["spec"]["template"]["spec"]["containers"]
    config = named(manifests, "ConfigMap", "prometheus-config")["data"]["prometheus.yml"]
    return [word for word in container["args"] if word.startswith(LIMITS)], yaml.safe_load(config)


def oldest_kept(blocks: Path, retention: float) -> float:
    """The begin of the oldest block that a retention time keeps."""
    found = [Block(meta["minTime"] / 1000, meta["maxTime"] / 1000, 0, 1) for meta in metas_in(blocks)]
    newest = max(block.end for block in found)
    return min(block.start for block in found if newest - block.end < retention)


def metas_in(blocks: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text("utf-8")) for file in blocks.glob("0*/meta.json")]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("choice", OPTIONS, ids=[limits_text(choice.limits) for choice in OPTIONS])
def test_the_lines_of_each_option_give_what_was_promised(version: str, choice: Option, long_ago: Path) -> None:
    flags, config = deployed(chart_values(choice.limits, choice.volume))
    assert "storage" not in config

    with running(version, long_ago, *flags, itself=False) as program:
        server = review_of(program)
        assert server.limits == server.in_force == choice.limits
        assert server.longest_block == choice.block
        assert choice.limits.time
        assert choice.limits.time in {30 * DAY, *OPTION_TIMES}
        kept = min(meta["minTime"] for meta in metas(program)) / 1000
        assert kept == oldest_kept(long_ago, choice.limits.time)
        assert server.window == pytest.approx(time.time() - kept, abs=60)
        assert choice.limits.time <= (server.window or 0) <= choice.limits.time + 54 * HOUR + 3 * HOUR


@pytest.mark.parametrize("version", VERSIONS)
def test_a_size_alone_limits_no_time(version: str, long_ago: Path) -> None:
    flags, _ = deployed(chart_values(ALONE))
    with running(version, long_ago, *flags, itself=False) as program:
        assert review_of(program).in_force == ALONE
        assert len(metas(program)) == len(metas_in(long_ago))


def test_the_same_limits_in_the_configuration_are_in_force_from_3_8_on_but_for_a_time_that_never_deletes(
    long_ago: Path,
) -> None:
    for choice in OPTIONS:
        retention = yaml.safe_load(chart_values(choice.limits))["prometheus"]["retention"]
        written = {name: value for name, value in retention.items() if value}
        with running("3.9", long_ago, config={"storage": {"tsdb": {"retention": written}}}, itself=False) as program:
            server = review_of(program)
            assert server.limits == choice.limits
            assert server.in_force == Retention(None, choice.limits.size)


def test_a_server_of_2_42_does_not_start_with_limits_in_its_configuration(tmp_path: Path) -> None:
    written = {"storage": {"tsdb": {"retention": {"time": "90d"}}}}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(written), "utf-8")
    promtool = shutil.which("promtool")
    assert promtool
    checked = subprocess.run(
        [promtool, "check", "config", str(tmp_path / "prometheus.yml")], check=False, capture_output=True, text=True
    )
    assert checked.returncode != 0
    assert "retention" in checked.stdout + checked.stderr
