"""A replay says of each evaluation what Prometheus says."""

import pytest

from maintainer.analyse.alerts.presences import is_exact
from maintainer.analyse.alerts.replay import replay
from maintainer.analyse.alerts.replay_types import Evaluations, Timing
from maintainer.model.alerts import Run
from tests.analyse.alerts.oracle import DURATIONS, Recorded, recorded


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return recorded(tmp_path_factory.mktemp("promtool"), (60, 60), series=12, seed=1)


@pytest.mark.parametrize("durations", DURATIONS)
def test_a_replay_of_an_expression_is_what_prometheus_does(record: Recorded, durations: tuple[int, int]) -> None:
    assert record.replayed(durations, record.true()) == record.cells(durations)


@pytest.mark.parametrize("before", DURATIONS)
def test_a_replay_of_a_record_is_what_prometheus_does_with_other_durations(
    record: Recorded, before: tuple[int, int]
) -> None:
    presences, rule = record.recorded(before), record.rule(before)
    exact = [after for after in DURATIONS if is_exact(rule, *record.timing(after)[:2])]
    assert exact
    for after in exact:
        assert record.replayed(after, presences) == record.cells(after), after


@pytest.mark.parametrize(("end", "resolved_at"), [(600_000, None), (600_001, 600_000)])
def test_what_is_not_replayed_any_more_is_open(end: int, resolved_at: int | None) -> None:
    (found,) = replay([Run(0, 540_000)], Timing(0, 0, 60_000), Evaluations(end))
    assert (found.last, found.resolved_at, found.end) == (540_000, resolved_at, "resolved" if resolved_at else "open")
