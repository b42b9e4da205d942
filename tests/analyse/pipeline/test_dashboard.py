"""pipeline/dashboard: a dashboard about Rollouts that is missing or cannot be read."""

import pytest

from maintainer.model.facts import Unavailable
from maintainer.model.loaded_queries import Dashboard, LoadedQueries
from maintainer.model.message import message
from maintainer.model.source_text import FoundQueries
from tests.analyse.faults import DASHBOARD, FAULTS, fault_finding
from tests.analyse.pipeline.builders import findings, pipeline, rule
from tests.analyse.queries.builders import panel


@pytest.mark.parametrize("id_", [id_ for id_ in FAULTS if id_.startswith("pipeline/dashboard/")])
def test_the_command_of_a_finding_reads_configmaps(id_: str) -> None:
    assert "configmap" in fault_finding(id_).reproduce


def test_a_missing_dashboard_is_no_finding_if_another_is_about_rollouts() -> None:
    dashboards = (
        Dashboard(DASHBOARD, problem="absent"),
        Dashboard("team/x/x.json", FoundQueries((panel("sum(rollout_info)"),))),
    )

    assert findings(pipeline(loaded=LoadedQueries((rule(),), dashboards))) == ()


@pytest.mark.parametrize(
    "loaded",
    [
        pytest.param(
            LoadedQueries((rule(),), (), (Unavailable("dashboards", message("gap/stale-target")),)), id="unavailable"
        ),
        pytest.param(LoadedQueries((rule(),), None), id="not read"),
    ],
)
def test_dashboards_that_could_not_be_read_are_no_finding(loaded: LoadedQueries) -> None:
    assert findings(pipeline(loaded=loaded)) == ()
