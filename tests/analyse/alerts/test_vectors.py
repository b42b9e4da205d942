"""The episodes that are read of what Prometheus made of a rule are those that it had."""

from pathlib import Path

import pytest

from tests.analyse.alerts.promtool import ALERTS, asked
from tests.analyse.alerts.vectors import VECTORS, Vector


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_episodes_are_read_as_prometheus_had_them(vector: Vector, tmp_path: Path) -> None:
    series = asked(vector.trial, [ALERTS], tmp_path)[ALERTS]
    assert vector.episodes(series) == vector.expected
