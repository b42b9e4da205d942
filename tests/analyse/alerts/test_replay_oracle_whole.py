"""Replays of thousands of cases on both generations of Prometheus: not one evaluation differs."""

from itertools import product
from pathlib import Path

import pytest

from maintainer.analyse.alerts.presences import is_exact
from tests.analyse.alerts.oracle import DURATIONS, SPACINGS, Recorded, recorded
from tests.analyse.alerts.promtool import ALERTS, PROMTOOL, asked
from tests.analyse.alerts.vectors import VECTORS, Vector
from tests.e2e.parts import found

pytestmark = pytest.mark.extended

SERIES = 70
CASES = SERIES * len(DURATIONS) * len(SPACINGS)
NEWER = "3.9.1"
VERSIONS = ("2.42", NEWER)


def promtool(version: str) -> str:
    return str(found("promtool")) if version == NEWER else PROMTOOL


@pytest.fixture(scope="module", params=[*product(VERSIONS, SPACINGS)], ids=str)
def record(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    version, spacing = request.param
    folder = tmp_path_factory.mktemp("promtool")
    return recorded(folder, spacing, series=SERIES, seed=sum(spacing), promtool=promtool(version))


def test_a_replay_of_an_expression_is_what_prometheus_does(record: Recorded) -> None:
    assert CASES >= 2_000
    for durations in DURATIONS:
        assert len(record.cells(durations)) > SERIES * 0.8
        assert record.replayed(durations, record.true()) == record.cells(durations), durations


def test_a_replay_of_a_record_is_what_prometheus_does_with_other_durations(record: Recorded) -> None:
    pairs = 0
    for before in DURATIONS:
        presences, rule = record.recorded(before), record.rule(before)
        for after in DURATIONS:
            if is_exact(rule, *record.timing(after)[:2]):
                assert record.replayed(after, presences) == record.cells(after), (before, after)
                pairs += len(presences)
    assert pairs * len(SPACINGS) >= 1_000


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_episodes_are_read_as_prometheus_3_had_them(vector: Vector, tmp_path: Path) -> None:
    series = asked(vector.trial, [ALERTS], tmp_path, promtool(NEWER))[ALERTS]
    assert vector.episodes(series) == {**vector.expected, **vector.newer}
