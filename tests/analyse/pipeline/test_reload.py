"""pipeline/reload: whether Prometheus runs with its newest configuration."""

import pytest

from tests.analyse.pipeline.builders import causes, facts, pipeline


@pytest.mark.parametrize(("reloaded", "expected"), [(True, []), (None, []), (False, ["pipeline/reload/failed"])])
def test_only_a_failed_reload_is_a_finding(*, reloaded: bool | None, expected: list[str]) -> None:
    assert causes(pipeline(facts(reloaded=reloaded))) == expected
